//! Outputs that cannot be written: an error that names the path, and nothing left behind.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use crate::harness::{hyenadna, in_shell, run_within, skip, test_data};

/// Seconds of processor time that a run may take.
const LIMIT: u64 = 60;

fn score() -> Command {
    let mut command = hyenadna(&["score-variants", "variants.vcf", "genome.fa", "--context", "16"]);
    command.current_dir(test_data("odd"));
    command
}

fn embed() -> Command {
    let mut command = hyenadna(&["embed", "regions.bed", "genome.fa"]);
    command.current_dir(test_data("odd"));
    command
}

fn mutate() -> Command {
    let mut command = hyenadna(&["mutagenesis", "regions.bed", "genome.fa", "--context", "16"]);
    command.current_dir(test_data("odd"));
    command
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_full_device_is_an_error_in_every_format() {
    for format in ["tsv", "vcf", "bcf", "bed"] {
        let ran = run_within(score().args(["-o", "/dev/full", "--format", format]), LIMIT);
        ran.assert_refused(&["/dev/full", "No space left"]);
    }
    let ran = run_within(mutate().args(["-o", "/dev/full"]), LIMIT);
    ran.assert_refused(&["/dev/full", "No space left"]);
    for format in ["tsv", "npy", "parquet"] {
        // the matrix's names would lie beside it, in /dev
        if format != "npy" {
            let ran = run_within(embed().args(["-o", "/dev/full", "--format", format]), LIMIT);
            ran.assert_refused(&["/dev/full", "No space left"]);
        }
    }
}

#[test]
fn a_full_stdout_is_an_error() {
    for format in ["tsv", "npy", "parquet"] {
        let mut command = in_shell("exec \"$@\" > /dev/full", &embed());
        run_within(command.args(["--format", format]), LIMIT).assert_refused(&["No space left"]);
    }
    let mut command = in_shell("exec \"$@\" > /dev/full", &score());
    run_within(&mut command, LIMIT).assert_refused(&["No space left"]);
}

/// A file may grow to 512 bytes and no further: what a full disk or a quota does midway.
#[test]
fn a_file_that_cannot_grow_leaves_nothing() {
    for format in ["tsv", "parquet"] {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out");
        let mut command = in_shell("trap '' XFSZ; ulimit -f 1; exec \"$@\"", &embed());
        let ran = run_within(command.arg("-o").arg(&output).args(["--format", format]), LIMIT);
        ran.assert_refused(&["out", "too large"]);
        assert_eq!(entries(folder.path()), 0, "{format}");
    }
    for format in ["tsv", "vcf", "bcf", "bed"] {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out");
        let mut command = in_shell("trap '' XFSZ; ulimit -f 1; exec \"$@\"", &score());
        let ran = run_within(command.arg("-o").arg(&output).args(["--format", format]), LIMIT);
        ran.assert_refused(&["out", "too large"]);
        assert_eq!(entries(folder.path()), 0, "{format}");
    }
}

/// A bigWig waits in files without a name, and then is put together.
#[test]
fn a_bigwig_that_cannot_grow_leaves_nothing() {
    for blocks in [0, 1, 2, 3] {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.bw");
        let mut bare = hyenadna(&["likelihood", "regions.bed", "genome.fa"]);
        bare.current_dir(test_data("odd"));
        let prepare = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let ran = run_within(in_shell(&prepare, &bare).arg("-o").arg(&output), LIMIT);
        ran.assert_refused(&["out.bw", "too large"]);
        assert_eq!(entries(folder.path()), 0, "{blocks}");
    }
}

/// The same on a file system of 8 kB, where the machine lets anyone mount one.
#[test]
fn a_full_disk_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=8k tmpfs '{}'", folder.path().display());
    let unshare = ["--user", "--map-root-user", "--mount", "sh", "-c"];
    let possible = Command::new("unshare")
        .args(unshare)
        .arg(&mount)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !possible {
        skip("nothing can be mounted here");
        return;
    }
    let output = folder.path().join("out.tsv");
    let bare = embed();
    let script = format!(
        "{mount} && {{ \"$@\"; code=$?; ls -A '{}'; exit $code; }}",
        folder.path().display()
    );
    let mut command = Command::new("unshare");
    command
        .args(unshare)
        .args([script.as_str(), "sh"])
        .arg(bare.get_program())
        .args(bare.get_args())
        .args(["--pool", "none", "-o"])
        .arg(&output)
        .current_dir(bare.get_current_dir().unwrap());
    let ran = run_within(&mut command, LIMIT);
    ran.assert_refused(&["out.tsv", "No space left"]);
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "", "files are left");
}

