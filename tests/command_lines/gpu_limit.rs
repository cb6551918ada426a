//! `scripts/gpu-limit` prints the table of benches/RESULTS.md.

use std::process::Command;

use crate::harness::{genome::are_there, read};

#[test]
fn the_table_of_the_results_is_printed() {
    if !are_there(&["python3"]) {
        return;
    }
    let folder = env!("CARGO_MANIFEST_DIR");
    let script = format!("{folder}/scripts/gpu-limit");
    let output = Command::new("python3").arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.lines().count() > 5);
    assert!(read(&format!("{folder}/benches/RESULTS.md")).contains(&printed), "{printed}");
}
