use std::io::Cursor;

use super::*;
use crate::{
    formats::{error::InputError, input},
    scoring::null::{Class, Fit, LengthFit, NullEntry, NullScores},
};
use proptest::prelude::*;

fn read(text: &str) -> Result<NullTable, InputError> {
    let input = input::from_reader("null.tsv".into(), Cursor::new(text.to_owned()), None)?;
    super::read::read(input)
}

fn example() -> NullTable {
    let mut null = NullScores::new(["llr", "embedding_l2"]);
    let entry = |position, length, scores: [f64; 2]| NullEntry {
        contig: "chr1".into(),
        position,
        length,
        scores: scores.to_vec(),
    };
    null.push("A[C>T]G".parse().unwrap(), entry(12, 0, [-0.1, 1e-300]));
    null.push(Class::Deletion, entry(7, -3, [1.0 / 3.0, f64::NAN]));
    null.push(Class::Deletion, entry(9, -1, [f64::NEG_INFINITY, 2.0]));
    let fit = Fit {
        coefficients: [0.1, -2.0 / 3.0, 0.0],
        longest: 50,
        n: 17,
        r_squared: 0.25,
        residual_sd: 1e-9,
    };
    let fits = [LengthFit { insertion: None, deletion: Some(fit) }, LengthFit::default()];
    let settings = Settings::default().with("context", "1024").with("regions", "a b=c.bed");
    NullTable { settings, length_fits: fits.to_vec(), null }
}

const TEXT: &str = "##hyenadna_version=x
##hyenadna_null_context=1024
##hyenadna_null_regions=a b=c.bed
##hyenadna_null_length_fit=deletion\tllr\t0.1\t-0.6666666666666666\t0.0\t17\t0.25\t1e-9\t50
##hyenadna_null_entries=3
#class\tcontig\tposition\tlength\tllr\tembedding_l2
A[C>T]G\tchr1\t12\t0\t-0.1\t1e-300
deletion\tchr1\t7\t-3\t0.3333333333333333\t.
deletion\tchr1\t9\t-1\t-inf\t2.0
";

#[test]
fn a_table_is_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let preamble = ["##hyenadna_version=x".to_owned()];
    let path = folder.path().join("null.tsv");
    save(&path, &preamble, &example()).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), TEXT);
    let packed = folder.path().join("null.tsv.gz");
    save(&packed, &preamble, &example()).unwrap();
    assert_eq!(input::detect(&std::fs::read(&packed).unwrap()), input::Compression::Bgzip);
    for path in [&path, &packed] {
        // as text, where a missing score equals another
        assert_eq!(format!("{:?}", load(path).unwrap()), format!("{:?}", example()));
    }
    let crlf = read(&TEXT.replace('\n', "\r\n")).unwrap();
    assert_eq!(format!("{crlf:?}"), format!("{:?}", example()));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let changed = |from: &str, to: &str| {
        assert!(TEXT.contains(from), "{from}");
        TEXT.replacen(from, to, 1)
    };
    for (text, part) in [
        (String::new(), "null.tsv is empty; expected the null variants"),
        ("##hyenadna_null_entries=0\n".into(), "line 1: the file ends before its header"),
        ("#CHROM\tPOS\n".into(), "line 1: no line before it has ##hyenadna_null_entries=NUMBER"),
        (changed("=3\n", "=x\n"), "line 6: no line before it has"),
        (
            changed("null_context=1024", "null_context"),
            "line 2: \"##hyenadna_null_context\" is not",
        ),
        (changed("null_regions", "null_context"), "line 3: the setting context occurs twice"),
        (changed("\t0.25\t", "\t"), "line 4: \"deletion"),
        (changed("deletion\tllr", "deletion\tl2"), "no column has the score l2"),
        (changed("deletion\tllr", "duplication\tllr"), "line 4: \"duplication"),
        (changed("position\t", ""), "line 6: found unexpected columns"),
        (changed("\tllr\tembedding_l2\n", "\n"), "line 6: found no score column"),
        (changed("embedding_l2\n", "llr\n"), "line 6: found an empty or repeated score name"),
        (changed("A[C>T]G", "A[C>C]G"), "line 7: \"A[C>C]G\" is not a class"),
        (changed("\t1e-300", ""), "line 7: found 5 columns"),
        (changed("\t1e-300", "\tx"), "line 7: a score is \"x\", expected a number or ."),
        (changed("\t12\t", "\t0\t"), "line 7: position is \"0\""),
        (changed("\tchr1\t12", "\t\t12"), "line 7: contig is \"\""),
        (changed("\t12\t0", "\t12\t1"), "line 7: length is \"1\", expected 0 for a substitution"),
        (changed("\t-3\t", "\t3\t"), "line 8: length is \"3\""),
        (changed("deletion\tchr1\t9\t-1\t-inf\t2.0\n", ""), "line 8: the file ends after 2 null"),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("--save-null"), "{text}: {error}");
    }
}

