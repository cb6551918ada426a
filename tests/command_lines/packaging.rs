//! `man/` and `completions/` are what the binary writes now, and packages hold what they should.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::Read,
    path::Path,
    process::{Command, Output},
};

use flate2::read::DeflateDecoder;
use serde_json::Value;

use crate::{
    harness::{Scratch, genome::are_there, ok},
    readme::run,
};

/// Files of a folder.
fn folder(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// The checked-in folder holds these files and no others.
fn assert_fresh(name: &str, now: &BTreeMap<String, Vec<u8>>) {
    let kept = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&kept),
        names(now),
        "{name}/ holds other files (left) than the program writes (right); run `make generated`, \
         and remove what is left over"
    );
    for (file, bytes) in now {
        assert!(
            kept[file] == *bytes,
            "{name}/{file} is stale; run `make generated` and commit what it writes"
        );
    }
}

#[test]
fn manual_pages() {
    let scratch = Scratch::new();
    let path = scratch.path("");
    ok("man", &[&path]);
    let now = folder(Path::new(&path));
    assert!(now.contains_key("hyenadna-score-variants.1"));
    assert_fresh("man", &now);
}

/// Every page has the sections that readers of manuals look for.
#[test]
fn manual_pages_have_sections() {
    for (name, bytes) in folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("man")) {
        let text = String::from_utf8(bytes).unwrap();
        for heading in ["SYNOPSIS", "EXAMPLES", "\"ENVIRONMENT\"", "\"EXIT STATUS\""] {
            assert!(text.contains(&format!(".SH {heading}\n")), "{name} has no {heading}");
        }
        let variable = text.contains("HYENADNA_MODEL");
        assert_eq!(variable, text.contains("\\-\\-model\\fR") || name == "hyenadna.1", "{name}");
        let strict = text.contains("\n\\fB3\\fR\n");
        assert_eq!(
            strict,
            text.contains("\n\\fB\\-\\-strict\\fR\n") || name == "hyenadna.1",
            "{name}"
        );
    }
}

#[test]
fn manual_pages_are_clean() {
    if !are_there(&["mandoc"]) {
        return;
    }
    let script = "mandoc -T lint *.1";
    let output = run(script, &Path::new(env!("CARGO_MANIFEST_DIR")).join("man"));
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && found.is_empty(), "{found}");
}

#[test]
fn completion_scripts() {
    let scripts = [("bash", "hyenadna.bash"), ("zsh", "_hyenadna"), ("fish", "hyenadna.fish")];
    let now = scripts.map(|(shell, name)| (name.to_owned(), ok("completions", &[shell])));
    assert_fresh("completions", &BTreeMap::from(now));
}

/// The package and version, and the SHA-256 of all packages but our own, of Cargo.lock.
fn locked() -> BTreeMap<String, Option<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let text = |package: &toml::Value, key| Some(package.get(key)?.as_str().unwrap().to_owned());
    let packages = lock["package"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let [name, version] = ["name", "version"].map(|key| text(package, key).unwrap());
            (format!("{name} {version}"), text(package, "checksum"))
        })
        .collect()
}

/// Runs a file of scripts/.
fn script(name: &str, args: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join("scripts").join(name));
    command.args(args).current_dir(root).env("SOURCE_DATE_EPOCH", "1700000000");
    command.output().unwrap()
}

