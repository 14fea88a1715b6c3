//! Numbers that belong to a person: cards, accounts, insurance, health. Each has a check digit or a shape of its own.

use std::ops::Range;

use super::{Add, Concern};

/// `(country, length)` of account numbers in the international form (ISO 13616 registry).
const IBAN: &[(&str, usize)] = &[
    ("AT", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GI", 23),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IS", 26),
    ("IT", 27),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("SA", 24),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("TR", 26),
    ("AE", 23),
];

/// How far before a number its label may stand, in bytes.
const LABEL_REACH: usize = 40;

pub(super) fn find(text: &str, add: &mut Add) {
    for run in digit_runs(text) {
        for first in 0..run.len() {
            for last in first..run.len().min(first + 5) {
                let groups = &run[first..=last];
                if let Some(what) = known(text, groups) {
                    add(what, groups[0].start..groups[groups.len() - 1].end);
                }
            }
        }
        sort_codes(text, &run, add);
    }
    for (at, letter) in text.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
        let begins = !text[..at].ends_with(|c: char| c.is_alphanumeric());
        if begins && letter.is_ascii_uppercase() {
            lettered(text, at, add);
        }
    }
}

/// Groups of digits with one space or hyphen between them, whole words only.
fn digit_runs(text: &str) -> Vec<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let mut runs: Vec<Vec<Range<usize>>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let glued = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if !glued(text[..at].chars().next_back()) && !glued(text[end..].chars().next()) {
            match runs.last_mut() {
                Some(run)
                    if run.last().is_some_and(|last| last.end + 1 == at) && matches!(bytes[at - 1], b' ' | b'-') =>
                {
                    run.push(at..end);
                }
                _ => runs.push(std::iter::once(at..end).collect()),
            }
        }
        at = end;
    }
    runs
}

fn known(text: &str, groups: &[Range<usize>]) -> Option<Concern> {
    let lengths: Vec<usize> = groups.iter().map(Range::len).collect();
    let digits = || groups.iter().flat_map(|group| text[group.clone()].bytes().map(|b| u32::from(b - b'0')));
    let total: usize = lengths.iter().sum();
    let grouped = |shape: &[usize]| lengths == shape;
    let card = match total {
        15 => grouped(&[4, 6, 5]),
        16 | 19 => lengths.iter().rev().skip(1).all(|len| *len == 4) && lengths.len() > 3,
        14 => grouped(&[4, 6, 4]),
        _ => false,
    } || (lengths.len() == 1 && matches!(total, 13..=16 | 19));
    if card {
        let digits: Vec<u32> = digits().collect();
        return (is_issued(&digits) && luhn(&digits)).then_some(Concern::PaymentCard);
    }
    if total == 10 && (grouped(&[3, 3, 4]) || grouped(&[10])) {
        let spaced = grouped(&[3, 3, 4]) && text[groups[0].end..].starts_with(' ');
        let named = label(text, groups[0].start, &["nhs"]);
        let digits: Vec<u32> = digits().collect();
        return ((spaced || named) && is_health_number(&digits)).then_some(Concern::HealthNumber);
    }
    None
}

/// Begins as cards of that length do (ISO/IEC 7812 ranges of the large issuers). Device numbers of 15 digits also
/// pass Luhn, but begin otherwise.
fn is_issued(digits: &[u32]) -> bool {
    let head = digits.iter().take(4).fold(0, |number, digit| number * 10 + digit);
    match digits.len() {
        13 | 19 => head / 1000 == 4,
        14 => matches!(head / 100, 36 | 38) || matches!(head / 10, 300..=305),
        15 => matches!(head / 100, 34 | 37),
        16 => {
            head / 1000 == 4
                || matches!(head / 100, 51..=55 | 65 | 67)
                || matches!(head, 2221..=2720 | 3528..=3589 | 6011 | 6440..=6499)
        }
        _ => false,
    }
}

/// The check of ISO/IEC 7812: every second digit from the right is doubled, its digits summed.
fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != digits[0])
}

