//! How the desks stand, in words: as many as there is room for, and none where all is as it should be.

use jiff::{SignedDuration, Timestamp};

use crate::app::model::Model;
use crate::app::outbox::{Health, Line};
use crate::command::table::Scope;
use crate::domain::name::Name;
use crate::ui::cells;

/// A copy that agreed with its desk so lately needs no mention while it is asked anew.
const LATELY: SignedDuration = SignedDuration::from_mins(2);
/// One that nobody could ask for so long does.
const OLD: SignedDuration = SignedDuration::from_mins(10);

/// The words for the status line, the longest first; none where there is nothing to say.
pub fn forms(model: &Model) -> Vec<String> {
    let ill = ill(model);
    let (Some((_, its)), Some(one)) = (sickest(&ill), worst(model)) else { return Vec::new() };
    let each = |say: fn(&Model, &Health) -> String| {
        ill.iter().map(|(name, health)| named(name, &say(model, health))).collect::<Vec<_>>().join("  ")
    };
    vec![each(full), each(short), one, format!("{}{}", word(&its.line), more(&ill)), "!".to_owned()]
}

/// The one that is worst off, and how many others are.
pub fn worst(model: &Model) -> Option<String> {
    let ill = ill(model);
    let (name, health) = sickest(&ill)?;
    Some(format!("{}{}", named(name, &short(model, health)), more(&ill)))
}

fn ill(model: &Model) -> Vec<(&Name, &Health)> {
    model.desk.health.iter().map(|(name, health)| (name, health)).filter(|(_, h)| !is_well(h, model.now)).collect()
}

fn sickest<'a>(ill: &[(&'a Name, &'a Health)]) -> Option<(&'a Name, &'a Health)> {
    ill.iter().max_by_key(|(_, health)| weight(&health.line)).copied()
}

fn more(ill: &[(&Name, &Health)]) -> String {
    if ill.len() > 1 { format!(" +{}", ill.len() - 1) } else { String::new() }
}

/// The same in full above the keys, where the first line has no room for it.
pub fn beneath(model: &Model) -> Option<String> {
    const NARROW: u16 = 110;
    forms(model).into_iter().next().filter(|_| model.size.0 < NARROW)
}

fn is_well(health: &Health, now: Timestamp) -> bool {
    let age = health.as_of.map(|at| now.duration_since(at));
    let line = match &health.line {
        // Nothing lies between, or the copy agrees.
        Line::Fresh => age.is_none_or(|age| age < OLD),
        Line::Refreshing => age.is_some_and(|age| age < LATELY),
        _ => false,
    };
    line && health.doubtful == 0
}

const fn weight(line: &Line) -> u8 {
    match line {
        Line::Fresh => 0,
        Line::Refreshing => 1,
        Line::Loading { .. } => 2,
        Line::Slowed { .. } => 3,
        Line::Offline { .. } => 4,
        Line::SignedOut { .. } => 5,
    }
}

fn named(name: &Name, words: &str) -> String {
    if name.is_empty() { words.to_owned() } else { format!("{name} {words}") }
}

/// How one desk stands.
pub fn full(model: &Model, health: &Health) -> String {
    let at = |at: Timestamp| cells::moment(at.as_millisecond(), model);
    let as_of = health.as_of.map(|as_of| format!("as of {}", at(as_of)));
    let mut words = match &health.line {
        Line::Fresh => as_of.unwrap_or_else(|| "here".to_owned()),
        Line::Loading { rows } => format!("loading {}", grouped(*rows)),
        Line::Refreshing => as_of.map_or_else(|| "refreshing".to_owned(), |as_of| format!("{as_of}, refreshing")),
        Line::Offline { since, .. } => format!("offline since {}", at(*since)),
        Line::SignedOut { .. } => {
            format!("signed out: {} signs in", model.settings.keymap.key_of("refresh", &[Scope::List]))
        }
        Line::Slowed { until } => format!("slowed until {}", at(*until)),
    };
    if health.doubtful > 0 {
        words.push_str(&format!(", {} in doubt", health.doubtful));
    }
    words
}

fn short(model: &Model, health: &Health) -> String {
    match (&health.line, health.as_of) {
        (Line::Loading { rows }, _) => format!("loading {}", grouped(*rows)),
        (Line::Fresh | Line::Refreshing, Some(as_of)) if health.doubtful == 0 => {
            format!("as of {}", cells::moment(as_of.as_millisecond(), model))
        }
        (Line::Fresh, _) if health.doubtful > 0 => format!("{} in doubt", health.doubtful),
        (line, _) => word(line).to_owned(),
    }
}

const fn word(line: &Line) -> &'static str {
    match line {
        Line::Fresh => "in doubt",
        Line::Loading { .. } => "loading",
        Line::Refreshing => "refreshing",
        Line::Offline { .. } => "offline",
        Line::SignedOut { .. } => "signed out",
        Line::Slowed { .. } => "slowed",
    }
}

/// 1200 as 1,200.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Why it stands so, in the desk's own words.
pub fn why(health: &Health) -> &str {
    match &health.line {
        Line::Offline { why, .. } | Line::SignedOut { why } => why,
        _ => "",
    }
}
