//! Progress of downloads.

use std::collections::HashMap;

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    hub,
    process::logging::{Display, Verbosity},
};

/// A callback that shows downloads: a bar for each file on a terminal, a log line elsewhere.
pub fn draw_download(display: &Display) -> impl FnMut(hub::DownloadProgress<'_>) {
    let mut bars: HashMap<String, ProgressBar> = HashMap::new();
    let display = display.clone();
    move |progress| {
        let bar = bars.entry(progress.file.to_owned()).or_insert_with(|| {
            if display.verbosity == Verbosity::Quiet {
                return ProgressBar::hidden();
            }
            log::info!("fetching {}", progress.file);
            let style = ProgressStyle::with_template(
                "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} ETA {eta}",
            )
            .expect("the template is valid");
            let bar = ProgressBar::no_length().with_style(style);
            display.bars.add(bar.with_message(progress.file.to_owned()))
        });
        if let Some(total) = progress.total {
            bar.set_length(total);
        }
        bar.set_position(progress.done);
        if progress.total == Some(progress.done) {
            bar.finish_and_clear();
        }
    }
}
