use proptest::prelude::*;

use super::{columns::Cell, *};
use crate::plot::{
    palette::BASES,
    png::png,
    scene::{Direction, Point, Shape},
    svg::svg,
};

type Effects = Vec<[Option<f64>; 4]>;

/// Pseudorandom bases, the effects of their substitutions and those of their deletions, without
/// gaps.
fn example(positions: usize) -> (Vec<u8>, Effects, Vec<Option<f64>>) {
    let random = |seed: usize| ((seed as f64 * 12.9898).sin() * 43758.5453).fract().abs();
    let bases: Vec<u8> = (0..positions).map(|i| b"ACGT"[(random(i) * 4.0) as usize]).collect();
    let effect = |i: usize, row: usize| {
        let strong = if i % 40 < 9 { 3.0 } else { 0.4 };
        (b"ACGT"[row] != bases[i]).then(|| strong * (random(7 * i + row) * 1.4 - 1.0))
    };
    let effects = (0..positions).map(|i| std::array::from_fn(|row| effect(i, row))).collect();
    let deletions = (0..positions).map(|i| Some(-2.0 * random(3 * i + 1))).collect();
    (bases, effects, deletions)
}

const RATIO: Measure<'static> =
    Measure { name: "log-likelihood ratio", unit: Some("nats"), kind: EffectKind::Ratio };

fn saturation<'a>(bases: &'a [u8], effects: &'a Effects) -> Saturation<'a> {
    let (title, name) = ("Saturation mutagenesis", "chr11");
    let start = 5_226_999;
    let origin = "Model human-1k, mean of both strands.";
    Saturation { title, origin, name, measure: RATIO, start, bases, effects, deletions: None }
}

/// Corners of the area that a shape covers: upper left, lower right.
fn bounds(shape: &Shape) -> (Point, Point) {
    match shape {
        Shape::Line { points, .. } => {
            let (x, y) = (points.iter().map(|p| p.0), points.iter().map(|p| p.1));
            let [low, high] = [f64::INFINITY, f64::NEG_INFINITY];
            (
                (x.clone().fold(low, f64::min), y.clone().fold(low, f64::min)),
                (x.fold(high, f64::max), y.fold(high, f64::max)),
            )
        }
        Shape::Dot { at: (x, y), radius, .. } => {
            ((x - radius, y - radius), (x + radius, y + radius))
        }
        Shape::Rect { area, .. } | Shape::Letter { area, .. } => {
            ((area.left, area.top), (area.left + area.width, area.top + area.height))
        }
        Shape::Text { at: (x, y), text, size, anchor, direction, .. } => {
            let width = font::width(text, *size);
            let before = match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => 0.5 * width,
                Anchor::End => width,
            };
            let after = width - before;
            match direction {
                Direction::Upward => ((x - size, y - after), (*x, y + before)),
                Direction::Rightward => ((x - before, y - size), (x + after, *y)),
            }
        }
    }
}

fn inside(chart: &Chart) -> Result<(), TestCaseError> {
    for shape in &chart.shapes {
        let ((left, top), (right, bottom)) = bounds(shape);
        let all = [left, top, right, bottom].iter().all(|place| place.is_finite());
        prop_assert!(all && left >= 0.0 && top >= 0.0, "{shape:?}");
        prop_assert!(right <= chart.width && bottom <= chart.height, "{shape:?}");
    }
    Ok(())
}

/// No two texts on one line touch.
fn apart(chart: &Chart) -> Result<(), TestCaseError> {
    let level =
        |shape: &&Shape| matches!(shape, Shape::Text { direction: Direction::Rightward, .. });
    let mut texts: Vec<_> = chart.shapes.iter().filter(level).map(bounds).collect();
    texts.sort_by(|a, b| a.1.1.total_cmp(&b.1.1).then(a.0.0.total_cmp(&b.0.0)));
    for pair in texts.windows(2) {
        let [(_, end), (start, other)] = [pair[0], pair[1]];
        prop_assert!(end.1 != other.1 || end.0 < start.0, "{pair:?}");
    }
    Ok(())
}

fn texts(chart: &Chart) -> Vec<&str> {
    let mut texts = Vec::new();
    for shape in &chart.shapes {
        if let Shape::Text { text, .. } = shape {
            texts.push(text.as_str());
        }
    }
    texts
}

