use super::*;
use crate::formats::input;

const HEAD: &str = "##hyenadna_version=0.1.0\n##hyenadna_model=m identity:1\n";
const COLUMNS: &str = "#CHROM\tPOS\tID\tREF\tALT\tllr\tstatus\n";
const VCF_HEAD: &str = "##fileformat=VCFv4.2\n##hyenadna_version=9\n##INFO=<ID=A_LLR,Number=A>\n";
const VCF_COLUMNS: &str = "##INFO=<ID=H_LLR,Number=A>\n##INFO=<ID=H_STATUS,Number=A>\n##INFO=<ID=HX_Y,Number=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n";

/// Facts, and rows with their lines.
type Read = (Vec<Fact>, Vec<String>);

fn read(text: &str) -> Result<Read, InputError> {
    let [columns, fields] =
        [["llr", "status"], ["H_LLR", "H_STATUS"]].map(|names| names.map(str::to_owned));
    let names = ValueNames { columns: &columns, fields: &fields, prefix: "H" };
    let input = input::from_reader("t".into(), std::io::Cursor::new(text.to_owned()), None)?;
    let mut reader = Reader::new(input, names)?;
    let mut rows = Vec::new();
    let mut take = |allele: ScoredAllele<'_>, line| {
        let ScoredAllele { contig, position, reference, alternative, values } = allele;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let values: Vec<String> = values.into_iter().map(text).collect();
        let [contig, reference, alternative] = [contig, reference, alternative].map(text);
        rows.push(format!(
            "{line}:{contig}:{position}:{reference}>{alternative} {}",
            values.join(" ")
        ));
        Ok::<_, InputError>(())
    };
    while reader.read(&mut take)? {}
    Ok((reader.facts, rows))
}

#[test]
fn rows_of_a_table_are_alleles() {
    let (facts, rows) =
        read(&format!("{HEAD}{COLUMNS}1\t7\trs\tA\tC\t-0.5\tok\n1\t8\t.\tA\t.\t.\tno_alt\n"))
            .unwrap();
    let fact = |key: &str, value: &str, line| Fact { key: key.into(), value: value.into(), line };
    assert_eq!(facts, [fact("version", "0.1.0", 1), fact("model", "m identity:1", 2)]);
    assert_eq!(rows, ["4:1:7:A>C -0.5 ok", "5:1:8:A>. . no_alt"]);
}

/// The facts are those of the last run; records without a status are not of that run.
#[test]
fn records_of_a_vcf_have_an_allele_for_each_alt() {
    let records = "1\t7\t.\tA\tC,G\t.\t.\tA_LLR=1,2;H_LLR=-0.5,.;H_STATUS=ok,too_long\tGT\t0\n\
        1\t8\t.\tA\tC\t.\t.\tH_LLRX=7;H_STATUS=too_long\tGT\t0\n1\t9\t.\tA\tC\t.\t.\tDP=3\tGT\t0\n";
    let (facts, rows) = read(&format!("{VCF_HEAD}{HEAD}{VCF_COLUMNS}{records}")).unwrap();
    assert_eq!(facts.iter().map(|fact| fact.line).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(rows, ["10:1:7:A>C -0.5 ok", "10:1:7:A>G . too_long", "11:1:8:A>C . too_long"]);
}

#[test]
fn other_files_are_refused_with_the_line() {
    let row = |row: &str| format!("{HEAD}{COLUMNS}1\t7\t.\tA\tC\t1\tok\n{row}");
    let record = |row: &str| format!("{VCF_HEAD}{HEAD}{VCF_COLUMNS}{row}");
    for (text, expected) in [
        (String::new(), "t is empty"),
        ("#CHROM\tPOS\tID\tREF\tALT\tllr\tstatus\n".into(), "t, line 1: no line before it says"),
        ("CHROM,POS\n".into(), "t, line 1: no line before it says"),
        ("##fileformat=VCFv4.2\n#CHROM\n".into(), "t, line 2: no line before it says"),
        ("##hyenadna_model=m\n#CHROM\n".into(), "t, line 2: no line before it says"),
        ("##hyenadna_version\n".into(), "has no value"),
        (HEAD.into(), "t, line 2: the file ends before its rows"),
        (format!("{HEAD}#chrom\tchromStart\n"), "expected the columns #CHROM POS ID REF ALT…"),
        (
            format!("{HEAD}#CHROM\tPOS\tID\tREF\tALT\tsite\tstatus\n"),
            "t, line 3: the file has the columns site, status, but this run writes llr, status",
        ),
        (
            format!("{VCF_HEAD}{HEAD}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"),
            "t, line 6: the file has the INFO fields of no score, but this run writes H_LLR",
        ),
        (row("1\t7\t.\tA\tC\t1\n"), "t, line 5: found 6 columns, expected 7"),
        (row("1\tx\t.\tA\tC\t1\tok\n"), "t, line 5: POS is \"x\""),
        (row("1\t7\t.\tA\tC\tx\tok\n"), "t, line 5: found \"x\", expected a number or ."),
        (row("1\t7\t.\tA\tC\t1\t7\n"), "t, line 5: the status is \"7\""),
        (row("\n"), "t, line 5: found 1 column, expected 7"),
        (row("1\t7\t.\tA\tC\t1\tok"), "t, line 5: the file ends within this line"),
        (record("1\t7\t.\tA\tC\t.\t.\n"), "found 7 columns, expected 8 or more"),
        (
            record("1\t7\t.\tA\tC\t.\t.\tH_LLR=1,2;H_STATUS=ok\n"),
            "t, line 10: H_LLR has 2 values, expected one for each of 1 ALT allele",
        ),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}
