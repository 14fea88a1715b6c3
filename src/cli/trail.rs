//! `deskside records --history`: who changed which record of a desk when, from what and to what.

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value as Json;

use crate::backend::sqlite::Edit;
use crate::text::Clean;

#[derive(Serialize)]
struct EditJson<'a> {
    at: Timestamp,
    by: &'a str,
    part: &'a str,
    record: Clean,
    from: Option<Json>,
    to: Option<Json>,
}

/// As JSON, the form of which is promised at [`super::records::RecordsArgs`].
pub fn json(edits: &[Edit]) -> Result<String> {
    let rows: Vec<EditJson> = edits
        .iter()
        .map(|edit| EditJson {
            at: edit.at,
            by: &edit.who,
            part: &edit.part,
            record: Clean::line(&edit.record),
            from: edit.from.as_ref().map(clean),
            to: edit.to.as_ref().map(clean),
        })
        .collect();
    Ok(serde_json::to_string_pretty(&rows)? + "\n")
}

/// Every text through the gate.
fn clean(value: &Json) -> Json {
    let line = |text: &str| Clean::line(text).to_string();
    match value {
        Json::String(text) => Json::String(line(text)),
        Json::Array(list) => list.iter().map(clean).collect(),
        Json::Object(map) => map.iter().map(|(name, value)| (line(name), clean(value))).collect(),
        other => other.clone(),
    }
}

/// One line for each field that changed. What came or went in one act with others of its part is counted, with the
/// first names.
pub fn text(edits: &[Edit], zone: &TimeZone) -> String {
    let mut text = String::new();
    for run in edits.chunk_by(together) {
        let Some(first) = run.first() else { continue };
        let when = first.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S");
        let mut line = |what: &str| text.push_str(&format!("{when}  {}  {}: {what}\n", first.who, first.part));
        match (&first.from, &first.to) {
            (Some(from), Some(to)) => {
                for (field, from, to) in fields(from, to) {
                    line(&format!("{} {field}{} -> {}", first.record, short(from), short(to)));
                }
            }
            (from, _) => line(&format!("{} {}", named(run), if from.is_none() { "added" } else { "removed" })),
        }
    }
    text
}

fn together(a: &Edit, b: &Edit) -> bool {
    let kind = |edit: &Edit| (edit.from.is_some(), edit.to.is_some());
    let changed = a.from.is_some() && a.to.is_some();
    !changed && kind(a) == kind(b) && (&a.at, &a.who, &a.part) == (&b.at, &b.who, &b.part)
}

/// How many names are told of what came or went at once.
const NAMED: usize = 5;

fn named(run: &[Edit]) -> String {
    let names: Vec<&str> = run.iter().take(NAMED).map(|edit| edit.record.as_str()).collect();
    let more = run.len().saturating_sub(NAMED);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// The fields that differ, or the whole where a record has none.
fn fields<'a>(from: &'a Json, to: &'a Json) -> Vec<(String, &'a Json, &'a Json)> {
    const NONE: &Json = &Json::Null;
    let (Some(a), Some(b)) = (from.as_object(), to.as_object()) else { return vec![(String::new(), from, to)] };
    let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
    names.sort();
    names.dedup();
    let held = names.into_iter().map(|name| (name, a.get(name).unwrap_or(NONE), b.get(name).unwrap_or(NONE)));
    held.filter(|(_, a, b)| a != b).map(|(name, a, b)| (format!("{name} "), a, b)).collect()
}

fn short(value: &Json) -> String {
    match value {
        Json::Null => "none".to_owned(),
        Json::String(text) => Clean::line(text).to_string(),
        Json::Array(list) if list.is_empty() => "none".to_owned(),
        Json::Array(list) => list.iter().map(short).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