#[test]
fn the_height_of_a_letter_is_the_mean_loss() {
    let effects = vec![
        [None, Some(-1.0), Some(-2.0), Some(-3.0)],
        [Some(1.0), None, None, None],
        [Some(-9.0), Some(-9.0), Some(-9.0), Some(-9.0)],
        [None; 4],
    ];
    let chart = chart(&saturation(b"AcNT", &effects));
    let letters: Vec<_> = chart
        .shapes
        .iter()
        .filter_map(|shape| match shape {
            Shape::Letter { letter, area, color } => Some((*letter, *area, *color)),
            _ => None,
        })
        .collect();
    assert_eq!(letters.iter().map(|letter| letter.0).collect::<String>(), "AC");
    assert_eq!([letters[0].2, letters[1].2], [BASES[0], BASES[1]]);
    let [a, c] = [letters[0].1, letters[1].1];
    assert!((a.height - 2.0 * c.height).abs() < 1e-9, "2 nats above the line, 1 below");
    assert!((a.top + a.height - c.top).abs() < 1e-9, "they meet at the line of zero");
    let texts = texts(&chart);
    for expected in [
        "mean loss (nats)",
        "log-likelihood ratio (nats)",
        "chr11 position (1-based)",
        "5,227,000",
        "\u{2212}1",
        "T",
    ] {
        assert!(texts.contains(&expected), "{expected} in {texts:?}");
    }
    assert!(!texts.contains(&"del"));
    assert_eq!(chart.shapes.iter().filter(|shape| matches!(shape, Shape::Dot { .. })).count(), 3);
}

#[test]
fn amounts_have_one_hue_and_keep_their_sign() {
    let effects = vec![[None, Some(1e-5), Some(2e-5), Some(3e-5)], [Some(1e-5), None, None, None]];
    let measure = Measure { name: "cosine distance", unit: None, kind: EffectKind::Amount };
    let given = Saturation { measure, ..saturation(b"AC", &effects) };
    let columns = Columns::new(&given);
    let letters: Vec<_> = columns.columns.iter().map(|column| column.logo.unwrap()).collect();
    let [a, c] = letters[..] else { panic!("{letters:?}") };
    assert_eq!([a.base, c.base], [0, 1]);
    assert!((a.height - 2.0 * c.height).abs() < 1e-12);
    assert!((a.height - 2e-5).abs() < 1e-12);
    let chart = chart(&given);
    inside(&chart).unwrap();
    let is_blue = |shape: &Shape| matches!(shape, Shape::Rect { area, color: [red, _, blue] } if area.top >= MAP_TOP && blue > red);
    assert!(!chart.shapes.iter().any(is_blue));
    let texts = texts(&chart);
    for expected in ["mean effect", "cosine distance", "3e-5"] {
        assert!(texts.contains(&expected), "{expected} in {texts:?}");
    }
    assert!(texts.iter().any(|text| text.contains("end at 3.00e-5, the")), "{texts:?}");
}

#[test]
fn a_column_shows_the_mean_of_its_positions() {
    let (bases, mut effects, deletions) = example(3000);
    effects[1234] = [Some(-1.0), Some(70.0), Some(-80.0), None];
    effects[1235] = [None, Some(-75.0), Some(79.0), Some(2.0)];
    let mut bases = bases;
    bases[1234] = b'T';
    bases[1235] = b'A';
    let given = Saturation { deletions: Some(&deletions), ..saturation(&bases, &effects) };
    let columns = Columns::new(&given);
    assert_eq!((columns.each, columns.columns.len(), columns.rows), (6, 500, 5));
    for (index, column) in columns.columns.iter().enumerate() {
        let positions = 6 * index..6 * index + 6;
        for row in 0..5 {
            let effects = positions.clone().filter_map(|at| match row {
                4 => deletions[at],
                _ => effects[at][row],
            });
            let effects: Vec<f64> = effects.collect();
            match column.cells[row] {
                Cell::Effect(mean) => {
                    let expected = effects.iter().sum::<f64>() / effects.len() as f64;
                    assert!((mean - expected).abs() < 1e-9, "{mean} {expected}");
                }
                other => assert!(effects.is_empty() && other == Cell::Reference, "{other:?}"),
            }
        }
    }
    // losses of 11/3 and -2 at two positions, and of others
    let column = &columns.columns[205];
    let others = [1230, 1231, 1232, 1233].map(|at| {
        let known: Vec<f64> = effects[at].iter().copied().flatten().collect();
        -known.iter().sum::<f64>() / known.len() as f64
    });
    let expected = (others.iter().sum::<f64>() + 11.0 / 3.0 - 2.0) / 6.0;
    assert!((column.logo.unwrap().height - expected).abs() < 1e-9);
    // one base with an effect of 80 does not colour its column
    let shown = |cell: &Cell| if let Cell::Effect(effect) = cell { effect.abs() } else { 0.0 };
    let cells = columns.columns.iter().flat_map(|column| &column.cells);
    assert!(cells.map(shown).fold(0.0, f64::max) < 50.0);
    assert_eq!(columns.effects.len(), 4 * 3000);
}

