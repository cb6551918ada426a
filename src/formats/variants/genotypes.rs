//! Genotypes of a sample of a VCF.

use super::vcf;
use crate::formats::{
    error::{InputError, excerpt},
    number::counted,
};
use crate::genome::{contig, name as names};

/// Number of columns before the samples: the eight fixed ones and FORMAT.
const BEFORE: usize = 9;

/// A sample of a VCF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Name in the header.
    pub name: String,
    /// Its column, counted from 0; the first sample is 9.
    pub column: usize,
}

impl Sample {
    /// Finds a sample by name, or the only sample. `path` names the file in messages; `header` has
    /// its lines, `#CHROM` last.
    ///
    /// # Errors
    /// The file has no sample, not this one, or this one twice; or it has several and no name is
    /// given.
    pub fn find(path: &str, header: &[Vec<u8>], name: Option<&str>) -> Result<Self, InputError> {
        let columns = header.last().map(Vec::as_slice).unwrap_or_default();
        let mut samples: Vec<String> =
            columns.split(|&b| b == b'\t').skip(BEFORE).map(names::decode).collect();
        // a line may end with an extra tab
        if samples.last().is_some_and(String::is_empty) {
            samples.pop();
        }
        let mut found = samples.iter().enumerate().filter(|(_, sample)| match name {
            Some(name) => *sample == name,
            None => true,
        });
        let problem = match (found.next(), found.next(), name) {
            (Some((i, sample)), None, _) => {
                return Ok(Self { name: sample.clone(), column: BEFORE + i });
            }
            (None, ..) if samples.is_empty() => {
                "has no genotypes: its #CHROM line names no sample; use a VCF with genotypes".into()
            }
            (None, _, name) => format!(
                "has no sample {}; it has: {}",
                name.unwrap_or_default(),
                contig::summary(samples.iter())
            ),
            (Some(_), Some(_), Some(name)) => format!(
                "has sample {name} more than once; sample names must be unique (`bcftools reheader --samples` changes them)"
            ),
            (Some(_), Some(_), None) => format!(
                "has {} samples, expected one; choose one by name: {}",
                samples.len(),
                contig::summary(samples.iter())
            ),
        };
        Err(InputError::Kind { path: path.to_owned(), problem })
    }
}

/// Genotype of a sample at a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Number of the allele on each haplotype: 0 is REF, 1 the first ALT; `None` if unknown.
    pub alleles: Vec<Option<usize>>,
    /// True if the order of the alleles is that of the haplotypes; always so if all alleles are the
    /// same.
    pub phased: bool,
    /// Phase set (PS): calls of the same phase set have their haplotypes in the same order.
    pub phase_set: Option<String>,
}

impl Call {
    /// True if all haplotypes are known to have the same allele: homozygous, or haploid.
    pub fn is_uniform(&self) -> bool {
        is_uniform(&self.alleles)
    }
}

fn is_uniform(alleles: &[Option<usize>]) -> bool {
    alleles.first().is_some_and(Option::is_some) && alleles.windows(2).all(|two| two[0] == two[1])
}

/// Genotype of the sample in a column (counted from 0, as in [`Sample`]) at a record; `None` if
/// there is no GT, or all its alleles are unknown.
///
/// # Errors
/// The GT is malformed, or has an allele that the record does not have; the error is the message.
pub fn call(record: &vcf::Record, column: usize) -> Result<Option<Call>, String> {
    let (Some(format), Some(sample)) = (record.column(BEFORE - 1), record.column(column)) else {
        return Err(format!("found no column {}, expected the genotype there", column + 1));
    };
    let value = |key: &[u8]| {
        let at = format.split(|&b| b == b':').position(|name| name == key)?;
        // trailing values may be omitted
        sample.split(|&b| b == b':').nth(at).filter(|value| !matches!(*value, b"" | b"."))
    };
    let Some(genotype) = value(b"GT") else { return Ok(None) };
    let (alleles, phased) = parse(genotype)
        .ok_or_else(|| "expected numbers of alleles or '.' between '|' or '/', like 0|1".to_owned())
        .and_then(|call| in_range(record, call))
        .map_err(|problem| {
            format!("GT (column {}) is {}: {problem}", column + 1, excerpt(genotype))
        })?;
    if alleles.iter().all(Option::is_none) {
        return Ok(None);
    }
    let phase_set = value(b"PS").map(names::decode);
    Ok(Some(Call { phased: phased || is_uniform(&alleles), alleles, phase_set }))
}

type CalledAlleles = (Vec<Option<usize>>, bool);

/// Parses a GT: the alleles, and true if all separators are `|`. VCF 4.4 allows a separator before
/// the first allele too.
fn parse(genotype: &[u8]) -> Option<CalledAlleles> {
    let is_separator = |b: &u8| matches!(b, b'|' | b'/');
    let leading = genotype.first().is_some_and(is_separator);
    let phased = !genotype.contains(&b'/');
    let alleles = genotype[usize::from(leading)..].split(is_separator).map(|allele| match allele {
        b"." => Some(None),
        _ if allele.iter().all(u8::is_ascii_digit) => {
            std::str::from_utf8(allele).ok()?.parse().ok().map(Some)
        }
        _ => None,
    });
    Some((alleles.collect::<Option<Vec<_>>>()?, phased))
}

