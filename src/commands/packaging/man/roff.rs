//! Lines of roff as mandoc expects them.

/// Longest line, in bytes.
const LONGEST: usize = 80;

/// Breaks long lines of text, and removes blanks at their ends, breaks without effect, and
/// repeated definitions of a string.
pub fn tidy(text: &str) -> String {
    let text = text.replace(".br\n\n.br\n", ".sp\n");
    let mut tidied = String::new();
    let mut is_verbatim = false;
    for (number, line) in text.lines().enumerate() {
        if number > 1 && (line.starts_with(".ie ") || line.starts_with(".el ")) {
            continue;
        }
        is_verbatim = line == ".nf" || is_verbatim && line != ".fi";
        match is_verbatim || line.starts_with('.') {
            true => tidied += line.trim_end(),
            false => tidied += &broken(line),
        }
        tidied.push('\n');
    }
    tidied
}

/// The line, with line ends in place of some blanks.
fn broken(line: &str) -> String {
    let mut lines = vec![String::new()];
    for word in line.split_whitespace() {
        let last = lines.len() - 1;
        // at the start of a line it would be a macro
        let is_control = word.starts_with(['.', '\'']);
        if lines[last].is_empty() {
            lines[last] += word;
        } else if is_control || length(&lines[last]) + 1 + length(word) <= LONGEST {
            lines[last] += " ";
            lines[last] += word;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join("\n")
}

/// Length of a text in bytes, with the escapes that stand for characters beyond ASCII.
fn length(text: &str) -> usize {
    const ESCAPE: usize = r"\[u2026]".len();
    text.chars().map(|letter| if letter.is_ascii() { 1 } else { ESCAPE }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_at_blanks() {
        let words = "word ".repeat(40);
        let tidied = tidy(&format!(".SH X \n{words}\n"));
        assert!(tidied.starts_with(".SH X\nword"), "{tidied}");
        assert!(tidied.lines().all(|line| line.len() <= LONGEST && line.trim_end() == line));
        assert_eq!(tidied.split_whitespace().filter(|word| *word == "word").count(), 40);
        let verbatim = format!(".nf\n{}\n.fi\n", words.trim_end());
        assert_eq!(tidy(&verbatim), verbatim);
    }

    #[test]
    fn no_text_becomes_a_macro() {
        let start = "x".repeat(LONGEST);
        assert_eq!(tidy(&format!("{start} .npy 'a' b\n")), format!("{start} .npy 'a'\nb\n"));
    }
}
