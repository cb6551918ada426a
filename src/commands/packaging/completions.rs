//! Completion scripts: those of clap_complete, with file names beside options and models.

use clap::Command;
use clap_complete::Shell;

use crate::cli::model::names;

/// Calls clap's function in bash. Options are offered only after a dash, so that elsewhere the shell
/// completes file names.
const BASH: &str = r#"_hyenadna_words() {
    _hyenadna "$@"
    local word words=()
    for word in "${COMPREPLY[@]}"; do
        [[ $2 != -* && $word == -* ]] || words+=("$word")
    done
    COMPREPLY=("${words[@]}")
}

"#;

/// The completion script of a shell.
pub fn script(shell: Shell, mut program: Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "hyenadna", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let models: Vec<&str> = names::known().collect();
    match shell {
        Shell::Bash => BASH.to_owned() + &script.replace("-F _hyenadna ", "-F _hyenadna_words "),
        Shell::Zsh => with_files_in_zsh(&script, &models.join(" ")),
        // a model is a name or a file
        Shell::Fish => script
            .replace(&format!(" -r -f -a \"{}", models[0]), &format!(" -r -F -a \"{}", models[0])),
        _ => script,
    }
}

/// The script with a function that completes models: names, and files.
fn with_files_in_zsh(script: &str, models: &str) -> String {
    let function = format!(
        "_hyenadna_models() {{\n    \
         _alternative 'names:model:({models})' 'files:file:_files'\n}}\n"
    );
    let (head, rest) = script.split_once('\n').unwrap_or((script, ""));
    format!("{head}\n\n{function}{}", rest.replace(&format!("({models})"), "_hyenadna_models"))
}
