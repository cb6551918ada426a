//! `models`: what it tells, what it converts, and names that cannot be fetched.

use std::fs;

use hyenadna::model::weights::safetensors_file;

use crate::harness::{
    Scratch, command, data, fails, ok, read, run,
    table::{Table, assert_close},
    text,
};

#[test]
fn list() {
    let table = Table::parse(&text("models list", &[]));
    assert_eq!(table.header.join(" "), "name layers width context parameters where");
    assert_eq!(table.rows.len(), 8);
    assert_eq!(table.rows[0][0], "builtin:human-1k");
    assert!(table.column("name").contains(&"hyenadna-large-1m-seqlen"));
}

/// The facts that `models info` tells.
fn info(model: &str) -> Vec<(String, String)> {
    let text = text("-q models info", &[model]);
    let pair = |line: &str| {
        let (key, value) = line.split_once('\t').unwrap();
        (key.to_owned(), value.to_owned())
    };
    text.lines().map(pair).collect()
}

fn fact<'a>(facts: &'a [(String, String)], key: &str) -> &'a str {
    &facts.iter().find(|(k, _)| k == key).unwrap().1
}

#[test]
fn info_of_both_flavours_and_the_builtin_model() {
    let flavours = ["hf", "lightning"].map(|f| info(&data(&format!("golden/tiny-d128/{f}"))));
    for facts in flavours.iter().chain([&info("builtin")]) {
        for (key, value) in
            [("layers", "2"), ("width", "128"), ("context", "1024"), ("parameters", "436096")]
        {
            assert_eq!(fact(facts, key), value);
        }
        let hash = fact(facts, "sha256");
        assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    }
    assert_ne!(fact(&flavours[0], "sha256"), fact(&flavours[1], "sha256"));
    assert_eq!(fact(&info(&data("golden/mini-checkpointed/hf")), "layers"), "3");
}

#[test]
fn converted_models_score_the_same_and_are_smaller() {
    let variants = data("golden/score-variants/variants.vcf");
    let genome = data("golden/score-variants/genome.fa");
    let llr = |model: &str| -> Vec<Vec<f64>> {
        let words = "-q score-variants --context 32 --model";
        let table = Table::parse(&text(words, &[model, &variants, &genome]));
        let scores = table.column("llr").into_iter();
        vec![scores.filter_map(|value| value.parse().ok()).collect()]
    };
    for (case, weights) in [
        ("tiny-d128/hf", "model.safetensors"),
        ("tiny-d128/lightning", "weights.ckpt"),
        ("mini-checkpointed/lightning", "weights.ckpt"),
    ] {
        let scratch = Scratch::new();
        let input = data(&format!("golden/{case}"));
        let output = scratch.path("converted");
        let stdout = ok("-q models convert", &[&input, &output]);
        assert!(stdout.is_empty(), "{case}");
        let mut names: Vec<_> = fs::read_dir(&output)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["config.json", "model.safetensors"], "{case}");
        let file = format!("{output}/model.safetensors");
        let bytes = fs::read(&file).unwrap();
        let before = fs::metadata(format!("{input}/{weights}")).unwrap().len();
        assert!((bytes.len() as u64) < before, "{case}: {} {before}", bytes.len());
        let tensors = safetensors_file::parse(file.as_ref(), &bytes).unwrap();
        for name in tensors.keys() {
            assert!(!name.contains("pos_emb") && !name.contains("deltas"), "{name}");
        }
        assert!(read(&format!("{output}/config.json")).contains("d_model"));
        // buffers are made anew to the last bits only, so scores are not the same text
        let (before, after) = (llr(&input), llr(&output));
        assert!(before[0].len() > 50);
        assert_close(&after, &before, 1e-4);
        let (a, b) = (info(&input), info(&output));
        for key in ["layers", "width", "mlp_width", "context", "shift", "parameters"] {
            assert_eq!(fact(&a, key), fact(&b, key), "{case}");
        }
        assert_eq!(scratch.names(), ["converted"], "nothing else is left");
    }
}

