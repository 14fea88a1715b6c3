//! Why a text is no query: where, what was expected, and what was perhaps meant.

/// Where a query goes wrong. Columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Column {column}: {message}.{}", hint(.meant))]
pub struct QueryError {
    pub column: usize,
    /// How many characters are wrong: to underline them.
    pub width: usize,
    /// What is wrong and what was expected, without a period.
    pub message: String,
    /// The nearest thing that would be right.
    pub meant: Option<String>,
}

fn hint(meant: &Option<String>) -> String {
    meant.as_ref().map(|meant| format!(" Did you mean `{meant}`?")).unwrap_or_default()
}

impl QueryError {
    /// About the characters `from..to`, counted from 0.
    pub(super) fn new(from: usize, to: usize, message: impl Into<String>) -> Self {
        Self { column: from + 1, width: to.saturating_sub(from), message: message.into(), meant: None }
    }

    pub(super) fn meaning(mut self, meant: Option<&str>) -> Self {
        self.meant = meant.map(str::to_owned);
        self
    }

    /// Where the wrong characters end, counted from 0.
    pub(super) fn end(&self) -> usize {
        self.column - 1 + self.width
    }
}

/// Of the known words the one that this was perhaps meant to be: it begins so, or differs by a letter in three.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let size = word.chars().count();
    let allowed = (size / 3).clamp(1, 3);
    let rank = |known: &str| {
        let begins = size >= 2 && known.starts_with(&word);
        if begins { Some(0) } else { Some(distance(&word, known)).filter(|steps| *steps <= allowed && *steps < size) }
    };
    known
        .into_iter()
        .filter_map(|known| Some((rank(known)?, known)))
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, known)| known)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(40).collect(), b.chars().collect());
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let changed = last[j] + usize::from(a[i] != b[j]);
            let mut best = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        (before, last) = (last, row);
    }
    last[b.len()]
}