#[test]
fn long_stretches_explain_their_columns_and_stay_small() {
    let (bases, effects, deletions) = example(5000);
    let of = |n: usize| Saturation {
        deletions: Some(&deletions[..n]),
        effects: &effects[..n],
        ..saturation(&bases[..n], &effects)
    };
    for (positions, letters, bars) in [(1, 1, 0), (224, 224, 0), (225, 0, 225), (5000, 0, 556)] {
        let chart = chart(&of(positions));
        let is_letter = |shape: &&Shape| matches!(shape, Shape::Letter { .. });
        let is_bar =
            |shape: &&Shape| matches!(shape, Shape::Rect { area, .. } if area.top < MAP_TOP);
        assert!(chart.shapes.iter().filter(is_letter).count().abs_diff(letters) <= letters / 50);
        assert!(chart.shapes.iter().filter(is_bar).count().abs_diff(bars) <= bars / 50);
        let said = texts(&chart).iter().any(|text| text.contains("A column is 9 positions"));
        assert_eq!(said, positions == 5000);
        assert!(
            svg(&chart).len() < 300_000 + 1500 * letters,
            "{positions}: {} bytes",
            svg(&chart).len()
        );
        assert!((NARROWEST..=1350.0).contains(&chart.width));
    }
}

#[test]
fn empty_stretches_and_stretches_of_n_are_drawn() {
    for (bases, effects) in [(vec![], vec![]), (vec![b'N'; 700], vec![[None; 4]; 700])] {
        let chart = chart(&saturation(&bases, &effects));
        inside(&chart).unwrap();
        assert!(svg(&chart).ends_with("</svg>\n"));
        assert!(png(&chart).is_ok());
    }
}

/// Effects of any size, missing and invalid ones included.
fn effect() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        2 => Just(None),
        6 => (-9.0..3.0_f64).prop_map(Some),
        1 => (-1e-9..1e-9_f64).prop_map(Some),
        1 => proptest::num::f64::ANY.prop_map(Some),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn all_shapes_are_inside_the_chart(
        positions in prop_oneof![0..40_usize, 200..240_usize, 540..600_usize, 0..3000_usize],
        pool in proptest::collection::vec((prop::sample::select(&b"ACGTNacgt"[..]),
            [effect(), effect(), effect(), effect()], effect()), 1..50),
        none in any::<bool>(),
        start in prop_oneof![0..1000_u64, 0..1_u64 << 48],
        title in ".{0,200}",
        name in ".{0,60}",
        with_deletions in any::<bool>(),
        kind in prop::sample::select(vec![EffectKind::Ratio, EffectKind::Change, EffectKind::Amount]),
        unit in prop::sample::select(vec![None, Some("nats")]),
        measure in prop::sample::select(vec!["effect", "Jensen\u{2013}Shannon divergence"]),
        power in prop_oneof![Just(0.0), -9.0..3.0_f64],
    ) {
        let given = || pool.iter().cycle().take(positions);
        let bases: Vec<u8> = given().map(|(base, ..)| *base).collect();
        let effects: Effects =
            given().map(|(_, effects, _)| if none { [None; 4] } else { *effects })
            .map(|effects| effects.map(|effect| effect.map(|x| x * 10_f64.powf(power)))).collect();
        let deletions: Vec<_> = given().map(|(.., deletion)| *deletion).collect();
        let deletions = with_deletions.then_some(&deletions[..]);
        let given = Saturation {
            title: &title, origin: &name, name: &name, measure: Measure { name: measure, unit, kind },
            start, bases: &bases, effects: &effects, deletions,
        };
        let chart = chart(&given);
        inside(&chart)?;
        apart(&chart)?;
        prop_assert!(chart.width <= 1350.0);
        prop_assert!(svg(&chart).ends_with("</svg>\n"));
    }
}