/// Names of the files of a folder.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_for_transformers_has_all_that_it_reads() {
    let scratch = Scratch::new();
    let folder = scratch.path("python");
    ok("-q models convert builtin --for transformers", &[&folder]);
    assert_eq!(
        files(&folder),
        ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    );
    let path = format!("{folder}/model.safetensors");
    let tensors = safetensors_file::parse(path.as_ref(), &fs::read(&path).unwrap()).unwrap();
    for layer in 0..2 {
        let filter = format!("hyena.backbone.layers.{layer}.mixer.filter_fn");
        assert_eq!(tensors[&format!("{filter}.pos_emb.z")].shape, [1, 1026, 5]);
        assert_eq!(tensors[&format!("{filter}.pos_emb.t")].shape, [1, 1026, 1]);
        assert_eq!(tensors[&format!("{filter}.modulation.deltas")].shape, [1, 1, 128]);
    }
    let json = |name: &str| -> serde_json::Value {
        serde_json::from_str(&read(&format!("{folder}/{name}"))).unwrap()
    };
    // the model code is on the Hub, not in the folder
    for (_, class) in json("config.json")["auto_map"].as_object().unwrap() {
        let class = class.as_str().unwrap();
        assert!(class.starts_with("LongSafari/hyenadna-tiny-1k-seqlen-hf--"), "{class}");
    }
    let vocabulary = &json("tokenizer.json")["model"]["vocab"];
    assert_eq!(["[PAD]", "A", "N"].map(|token| vocabulary[token].as_u64()), [4, 7, 11].map(Some));

    let plain = scratch.path("plain");
    ok("-q models convert", &[&folder, &plain]);
    assert_eq!(files(&plain), ["config.json", "model.safetensors"]);
    assert!(!read(&format!("{plain}/config.json")).contains("auto_map"));
    let shifted = scratch.path("shifted");
    let mut convert = command("models convert builtin --for transformers --shift 0", &[&shifted]);
    let outcome = run(&mut convert);
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("transformers will give other numbers"), "{}", outcome.stderr);
}

#[test]
fn convert_writes_over_nothing() {
    let scratch = Scratch::new();
    let folder = scratch.path("full");
    fs::create_dir(&folder).unwrap();
    let file = scratch.file("full/notes.txt", "mine");
    fails("models convert builtin", &[&folder], 1, &[&folder, "not an empty folder"]);
    fails("models convert builtin", &[&file], 1, &[&file]);
    let nowhere = scratch.path("no/where");
    fails("models convert builtin", &[&nowhere], 1, &[&nowhere]);
    assert_eq!(read(&file), "mine");
    assert_eq!(scratch.names(), ["full"]);
    let empty = scratch.path("empty");
    fs::create_dir(&empty).unwrap();
    ok("-q models convert builtin", &[&empty]);
    assert!(fs::exists(format!("{empty}/model.safetensors")).unwrap());
}

#[test]
fn a_name_that_is_not_in_the_cache_without_a_network() {
    let scratch = Scratch::new();
    let name = "hyenadna-small-32k-seqlen";
    let (vcf, genome) =
        (data("golden/score-variants/variants.vcf"), data("golden/score-variants/genome.fa"));
    let output = scratch.path("out.tsv");
    let score = command("score-variants -o", &[&output, "--model", name, &vcf, &genome]);
    for mut command in [score, command("models pull", &[name]), command("models info", &[name])] {
        let home = scratch.path("home");
        command.env("HF_HUB_OFFLINE", "1").env("HF_HOME", &home);
        let outcome = run(&mut command);
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        assert!(outcome.stdout.is_empty());
        for phrase in [name, "HF_HUB_OFFLINE", &home] {
            assert!(outcome.stderr.contains(phrase), "{phrase}: {}", outcome.stderr);
        }
    }
    assert!(!fs::exists(output).unwrap());
    fails("models info", &["hyenadna-huge"], 1, &["hyenadna-huge"]);
}

#[test]
fn the_built_in_model_has_two_names() {
    let builtin = text("models info", &["builtin"]);
    assert!(builtin.starts_with("name\tbuiltin:human-1k\n"), "{builtin}");
    for name in ["human-1k", "builtin:human-1k"] {
        assert_eq!(text("models info", &[name]), builtin);
    }
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("human-1k")).unwrap();
    let mut command = command("models info", &["human-1k"]);
    let folder = run(command.current_dir(scratch.path("")));
    folder.assert_refused(&["human-1k"]);
}