fn in_range(record: &vcf::Record, call: CalledAlleles) -> Result<CalledAlleles, String> {
    let count = record.alternatives().filter(|allele| *allele != b".").count();
    match call.0.iter().flatten().find(|&&allele| allele > count) {
        None => Ok(call),
        Some(allele) => Err(format!(
            "there is no allele {allele}, as the record has {}; were alleles removed without updating the genotypes? (`bcftools view --trim-alt-alleles` and `bcftools norm --multiallelics` update both)",
            counted(count, "ALT allele")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;
    use std::io::Cursor;

    const HEAD: &str = "##fileformat=VCFv4.4\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";

    fn one(format: &str, sample: &str, alt: &str) -> Result<Option<Call>, String> {
        let text =
            format!("{HEAD}\tFORMAT\tX\tY\n1\t5\t.\tA\t{alt}\t.\t.\t.\t{format}\t0/0\t{sample}\n");
        let input = input::from_reader("t.vcf".into(), Cursor::new(text), None).unwrap();
        let mut reader = vcf::Reader::new(input).unwrap();
        let sample = Sample::find("t.vcf", &reader.header, Some("Y")).unwrap();
        assert_eq!(sample, Sample { name: "Y".into(), column: 10 });
        call(&reader.read().unwrap().unwrap(), sample.column)
    }

    #[test]
    fn calls() {
        let (r, a, b) = (Some(0), Some(1), Some(2));
        for (genotype, alleles, phased) in [
            ("0|1", vec![r, a], true),
            ("0/1", vec![r, a], false),
            ("2|1", vec![b, a], true),
            ("1/1", vec![a, a], true),
            ("1", vec![a], true),
            ("/1", vec![a], true),
            ("|0|1", vec![r, a], true),
            ("/0|1", vec![r, a], false),
            ("|0/1", vec![r, a], false),
            ("0|1|2", vec![r, a, b], true),
            ("0|1/2", vec![r, a, b], false),
            ("1|.", vec![a, None], true),
            ("./1", vec![None, a], false),
        ] {
            let found = one("GT", genotype, "C,G").unwrap().unwrap();
            assert_eq!((found.alleles, found.phased), (alleles, phased), "{genotype}");
            assert_eq!(found.phase_set, None);
        }
        for genotype in [".", "./.", ".|.", ""] {
            assert_eq!(one("GT", genotype, "C").unwrap(), None, "{genotype}");
        }
    }

    #[test]
    fn keys_of_format_in_any_order() {
        let found = one("DP:PS:GT", "9:123:0|1", "C").unwrap().unwrap();
        assert_eq!((found.alleles.len(), found.phase_set.as_deref()), (2, Some("123")));
        assert_eq!(one("GT:PS", "0|1:.", "C").unwrap().unwrap().phase_set, None);
        assert_eq!(one("GT:DP:PS", "0|1", "C").unwrap().unwrap().phase_set, None);
        assert_eq!(one("DP:GT", "9", "C").unwrap(), None);
        assert_eq!(one("DP", "9", "C").unwrap(), None);
        assert!(one("GT", "0/0", ".").unwrap().unwrap().is_uniform());
        assert!(!one("GT", "0|1", "C").unwrap().unwrap().is_uniform());
    }

    #[test]
    fn errors_name_the_genotype() {
        for (genotype, part) in [
            ("0|2", "is \"0|2\": there is no allele 2, as the record has 1 ALT"),
            ("0||1", "like 0|1"),
            ("|", "like 0|1"),
            ("+1", "like 0|1"),
            ("A/C", "GT (column 11) is \"A/C\""),
        ] {
            let error = one("GT", genotype, "C").unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        assert!(one("GT", "0|1", ".").unwrap_err().contains("no allele 1"));
    }

    #[test]
    fn samples() {
        let find = |samples: &str, name| {
            let header = format!("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO{samples}");
            Sample::find("t.vcf", &[header.into_bytes()], name)
        };
        assert_eq!(find("\tFORMAT\tX\t", None).unwrap().column, 9);
        let many: String = (0..20).map(|i| format!("\tS{i}")).collect();
        for (samples, name, part) in [
            (String::new(), None, "t.vcf: has no genotypes"),
            ("\tFORMAT".into(), Some("X"), "names no sample"),
            ("\tFORMAT\tX\tY".into(), None, "has 2 samples, expected one"),
            ("\tFORMAT\tX\tX".into(), Some("X"), "more than once"),
            (format!("\tFORMAT{many}"), Some("X"), "no sample X; it has: S0, S1"),
            (format!("\tFORMAT{many}"), Some("X"), "and 12 more"),
        ] {
            let error = find(&samples, name).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
