//! Predictions of variants: values of the REF window, of the ALT window, and their difference.

use std::{collections::HashMap, path::Path};

use anyhow::{Result, bail};

use super::{
    columns::{AlleleValues, VariantColumns},
    plan::Plan,
    values::values,
};
use crate::{
    cli::Global,
    commands::{
        cutter::cutter,
        output::{format::Format, of_shard, resume::Resume, summary::Summary},
        score_variants::{
            alleles::AlleleCutter,
            assembly,
            item::{QueuedAllele, WorkItem},
            policy::Policies,
            tally::StatusCounts,
            write::{AlleleRow, InputHeader, Writer},
        },
    },
    formats::{input::Input, reference::Reference, shard::Section, variants::vcf},
    genome::variant::Status,
    inference::{
        computed::EngineError,
        pipeline::{self, Chunks, OVERHEAD},
        runner::Runner,
    },
    model::head::Head,
    process::{
        exit::{Outcome, Usage},
        logging::Display,
        progress::Progress,
    },
    windows::strands::{Strands, Windows},
};

/// The first chunk is this part of a full one: a reader may only want the first rows.
const FIRST: usize = 32;

/// An allele, and the values of its windows if it can be predicted.
type Predicted = (QueuedAllele, Option<AlleleValues>);

/// Predicts every ALT allele, completes the outputs and logs what was left out.
///
/// # Errors
/// An input cannot be read, a policy calls a record an error, or an output cannot be written.
pub fn run(
    plan: &Plan<'_>,
    (input, section): (Input, Option<Section>),
    inputs: &[&Path],
    summary: Summary,
    (global, display): (&Global, &Display),
) -> Result<Outcome> {
    let args = plan.args;
    plan.check_variants()?;
    let size = input.meter.total;
    let reader = vcf::Reader::new(input)?;
    let name = reader.name().to_owned();
    let Some(path) = args.entries.reference()? else {
        bail!(Usage(
            "variants need a reference genome: name it after the VCF, or set HYENADNA_REFERENCE"
                .into()
        ));
    };
    let reference = Reference::open(path, args.entries.save_index())?;
    assembly::check_lengths(&name, &reader.header, &reference);
    let windows = plan.variant_windows()?;
    let cutter = cutter(&args.variants.windows(), windows, reference.name(), reference.contigs())?;
    let provenance = plan.provenance_of_variants(reference.name(), windows.context);
    let provenance = of_shard(provenance, section.as_ref());
    let is_info = matches!(plan.format, Format::Vcf | Format::Bcf);
    let columns = VariantColumns::new(&plan.report, is_info)?;
    let mut runners = args.model.runners_of_head(&plan.model, &plan.head, global)?;
    let output = (plan.format, &*args.output.output);
    let (mut resume, output) = Resume::open(&args.resume, output, inputs, &provenance)?;
    let mut writer = Writer::create(
        output.indexed(plan.index.clone()),
        InputHeader {
            provenance: &provenance,
            lines: &reader.header,
            carriage_return: reader.carriage_return,
            header: args.output.header(),
            input: &name,
            info_prefix: args.variants.info_prefix(),
        },
        columns.all.clone(),
    )?;
    let policies = Policies {
        mismatch: args.variants.on_ref_mismatch.unwrap_or_default(),
        contig: args.variants.on_missing_contig.unwrap_or_default(),
    };
    let alleles = AlleleCutter::new(reference, cutter, policies);
    let budget = args.model.chunk_tokens(&plan.model, global);
    resume.begin(&mut *writer.rows)?;
    let mut counts = resume.counts().map(StatusCounts::of_earlier).unwrap_or_default();
    let done = resume.items();
    let mut progress = Progress::new(display, "allele", size);
    let strands = args.strand.strands(None);
    let alleles = pipeline::run(
        move |feeder| {
            let chunks = Chunks::new(feeder, budget).with_first(FIRST).after(done);
            read(reader, alleles, chunks)
        },
        &mut runners,
        |runner, items| Ok(compute(items, runner, &plan.head, strands)?),
        |predicted: Vec<Predicted>, position| {
            resume.add(predicted.len());
            for (allele, values) in predicted {
                progress.add(1);
                counts.count(allele.status, allele.last);
                let values = columns.values(allele.status, values.as_ref());
                writer.write(AlleleRow { allele, values })?;
            }
            writer.show()?;
            progress.reach(position);
            if writer.is_between_records() {
                resume.save(&mut *writer.rows, || counts.saved())?;
            }
            anyhow::Ok(())
        },
    )?;
    alleles.check(&name)?;
    let summary = summary.complete(&provenance, counts.summary(alleles.skipped().all()))?;
    writer.finish(summary)?;
    resume.finish();
    progress.finish();
    alleles.report();
    counts.report(alleles.skipped().mismatch);
    Ok(if counts.is_complete() { Outcome::Done } else { Outcome::Incomplete })
}

