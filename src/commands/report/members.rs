//! Members of a test part: all, and the clean ones.

/// Members of the test part that are measured together.
pub struct Members {
    /// `all` or `clean`.
    pub name: &'static str,
    /// Their indices.
    pub rows: Vec<usize>,
}

impl Members {
    /// All members, and the clean ones if some are and some are not.
    pub fn groups(count: usize, clean: Option<&[bool]>) -> Vec<Self> {
        let all = Self { name: "all", rows: (0..count).collect() };
        let is_clean = |row: &usize| clean.is_none_or(|clean| clean[*row]);
        let rows: Vec<usize> = all.rows.iter().copied().filter(is_clean).collect();
        match (1..count).contains(&rows.len()) {
            true => vec![all, Self { name: "clean", rows }],
            false => vec![all],
        }
    }

    /// The values of these members; each has `width` of them.
    pub fn of<T: Copy>(&self, values: &[T], width: usize) -> Vec<T> {
        self.rows.iter().flat_map(|row| &values[row * width..(row + 1) * width]).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_members_are_a_group_if_some_are_not() {
        let names = |clean| -> Vec<_> {
            Members::groups(3, clean).into_iter().map(|group| (group.name, group.rows)).collect()
        };
        let all = ("all", vec![0, 1, 2]);
        for whole in [None, Some(&[true; 3][..]), Some(&[false; 3])] {
            assert_eq!(names(whole), std::slice::from_ref(&all));
        }
        assert_eq!(names(Some(&[true, false, true])), [all, ("clean", vec![0, 2])]);
        let group = Members { name: "clean", rows: vec![0, 2] };
        assert_eq!(group.of(&[1, 2, 3, 4, 5, 6], 2), [1, 2, 5, 6]);
    }
}