#[test]
fn what_no_table_can_hold_is_refused_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("null.tsv");
    let refused = |change: &dyn Fn(&mut NullTable)| {
        let mut table = example();
        change(&mut table);
        let error = save(&path, &[], &table).unwrap_err();
        assert!(!path.exists());
        error.to_string()
    };
    let deletion = |table: &mut NullTable, change: &dyn Fn(&mut NullEntry)| {
        change(&mut table.null.classes.get_mut(&Class::Deletion).unwrap()[0]);
    };
    for (part, change) in [
        (
            "length_fit",
            &(|t: &mut NullTable| t.settings = Settings::default().with("length_fit", ""))
                as &dyn Fn(&mut NullTable),
        ),
        ("a=b", &|t| t.settings = Settings::default().with("a=b", "")),
        ("without scores", &|t| *t = NullTable::default()),
        ("length fits", &|t| t.length_fits.truncate(1)),
        ("\"llr\"", &|t| t.null.names[1] = "llr".into()),
        ("a\\tb", &|t| t.null.names[1] = "a\tb".into()),
        ("fits a table", &|t| deletion(t, &|entry| entry.position = 0)),
        ("fits a table", &|t| deletion(t, &|entry| entry.contig.clear())),
        ("length or the number of scores", &|t| deletion(t, &|entry| entry.length = 3)),
        ("length or the number of scores", &|t| deletion(t, &|entry| entry.scores.truncate(1))),
    ] {
        let error = refused(change);
        assert!(error.contains(part), "{part}: {error}");
    }
}

fn score() -> impl Strategy<Value = f64> {
    prop_oneof![prop::num::f64::ANY, -10.0..10.0_f64, Just(-0.0)]
}

fn fit() -> impl Strategy<Value = Option<Fit>> {
    let fit = (prop::array::uniform3(score()), 1..u64::MAX, 2..1000_usize, score(), score())
        .prop_map(|(coefficients, longest, n, r_squared, residual_sd)| Fit {
            coefficients,
            longest,
            n,
            r_squared,
            residual_sd,
        });
    prop::option::of(fit)
}

prop_compose! {
    fn table()(scores in 1..4_usize)(
        names in prop::collection::btree_set("[^\t\r\n]{1,12}", scores),
        settings in prop::collection::vec(("[a-z0-9]{1,8}", "[^\u{0}]{0,20}"), 0..5),
        fits in prop::option::of(prop::collection::vec((fit(), fit()), scores)),
        rows in prop::collection::vec(
            (
                "([ACGT]\\[(A>C|C>T|G>A|T>G)\\][ACGT]|insertion|deletion)",
                "[^\t\r\n]{1,12}", 1..=u64::MAX, 1..=i64::MAX, prop::collection::vec(score(), scores),
            ),
            0..20,
        ),
    ) -> NullTable {
        let mut null = NullScores::new(names);
        for (class, contig, position, length, scores) in rows {
            let class: Class = class.parse().unwrap();
            let length = match class {
                Class::Substitution(_) => 0,
                Class::Insertion => length,
                Class::Deletion => -length,
            };
            null.push(class, NullEntry { contig, position, length, scores });
        }
        let settings = settings
            .iter()
            .fold(Settings::default(), |settings, (key, value)| settings.with(key, value));
        let fits = fits.unwrap_or_default().into_iter();
        let length_fits: Vec<LengthFit> =
            fits.map(|(insertion, deletion)| LengthFit { insertion, deletion }).collect();
        // fits of which there is none are not written
        let none = length_fits.iter().all(|fit| fit.insertion.is_none() && fit.deletion.is_none());
        NullTable { settings, length_fits: if none { Vec::new() } else { length_fits }, null }
    }
}

proptest! {
    #[test]
    fn what_is_saved_is_loaded(table in table()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("null.tsv");
        save(&path, &[], &table).unwrap();
        // as text, where NaN equals NaN and 0 is not -0
        prop_assert_eq!(format!("{:?}", load(&path).unwrap()), format!("{table:?}"));
    }
}
