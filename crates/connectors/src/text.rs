//! Positions and words in a text that a person wrote.

/// The line and the column at a byte offset, both from 1; a column counts characters.
pub(crate) fn line_and_column(source: &str, offset: usize) -> (usize, usize) {
    let before = source.get(..offset).unwrap_or(source);
    let line = 1 + before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, 1 + before[start..].chars().count())
}

/// The known word that is at most a third of its letters away, if there is one.
pub(crate) fn closest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = |word: &str| distance(&wrong.to_lowercase(), &word.to_lowercase());
    known
        .map(|word| (near(word), word))
        .filter(|(distance, word)| *distance <= (wrong.len().max(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// The steps of a dotted path: `pageInfo.next` has two, and `@odata\.nextLink` one, since its dot is a member's own.
pub(crate) fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '.' => steps.push(String::new()),
            '\\' => steps
                .last_mut()
                .expect("there is always one")
                .push(letters.next_if_eq(&'.').unwrap_or(letter)),
            _ => steps.last_mut().expect("there is always one").push(letter),
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

/// The number of letters to put in, take out or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_counts_characters() {
        assert_eq!(line_and_column("é = 1\nüx = 2", 9), (2, 2));
    }

    #[test]
    fn a_dot_behind_a_backslash_belongs_to_the_members_name() {
        assert_eq!(steps("page.next"), ["page", "next"]);
        assert_eq!(steps(r"a.@odata\.nextLink"), ["a", "@odata.nextLink"]);
        assert_eq!(steps(r"a\b.0"), [r"a\b", "0"]);
        assert!(steps("").is_empty());
    }

    #[test]
    fn the_closest_word_is_a_few_letters_away() {
        assert_eq!(
            closest("Invoice", ["bills", "invoices"].into_iter()),
            Some("invoices")
        );
        assert_eq!(closest("x", ["bills"].into_iter()), None);
    }
}
