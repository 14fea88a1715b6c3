//! Texts as numbers: for each its place in the order of those that are sorted, so that a sort compares no texts.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::probe::number as as_number;
use crate::domain::table::{Row, Symbol, Table, fold};

/// For each symbol its place in the order of the names that are used; numbers by their value where that is asked for.
pub(super) fn ranks(table: &Table, used: impl Iterator<Item = Symbol>, numeric: bool) -> Vec<u32> {
    let names = table.names();
    let mut ranks = vec![0; names.len()];
    let mut seen: Vec<Symbol> = Vec::new();
    for symbol in used {
        if std::mem::replace(&mut ranks[symbol.0 as usize], 1) == 0 {
            seen.push(symbol);
        }
    }
    let number = |symbol: Symbol| if numeric { as_number(names.folded(symbol)) } else { None };
    let text = |a: Symbol, b: Symbol| names.folded(a).cmp(names.folded(b));
    seen.sort_by(|a, b| match (number(*a), number(*b)) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => text(*a, *b),
    });
    // Names that differ only in case, and numbers only in their spelling, have one place.
    let mut rank = 0;
    for (at, symbol) in seen.iter().enumerate() {
        let same = at > 0 && {
            let before = seen[at - 1];
            match (number(before), number(*symbol)) {
                (Some(x), Some(y)) => x.total_cmp(&y).is_eq(),
                (None, None) => text(before, *symbol).is_eq(),
                _ => false,
            }
        };
        rank += u32::from(!same);
        ranks[symbol.0 as usize] = rank;
    }
    ranks
}

/// For each of the rows the place of its title among theirs.
pub(super) fn title_ranks(table: &Table, rows: &[Row]) -> Vec<u32> {
    let folded =
        |title| if str::is_ascii(title) { Cow::Borrowed(title.as_bytes()) } else { Cow::Owned(fold(title).into()) };
    let mut titles: Vec<Title> =
        rows.iter().map(|row| Title { next: 0, text: folded(table.title(*row)), row: *row }).collect();
    let mut ranks = vec![0; table.slots()];
    let mut rank = 0;
    rank_titles(&mut titles, 0, &mut ranks, &mut rank);
    ranks
}

struct Title<'a> {
    /// The eight bytes that are compared now.
    next: u64,
    /// In lower case, but for ASCII letters.
    text: Cow<'a, [u8]>,
    row: Row,
}

/// Sorts by eight bytes, and what is equal in them by the next eight. Comparing numbers is much quicker than texts.
fn rank_titles(titles: &mut [Title<'_>], depth: usize, ranks: &mut [u32], rank: &mut u32) {
    for title in &mut *titles {
        title.next = prefix(title.text.get(depth..).unwrap_or_default());
    }
    titles.sort_unstable_by_key(|title| title.next);
    for same in titles.chunk_by_mut(|a, b| a.next == b.next) {
        let ended = same.iter().all(|title| title.text.len() <= depth + 8);
        if same.len() > 1 && !ended && depth < DEEPEST {
            rank_titles(same, depth + 8, ranks, rank);
            continue;
        }
        if !ended {
            same.sort_by_cached_key(|title| title.text.to_ascii_lowercase());
        }
        for equal in same.chunk_by(|a, b| a.text.eq_ignore_ascii_case(&b.text)) {
            *rank += 1;
            equal.iter().for_each(|title| ranks[title.row.0 as usize] = *rank);
        }
    }
}

/// Titles that are the same for so many bytes are compared as texts.
const DEEPEST: usize = 512;

/// The first eight bytes, ASCII letters in lower case.
pub(super) fn prefix(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    match text.first_chunk() {
        Some(first) => bytes = *first,
        None => bytes[..text.len()].copy_from_slice(text),
    }
    bytes.make_ascii_lowercase();
    u64::from_be_bytes(bytes)
}
