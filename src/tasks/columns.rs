//! Columns of tables, by name or by number.

use crate::formats::error::excerpt;

/// Names of the columns of tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Column of the sequences; `sequence` or `seq` without it.
    pub sequence: Option<String>,
    /// Columns of the labels, as [`several`] reads them; `label` without it, or `name` of BED.
    pub label: Option<String>,
    /// Column with the part of each row; all rows have the part of their file without it.
    pub part: Option<String>,
}

/// The column of a name, or of a number counted from 1.
///
/// # Errors
/// There is no such column; the message names `option`.
pub fn one(header: &[String], named: &str, option: &str) -> Result<usize, String> {
    let by_number = || named.parse().ok().and_then(|number: usize| number.checked_sub(1));
    let found = header.iter().position(|column| column == named).or_else(by_number);
    found.filter(|i| *i < header.len()).ok_or_else(|| missing(header, named, option))
}

/// The first column with one of these names, in any case.
pub fn usual(header: &[String], names: &[&str]) -> Option<usize> {
    let is_usual =
        |column: &String| names.iter().any(|usual| column.trim().eq_ignore_ascii_case(usual));
    header.iter().position(is_usual)
}

/// Several columns with commas between them, each a name, a number counted from 1, or a range of numbers
/// such as 4-922.
///
/// # Errors
/// There is no such column, or one is named twice; the message names `option`.
pub fn several(header: &[String], named: &str, option: &str) -> Result<Vec<usize>, String> {
    // a name may have a comma
    if let Ok(column) = one(header, named, option) {
        return Ok(vec![column]);
    }
    let mut columns = Vec::new();
    for item in named.split(',').map(str::trim) {
        let range = item.split_once('-').and_then(|(first, last)| {
            let [first, last] = [first, last].map(|number| number.parse::<usize>().ok());
            Some((first?.checked_sub(1)?, last?)).filter(|(first, last)| first < last)
        });
        match (one(header, item, option), range) {
            (Ok(column), _) => columns.push(column),
            (_, Some((first, last))) if last <= header.len() => columns.extend(first..last),
            (_, Some(_)) => {
                return Err(format!(
                    "{option} {item} ends beyond the last column, which is {}",
                    header.len()
                ));
            }
            (Err(problem), None) => return Err(problem),
        }
    }
    let mut sorted = columns.clone();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("{option} has column {} twice", header[pair[0]])),
        None => Ok(columns),
    }
}

/// The error of a column that is missing.
pub fn missing(header: &[String], named: &str, option: &str) -> String {
    format!(
        "no column {named}; the columns are {}; name one with {option}",
        excerpt(header.join(", ").as_bytes())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_names_and_numbers() {
        let header = ["sequence", "a", "2", "a,b", "c"].map(str::to_owned);
        let of = |named: &str| several(&header, named, "--label-column");
        assert_eq!(of("a"), Ok(vec![1]));
        assert_eq!(of("a,b"), Ok(vec![3]));
        assert_eq!(of("c, a"), Ok(vec![4, 1]));
        assert_eq!(of("2"), Ok(vec![2]), "a name comes before a number");
        assert_eq!(of("3-5"), Ok(vec![2, 3, 4]));
        assert_eq!(of("a,4-5"), Ok(vec![1, 3, 4]));
        for (named, phrase) in [
            ("d", "no column d; the columns are \"sequence, a, 2, a,b, c\""),
            ("a,d", "no column d"),
            ("0", "no column 0"),
            ("6", "no column 6"),
            ("4-6", "beyond the last column, which is 5"),
            ("5-4", "no column 5-4"),
            ("4-5,c", "has column c twice"),
        ] {
            let error = of(named).unwrap_err();
            assert!(error.contains(phrase), "{error}");
        }
        assert_eq!(usual(&header, &["seq", "SEQUENCE"]), Some(0));
        assert_eq!(one(&header, "1", "--split-column"), Ok(0));
    }
}
