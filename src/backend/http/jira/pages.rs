//! Pages of issues: a full walk from the newest down, then what changed since.
//!
//! Searches know minutes only, in the zone of the account; Cloud's pages are short as they please, come by a token, and
//! lag behind writes; Data Center's move while they are read. So a delta looks back a few minutes and leaves out what it
//! knows, and a walk by offsets looks whether it still stands where it stood.

use std::collections::BTreeMap;

use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::site::Site;
use super::wire::Issues;
use crate::backend::http::client::Request;
use crate::backend::http::tracker::Scope;
use crate::backend::{Cursor, Error, Result};
use crate::domain::field::Field;
use crate::domain::mapping::Mapping;

/// Where we are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// A full walk; else what changed at or after `from`.
    pub walk: bool,
    /// The newest stamp when a walk began; from where a delta looks.
    pub from: Timestamp,
    /// The newest stamp that was seen.
    pub newest: Timestamp,
    /// Cloud: the next page.
    #[serde(default)]
    pub token: Option<String>,
    /// Data Center: rows that were read.
    #[serde(default)]
    pub skip: usize,
    /// The last row that was read by offsets, which must be seen again.
    #[serde(default)]
    pub last: Option<String>,
    /// What is known within the overlap: number and stamp in ms.
    #[serde(default)]
    pub known: BTreeMap<String, i64>,
}

/// Rows that are read again, to see that nothing slipped through between two pages.
const AGAIN: usize = 3;

/// How far a delta looks back: searches on Cloud lag behind.
const fn overlap(cloud: bool) -> SignedDuration {
    SignedDuration::from_mins(if cloud { 5 } else { 2 })
}

impl Place {
    /// # Errors
    /// `CursorExpired` for a cursor that is not ours.
    pub fn read(cursor: &Cursor) -> Result<Self> {
        serde_json::from_str(&cursor.0).map_err(|_| Error::CursorExpired)
    }

    pub fn cursor(&self) -> Result<Cursor> {
        let text = serde_json::to_string(self).map_err(|error| Error::Unexpected(error.to_string()))?;
        Ok(Cursor(text))
    }

    pub fn walk_from(newest: Timestamp) -> Self {
        Self { walk: true, from: newest, newest, ..Self::default() }
    }

    /// The condition of this page, in Jira's language.
    pub fn jql(&self, scope: &Scope, mapping: &Mapping, site: &Site, zone: &TimeZone) -> String {
        let mut all = in_scope(mapping, site);
        if self.walk {
            let days = scope.closed_days;
            all.push(format!("(statusCategory != Done OR updated >= \"-{days}d\")"));
            all.extend(of_groups(scope, mapping, site));
            all.extend(scope.query.as_ref().map(|query| format!("({query})")));
            return format!("{} ORDER BY created DESC, key DESC", all.join(" AND "));
        }
        let from = self.from.saturating_sub(overlap(site.cloud)).unwrap_or(Timestamp::MIN);
        all.push(format!("updated >= \"{}\"", minute(from, zone)));
        all.extend(scope.query.as_ref().map(|query| format!("({query})")));
        format!("{} ORDER BY updated ASC, key ASC", all.join(" AND "))
    }

    /// `mine` are the numbers that Cloud looks at anew; nothing on Data Center.
    pub fn request(&self, jql: &str, fields: &[String], rows: usize, mine: Option<Vec<u64>>) -> Result<Request> {
        let token = self.token.as_deref();
        // A token belongs to the query that gave it: nothing of it may be another.
        let mine = mine.map(|mine| if self.walk || token.is_some() { Vec::new() } else { mine });
        search(jql, fields, rows, (self.skip.saturating_sub(self.again()), token), mine)
    }

    fn again(&self) -> usize {
        if self.last.is_some() { AGAIN.min(self.skip) } else { 0 }
    }

    /// How many rows at the beginning of this page were given before: a walk by offsets reads some of them twice.
    pub fn read_before(&self, page: &Issues) -> usize {
        let last = self.last.as_ref().and_then(|last| page.issues.iter().position(|issue| issue.id == *last));
        last.map_or(0, |at| at + 1)
    }

