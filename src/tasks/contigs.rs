//! Parts by contigs.

use super::example::{Labelled, Part};
use crate::{formats::error::InputError, genome::contig};

/// Puts the examples on `valid` contigs into the validation part, those on `test` contigs into the test
/// part, and the others into train. A contig may have its name in the other style (`1` for `chr1`).
/// Does nothing without contigs.
///
/// # Errors
/// An example has no coordinates or a part of its own, or no example lies on one of the contigs.
pub fn divide(
    examples: &mut [Labelled],
    valid: &[String],
    test: &[String],
) -> Result<(), InputError> {
    if valid.is_empty() && test.is_empty() {
        return Ok(());
    }
    for example in examples.iter_mut() {
        let Some(own) = &example.contig else {
            return Err(example.place.error(
                "the example has no coordinates, which --valid-contigs and --test-contigs need; divide it with --split-column, --valid-fraction and --test-fraction, or files",
            ));
        };
        if let Some(part) = example.part {
            return Err(example.place.error(format!(
                "the example is in the {} part already; leave out --valid-contigs and --test-contigs",
                part.name()
            )));
        }
        let is_on = |contigs: &[String]| contigs.iter().any(|name| contig::same(name, own));
        let part = match (is_on(test), is_on(valid)) {
            (true, _) => Part::Test,
            (_, true) => Part::Valid,
            _ => Part::Train,
        };
        example.part = Some(part);
    }
    for (option, contigs) in [("--valid-contigs", valid), ("--test-contigs", test)] {
        let lies = |name: &String| {
            let mut all = examples.iter().filter_map(|example| example.contig.as_deref());
            all.any(|own| contig::same(name, own))
        };
        if let Some(missing) = contigs.iter().find(|name| !lies(name)) {
            let mut all: Vec<&str> = Vec::new();
            for own in examples.iter().filter_map(|example| example.contig.as_deref()) {
                if !all.contains(&own) {
                    all.push(own);
                }
            }
            return Err(InputError::Kind {
                path: examples.first().map_or("the data".into(), |e| e.place.path.to_string()),
                problem: format!(
                    "no example lies on {missing} ({option}); examples lie on {}",
                    contig::summary(all.iter())
                ),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::testing::labelled;

    #[test]
    fn examples_follow_their_contigs() {
        let on = |contig: &str| Labelled { contig: Some(contig.into()), ..labelled("A", "0", 2) };
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let mut examples = ["chr1", "chr2", "3", "chr1"].map(on);
        divide(&mut examples, &names(&["chr3"]), &names(&["chr2"])).unwrap();
        let parts = examples.each_ref().map(|example| example.part);
        assert_eq!(parts, [Part::Train, Part::Test, Part::Valid, Part::Train].map(Some));
        let refused = |examples: &mut [Labelled], phrase: &str| {
            let error = divide(examples, &names(&["chr4"]), &[]).unwrap_err().to_string();
            assert!(error.contains(phrase), "{error}");
        };
        refused(&mut examples, "line 2: the example is in the train part already");
        refused(
            &mut ["chr1", "2"].map(on),
            "no example lies on chr4 (--valid-contigs); examples lie on chr1, 2",
        );
        refused(&mut [labelled("A", "0", 7)], "line 7: the example has no coordinates");
        let mut plain = [labelled("A", "0", 7)];
        divide(&mut plain, &[], &[]).unwrap();
        assert_eq!(plain[0].part, None);
    }
}
