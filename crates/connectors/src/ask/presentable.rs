//! A platform's own message, made fit to show.

use egress::Secret;

/// The longest message, in characters.
const LONGEST: usize = 300;

/// The text on one line, bounded, without control characters and without any of `secrets`.
pub(crate) fn presentable(text: &str, secrets: &[Option<&Secret>]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().copied().flatten() {
        if !secret.is_empty() {
            text = text.replace(secret.expose(), "***");
        }
    }
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
}
