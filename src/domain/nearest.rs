//! The known name nearest to one that is not known, for messages that can say what was probably meant.

/// The candidate with the fewest edits from `wrong`, if it is near enough to be meant; case does not count.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let reach = (wrong.chars().count() / 2).max(2);
    known
        .into_iter()
        .map(|name| (edits(&wrong, &name.to_lowercase()), name))
        .filter(|(edits, name)| *edits <= reach || (wrong.len() > 2 && name.to_lowercase().contains(&wrong)))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Insertions, deletions and replacements between two texts.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
