//! Numbers that no run, model or machine has, on command lines and in files of models.

use std::{collections::BTreeMap, fs};

use hyenadna::model::weights::{host::HostTensor, safetensors_file};

use crate::harness::{Scratch, command, data, run, test_data};

#[test]
fn options_that_nothing_can_satisfy_are_refused() {
    let sequences = data("demo/sequences.fa");
    for (words, code, part) in [
        ("embed --layer 9223372036854775808", 1, "--layer 9223372036854775808"),
        ("embed --layer 18446744073709551615", 1, "--layer 18446744073709551615"),
        ("embed --layer 3", 1, "--layer 3"),
        ("embed --batch-tokens 9223372036854775807", 2, "4294967296"),
        ("likelihood --batch-tokens 18446744073709551615", 2, "4294967296"),
        ("embed --batch-tokens 0", 2, "--batch-tokens"),
    ] {
        let outcome = run(&mut command(&format!("-q {words}"), &[&sequences]));
        assert!(outcome.disaster().is_none(), "{words}: {:?}", outcome.disaster());
        assert_eq!(outcome.code, Some(code), "{words}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{words}: {}", outcome.stderr);
    }
}

/// The C++ of processors has room for 16 taps.
#[test]
fn models_with_more_taps_than_can_be_computed_are_refused() {
    let hf = test_data("golden/mini-checkpointed/hf");
    let path = hf.join("model.safetensors");
    let sound: BTreeMap<String, HostTensor> =
        safetensors_file::parse(&path, &fs::read(&path).unwrap()).unwrap();
    let scratch = Scratch::new();
    fs::copy(hf.join("config.json"), scratch.path("config.json")).unwrap();
    for (taps, is_refused) in [(16, false), (17, true), (1024, true)] {
        let mut tensors = sound.clone();
        for (name, tensor) in &mut tensors {
            if name.ends_with("short_filter.weight") {
                let shape = vec![tensor.shape[0], 1, taps];
                *tensor = HostTensor { data: vec![0.1; shape.iter().product()], shape };
            }
        }
        let model = scratch.path("model.safetensors");
        safetensors_file::write(model.as_ref(), &tensors).unwrap();
        let info = run(&mut command("-q models info", &[&model]));
        if is_refused {
            let part = format!("taps of the short filter: {taps}, expected 1 to 16");
            info.assert_refused(&[&part, "model.safetensors"]);
        } else {
            info.assert_ok();
            let words = "-q embed --model";
            let short = scratch.file("short.fa", ">a\nACGTTGCAACGTTGCAACGTTGCA\n");
            run(&mut command(words, &[&model, &short])).assert_ok();
        }
    }
}
