//! Reading a table of null variants.

use std::path::Path;

use super::{
    fits,
    settings::Settings,
    table::{COLUMNS, ENTRIES, LENGTH_FIT, NullTable, START},
};
use crate::{
    formats::{
        error::{InputError, excerpt},
        input::{self, Input},
        lines::Lines,
        number::counted,
    },
    scoring::null::{Class, NullEntry, NullScores},
};

/// Hint for a file of another kind.
const ADVICE: &str = "expected a file that `hyenadna score-variants --save-null` wrote";

/// Reads a null that [`save`](super::save) wrote.
///
/// # Errors
/// The file cannot be read, or is not a table of null variants; the message names the line.
pub fn load(path: &Path) -> Result<NullTable, InputError> {
    read(input::open(path)?)
}

pub(super) fn read(input: Input) -> Result<NullTable, InputError> {
    let mut lines = Lines::new(input);
    let head = Head::read(&mut lines)?;
    let names = head.names(&lines)?;
    let mut length_fits = Vec::new();
    for (number, fit) in &head.fits {
        fits::add(fit, &names, &mut length_fits).map_err(|problem| InputError::Line {
            path: lines.name.clone(),
            line: *number,
            problem: format!(
                "{} is not a length fit: {problem}; {ADVICE}",
                excerpt(fit.as_bytes())
            ),
        })?;
    }
    let mut null = NullScores::new(names);
    let mut line = Vec::new();
    while lines.read(&mut line)? {
        let (class, entry) =
            row(&line, null.names.len()).map_err(|problem| lines.error(problem))?;
        null.push(class, entry);
    }
    if null.len() as u64 != head.entries {
        return Err(lines.error(format!(
            "the file ends after {}, but its header has {}; it was truncated or edited: write it again with --save-null",
            counted(null.len(), "null variant"),
            head.entries
        )));
    }
    Ok(NullTable { settings: head.settings, length_fits, null })
}

/// Header of the table.
#[derive(Default)]
struct Head {
    settings: Settings,
    /// Line number and value of each length fit.
    fits: Vec<(u64, String)>,
    entries: u64,
    /// Line with the names of the columns.
    columns: Vec<u8>,
}

impl Head {
    fn read(lines: &mut Lines) -> Result<Self, InputError> {
        let mut head = Self::default();
        let mut entries = None;
        loop {
            if !lines.read(&mut head.columns)? {
                return Err(match lines.number {
                    0 => InputError::Empty {
                        path: lines.name.clone(),
                        expected: "the null variants that `hyenadna score-variants --save-null` wrote",
                    },
                    _ => lines.error(format!("the file ends before its header; {ADVICE}")),
                });
            }
            if !head.columns.starts_with(b"##") {
                break;
            }
            let Some(setting) = head.columns.strip_prefix(START.as_bytes()) else { continue };
            let setting = std::str::from_utf8(setting).ok().and_then(|text| text.split_once('='));
            let Some((key, value)) = setting else {
                let found = excerpt(&head.columns);
                return Err(lines.error(format!("{found} is not a setting KEY=VALUE; {ADVICE}")));
            };
            match key {
                ENTRIES => entries = value.parse().ok(),
                LENGTH_FIT => head.fits.push((lines.number, value.to_owned())),
                _ if head.settings.get(key).is_some() => {
                    return Err(lines.error(format!(
                        "the setting {key} occurs twice; were two files concatenated? {ADVICE}"
                    )));
                }
                _ => head.settings = head.settings.with(key, value),
            }
        }
        head.entries = entries.ok_or_else(|| {
            let missing = format!("no line before it has {START}{ENTRIES}=NUMBER");
            lines.error(format!("{missing}, so this is not a table of null variants; {ADVICE}"))
        })?;
        Ok(head)
    }

    /// Names of the scores.
    fn names(&self, lines: &Lines) -> Result<Vec<String>, InputError> {
        let wrong = |problem: &str| {
            let found = excerpt(&self.columns);
            let columns = COLUMNS.join(", ");
            Err(lines.error(format!(
                "found {problem} in {found}; expected the columns {columns} and scores, separated by tabs: {ADVICE}"
            )))
        };
        let Ok(text) = std::str::from_utf8(&self.columns) else {
            return wrong("bytes that are not UTF-8");
        };
        let columns: Vec<&str> = text.split('\t').collect();
        if !columns.starts_with(&COLUMNS) {
            return wrong("unexpected columns");
        }
        let names = &columns[COLUMNS.len()..];
        if names.is_empty() {
            return wrong("no score column");
        }
        if names.iter().enumerate().any(|(i, name)| name.is_empty() || names[..i].contains(name)) {
            return wrong("an empty or repeated score name");
        }
        Ok(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

/// Parses a row: one null variant.
fn row(line: &[u8], scores: usize) -> Result<(Class, NullEntry), String> {
    let text = std::str::from_utf8(line)
        .map_err(|_| format!("{} has bytes that are not UTF-8; {ADVICE}", excerpt(line)))?;
    let fields: Vec<&str> = text.split('\t').collect();
    let expected = COLUMNS.len() + scores;
    if fields.len() != expected {
        return Err(format!(
            "found {} in {}, expected {expected} as in the header; {ADVICE}",
            counted(fields.len(), "column"),
            excerpt(line)
        ));
    }
    let wrong = |column: &str, value: &str, expected: &str| {
        format!("{column} is {}, expected {expected}; {ADVICE}", excerpt(value.as_bytes()))
    };
    let [class, contig, position, length] = [fields[0], fields[1], fields[2], fields[3]];
    let class: Class = class.parse().map_err(|error| format!("{error}; {ADVICE}"))?;
    if contig.is_empty() {
        return Err(wrong("contig", contig, "a name"));
    }
    let entry = NullEntry {
        contig: contig.to_owned(),
        position: position
            .parse()
            .ok()
            .filter(|&position: &u64| position > 0)
            .ok_or_else(|| wrong("position", position, "a whole number from 1"))?,
        length: length.parse().ok().filter(|&length| class.has_length(length)).ok_or_else(
            || {
                let expected = "0 for a substitution, more for an insertion, less for a deletion";
                wrong("length", length, expected)
            },
        )?,
        scores: fields[COLUMNS.len()..]
            .iter()
            .map(|text| match *text {
                "." => Ok(f64::NAN),
                text => text.parse().map_err(|_| wrong("a score", text, "a number or .")),
            })
            .collect::<Result<_, _>>()?,
    };
    Ok((class, entry))
}