    /// Where to go on after this page, and whether at once.
    pub fn next(&self, page: &Issues, cloud: bool) -> (Self, bool) {
        let mut next = self.clone();
        let stamps = || page.issues.iter().filter_map(|issue| issue.time("updated"));
        next.newest = stamps().max().map_or(self.newest, |newest| newest.max(self.newest));
        if !self.walk {
            let seen = |issue: &super::wire::Issue| Some((issue.id.clone(), issue.time("updated")?.as_millisecond()));
            next.known.extend(page.issues.iter().filter_map(seen));
        }
        if cloud {
            next.token.clone_from(&page.next_page_token);
            let more = page.is_last != Some(true) && next.token.is_some();
            return if more { (next, true) } else { (next.delta(cloud), false) };
        }
        // Rows went away before us: what followed them slipped forward. Go back by a page.
        let slipped = self.last.as_ref().is_some_and(|last| !page.issues.iter().any(|issue| issue.id == *last));
        if slipped && self.skip > 0 {
            next.skip = self.skip.saturating_sub(page.issues.len().max(AGAIN));
            next.last = None;
            return (next, true);
        }
        let read = page.start_at as usize + page.issues.len();
        let more = !page.issues.is_empty() && page.total.is_none_or(|total| total as usize > read);
        if !more {
            return (next.delta(cloud), false);
        }
        (next.skip, next.last) = (read, page.issues.last().map(|issue| issue.id.clone()));
        (next, true)
    }

    /// The end of a walk or a delta: from here on, what is new.
    fn delta(&self, cloud: bool) -> Self {
        // What was changed while a walk went on is asked for again.
        let newest = if self.walk { self.from } else { self.newest };
        let back = newest.saturating_sub(overlap(cloud)).unwrap_or(Timestamp::MIN).as_millisecond();
        let mut known = self.known.clone();
        // Minutes are rounded down: a little more is kept.
        known.retain(|_, at| *at >= back - 60_000);
        Self { walk: false, from: newest, newest, known, ..Self::default() }
    }
}

/// A search, by whichever way the product has. Both only read.
pub fn search(
    jql: &str,
    fields: &[String],
    rows: usize,
    at: (usize, Option<&str>),
    mine: Option<Vec<u64>>,
) -> Result<Request> {
    let (start, token) = at;
    let mut body = json!({ "jql": jql, "fields": fields, "maxResults": rows.max(1) });
    if let Some(mine) = mine {
        if !mine.is_empty() {
            body["reconcileIssues"] = json!(mine);
        }
        if let Some(token) = token {
            body["nextPageToken"] = token.into();
        }
        return Ok(Request::post("rest/api/3/search/jql").json(&body)?.reading());
    }
    body["startAt"] = start.into();
    Ok(Request::post("rest/api/2/search").json(&body)?.reading())
}

/// Projects and types: type numbers where they are known, since a site may refuse names in brackets.
pub fn in_scope(mapping: &Mapping, site: &Site) -> Vec<String> {
    let projects = site.projects.iter().map(|project| quoted(&project.key)).collect::<Vec<_>>().join(", ");
    let mut all = vec![format!("project in ({projects})")];
    let known = site.projects.iter().flat_map(|project| &project.types);
    let mut types: Vec<String> = known.map(|(_, one)| one.id.clone()).collect();
    if types.is_empty() {
        // None of them is there: Jira says which it does not know.
        types = mapping.kinds.values().map(|kind| quoted(&kind.place)).collect();
    }
    types.sort();
    types.dedup();
    all.push(format!("issuetype in ({})", types.join(", ")));
    all
}

fn of_groups(scope: &Scope, mapping: &Mapping, site: &Site) -> Option<String> {
    let native = mapping.kinds.keys().find_map(|kind| mapping.field(*kind, &Field::Group))?;
    let id = site.field(native)?.id.strip_prefix("customfield_")?;
    let names = scope.groups.iter().map(|group| quoted(group)).collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("cf[{id}] in ({names})"))
}

/// A text in quotes.
pub fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The minute in which it falls, as that zone's clocks show it. Where they show it twice, the hour before is meant too.
pub fn minute(at: Timestamp, zone: &TimeZone) -> String {
    let at = at.max(Timestamp::UNIX_EPOCH);
    let shown = |at: Timestamp| at.to_zoned(zone.clone()).datetime();
    let twice = matches!(zone.to_ambiguous_timestamp(shown(at)).offset(), AmbiguousOffset::Fold { .. });
    let at = if twice { at.saturating_sub(SignedDuration::from_hours(1)).unwrap_or(at) } else { at };
    let at = at.to_zoned(zone.clone());
    let whole = at.round(jiff::ZonedRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Floor)).unwrap_or(at);
    whole.strftime("%Y-%m-%d %H:%M").to_string()
}
