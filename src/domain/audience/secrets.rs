//! Passwords, tokens and keys: by the label before them or by the shape that their makers gave them.

use super::{Add, Concern, runs, tokens, words};

/// Words that announce a secret.
const LABELS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "pin",
    "otp",
    "secret",
    "token",
    "apikey",
    "key",
    "pass",
    "pw",
];

/// What follows `password:` when nothing is given away.
const HARMLESS: &[&str] = &[
    "changed",
    "reset",
    "expired",
    "none",
    "unknown",
    "required",
    "sent",
    "forgotten",
    "locked",
    "incorrect",
    "wrong",
    "same",
    "yours",
    "n/a",
    "hidden",
    "redacted",
    "removed",
    "not",
    "see",
    "please",
    "as",
    "unchanged",
    "updated",
];

/// `(beginning, least length)` of tokens whose makers marked them.
const MARKED: &[(&str, usize)] = &[
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 35),
    ("sk-", 24),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("SG.", 40),
    ("hvs.", 20),
    ("npm_", 30),
];

pub(super) fn find(text: &str, add: &mut Add) {
    private_keys(text, add);
    marked(text, add);
    labelled(text, add);
    recovery_keys(text, add);
}

fn private_keys(text: &str, add: &mut Add) {
    let mut from = 0;
    while let Some(start) = text[from..].find("-----BEGIN ").map(|at| from + at) {
        let line = text[start..].find('\n').map_or(text.len(), |len| start + len);
        if text[start..line].contains("PRIVATE KEY") {
            let end = text[line..].find("-----END ").map_or(text.len(), |at| {
                let end = line + at;
                text[end..].find('\n').map_or(text.len(), |len| end + len)
            });
            add(Concern::PrivateKey, start..end);
            from = end;
        } else {
            from = line;
        }
    }
}

fn marked(text: &str, add: &mut Add) {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    for (at, run) in runs(text, part) {
        let run = run.trim_end_matches('.');
        let marked = MARKED.iter().any(|(head, least)| run.len() >= *least && run.starts_with(head));
        if (marked && run.bytes().any(|b| b.is_ascii_digit())) || is_web_token(run) {
            add(Concern::Credential, at.start..at.start + run.len());
        }
    }
}

/// A JSON web token: three parts of base64, of which the first begins an object.
fn is_web_token(run: &str) -> bool {
    run.starts_with("eyJ") && run.len() >= 40 && run.split('.').count() == 3
}

/// `password: Summer2026!`, `pwd=letmein`, `the password is Summer2026!`.
fn labelled(text: &str, add: &mut Add) {
    for (at, word) in words(text) {
        let label = word.to_lowercase();
        if !LABELS.contains(&label.as_str()) {
            continue;
        }
        let rest = &text[at.end..];
        let Some((value, sign)) = announced(rest) else { continue };
        let start = text.len() - value.len();
        let Some((place, token)) = tokens(line(value)).next() else { continue };
        let alone = tokens(line(value)).nth(1).is_none();
        if gives_away(&label, token, sign, alone) {
            add(Concern::Credential, start + place.start..start + place.end);
        }
    }
}

/// How a value is announced.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Equals,
    Colon,
    /// `is`, or a dash.
    Is,
}

fn announced(rest: &str) -> Option<(&str, Sign)> {
    let rest = rest.trim_start_matches([' ', '\'', '"']);
    if let Some(rest) = rest.strip_prefix('=') {
        return Some((rest.trim_start_matches([' ', '=']), Sign::Equals));
    }
    if let Some(rest) = rest.strip_prefix(':') {
        return Some((rest.trim_start_matches([' ', '\n']), Sign::Colon));
    }
    if let Some(rest) = rest.strip_prefix("- ").or_else(|| rest.strip_prefix("– ")) {
        return Some((rest, Sign::Is));
    }
    let lower = rest.get(..3)?.to_ascii_lowercase();
    (lower == "is ").then(|| {
        let rest = &rest[3..];
        (rest.strip_prefix("now ").unwrap_or(rest), Sign::Is)
    })
}

fn gives_away(label: &str, token: &str, sign: Sign, alone: bool) -> bool {
    // A shout at the end is no part of what is said: "Password: changed!"
    let said = token.trim_end_matches('!');
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let letters = token.chars().filter(|c| c.is_alphabetic()).count();
    let signs = said.chars().filter(|c| "!@#$%^&*_+=~|\\?".contains(*c)).count();
    if matches!(label, "pin" | "otp" | "passcode") && letters == 0 {
        return digits >= 4;
    }
    if token.chars().count() < 4 || HARMLESS.contains(&said.to_lowercase().as_str()) || token.contains("://") {
        return false;
    }
    let mixed = letters > 0 && (digits > 0 || signs > 0);
    match (label, sign) {
        // These words have other uses: "key: F5-then-B" is none, so a longer value is asked for.
        ("key" | "token" | "secret" | "pass", _) => mixed && token.len() >= 12,
        (_, Sign::Equals) => true,
        (_, Sign::Colon) => mixed || (alone && digits + letters >= 6),
        (_, Sign::Is) => mixed,
    }
}

fn line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// The 48 digits that unlock an encrypted disk: eight groups of six.
fn recovery_keys(text: &str, add: &mut Add) {
    for (at, run) in runs(text, |c| c.is_ascii_digit() || c == '-') {
        let inner = run.trim_matches('-');
        let groups = || inner.split('-');
        if groups().count() == 8 && groups().all(|group| group.len() == 6) {
            let start = at.start + run.len() - run.trim_start_matches('-').len();
            add(Concern::RecoveryKey, start..start + inner.len());
        }
    }
}