/// The NHS number's modulus 11: nine digits weighed 10 to 2, the tenth checks them.
fn is_health_number(digits: &[u32]) -> bool {
    let sum: u32 = digits.iter().take(9).zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    let check = (11 - sum % 11) % 11;
    digits.len() == 10 && digits.get(9) == Some(&check) && digits.iter().any(|digit| *digit != digits[0])
}

/// `40-47-84 12345678`, or with the word account between. What could be a date needs a label.
fn sort_codes(text: &str, run: &[Range<usize>], add: &mut Add) {
    for groups in run.windows(3) {
        let hyphens = (0..2).all(|at| text.as_bytes()[groups[at].end] == b'-');
        if !hyphens || groups.iter().any(|group| group.len() != 2) {
            continue;
        }
        let end = groups[2].end;
        let reach = boundary(text, end + LABEL_REACH);
        let Some(account) = digit_runs(&text[end..reach]).into_iter().flatten().find(|group| group.len() == 8) else {
            continue;
        };
        let between = text[end..end + account.start].to_lowercase();
        let whole = digit_after(text, end + account.end);
        let number = |at: usize| text[groups[at].clone()].parse::<u8>().unwrap_or(0);
        let date = (1..=31).contains(&number(0)) && (1..=12).contains(&number(1));
        let labelled = between.contains("acc") || label(text, groups[0].start, &["sort", "account", "bank"]);
        let adjacent = between.trim_matches([' ', ',', '/', '-', ';']).is_empty();
        if !whole && (labelled || (adjacent && !date)) {
            add(Concern::BankAccount, groups[0].start..end + account.end);
        }
    }
}

fn digit_after(text: &str, at: usize) -> bool {
    text[at..].starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// National Insurance and international account numbers, which begin with letters.
fn lettered(text: &str, at: usize, add: &mut Add) {
    if let Some(end) = insurance(text, at) {
        add(Concern::NationalInsurance, at..end);
    } else if let Some(end) = iban(text, at) {
        add(Concern::BankAccount, at..end);
    }
}

/// Two letters, six digits, A to D; prefixes that are never given are no number (HMRC NIM39110).
fn insurance(text: &str, at: usize) -> Option<usize> {
    let (held, end) = squeezed(text, at, 9)?;
    let (prefix, rest) = (&held[..2], &held[2..]);
    let letters = prefix.bytes().all(|b| b.is_ascii_uppercase() && !b"DFIQUV".contains(&b)) && !prefix.ends_with('O');
    let given = !matches!(prefix, "BG" | "GB" | "KN" | "NK" | "NT" | "TN" | "ZZ");
    let digits = rest[..6].bytes().all(|b| b.is_ascii_digit());
    let suffix = matches!(rest.as_bytes()[6], b'A'..=b'D');
    (letters && given && digits && suffix && !digit_after(text, end)).then_some(end)
}

/// Letters and digits that leave 1 when the number they spell is divided by 97 (ISO 7064).
fn iban(text: &str, at: usize) -> Option<usize> {
    let (_, length) = IBAN.iter().find(|(country, _)| text[at..].starts_with(country))?;
    let (held, end) = squeezed(text, at, *length)?;
    if digit_after(text, end) || !held[2..4].bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (head, tail) = held.split_at(4);
    let rest = tail.chars().chain(head.chars()).try_fold(0u32, |rest, c| {
        let digit = c.to_digit(36)?;
        Some((rest * if digit > 9 { 100 } else { 10 } + digit) % 97)
    })?;
    (rest == 1).then_some(end)
}

/// The next `count` upper-case letters and digits, single spaces left out, and where they end.
fn squeezed(text: &str, at: usize, count: usize) -> Option<(String, usize)> {
    let mut held = String::with_capacity(count);
    let mut space = true;
    for (offset, c) in text[at..].char_indices() {
        match c {
            'A'..='Z' | '0'..='9' => {
                held.push(c);
                space = false;
            }
            ' ' if !space => space = true,
            _ => return None,
        }
        if held.len() == count {
            return Some((held, at + offset + 1));
        }
    }
    None
}

fn label(text: &str, before: usize, names: &[&str]) -> bool {
    let mut from = before.saturating_sub(LABEL_REACH);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let near = text[from..before].to_lowercase();
    names.iter().any(|name| near.contains(name))
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
