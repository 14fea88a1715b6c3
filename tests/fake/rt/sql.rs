//! As much of RT's search language as the adapter speaks, with what is odd about it.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A condition.
#[derive(Debug, Clone)]
pub enum Term {
    All(Vec<Term>),
    Any(Vec<Term>),
    Is { field: String, op: String, value: String },
}

/// Reads it.
///
/// # Errors
/// RT's own words, with the file and the line in them.
pub fn read(query: &str) -> Result<Term, String> {
    let tokens = tokens(query)?;
    let (term, rest) = any(&tokens)?;
    if rest.is_empty() { Ok(term) } else { Err(wrong(&rest[0])) }
}

fn wrong(at: &str) -> String {
    format!("Unknown field: {at} at /usr/share/request-tracker5/lib/RT/Tickets.pm line 918.\n")
}

fn tokens(query: &str) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    let mut rest = query.chars().peekable();
    while let Some(&c) = rest.peek() {
        if c.is_whitespace() {
            rest.next();
        } else if c == '\'' {
            // A quotation mark is escaped with a backslash; doubled, it ends the words.
            rest.next();
            let mut words = String::from("'");
            loop {
                match rest.next() {
                    Some('\\') => words.extend(rest.next()),
                    Some('\'') => break,
                    Some(c) => words.push(c),
                    None => return Err(wrong("quote")),
                }
            }
            all.push(words);
        } else if "()".contains(c) {
            all.push(c.to_string());
            rest.next();
        } else if "<>=!".contains(c) {
            let mut op = String::new();
            while let Some(c) = rest.next_if(|c| "<>=!".contains(*c)) {
                op.push(c);
            }
            all.push(op);
        } else {
            let mut word = String::new();
            while let Some(c) = rest.next_if(|c| !c.is_whitespace() && !"()<>=!'".contains(*c)) {
                word.push(c);
            }
            all.push(word);
        }
    }
    Ok(all)
}

type Read<'t> = Result<(Term, &'t [String]), String>;

fn any(tokens: &[String]) -> Read<'_> {
    let (first, mut rest) = all(tokens)?;
    let mut terms = vec![first];
    while rest.first().is_some_and(|word| word.eq_ignore_ascii_case("or")) {
        let (next, after) = all(&rest[1..])?;
        terms.push(next);
        rest = after;
    }
    Ok((Term::Any(terms), rest))
}

fn all(tokens: &[String]) -> Read<'_> {
    let (first, mut rest) = one(tokens)?;
    let mut terms = vec![first];
    while rest.first().is_some_and(|word| word.eq_ignore_ascii_case("and")) {
        let (next, after) = one(&rest[1..])?;
        terms.push(next);
        rest = after;
    }
    Ok((Term::All(terms), rest))
}

fn one(tokens: &[String]) -> Read<'_> {
    match tokens {
        [open, rest @ ..] if open == "(" => {
            let (inner, rest) = any(rest)?;
            match rest {
                [close, rest @ ..] if close == ")" => Ok((inner, rest)),
                _ => Err(wrong(")")),
            }
        }
        [field, op, value, rest @ ..] => {
            let plain = |word: &String| word.trim_start_matches('\'').to_owned();
            Ok((Term::Is { field: plain(field), op: op.to_uppercase(), value: plain(value) }, rest))
        }
        _ => Err(wrong("end")),
    }
}

impl Term {
    pub fn holds(&self, is: &dyn Fn(&str, &str, &str) -> bool) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.holds(is)),
            Self::Any(terms) => terms.iter().any(|term| term.holds(is)),
            Self::Is { field, op, value } => is(field, op, value),
        }
    }

    pub fn names(&self, wanted: &str) -> bool {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().any(|term| term.names(wanted)),
            Self::Is { field, .. } => field.eq_ignore_ascii_case(wanted),
        }
    }
}

/// A date as RT reads it in a search: in the user's zone, whatever it says of its own; a number of four digits is a year
/// or an hour; what is not understood is 1970.
pub fn date(words: &str, zone: &TimeZone, now: Timestamp) -> Timestamp {
    if let Some((number, unit)) = words.strip_suffix(" ago").and_then(|words| words.split_once(' ')) {
        let Ok(number) = number.parse::<i64>() else { return Timestamp::UNIX_EPOCH };
        let (seconds, odd) = match unit {
            "seconds" => (1, (1000..=9999).contains(&number)),
            "minutes" => (60, (1000..=9999).contains(&number)),
            "hours" => (3600, (1000..=9999).contains(&number)),
            _ => (86_400, (1000..=9999).contains(&number)),
        };
        // It lies in the future then, and nothing is younger.
        return if odd {
            now + SignedDuration::from_hours(24)
        } else {
            now - SignedDuration::from_secs(seconds * number)
        };
    }
    let plain = words.trim_end_matches('Z').trim_end_matches("+00:00").trim();
    let day_only = plain.contains('T');
    let civil = plain.replace('T', " ").parse::<jiff::civil::DateTime>();
    match civil {
        // The time of day is lost where a T stands before it.
        Ok(at) if day_only => at.date().to_zoned(zone.clone()).map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp()),
        Ok(at) => at.to_zoned(zone.clone()).map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp()),
        Err(_) => Timestamp::UNIX_EPOCH,
    }
}

pub fn compare<T: PartialOrd>(held: &T, op: &str, wanted: &T) -> bool {
    match op {
        "=" | "IS" => held == wanted,
        "!=" => held != wanted,
        "<" => held < wanted,
        ">" => held > wanted,
        _ => false,
    }
}

pub fn words(held: &str, op: &str, wanted: &str) -> bool {
    let (held, wanted) = (held.to_lowercase(), wanted.to_lowercase());
    match op {
        "LIKE" => held.contains(&wanted),
        op => compare(&held, op, &wanted),
    }
}