#[test]
fn an_output_that_cannot_be_created_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(folder.path().join("file"), "").unwrap();
    fs::create_dir(folder.path().join("folder.tsv")).unwrap();
    for output in [
        path("absent/out.tsv"),
        path("file/out.tsv"),
        path("folder.tsv"),
        path(&"long".repeat(200)),
    ] {
        run_within(score().args(["--format", "tsv", "-o", &output]), LIMIT)
            .assert_refused(&["cannot write", &output]);
        run_within(embed().args(["--format", "npy", "-o", &output]), LIMIT)
            .assert_refused(&["cannot write", &output]);
    }
    assert_eq!(entries(folder.path()), 2);
}

/// Where the user is not root, whom permissions do not stop.
#[test]
fn a_folder_that_is_not_writable_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let permissions =
        |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    permissions(0o555);
    if fs::write(folder.path().join("probe"), "").is_ok() {
        skip("permissions do not stop this user");
        return;
    }
    let output = folder.path().join("out.tsv");
    let ran = run_within(score().arg("-o").arg(&output), LIMIT);
    permissions(0o755);
    ran.assert_refused(&["cannot write", output.to_str().unwrap()]);
}

/// An error keeps the result of an earlier run.
#[test]
fn an_old_output_survives_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.tsv");
    fs::write(&output, "old").unwrap();
    let mut command = hyenadna(&["score-variants", "second-header.vcf", "genome.fa", "-o"]);
    let ran = run_within(command.arg(&output).current_dir(test_data("odd")), LIMIT);
    ran.assert_refused(&["second-header.vcf"]);
    assert_eq!(fs::read(&output).unwrap(), b"old");
    assert_eq!(entries(folder.path()), 1);
}

/// An output that is an input must not lose what is in it.
#[test]
fn a_matrix_that_cannot_grow_leaves_no_names() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.npy");
    let mut command = in_shell("trap '' XFSZ; ulimit -f 1; exec \"$@\"", &embed());
    run_within(command.arg("-o").arg(&output), LIMIT).assert_refused(&["out", "too large"]);
    assert_eq!(entries(folder.path()), 0);
}

/// Nor does the table beside it, whichever of the two is too large.
#[test]
fn a_table_and_a_matrix_appear_together() {
    for (blocks, options) in [(1, ""), (2, "--no-header"), (4, "--fast --no-header")] {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let mut command = in_shell(&script, &mutate());
        command.args(options.split_whitespace()).arg("-o").arg(path("out.tsv"));
        let ran = run_within(command.arg("--matrix").arg(path("m.npy")), LIMIT);
        ran.assert_refused(&["too large"]);
        assert_eq!(entries(folder.path()), 0, "{blocks}");
    }
}

#[test]
fn a_matrix_or_a_picture_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for option in ["--matrix", "--plot"] {
        let ran = run_within(
            mutate().args(["-o", &path("out.tsv"), option, &path("absent/m.npy")]),
            LIMIT,
        );
        ran.assert_refused(&["cannot write", &path("absent/m.npy")]);
        assert_eq!(entries(folder.path()), 0, "{option}");
    }
    let ran = run_within(mutate().args(["-o", &path("out.tsv"), "--matrix", "/dev/full"]), LIMIT);
    ran.assert_refused(&["No space left"]);
    assert_eq!(entries(folder.path()), 0);
}

/// A compressed table fails on another thread, and only after several blocks of 64 kB.
#[test]
fn a_compressed_table_that_cannot_grow_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let reads = folder.path().join("reads.fa");
    let text: String = (0..400).map(|i| format!(">r{i}\nACGTTGCA\n")).collect();
    fs::write(&reads, text).unwrap();
    let output = folder.path().join("out.tsv.gz");
    let mut bare = hyenadna(&["embed"]);
    bare.arg(&reads).current_dir(folder.path());
    let mut command = in_shell("trap '' XFSZ; ulimit -f 1; exec \"$@\"", &bare);
    run_within(command.arg("-o").arg(&output), LIMIT).assert_refused(&["out.tsv.gz", "writing"]);
    assert_eq!(entries(folder.path()), 1, "only the input is left");
}

/// A matrix on a pipe has no file beside it, as on stdout.
#[test]
fn a_matrix_on_a_pipe_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.npy");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let script = format!("cat '{}' > /dev/null & exec \"$@\"", pipe.display());
    let ran = run_within(in_shell(&script, &embed()).arg("-o").arg(&pipe), LIMIT);
    ran.assert_ok();
    assert_eq!(entries(folder.path()), 1, "{}", ran.stderr);
}

#[test]
fn a_full_stdout_is_called_stdout() {
    let mut command = in_shell("exec \"$@\" > /dev/full", &score());
    run_within(&mut command, LIMIT).assert_refused(&["stdout", "No space left"]);
}
