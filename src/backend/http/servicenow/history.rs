//! What happened to a ticket: its journal, or the text that stands for it, and its audit trail where that may be read.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::columns::{Column, Sort};
use super::facts::Facts;
use super::map::ours;
use super::wire::{Row, zoned};
use crate::backend::http::tracker::{Entry, Record, Setup};
use crate::domain::change::{Audience, Change, Handover};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::Verb;
use crate::text::{Clean, from_html};

/// The history of a record, oldest first.
pub fn entries(
    setup: &Setup,
    facts: &Facts,
    record: &Record,
    key: &str,
    journal: &[Row],
    audit: &[Row],
    row: &Row,
) -> Vec<Entry> {
    let caller = record.fields.get(&Field::Caller).and_then(Value::as_str).map(Name::new);
    let mut all: Vec<Entry> = journal
        .iter()
        .filter(|said| said.value("element_id") == key)
        .filter_map(|said| word(said, caller.as_ref(), facts))
        .collect();
    if all.is_empty() {
        // Journals are often unreadable, which looks like an empty one; the record shows its words as one text.
        let zone = facts.zone.as_ref().unwrap_or(&setup.zone);
        for (column, audience) in [("comments", Audience::Public), ("work_notes", Audience::Internal)] {
            let words = told(row.shown(column), zone, facts);
            all.extend(words.into_iter().map(|(at, who, text)| {
                entry(format!("{column} {at} {who}"), at, who, audience, &text, caller.as_ref(), facts)
            }));
        }
    }
    let changes = audit.iter().filter(|change| change.value("documentkey") == key);
    all.extend(changes.filter_map(|change| changed(setup, facts, record.kind, change)));
    all.sort_by_key(|entry| entry.at);
    all
}

fn word(said: &Row, caller: Option<&Name>, facts: &Facts) -> Option<Entry> {
    let audience = match said.value("element") {
        "comments" => Audience::Public,
        "work_notes" => Audience::Internal,
        _ => return None,
    };
    let who = Name::new(said.value("sys_created_by"));
    let act = format!("journal {}", said.value("sys_id"));
    Some(entry(act, said.time("sys_created_on")?, who, audience, said.value("value"), caller, facts))
}

fn entry(
    act: String,
    at: Timestamp,
    who: Name,
    audience: Audience,
    text: &str,
    caller: Option<&Name>,
    facts: &Facts,
) -> Entry {
    let text = spoken(text);
    let heard = audience == Audience::Public && caller == Some(&who) && facts.me.as_ref() != Some(&who);
    let change = if heard { Change::Heard { from: who.clone(), text } } else { Change::Say { audience, text } };
    Entry { act: Name::new(&act), at, who, change }
}

/// Between `[code]` and `[/code]` a journal holds HTML.
pub fn spoken(text: &str) -> Clean {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[code]") {
        let Some((html, behind)) = after.split_once("[/code]") else { break };
        out.push_str(before);
        out.push_str(&from_html(html));
        rest = behind;
    }
    out.push_str(rest);
    Clean::body(out.trim_end())
}

/// Words of a journal shown as one text, newest first: `2026-06-02 10:00:00 - Agent One (Work notes)`, the words, an
/// empty line. A word that holds such a line itself is taken apart: it cannot be told from two.
fn told(text: &str, zone: &TimeZone, facts: &Facts) -> Vec<(Timestamp, Name, String)> {
    let mut all: Vec<(Timestamp, Name, String)> = Vec::new();
    for line in text.lines() {
        match head(line, zone, facts) {
            Some((at, who)) => all.push((at, who, String::new())),
            None => {
                if let Some((.., words)) = all.last_mut() {
                    words.push_str(line);
                    words.push('\n');
                }
            }
        }
    }
    all.reverse();
    all
}

fn head(line: &str, zone: &TimeZone, facts: &Facts) -> Option<(Timestamp, Name)> {
    let line = line.trim_end();
    let (when, rest) = line.split_once(" - ")?;
    let (who, label) = rest.rsplit_once(" (")?;
    if !label.ends_with(')') {
        return None;
    }
    let at = zoned(when, zone)?;
    let login = facts.named.get(who).cloned().flatten();
    Some((at, login.unwrap_or_else(|| Name::new(who))))
}

/// A line of the audit trail, where it is about something we know.
fn changed(setup: &Setup, facts: &Facts, kind: Kind, row: &Row) -> Option<Entry> {
    let (at, who) = (row.time("sys_created_on")?, Name::new(row.value("user")));
    let (old, new) = (row.value("oldvalue"), row.value("newvalue"));
    let change = match row.value("fieldname") {
        // The first line of a record says what it began with.
        "state" if !old.is_empty() => moved(setup, kind, old, new)?,
        "state" => return None,
        "assigned_to" => {
            let by = facts.login_of(new)?.clone();
            Change::Handover { step: Handover::Accept { by } }
        }
        column => set(setup, facts, kind, column, old, new)?,
    };
    let act = format!("audit {} {}", row.value("sys_created_on"), row.value("record_checkpoint"));
    Some(Entry { act: Name::new(&act), at, who, change })
}

fn moved(setup: &Setup, kind: Kind, old: &str, new: &str) -> Option<Change> {
    let (from, to) = (setup.mapping.state(kind, old)?, setup.mapping.state(kind, new)?);
    let steps = &setup.mapping.kind(kind)?.steps;
    let step = steps.iter().find(|step| step.to == new && step.from.iter().any(|native| native == old));
    (from != to).then(|| Change::Move { verb: step.map_or(Verb::Record, |step| step.verb), from, to })
}

fn set(setup: &Setup, facts: &Facts, kind: Kind, column: &str, old: &str, new: &str) -> Option<Change> {
    let fields = setup.mapping.fields_of(kind);
    let (field, column) = fields
        .iter()
        .map(|(field, native)| (*field, Column::of(field, native)))
        .find(|(_, held)| held.name == column)?;
    let value = |stored: &str| {
        if stored.is_empty() {
            return None;
        }
        match column.sort {
            Sort::User => facts.login_of(stored).cloned().map(Value::Name),
            Sort::Group => facts.group_names.get(stored).cloned().map(Value::Name),
            // Keys of records that are not kept: nothing that people could read.
            Sort::Record(_) => None,
            Sort::Plain | Sort::Html => ours(setup, kind, field, column, stored),
        }
    };
    let (from, to) = (value(old), value(new));
    if from == to {
        return None;
    }
    Some(Change::Set { field: field.clone(), from, to })
}

/// The last word to the customer, and the last word from the customer.
pub fn last_words(history: &[Entry]) -> (Option<Timestamp>, Option<Timestamp>) {
    let last = |fits: fn(&Change) -> bool| history.iter().rev().find(|entry| fits(&entry.change)).map(|entry| entry.at);
    (
        last(|change| matches!(change, Change::Say { audience: Audience::Public, .. })),
        last(|change| matches!(change, Change::Heard { .. })),
    )
}
