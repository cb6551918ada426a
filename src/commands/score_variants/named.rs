//! Variants that the command line names one by one.

use std::str::FromStr;

/// A variant of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedVariant {
    /// Name of the contig.
    pub contig: String,
    /// 1-based position of REF.
    pub position: u64,
    /// REF.
    pub reference: String,
    /// ALT.
    pub alternative: String,
}

impl FromStr for NamedVariant {
    type Err = String;

    /// Reads `CHROM:POS:REF:ALT`, or the same with `-`. A name may have either.
    fn from_str(text: &str) -> Result<Self, String> {
        let fields = |separator| {
            let mut fields = text.rsplitn(4, separator);
            let [alternative, reference, position, contig] =
                std::array::from_fn(|_| fields.next().unwrap_or_default().to_owned());
            let position = position.replace(',', "").parse().ok()?;
            let is_word =
                |text: &String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
            (is_word(&contig) && is_word(&reference) && is_word(&alternative)).then_some(Self {
                contig,
                position,
                reference,
                alternative,
            })
        };
        fields(':').or_else(|| fields('-')).ok_or_else(|| {
            "expected CHROM:POS:REF:ALT, as in MT:3243:A:G, with a 1-based position".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_parsed() {
        let variant = |contig: &str, position, reference: &str, alternative: &str| {
            let [contig, reference, alternative] =
                [contig, reference, alternative].map(str::to_owned);
            Ok(NamedVariant { contig, position, reference, alternative })
        };
        assert_eq!("MT:3243:A:G".parse(), variant("MT", 3243, "A", "G"));
        assert_eq!("chr1-1,000-AT-A".parse(), variant("chr1", 1000, "AT", "A"));
        assert_eq!("HLA-A*01:01:7:C:<DEL>".parse(), variant("HLA-A*01:01", 7, "C", "<DEL>"));
        for wrong in [
            "",
            "MT:3243",
            "MT:x:A:G",
            "MT:3243:A:",
            ":1:A:G",
            "MT:-1:A:G",
            "m.3243A>G",
            "chr 1:5:A:C",
        ] {
            assert!(wrong.parse::<NamedVariant>().is_err(), "{wrong}");
        }
    }
}
