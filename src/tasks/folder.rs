//! The files of a folder: parts by name, or a folder for each class.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::example::Part;
use crate::formats::error::InputError;

/// Suffixes of files with examples, without that of compression.
const SUFFIXES: [&str; 13] = [
    "csv",
    "tsv",
    "txt",
    "parquet",
    "fa",
    "fasta",
    "fna",
    "fas",
    "bed",
    "narrowpeak",
    "broadpeak",
    "vcf",
    "bcf",
];

/// A file whose sequences are of one class.
#[derive(Debug, PartialEq, Eq)]
pub struct ClassFile {
    pub path: PathBuf,
    pub class: String,
    pub part: Part,
}

/// Contents of a folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Files by part.
    Parts(Vec<(Part, PathBuf)>),
    /// `PART/CLASS.csv.gz` and the like, by part and class.
    Classes(Vec<ClassFile>),
    /// `PART/CLASS/*.txt`, each with one sequence, by part, class and name.
    Texts(Vec<ClassFile>),
}

/// Finds the examples of a folder.
///
/// # Errors
/// It cannot be read, has no train, or a part has two files that are not pieces of one.
pub fn find(folder: &Path) -> Result<Found, InputError> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for path in entries(folder)? {
        match (path.is_dir(), part_of(&path)) {
            (true, Some(part)) => folders.push((part, path)),
            (false, Some(part)) => files.push((part, path)),
            (_, None) => {}
        }
    }
    let problem =
        |problem: String| InputError::Kind { path: folder.display().to_string(), problem };
    if !files.is_empty() && !folders.is_empty() {
        return Err(problem("has both files and folders named after parts; keep one kind".into()));
    }
    let is = |wanted: Part| move |(part, _): &&(Part, PathBuf)| *part == wanted;
    for part in Part::ALL {
        let own: Vec<_> = files.iter().filter(is(part)).map(|(_, path)| path).collect();
        if let [one, other, ..] = own[..]
            && !own.iter().all(|path| is_piece(path))
        {
            let [one, other] = [one, other].map(|path| path.display());
            return Err(problem(format!("{one} and {other} are both {}; keep one", part.name())));
        }
    }
    let found = if files.is_empty() { &mut folders } else { &mut files };
    found.sort_by_key(|(part, _)| *part as u8);
    if !found.iter().any(|(part, _)| *part == Part::Train) {
        let names: Vec<_> = found.iter().map(|(_, path)| path.display().to_string()).collect();
        let there =
            if names.is_empty() { String::new() } else { format!(" beside {}", names.join(", ")) };
        return Err(problem(format!(
            "has no train{there}; expected train.csv, .tsv, .parquet or .fa (.gz too), train/CLASS.csv.gz or train/CLASS/*.txt, and the same for valid (or dev) and test; or name files: --train FILE --test FILE"
        )));
    }
    if !files.is_empty() {
        return Ok(Found::Parts(files));
    }
    let (texts, classes) = (texts(&folders)?, classes(&folders)?);
    match (texts.is_empty(), classes.is_empty()) {
        (false, false) => Err(problem(
            "has both files and folders named after classes in its parts; keep one kind".into(),
        )),
        (true, true) => Err(problem(
            "has no examples in its parts; expected train/CLASS.csv.gz or train/CLASS/*.txt".into(),
        )),
        (true, false) => Ok(Found::Classes(classes)),
        (false, true) => Ok(Found::Texts(texts)),
    }
}

/// Files named after classes.
fn classes(folders: &[(Part, PathBuf)]) -> Result<Vec<ClassFile>, InputError> {
    let mut files = Vec::new();
    for (part, folder) in folders {
        for path in entries(folder)?.into_iter().filter(|path| path.is_file()) {
            if let Some(class) = stem(&path).map(str::to_owned) {
                files.push(ClassFile { path, class, part: *part });
            }
        }
    }
    Ok(files)
}

fn texts(folders: &[(Part, PathBuf)]) -> Result<Vec<ClassFile>, InputError> {
    let mut texts = Vec::new();
    for (part, folder) in folders {
        for class in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
            let name = class.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let files = entries(&class)?.into_iter().filter(|path| is_text(path));
            texts.extend(files.map(|path| ClassFile { path, class: name.clone(), part: *part }));
        }
    }
    Ok(texts)
}