/// What a script prints.
fn printed(name: &str, args: &[&str]) -> String {
    let output = script(name, args);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The bill of materials lists Cargo.lock, and the licences those crates that are in the binary.
#[test]
fn bill_of_materials_and_licences() {
    if !are_there(&["python3"]) {
        return;
    }
    let text = printed("sbom", &[]);
    assert_eq!(text, printed("sbom", &[]));
    let bom: Value = serde_json::from_str(&text).unwrap();
    let title = |component: &Value| {
        let [name, version] = ["name", "version"].map(|key| component[key].as_str().unwrap());
        format!("{name} {version}")
    };
    let components = bom["components"].as_array().unwrap();
    let mut listed: BTreeMap<_, _> = components
        .iter()
        .map(|component| {
            let sum = component["hashes"][0]["content"].as_str().map(str::to_owned);
            (title(component), sum)
        })
        .collect();
    listed.insert(title(&bom["metadata"]["component"]), None);
    assert_eq!(listed, locked());
    for component in components {
        let licence = component["licenses"][0]["expression"].as_str().unwrap_or_default();
        assert!(!licence.is_empty(), "{} has no licence", title(component));
    }

    let licences = printed("licenses", &[]);
    let named: BTreeSet<_> = licences
        .lines()
        .take_while(|line| !line.starts_with("==="))
        .filter_map(|line| Some(line.split_once(": ")?.0.to_owned()))
        .filter(|name| name != "Rust standard library")
        .collect();
    let required = components.iter().filter(|component| component["scope"] == "required");
    assert_eq!(named, required.map(title).collect());
    assert!(named.iter().any(|name| name.starts_with("rust-htslib ")));
    assert!(!named.iter().any(|name| name.starts_with("proptest ")), "a crate of tests");
}

/// A wheel of the files of a folder.
fn wheel(scratch: &Scratch, tree: &str, name: &str) -> Vec<u8> {
    let out = scratch.path(name);
    fs::create_dir(&out).unwrap();
    let path = printed("wheel", &[tree, &out]);
    fs::read(path.trim()).unwrap()
}

/// The same files give the same wheel, whose binaries look for libtorch in torch's package.
#[test]
fn wheel_is_reproducible() {
    if !are_there(&["python3"]) {
        return;
    }
    let scratch = Scratch::new();
    let [before, after] = ["\0GLIBC_2.17\0GLIBC_2.34\0", "\0other strings\0"];
    let runpath = |text: &str| [before, text, after].concat().into_bytes();
    let tree = scratch.path("tree");
    let licences = Path::new(&tree).join("share/doc/hyenadna/licenses");
    let binaries = ["bin/hyenadna", "lib/hyenadna/hyenadna-core"];
    let binaries = binaries.map(|name| Path::new(&tree).join(name));
    for folder in binaries.iter().map(|path| path.parent().unwrap()).chain([licences.as_path()]) {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(licences.join("crates.txt"), "licences").unwrap();
    let write =
        |places: &str| binaries.iter().for_each(|path| fs::write(path, runpath(places)).unwrap());

    write("$ORIGIN/../lib/hyenadna:/somewhere");
    let refused = script("wheel", &[&tree, &scratch.path("")]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("has not the RUNPATH"));

    let places = "$ORIGIN:$ORIGIN/cuda:$ORIGIN/../lib/hyenadna:$ORIGIN/../lib/hyenadna/cuda";
    write(places);
    let first = wheel(&scratch, &tree, "first");
    assert!(first == wheel(&scratch, &tree, "second"), "two wheels of the same files differ");

    let found = folder(Path::new(&scratch.path("first"))).into_keys().next().unwrap();
    assert!(found.ends_with("-py3-none-manylinux_2_34_x86_64.whl"), "{found}");
    let file = File::open(Path::new(&scratch.path("first")).join(found)).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut padded = b"$ORIGIN/../../torch/lib".to_vec();
    padded.resize(places.len(), 0);
    for name in ["hyenadna/bin/hyenadna", "hyenadna/bin/hyenadna-core"] {
        let index = archive.index_for_name(name).unwrap();
        let member = archive.by_index_raw(index).unwrap();
        assert_eq!(member.unix_mode(), Some(0o100_755), "{name}");
        let mut bytes = Vec::new();
        DeflateDecoder::new(member).read_to_end(&mut bytes).unwrap();
        assert!(bytes == runpath(std::str::from_utf8(&padded).unwrap()), "{name}");
    }
}

/// The files of packaging/ are of this version, and of the same Rust and libtorch as the build.
#[test]
fn packages_have_versions_of_the_build() {
    let read =
        |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let rust = concat!("rust:", env!("CARGO_PKG_RUST_VERSION"), "-");
    let scripts = read("scripts/get-libtorch");
    let torch = scripts.split("TORCH = \"").nth(1).unwrap().split('"').next().unwrap();
    let libtorch = format!("libtorch {}.*", torch.rsplit_once('.').unwrap().0);
    for module in ["embed", "likelihood", "merge", "mutagenesis", "predict", "scorevariants"] {
        let folder = format!("workflows/nextflow/modules/local/hyenadna/{module}");
        let container = format!("container \"hyenadna:{version}\"\n");
        assert!(read(&format!("{folder}/main.nf")).contains(&container), "{folder}");
        let package = format!("bioconda::hyenadna={version}\n");
        assert!(read(&format!("{folder}/environment.yml")).contains(&package), "{folder}");
    }
    for (file, texts) in [
        ("workflows/nextflow/README.md", [&format!("`hyenadna:{version}`"), ""]),
        ("packaging/Dockerfile", [&format!("VERSION={version}\n"), rust]),
        ("packaging/hyenadna.def", [&format!("VERSION={version}\n"), rust]),
        ("packaging/bioconda/meta.yaml", [&format!("version = \"{version}\""), &libtorch]),
        ("CITATION.cff", [&format!("version: {version}\n"), ""]),
    ] {
        for text in texts {
            assert!(read(file).contains(text), "{file} does not say {text}");
        }
    }
}