/// Reads records and hands on their alleles in chunks.
fn read(
    mut reader: vcf::Reader,
    mut alleles: AlleleCutter,
    mut chunks: Chunks<WorkItem>,
) -> Result<AlleleCutter> {
    let name = reader.name().to_owned();
    while let Some(record) = reader.read()? {
        let position = reader.position();
        let take = |item: WorkItem| {
            let bases = item.windows().map_or(0, |windows| 2 * windows.reference.len());
            chunks.reach(position);
            chunks.push(item, OVERHEAD + bases)
        };
        if alleles.cut(&name, (&record.into(), None), take)?.is_break() {
            return Ok(alleles);
        }
    }
    chunks.finish();
    Ok(alleles)
}

/// Values of the windows of alleles; equal windows are computed once.
fn compute(
    items: Vec<WorkItem>,
    runner: &mut Runner,
    head: &Head,
    strands: Strands,
) -> Result<Vec<Predicted>, EngineError> {
    let alleles: Vec<(QueuedAllele, Option<[Vec<u8>; 2]>)> = items
        .into_iter()
        .filter_map(|item| match item {
            WorkItem::Allele(allele) => Some(*allele),
            WorkItem::Null(_) => None, // none are drawn
        })
        .map(|allele| {
            let windows = allele.windows.as_ref().map(both);
            let is_short =
                windows.iter().flatten().any(|bases| bases.len() < head.config.pool.parts());
            let status = if is_short { Status::Short } else { allele.status };
            let windows = windows.filter(|_| !is_short);
            (QueuedAllele { status, windows: None, ..allele }, windows)
        })
        .collect();
    let mut numbers: HashMap<&[u8], usize> = HashMap::new();
    let mut distinct: Vec<(&[u8], Strands)> = Vec::new();
    for bases in alleles.iter().flat_map(|(_, windows)| windows.iter().flatten()) {
        numbers.entry(bases).or_insert_with(|| {
            distinct.push((bases, strands));
            distinct.len() - 1
        });
    }
    let computed = values(runner, head, &distinct)?;
    let of = |bases: &Vec<u8>| computed[numbers[&bases[..]]].clone();
    let predicted = alleles.iter().map(|(allele, windows)| {
        let values = windows.as_ref().map(|[reference, alternative]| {
            // the windows of a swapped allele are those of the exchanged alleles
            let (reference, alternative) = match allele.status {
                Status::Swapped => (alternative, reference),
                _ => (reference, alternative),
            };
            AlleleValues { reference: of(reference), alternative: of(alternative) }
        });
        (allele.clone(), values)
    });
    Ok(predicted.collect())
}

/// The bases of the reference window, and of the alternative, on the forward strand.
fn both(windows: &Windows) -> [Vec<u8>; 2] {
    let reference = windows.reference.to_vec();
    let alternative = match &windows.forward {
        Some(alternative) => [&reference[..alternative.from], &alternative.bases].concat(),
        None => reference.clone(),
    };
    [reference, alternative]
}