/// Paths in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let failed = |source| InputError::Open { path: folder.display().to_string(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    let mut paths = paths.map_err(failed)?;
    paths.sort();
    Ok(paths)
}

/// The part that a name means: that of `train`, `dev.csv.gz` or `test-00000-of-00001.parquet`.
fn part_of(path: &Path) -> Option<Part> {
    if path.is_dir() {
        return Part::named(path.file_name()?.to_str()?);
    }
    stem(path).and_then(Part::named)
}

/// The name of a file with examples without its suffixes, and without the number of a piece.
fn stem(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    let plain = name.strip_suffix(".gz").or(name.strip_suffix(".bgz")).unwrap_or(name);
    let (stem, suffix) = plain.rsplit_once('.')?;
    let is_ours = SUFFIXES.contains(&suffix.to_ascii_lowercase().as_str());
    is_ours.then(|| piece(stem).unwrap_or(stem)).filter(|stem| !stem.is_empty())
}

/// The name before `-00000-of-00001`.
fn piece(stem: &str) -> Option<&str> {
    let (rest, count) = stem.rsplit_once("-of-")?;
    let (stem, number) = rest.rsplit_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(count) && is_number(number)).then_some(stem)
}

fn is_piece(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    piece(&stem).is_some()
}

fn is_text(path: &Path) -> bool {
    let name = path.to_string_lossy();
    path.is_file() && (name.ends_with(".txt") || name.ends_with(".txt.gz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "ACGT\n").unwrap();
        }
        folder
    }

    fn parts(files: &[&str]) -> Result<Vec<(Part, String)>, String> {
        let folder = folder(files);
        match find(folder.path()).map_err(|error| error.to_string())? {
            Found::Parts(parts) => {
                let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
                Ok(parts.iter().map(|(part, path)| (*part, name(path))).collect())
            }
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn parts_are_found_by_name() {
        let found = parts(&["test.csv.gz", "dev.TSV", "train.fa", "README.md", "x.csv"]).unwrap();
        let names = ["train.fa", "dev.TSV", "test.csv.gz"];
        let expected: Vec<_> = Part::ALL.into_iter().zip(names.map(str::to_owned)).collect();
        assert_eq!(found, expected);
        let pieces = ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"];
        let found = parts(&pieces).unwrap();
        assert!(found.iter().map(|(_, name)| name.as_str()).eq(pieces));
    }

    #[test]
    fn folders_are_classes() {
        let folder = folder(&["train/b/1.txt", "train/a/2.txt", "test/a/3.txt", "test/a/x.md"]);
        let Found::Texts(texts) = find(folder.path()).unwrap() else { panic!("no texts") };
        let found: Vec<_> = texts.iter().map(|t| (t.part, t.class.as_str())).collect();
        assert_eq!(found, [(Part::Train, "a"), (Part::Train, "b"), (Part::Test, "a")]);
    }

    #[test]
    fn files_are_classes() {
        let folder =
            self::folder(&["train/b.csv.gz", "train/a.bed", "test/a.bed", "test/x.md", "x.yaml"]);
        let Found::Classes(files) = find(folder.path()).unwrap() else { panic!("no classes") };
        let found: Vec<_> = files.iter().map(|f| (f.part, f.class.as_str())).collect();
        assert_eq!(found, [(Part::Train, "a"), (Part::Train, "b"), (Part::Test, "a")]);
    }

    #[test]
    fn a_folder_without_clear_parts_is_refused() {
        for (files, phrases) in [
            (&["train.csv", "train.csv.gz"][..], ["are both train", "keep one"]),
            (&["dev.csv", "test.csv"], ["has no train beside", "--train FILE"]),
            (&["README.md"], ["has no train;", "train/CLASS"]),
            (&["train.csv", "test/a/1.txt"], ["files and folders", "keep one"]),
            (&["train/a.csv", "test/a/1.txt"], ["named after classes", "keep one"]),
            (&["train/a.md", "test/b.md"], ["no examples in its parts", "train/CLASS"]),
        ] {
            let error = parts(files).unwrap_err();
            assert!(phrases.iter().all(|phrase| error.contains(phrase)), "{error}");
        }
    }
}
