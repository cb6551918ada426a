//! The Hub and its cache: what a file in the cache must be, and secrets, which no message shows.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    path::PathBuf,
    process::Command,
    thread,
};

use hyenadna::formats::number::hex;
use sha2::{Digest, Sha256};

use crate::harness::{Outcome, command, data, run, run_with};

/// Secrets, and the forms in which HTTP sends them: `printf me:NAME | base64`.
const SECRETS: [&str; 5] = [
    "hf_secretToken",
    "endpointPassword",
    "bWU6ZW5kcG9pbnRQYXNzd29yZA", // me:endpointPassword
    "proxyPassword",
    "bWU6cHJveHlQYXNzd29yZA", // me:proxyPassword
];

/// Serves one connection after another as a Hub that answers each request with `status`, and as a proxy that
/// leads to it. Ends with the test process.
fn serve(status: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = answer(&stream.unwrap(), status); // a client may hang up early
        }
    });
    port
}

fn answer(mut stream: &TcpStream, status: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let Some(request) = lines.next() else { return Ok(()) };
        let request = request?;
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        if request.starts_with("CONNECT") {
            stream.write_all(b"HTTP/1.1 200 X\r\n\r\n")?;
        } else {
            write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")?;
            return stream.flush();
        }
    }
}

fn pull(option: &str, variables: &[(&str, String)]) -> Outcome {
    let home = tempfile::tempdir().unwrap();
    let mut pull = command(&format!("{option} models pull hyenadna-tiny-1k-seqlen"), &[]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
        pull.env_remove(name);
    }
    pull.env("HF_HUB_OFFLINE", "0").env("HF_HOME", home.path()).env("HF_TOKEN", SECRETS[0]);
    run(pull.envs(variables.iter().map(|(name, value)| (name, value))))
}

#[test]
fn no_level_of_the_log_shows_a_secret() {
    for (status, part) in [
        ("404 X", "does not exist (404)"),
        ("403 X", "no access to"),
        ("302 X\r\nLocation: https://me:endpointPassword@[", "redirect to an address"),
        ("200 X", "no commit"),
    ] {
        let port = serve(status);
        let endpoint = format!("http://me:endpointPassword@127.0.0.1:{port}/hf");
        let proxy = format!("http://me:proxyPassword@127.0.0.1:{port}");
        let direct = [("HF_ENDPOINT", endpoint)];
        let by_proxy = [direct[0].clone(), ("HTTP_PROXY", proxy)];
        for variables in [&direct[..], &by_proxy] {
            let levels = [
                ("", "trace"),
                ("-q", ""),
                ("-v", ""),
                ("", "error"),
                ("", "warn"),
                ("", "info"),
                ("", "debug"),
                ("", "ureq=trace,ureq_proto=trace,rustls=trace,hyenadna=trace"),
            ];
            // other answers differ in their last message alone
            let levels = if status.starts_with("404") { &levels[..] } else { &levels[..1] };
            for &(option, level) in levels {
                let mut variables = variables.to_vec();
                variables.push(("RUST_LOG", level.to_owned()));
                let ran = pull(option, &variables);
                ran.assert_refused(&[part]);
                let shown = [ran.stdout.as_slice(), ran.stderr.as_bytes()].concat();
                let shown = String::from_utf8_lossy(&shown);
                for secret in SECRETS {
                    assert!(!shown.contains(secret), "{secret} at {option}{level}: {shown}");
                }
            }
        }
    }
}

#[test]
fn addresses_that_are_wrong_are_not_shown() {
    let endpoint = "https://me:endpoint/Password@hub";
    let ran = pull("", &[("HF_ENDPOINT", endpoint.to_owned())]);
    ran.assert_refused(&["HF_ENDPOINT is not an address"]);
    assert!(!ran.stderr.contains("Password"), "{}", ran.stderr);
}

/// A cache that has a model under a commit, as links to blobs that their hashes name. Gives the blobs.
fn cache(home: &std::path::Path) -> [PathBuf; 2] {
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
    let repo = home.join("hub/models--LongSafari--hyenadna-tiny-1k-seqlen-hf");
    let (blobs, snapshot) = (repo.join("blobs"), repo.join("snapshots").join(COMMIT));
    for folder in [&blobs, &snapshot, &repo.join("refs")] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(repo.join("refs/main"), COMMIT).unwrap();
    ["model.safetensors", "config.json"].map(|name| {
        let content = fs::read(data(&format!("golden/tiny-d128/hf/{name}"))).unwrap();
        let hash = hex(&Sha256::digest(&content));
        fs::write(blobs.join(&hash), content).unwrap();
        symlink(format!("../../blobs/{hash}"), snapshot.join(name)).unwrap();
        blobs.join(hash)
    })
}

#[test]
fn a_file_in_the_cache_has_the_hash_of_its_name() {
    let home = tempfile::tempdir().unwrap();
    let blobs = cache(home.path());
    let info = || {
        let mut info: Command = command("models info hyenadna-tiny-1k-seqlen", &[]);
        run(info.env("HF_HOME", home.path()))
    };
    info().assert_ok();
    for blob in blobs {
        let sound = fs::read(&blob).unwrap();
        let mut damaged = sound.clone();
        let last = damaged.len() - 2;
        damaged[last] ^= 1;
        fs::write(&blob, damaged).unwrap();
        let name = blob.file_name().unwrap().to_str().unwrap();
        info().assert_refused(&["hash is", name, "models pull"]);
        fs::write(&blob, sound).unwrap();
    }
    info().assert_ok();
}

/// From a pipe, which can be read once only: the hash is that of the bytes that became the tensors.
#[test]
fn a_checkpoint_is_read_once() {
    let bytes = fs::read(data("golden/tiny-d128/lightning/weights.ckpt")).unwrap();
    let ran = run_with(&mut command("models info /dev/stdin", &[]), &bytes);
    let rows = ran.assert_ok();
    let hash = format!("sha256\t{}", hex(&Sha256::digest(&bytes)));
    assert!(rows.contains(&hash), "{rows:?}");
}
