//! How the commands speak: in lines as wide as the terminal, with what continues a line below where it began.

use console::{Style, Term, measure_text_width, style};

/// Narrower than that, lines are left to the terminal.
const NARROWEST: usize = 30;

/// `text` behind `prefix`, in the style given, wrapped at the terminal's width. Where nobody looks, each stays one line.
pub(super) fn tell(prefix: &str, text: &str, look: &Style) {
    let width = Term::stdout().size_checked().map(|(_, width)| width.into());
    print!("{}", wrapped(prefix, text, look, width));
}

pub(super) fn done(what: &str, told: &str) {
    let prefix = format!("  {} {what}: ", style("✓").green().bold());
    tell(&prefix, told, &Style::new());
}

/// Neither good nor bad, but to be known.
pub(super) fn note(told: &str) {
    let prefix = format!("  {} ", style("·").yellow().bold());
    tell(&prefix, told, &Style::new());
}

pub(super) fn wrong(told: &str) {
    let prefix = format!("  {} ", style("✗").red().bold());
    tell(&prefix, told, &Style::new());
}

/// `1 record`, `2 records`.
pub(super) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// Words from elsewhere, without what a terminal would act upon.
pub(super) fn plain(words: &str) -> String {
    words
        .chars()
        .map(|letter| if letter == '\n' { ' ' } else { letter })
        .filter(|letter| !letter.is_control())
        .collect()
}

fn wrapped(prefix: &str, text: &str, look: &Style, width: Option<usize>) -> String {
    let first = measure_text_width(prefix);
    let width = width
        .filter(|width| *width >= NARROWEST)
        .unwrap_or(usize::MAX);
    // A column that begins far to the right would leave no room for the words.
    let hanging = if first > width / 2 { 6 } else { first };
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut room = width.saturating_sub(first);
    for word in text.split(' ') {
        let long = measure_text_width(word);
        let space = usize::from(!line.is_empty());
        if !line.is_empty() && measure_text_width(&line) + space + long > room {
            lines.push(std::mem::take(&mut line));
            room = width.saturating_sub(hanging);
        } else if space == 1 {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    let mut told = String::new();
    for (number, line) in lines.iter().enumerate() {
        match number {
            0 => told.push_str(prefix),
            _ => told.push_str(&" ".repeat(hanging)),
        }
        told.push_str(&look.apply_to(line).to_string());
        told.push('\n');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_continues_a_line_stands_below_where_it_began() {
        let told = |prefix, width| wrapped(prefix, "one two three", &Style::new(), width);
        assert_eq!(told("  - a: ", None), "  - a: one two three\n");
        assert_eq!(told("  - a: ", Some(80)), "  - a: one two three\n");
        let words = "some words that are longer than there is room";
        let told = wrapped("  - a: ", words, &Style::new(), Some(32));
        assert_eq!(
            told,
            "  - a: some words that are\n       longer than there is room\n"
        );
        assert!(told.lines().all(|line| line.chars().count() <= 32));
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
    fn words_from_elsewhere_cannot_act_upon_the_terminal() {
        assert_eq!(plain("on \u{1b}[31mfire\u{7}\nnow"), "on [31mfire now");
    }
}
