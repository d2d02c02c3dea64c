//! A platform's own message, made fit to show.

use egress::Secret;

/// The longest message, in characters.
const LONGEST: usize = 300;

/// The text on one line, bounded, without control characters, markup and any of `secrets`.
pub(crate) fn presentable(text: &str, secrets: &[Option<&Secret>]) -> String {
    let visible = text.chars().filter(|letter| !is_invisible(*letter));
    let mut text: String = visible.collect();
    for secret in secrets.iter().copied().flatten() {
        if !secret.is_empty() {
            text = text.replace(secret.expose(), "***");
        }
    }
    let text = without_markup(&text);
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        let space = usize::from(!line.is_empty());
        let room = LONGEST - length;
        let needed = word.chars().count() + space;
        if space == 1 && room > 0 {
            line.push(' ');
        }
        line.extend(word.chars().take(room.saturating_sub(space)));
        if needed > room {
            line.push('…');
            break;
        }
        length += needed;
    }
    line
}

/// The same for a text that came through a browser or is shown to customers: without links, too.
pub fn presentable_to_customers(text: &str) -> String {
    without_links(&presentable(text, &[]))
}

/// The text with its links left out: a customer who reads them on a page of ours might trust them.
pub(crate) fn without_links(line: &str) -> String {
    let is_link = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.contains("://") || word.contains("www.") || word.contains("javascript:")
    };
    let words = line.split(' ');
    let kept = words.map(|word| if is_link(word) { "(link)" } else { word });
    kept.collect::<Vec<_>>().join(" ")
}

/// The text with a space in place of each tag: what begins with `<` and a letter, `/` or `!`, up to its `>`, or the end.
fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        if is_tag {
            plain.push(' ');
            rest = after.split_once('>').map_or("", |(_, after)| after);
        } else {
            plain.push('<');
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

/// Letters without a picture that change how others are read: directions, joiners, the byte order mark, tags.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_secrets_line_breaks_and_length() {
        let token = Secret::new("tok-123");
        assert_eq!(
            presentable("token tok-123\r\n\u{7}is  bad", &[Some(&token), None]),
            "token *** is bad"
        );
        let long = presentable(&"word ".repeat(1000), &[]);
        assert!(long.chars().count() <= LONGEST + 1, "{}", long.len());
        assert!(long.ends_with('…'));
        assert_eq!(presentable(&"x".repeat(400), &[]).chars().count(), 301);
    }

    #[test]
    fn words_lose_markup_links_and_invisible_letters() {
        let shown = presentable_to_customers;
        assert_eq!(
            shown(
                "<b onclick=x>Denied</b>: 3 < 4, see https://evil.example/a?b or WWW.evil.example"
            ),
            "Denied : 3 < 4, see (link) or (link)"
        );
        assert_eq!(
            shown("pay\u{202e}lap\u{200b}!<script>alert(1)"),
            "paylap! alert(1)"
        );
        assert_eq!(shown("</title><img src=x"), "");
    }
}
