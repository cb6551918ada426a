//! Outputs: stdout for `-`, else a file that gets its name only when it is complete.

mod destination;
mod error;
mod file;
pub mod folder;
mod new_folder;
mod partial;
mod resumable;
mod sink;
mod state;
mod stdout;
mod temporary;
mod unfinished;

pub use destination::{is_special_path, target_of};
pub use error::OutputError;
pub use file::{Complete, Output, complete_file, publish, write_file};
pub use new_folder::NewFolder;
pub use partial::{Kept, Partial, Reached, partial_path, state_path};
pub use sink::{Sink, is_compressed_name};
pub use state::State;
pub use stdout::{leave_closed as leave_stdout_closed, stdout};
pub use unfinished::remove_unfinished;
