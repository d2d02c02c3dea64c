//! Output for a terminal: lines wrapped at its width, continued below the column where their text began.

use console::{Style, Term, measure_text_width, style};
use parking_lot::Mutex;

/// The place of the words that people read: with --json, standard output has the JSON alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    Stdout,
    Stderr,
    Nowhere,
}

static WORDS: Mutex<Words> = Mutex::new(Words::Stdout);

pub(super) fn words_go_to(place: Words) {
    *WORDS.lock() = place;
}

pub(super) fn print_words(words: &str) {
    match *WORDS.lock() {
        Words::Stdout => print!("{words}"),
        Words::Stderr => eprint!("{words}"),
        Words::Nowhere => {}
    }
}

/// Prints a line for people, where such words go.
macro_rules! say {
    () => { $crate::cli::pack::terminal::print_words("\n") };
    ($($words:tt)*) => { $crate::cli::pack::terminal::print_words(&format!("{}\n", format_args!($($words)*))) };
}
pub(super) use say;

/// Columns; a narrower terminal wraps lines by itself.
const NARROWEST: usize = 30;

/// Prints `text` behind `prefix` in a style, wrapped at the terminal's width; on one line if this is not a terminal.
pub(super) fn print_wrapped(prefix: &str, text: &str, text_style: &Style) {
    let width = Term::stdout().size_checked().map(|(_, width)| width.into());
    print_words(&wrapped(prefix, text, text_style, width));
}

pub(super) fn print_done(what: &str, text: &str) {
    let prefix = format!("  {} {what}: ", style("✓").green().bold());
    print_wrapped(&prefix, text, &Style::new());
}

/// Prints what is not a problem, but worth knowing.
pub(super) fn print_note(text: &str) {
    let prefix = format!("  {} ", style("·").yellow().bold());
    print_wrapped(&prefix, text, &Style::new());
}

pub(super) fn print_problem(text: &str) {
    let prefix = format!("  {} ", style("✗").red().bold());
    print_wrapped(&prefix, text, &Style::new());
}

/// `1 record`, `2 records`.
pub(super) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// Text of another party, without the control characters that a terminal would act upon.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| if letter == '\n' { ' ' } else { letter })
        .filter(|letter| !letter.is_control())
        .collect()
}

fn wrapped(prefix: &str, text: &str, text_style: &Style, width: Option<usize>) -> String {
    let first = measure_text_width(prefix);
    let width = width
        .filter(|width| *width >= NARROWEST)
        .unwrap_or(usize::MAX);
    // A column that begins far to the right would leave no room for the words.
    let indent = if first > width / 2 { 6 } else { first };
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut room = width.saturating_sub(first);
    for word in text.split(' ') {
        let long = measure_text_width(word);
        let space = usize::from(!line.is_empty());
        if !line.is_empty() && measure_text_width(&line) + space + long > room {
            lines.push(std::mem::take(&mut line));
            room = width.saturating_sub(indent);
        } else if space == 1 {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    let mut shown = String::new();
    for (number, line) in lines.iter().enumerate() {
        match number {
            0 => shown.push_str(prefix),
            _ => shown.push_str(&" ".repeat(indent)),
        }
        shown.push_str(&text_style.apply_to(line).to_string());
        shown.push('\n');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_line_continues_below_the_column_where_its_text_began() {
        let one_line = |prefix, width| wrapped(prefix, "one two three", &Style::new(), width);
        assert_eq!(one_line("  - a: ", None), "  - a: one two three\n");
        assert_eq!(one_line("  - a: ", Some(80)), "  - a: one two three\n");
        let words = "some words that are longer than there is room";
        let hanging = wrapped("  - a: ", words, &Style::new(), Some(32));
        assert_eq!(
            hanging,
            "  - a: some words that are\n       longer than there is room\n"
        );
        assert!(hanging.lines().all(|line| line.chars().count() <= 32));
        let far = wrapped(
            "    a long name      4 of 27  ",
            words,
            &Style::new(),
            Some(44),
        );
        assert_eq!(
            far,
            "    a long name      4 of 27  some words\n      that are longer than there is room\n"
        );
        let address = wrapped(
            "  ",
            "https://an.example/address-without-an-end",
            &Style::new(),
            Some(32),
        );
        assert_eq!(address, "  https://an.example/address-without-an-end\n");
    }

    #[test]
    fn text_of_another_party_cannot_act_upon_the_terminal() {
        assert_eq!(printable("on \u{1b}[31mfire\u{7}\nnow"), "on [31mfire now");
    }
}
