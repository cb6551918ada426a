//! Places of rows in few dimensions.

use anyhow::{Result, bail};

use super::args::{Method, ProjectArgs, Start};
use crate::{
    chance::{Purpose, RandomStream},
    formats::spooled::SpooledRows,
    process::{exit::Usage, logging::Display, progress::Progress},
    statistics::{
        components::{Components, Covariance, MOST_COLUMNS, Means, Scaling},
        tsne,
    },
};

/// Principal components from which t-SNE takes distances.
const TSNE_COMPONENTS: usize = 50;

/// Rows in few dimensions.
#[derive(Debug)]
pub struct Placed {
    /// Names of the coordinates.
    pub columns: Vec<String>,
    /// Coordinates, row by row.
    pub places: Vec<f64>,
    /// Names of the first two axes in a picture.
    pub axes: [String; 2],
    /// Facts for the header.
    pub facts: Vec<(&'static str, String)>,
}

/// Places rows as the arguments say. `file` is the name of the vectors with their number of columns.
///
/// # Errors
/// The rows or columns are too few or too many, all rows are equal, or the temporary file cannot be read.
pub fn place(
    args: &ProjectArgs,
    vectors: &mut SpooledRows,
    file: (&str, usize),
    display: &Display,
) -> Result<Placed> {
    let (name, width) = file;
    let rows = vectors.rows();
    if width > MOST_COLUMNS {
        bail!(
            "{name} has {width} columns of values, and {MOST_COLUMNS} is the most; embed with fewer layers, strands or parts"
        );
    }
    let most = width.min(rows - 1);
    let wanted = match args.method {
        Method::Pca => args.components(),
        Method::Tsne => TSNE_COMPONENTS.min(most),
    };
    if wanted > most {
        bail!(Usage(format!(
            "--components {wanted}, but {name} has {rows} rows of {width} values, which have {most} at most"
        )));
    }
    if args.method == Method::Tsne && rows < tsne::fewest_rows(args.perplexity) {
        let best = (rows - 1) as f64 / 3.0;
        bail!(Usage(format!(
            "--perplexity {} needs {} rows or more, and {name} has {rows}; give {:.0} or less",
            args.perplexity,
            tsne::fewest_rows(args.perplexity),
            best.floor().max(1.0)
        )));
    }
    let scaling = match args.standardise {
        true => Scaling::Standardised,
        false => Scaling::Centred,
    };
    let Some(components) = components(vectors, width, scaling, wanted)? else {
        bail!("{name}: all {rows} rows are equal, so there is no variance to show");
    };
    let mut places = Vec::with_capacity(rows * wanted);
    vectors.blocks(|block| places.extend(components.project(block)))?;
    let scaled = if args.standardise { "standardised" } else { "centred" };
    let shares = components.shares();
    let text = |shares: &[f64]| {
        shares.iter().map(|share| format!("{share:.4}")).collect::<Vec<_>>().join(",")
    };
    let facts = vec![("columns", scaled.to_owned())];
    Ok(match args.method {
        Method::Pca => {
            let axis = |i: usize| {
                let share = shares.get(i).map_or(0.0, |share| 100.0 * share);
                format!("PC{} ({share:.1} % of the variance)", i + 1)
            };
            Placed {
                columns: (1..=wanted).map(|i| format!("pc{i}")).collect(),
                places,
                axes: [axis(0), axis(1)],
                facts: [facts, vec![("explained_variance", text(&shares))]].concat(),
            }
        }
        Method::Tsne => {
            let start = start(args, &places, wanted);
            let values: Vec<f32> = places.iter().map(|x| *x as f32).collect();
            let mut progress = Progress::new(display, "step", Some(tsne::STEPS as u64));
            let found = tsne::fit(&values, wanted, &start, args.perplexity, |step| {
                progress.add(1);
                progress.reach(step as u64);
            });
            progress.finish();
            let explained: f64 = shares.iter().sum();
            let more = vec![
                ("components", wanted.to_string()),
                ("explained_variance", text(&[explained])),
                ("perplexity", args.perplexity.to_string()),
                ("start", start_name(args)),
                ("divergence", format!("{:.4}", found.divergence)),
            ];
            Placed {
                columns: ["tsne1", "tsne2"].map(str::to_owned).into(),
                places: found.places,
                axes: ["t-SNE 1", "t-SNE 2"].map(str::to_owned),
                facts: [facts, more].concat(),
            }
        }
    })
}

/// The components of rows that are read twice.
fn components(
    vectors: &mut SpooledRows,
    width: usize,
    scaling: Scaling,
    count: usize,
) -> Result<Option<Components>> {
    let mut means = Means::new(width);
    vectors.blocks(|block| means.add(block))?;
    let mut covariance = Covariance::new(&means);
    vectors.blocks(|block| covariance.add(block))?;
    Ok(Components::of(covariance, scaling, count))
}

/// Places from which t-SNE starts: two coordinates for each row of `width` components.
fn start(args: &ProjectArgs, places: &[f64], width: usize) -> Vec<f64> {
    let rows = places.chunks_exact(width);
    match args.start {
        Start::Pca => rows.flat_map(|row| [row[0], row.get(1).copied().unwrap_or(0.0)]).collect(),
        Start::Random => {
            let mut chance = RandomStream::new(args.seed, Purpose::Start, 0);
            rows.flat_map(|_| [chance.unit() - 0.5, chance.unit() - 0.5]).collect()
        }
    }
}

fn start_name(args: &ProjectArgs) -> String {
    match args.start {
        Start::Pca => "pca".to_owned(),
        Start::Random => format!("random, seed {}", args.seed),
    }
}
