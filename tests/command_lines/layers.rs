//! The rules of ARCHITECTURE.md about imports, read from the `use` lines of `src/`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Rooms from top to bottom. A room imports itself, rooms below it, and [`LEAVES`].
const LAYERS: [&str; 13] = [
    "commands",
    "cli",
    "training",
    "inference",
    "model",
    "hub",
    "process",
    "tasks",
    "sampling",
    "formats",
    "scoring",
    "windows",
    "genome",
];

/// Rooms that import no other room.
const LEAVES: [&str; 3] = ["plot", "statistics", "chance"];

/// Libraries that some rooms alone may use.
const LIBRARIES: [(&str, &[&str]); 10] = [
    ("tch", &["model", "inference", "training", "commands::bench"]),
    ("torch_sys", &["model::libtorch"]),
    ("noodles", &["formats"]),
    ("rust_htslib", &["formats::tabix", "formats::variants"]),
    ("parquet", &["formats::parquet"]),
    ("safetensors", &["model::weights"]),
    ("ureq", &["hub"]),
    ("tiny_skia", &["plot"]),
    ("ttf_parser", &["plot"]),
    ("bhtsne", &["statistics::tsne"]),
];

/// Files that may import each other: a serde type and its defaults.
const CIRCLES: [[&str; 2]; 1] = [["training::config", "training::preset"]];

type Module = Vec<String>;

/// The files of `src/` but tests, by module path.
fn modules() -> BTreeMap<Module, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules = BTreeMap::new();
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inner = path.strip_prefix(&source).unwrap().with_extension("");
            let module: Module =
                inner.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            let is_test =
                |part: &String| ["tests", "testing", "gradients"].contains(&part.as_str());
            if !module.iter().any(is_test) && module != ["main"] && module[0] != "bin" {
                modules.insert(module, code(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(modules.len() > 150, "{} files", modules.len());
    modules
}

/// The text without its comments and its module of tests.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    let tests =
        code.find("#[cfg(test)]\nmod tests {").or(code.find("#[cfg(test)]\npub(super) mod"));
    code[..tests.unwrap_or(code.len())].to_owned()
}

/// Paths of the items that a tree of a `use` names: `a::{b, c::d}` names `a::b` and `a::c::d`.
fn expand(tree: &str, prefix: &[String], paths: &mut Vec<Module>) {
    let (mut depth, mut start) = (0, 0);
    let mut parts = Vec::new();
    for (at, letter) in tree.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&tree[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tree[start..]);
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        let (head, inner) = match part.split_once('{') {
            Some((head, inner)) => (head, inner.rsplit_once('}').map(|(inner, _)| inner)),
            None => (part.split(" as ").next().unwrap_or(part), None),
        };
        let names = head.split("::").map(|name| name.trim().to_owned());
        let path: Module =
            prefix.iter().cloned().chain(names.filter(|name| !name.is_empty())).collect();
        match inner {
            Some(inner) => expand(inner, &path, paths),
            None => paths.push(path),
        }
    }
}

/// Paths in the `use` lines of a file, and those that its code spells out from `crate` on.
fn imports(code: &str) -> Vec<Module> {
    let mut paths = Vec::new();
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        let at = statement.rfind("\nuse ").or_else(|| statement.rfind(" use "));
        let at = at.or_else(|| statement.starts_with("use ").then_some(0));
        match at.filter(|_| statement.ends_with(';')) {
            Some(at) => {
                let tree = statement[at..].trim_start().trim_start_matches("use ");
                expand(tree.trim_end_matches(';'), &[], &mut paths);
                rest.push_str(&statement[..at]);
            }
            None => rest.push_str(statement),
        }
    }
    let is_path = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    for word in rest.split(|letter| !is_path(letter)).filter(|word| word.contains("::")) {
        paths.push(word.split("::").map(str::to_owned).collect());
    }
    paths
}

