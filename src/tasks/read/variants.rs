//! Variants of a reference: a window around each, with REF or ALT.

use std::sync::Arc;

use crate::{
    formats::{
        error::{InputError, excerpt},
        input::Input,
        variants::alleles::{Allele, Reader},
    },
    genome::variant::{Edit, Status, classify},
    tasks::{
        collect::{Read, Shared},
        error::DataError,
        example::{At, Labelled, Place},
        genome::Genome,
        label::Label,
        options::{AlleleChoice, ReadOptions, VariantOptions},
    },
    windows::strands::{Strands, Topology, WindowChoice, WindowOptions},
};

/// Reads VCF or BCF. The labels are INFO fields; of one with a value for each ALT allele, an allele has
/// its own.
///
/// # Errors
/// A record is malformed, does not fit the reference, or lacks a label; or an option is missing.
pub fn vcf(
    input: Input,
    options: &ReadOptions,
    shared: &Shared<'_>,
    genome: &mut Genome,
    read: &mut Read,
) -> Result<(), DataError> {
    let missing =
        |found, remedy| DataError::Option { file: shared.name.to_string(), found, remedy };
    let context = options.window.ok_or_else(|| {
        missing(
            "variants, which need the length of the window around each",
            "give --window N, such as the context of the model",
        )
    })?;
    let VariantOptions { info, allele: choice } = &options.variants;
    let mut reader = Reader::new(input, "VCF or BCF")?;
    if shared.class.is_none() {
        if info.is_empty() {
            return Err(missing(
                "variants, which need the INFO field of their labels",
                "give --label-info KEY",
            ));
        }
        reader.select(info)?;
        read.labels(info.clone(), &shared.name)?;
    } else {
        read.labels(vec!["label".to_owned()], &shared.name)?;
    }
    let windows = WindowOptions {
        context,
        window: WindowChoice::Centered,
        downstream: None,
        site_only: false,
    };
    let mut alleles = Vec::new();
    while reader.read(&mut alleles)? {
        let Some(first) = alleles.first() else { continue };
        let place = Place { path: shared.name.clone(), at: At::Line(first.line) };
        if *choice == AlleleChoice::Ref && alleles.iter().any(|a| a.values != first.values) {
            return Err(place.error(
                "the ALT alleles have different labels, and --allele ref has one window for them; give --allele alt, or split the record (`bcftools norm -m -`)",
            ).into());
        }
        let taken = if *choice == AlleleChoice::Ref { 1 } else { alleles.len() };
        for allele in &alleles[..taken] {
            let label = match shared.class {
                Some(class) => Label::Text(class.to_owned()),
                None => label(allele, info).map_err(|problem| place.error(problem))?,
            };
            let bases = bases(allele, *choice, &windows, genome, &place)?;
            let contig = Some(Arc::from(allele.contig.as_str()));
            read.kinds.variants = true;
            let (part, place) = (shared.part, place.clone());
            read.add(Labelled { bases, label, part, contig, place })?;
        }
    }
    Ok(())
}

fn label(allele: &Allele, info: &[String]) -> Result<Label, String> {
    let values = allele.values.iter().zip(info).map(|(value, key)| {
        value.as_deref().ok_or_else(|| {
            format!(
                "INFO {key} has no value; give each record one, or remove those without (`bcftools view -e 'INFO/{key}=\".\"'`)"
            )
        })
    });
    Label::of_fields(values.collect::<Result<Vec<&str>, _>>()?, info)
}

/// Bases of the window with the chosen allele.
fn bases(
    allele: &Allele,
    choice: AlleleChoice,
    options: &WindowOptions,
    genome: &mut Genome,
    place: &Place,
) -> Result<Vec<u8>, InputError> {
    let Allele { contig, position, reference, alternative, .. } = allele;
    let number = genome.contig(contig, place)?;
    let length = genome.of(number).1;
    let status = classify(reference, alternative);
    if status != Status::Ok {
        return Err(place.error(format!(
            "REF and ALT are {} and {} ({status}), expected bases; remove the record, or such alleles (`bcftools norm -m -`, then `bcftools view -e 'TYPE=\"other\"'`)",
            excerpt(reference),
            excerpt(alternative)
        )));
    }
    let start = position.checked_sub(1);
    let range = start.map(|start| start..start + reference.len() as u64);
    let found = match range.filter(|range| range.end <= length) {
        Some(range) => genome.fetch(number, range)?,
        None => Vec::new(),
    };
    let (Some(start), true) = (start, found == *reference) else {
        return Err(place.error(format!(
            "REF is {}, and the reference has {} at {contig}:{position}; is it of the same assembly?",
            excerpt(reference),
            excerpt(&found)
        )));
    };
    let edit = Edit::trimmed(start, reference, alternative);
    let Some(plan) = options.plan(edit, Topology { length, circular: false }) else {
        return Err(place.error(format!(
            "the alleles do not fit a window of {} bases; give a longer --window, or remove the record",
            options.context
        )));
    };
    let span = genome.fetch(number, plan.span.clone())?;
    let windows = plan.windows(&span, None, Strands { forward: true, reverse: false });
    let mut bases = windows.reference.to_vec();
    if let (AlleleChoice::Alt, Some(alternative)) = (choice, windows.forward) {
        bases.truncate(alternative.from);
        bases.extend(alternative.bases);
    }
    Ok(bases)
}
