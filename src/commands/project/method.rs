//! Places of rows in few dimensions.

use anyhow::{Result, bail};

use super::args::{Method, ProjectArgs, Start};
use crate::{
    chance::{Purpose, RandomStream},
    formats::{number::counted, spooled::SpooledRows},
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

/// Refuses a number of columns that has no projection, before the rows are read. `name` is that of the file.
///
/// # Errors
/// The columns are more than [`MOST_COLUMNS`], or fewer than the requested components.
pub fn check_width(args: &ProjectArgs, name: &str, width: usize) -> Result<()> {
    if width > MOST_COLUMNS {
        bail!(
            "{name} has {width} columns of values, and {MOST_COLUMNS} is the most; embed with fewer layers, strands or parts"
        );
    }
    if args.method == Method::Pca && args.components() > width {
        bail!(Usage(format!(
            "--components {}, but {name} has {} of values; give {width} or less",
            args.components(),
            counted(width as u64, "column")
        )));
    }
    Ok(())
}

/// Places rows as the arguments say. `file` is the name of the vectors with their number of columns.
///
/// # Errors
/// The rows are too few, all rows are equal, or the temporary file cannot be read.
pub fn place(
    args: &ProjectArgs,
    vectors: &mut SpooledRows,
    file: (&str, usize),
    display: &Display,
) -> Result<Placed> {
    let (name, width) = file;
    let rows = vectors.rows();
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
    if args.method == Method::Tsne {
        check_rows(args.perplexity(), name, rows)?;
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
            let start = start(args, &places, &components);
            let values: Vec<f32> = places.iter().map(|x| *x as f32).collect();
            drop(places);
            let mut progress = Progress::of_units(display, "row", rows as u64);
            let neighbors = tsne::neighbors(&values, wanted, args.perplexity(), |done| {
                progress.add(done.len() as u64);
                progress.reach(done.end as u64);
            });
            progress.finish();
            let mut progress = Progress::of_units(display, "step", tsne::STEPS as u64);
            let found = tsne::fit(
                (&values, wanted),
                &start.places,
                args.perplexity(),
                &neighbors,
                |step| {
                    progress.add(1);
                    progress.reach(step as u64);
                },
            );
            progress.finish();
            let explained: f64 = shares.iter().sum();
            let more = vec![
                ("components", wanted.to_string()),
                ("explained_variance", text(&[explained])),
                ("perplexity", args.perplexity().to_string()),
                ("start", start.name),
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

/// Refuses rows that are too few for t-SNE, and warns of many.
///
/// # Errors
/// The rows are too few for the perplexity.
fn check_rows(perplexity: f64, name: &str, rows: usize) -> Result<()> {
    /// Rows whose pairs take minutes.
    const MANY: usize = 100_000;
    let fewest = tsne::fewest_rows(1.0);
    if rows < fewest {
        bail!("t-SNE needs {fewest} rows or more, and {name} has {rows}");
    }
    let fewest = tsne::fewest_rows(perplexity);
    if rows < fewest {
        let best = (rows - 1) / 3;
        bail!(Usage(format!(
            "--perplexity {perplexity} needs {fewest} rows or more, and {name} has {rows}; give {best} or less"
        )));
    }
    if rows > MANY {
        log::warn!("t-SNE takes the distances of all pairs of {rows} rows, which is slow");
    }
    Ok(())
}

/// Places from which t-SNE starts.
struct Origin {
    /// Two coordinates for each row.
    places: Vec<f64>,
    /// Description for the header.
    name: String,
}

/// Places from which t-SNE starts. `places` are the coordinates of the rows along the components.
fn start(args: &ProjectArgs, places: &[f64], components: &Components) -> Origin {
    /// Deviation of random coordinates that replace a second component, as a share of the first one's.
    const JITTER: f64 = 0.01;
    let variances = &components.variances;
    let rows = places.chunks_exact(variances.len());
    let mut chance = RandomStream::new(args.seed(), Purpose::Start, 0);
    match args.start() {
        Start::Pca if variances.get(1).is_some_and(|variance| *variance > 0.0) => Origin {
            places: rows.flat_map(|row| [row[0], row[1]]).collect(),
            name: "pca".to_owned(),
        },
        // rows on a line would stay on it
        Start::Pca => {
            let width = JITTER * (12.0 * variances[0]).sqrt();
            Origin {
                places: rows.flat_map(|row| [row[0], width * (chance.unit() - 0.5)]).collect(),
                name: "pca, the second coordinate random".to_owned(),
            }
        }
        Start::Random => Origin {
            places: rows.flat_map(|_| [chance.unit() - 0.5, chance.unit() - 0.5]).collect(),
            name: format!("random, seed {}", args.seed()),
        },
    }
}