/// The path from the root of this crate; none of another crate's item.
fn resolve(path: &Module, module: &Module, modules: &BTreeMap<Module, String>) -> Option<Module> {
    let up = path.iter().take_while(|name| *name == "super").count();
    let absolute: Module = match path[0].as_str() {
        "crate" => path[1..].to_vec(),
        "self" => module.iter().chain(&path[1..]).cloned().collect(),
        "super" => module[..module.len() - up].iter().chain(&path[up..]).cloned().collect(),
        first => {
            let child: Module = module.iter().cloned().chain([first.to_owned()]).collect();
            modules.contains_key(&child).then(|| [module.clone(), path.clone()].concat())?
        }
    };
    Some(absolute)
}

/// For each file the files that it imports from, and the paths of other crates that it names.
struct Imports {
    own: BTreeMap<Module, BTreeSet<Module>>,
    foreign: Vec<(Module, String)>,
}

fn read() -> Imports {
    let modules = modules();
    let (mut own, mut foreign) = (BTreeMap::new(), Vec::new());
    for (module, code) in &modules {
        let targets = own.entry(module.clone()).or_insert_with(BTreeSet::new);
        for path in imports(code).into_iter().filter(|path| !path[0].is_empty()) {
            match resolve(&path, module, &modules) {
                Some(absolute) => {
                    let file = (1..=absolute.len()).rev().map(|n| absolute[..n].to_vec());
                    let file = file.into_iter().find(|file| modules.contains_key(file));
                    targets.extend(file.filter(|file| file != module));
                }
                None => foreign.push((module.clone(), path[0].clone())),
            }
        }
    }
    Imports { own, foreign }
}

fn is_within(module: &Module, room: &str) -> bool {
    let room: Vec<&str> = room.split("::").collect();
    module.len() >= room.len() && module.iter().zip(&room).all(|(a, b)| a == b)
}

#[test]
fn imports_point_downwards() {
    let mut upwards = Vec::new();
    let rank = |room: &str| LAYERS.iter().position(|layer| *layer == room);
    for (module, targets) in read().own {
        if module == ["lib"] {
            continue;
        }
        let room = module[0].as_str();
        assert!(rank(room).is_some() || LEAVES.contains(&room), "{room} is not in ARCHITECTURE.md");
        for target in targets.iter().filter(|target| target[0] != room) {
            let is_below = match (rank(room), rank(&target[0])) {
                (Some(own), Some(other)) => other > own,
                (own, None) => own.is_some() && LEAVES.contains(&target[0].as_str()),
                (None, Some(_)) => false,
            };
            if !is_below {
                upwards.push(format!("{} imports {}", module.join("::"), target.join("::")));
            }
        }
    }
    assert!(upwards.is_empty(), "{}", upwards.join("\n"));
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut strangers = Vec::new();
    let mut found = BTreeSet::new();
    for (module, name) in read().foreign {
        let Some((library, rooms)) = LIBRARIES.iter().find(|(library, _)| *library == name) else {
            continue;
        };
        found.insert(*library);
        if !rooms.iter().any(|room| is_within(&module, room)) {
            strangers.push(format!("{} uses {name}", module.join("::")));
        }
    }
    assert!(strangers.is_empty(), "{}", strangers.join("\n"));
    let all: BTreeSet<&str> = LIBRARIES.iter().map(|(library, _)| *library).collect();
    assert_eq!(found, all, "a library that nothing uses need not be listed");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut own = read().own;
    for [one, other] in CIRCLES {
        let path = |name: &str| name.split("::").map(str::to_owned).collect::<Module>();
        assert!(own[&path(one)].contains(&path(other)), "{one} and {other} are no circle any more");
        own.get_mut(&path(one)).unwrap().remove(&path(other));
    }
    let mut circles = Vec::new();
    for module in own.keys() {
        let mut reached = BTreeSet::new();
        let mut ahead: Vec<&Module> = own[module].iter().collect();
        while let Some(next) = ahead.pop() {
            if reached.insert(next) {
                ahead.extend(own.get(next).into_iter().flatten());
            }
        }
        if reached.contains(module) {
            let targets = own[module].iter().filter(|target| reached.contains(target));
            let targets: Vec<String> = targets.map(|target| target.join("::")).collect();
            circles.push(format!("{} imports {}", module.join("::"), targets.join(", ")));
        }
    }
    assert!(circles.is_empty(), "in circles:\n{}", circles.join("\n"));
}
