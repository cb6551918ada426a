//! Curves: smoothing, thinning and clipping before they are drawn.

use super::scene::Point;

/// Values on the x axis and on the y axis.
pub type Curve = Vec<(f64, f64)>;

/// Smooths a curve by a centred moving average over 1/50 of its points, so that it does not lag.
/// Points near the ends, without enough neighbours on either side, are skipped. `None` for curves
/// of fewer than 50 points, which need no smoothing.
pub fn smooth(curve: &Curve) -> Option<Curve> {
    const FEWEST: usize = 50;
    if curve.len() < FEWEST {
        return None;
    }
    let half = (curve.len() / 100).max(1);
    let mut sums = vec![0.0];
    sums.extend(curve.iter().scan(0.0, |sum, &(_, value)| {
        *sum += value;
        Some(*sum)
    }));
    let mean = |index: usize| (sums[index + half + 1] - sums[index - half]) / (2 * half + 1) as f64;
    Some((half..curve.len() - half).map(|index| (curve[index].0, mean(index))).collect())
}

/// Lowest and highest y of some points; `None` without points.
pub fn range<'a>(curves: impl IntoIterator<Item = &'a (f64, f64)>) -> Option<(f64, f64)> {
    let values = curves.into_iter().map(|&(_, value)| value);
    values.fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// Makes steps of points with ascending x: each y extends back to the x before, from 0 on. Points that do
/// not increase x are left out. Of recall and precision, the area is the average precision.
pub fn steps(points: &[(f64, f64)]) -> Curve {
    let mut before = 0.0;
    let mut curve = Vec::with_capacity(2 * points.len());
    for &(x, y) in points {
        if x > before {
            curve.extend([(before, y), (x, y)]);
            before = x;
        }
    }
    curve
}

/// Thins a line without a visible change: keeps the first, the lowest, the highest and the last
/// point of each column of pixels.
pub fn thin(points: &[Point]) -> Vec<Point> {
    let mut thinned = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let by_height = |&a: &usize, &b: &usize| column[a].1.total_cmp(&column[b].1);
        let last = column.len() - 1;
        let lowest = (0..=last).min_by(by_height).unwrap_or(0);
        let highest = (0..=last).max_by(by_height).unwrap_or(0);
        let mut kept = [0, lowest, highest, last];
        kept.sort_unstable();
        for (index, &place) in kept.iter().enumerate() {
            if index == 0 || kept[index - 1] != place {
                thinned.push(column[place]);
            }
        }
    }
    thinned
}

/// Clips a line to the heights from `top` to `bottom`. Returns its parts.
pub fn clip(points: &[Point], top: f64, bottom: f64) -> Vec<Vec<Point>> {
    let inside = |point: &Point| (top..=bottom).contains(&point.1);
    if let [point] = points {
        return if inside(point) { vec![vec![*point]] } else { Vec::new() };
    }
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut joined = false;
    for pair in points.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let (low, high) = (from.1.min(to.1), from.1.max(to.1));
        if high < top || low > bottom {
            joined = false;
            continue;
        }
        let at = |y: f64| (from.0 + (to.0 - from.0) * (y - from.1) / (to.1 - from.1), y);
        let within = |point: Point| match inside(&point) {
            true => point,
            false => at(point.1.clamp(top, bottom)),
        };
        match parts.last_mut() {
            Some(part) if joined => part.push(within(to)),
            _ => parts.push(vec![within(from), within(to)]),
        }
        joined = inside(&to);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_straight_line_stays_when_smoothed() {
        let line: Curve = (0..200).map(|x| (f64::from(x), 3.0 - 0.01 * f64::from(x))).collect();
        let smoothed = smooth(&line).unwrap();
        assert_eq!(smoothed.len(), 196);
        for (smooth, (_, value)) in smoothed.iter().zip(&line[2..198]) {
            assert!((smooth.1 - value).abs() < 1e-9);
        }
        assert_eq!(smooth(&line[..49].to_vec()), None);
    }

    /// Recall and precision of the ranking + − (+ −) + −; average precision by hand: (1 + ½ + ⅗) / 3.
    #[test]
    fn the_steps_cover_the_average_precision() {
        let third = 1.0 / 3.0;
        let points = [(third, 1.0), (third, 0.5), (2.0 * third, 0.5), (1.0, 0.6), (1.0, 0.5)];
        let curve = steps(&points);
        assert_eq!(curve.len(), 6);
        assert_eq!((curve[0].0, curve[5].0), (0.0, 1.0));
        let strip = |pair: &[(f64, f64)]| (pair[1].0 - pair[0].0) * pair[1].1;
        let area: f64 = curve.windows(2).map(strip).sum();
        assert!((area - 0.7).abs() < 1e-12, "{area}");
    }

    #[test]
    fn a_column_keeps_its_visible_points() {
        let points = [(0.1, 5.0), (0.2, 6.0), (0.3, 1.0), (0.4, 9.0), (0.5, 4.0), (1.0, 2.0)];
        assert_eq!(thin(&points), [(0.1, 5.0), (0.3, 1.0), (0.4, 9.0), (0.5, 4.0), (1.0, 2.0)]);
        assert_eq!(thin(&points[5..]), [(1.0, 2.0)]);
    }

    #[test]
    fn a_line_is_clipped_at_the_edges() {
        let line = [(0.0, -10.0), (2.0, 10.0), (3.0, 5.0), (4.0, 15.0), (5.0, 15.0), (6.0, -5.0)];
        assert_eq!(
            clip(&line, 0.0, 10.0),
            [
                vec![(1.0, 0.0), (2.0, 10.0), (3.0, 5.0), (3.5, 10.0)],
                vec![(5.25, 10.0), (5.75, 0.0)]
            ]
        );
        assert_eq!(clip(&[(1.0, 5.0)], 0.0, 10.0), [[(1.0, 5.0)]]);
        assert!(clip(&[(1.0, 15.0)], 0.0, 10.0).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_panel(heights in proptest::collection::vec(-9.0..19.0_f64, 0..40)) {
            let line: Vec<Point> = heights.iter().enumerate().map(|(x, &y)| (x as f64, y)).collect();
            for point in clip(&line, 0.0, 10.0).concat() {
                prop_assert!((0.0..=10.0).contains(&point.1));
                prop_assert!((0.0..=40.0).contains(&point.0));
            }
        }
    }
}
