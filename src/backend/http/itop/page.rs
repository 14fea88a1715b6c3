//! Which tickets there are, and which have changed: a walk through one class after the other, then questions for changes.
//!
//! iTop has no sorting, and pages by number shift when somebody makes a ticket. Each class stands in the order of its
//! references, so the walk goes on from the last reference that was read. A row may come twice, none is left out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::map::Reading;
use super::model::{self, TICKET};
use super::names::NONE;
use super::wire::Object;
use super::{Itop, oql, time};
use crate::backend::http::tracker::{Page, Record};
use crate::backend::{Cursor, Error, Result};
use crate::domain::kind::Kind;

/// Between two answers of so many seconds, iTop's clock has gone on for sure.
const A_TICK: i64 = 2;

/// Where we are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    /// The walk through everything, while it lasts.
    walk: Option<Walk>,
    /// The largest time of a change that was received.
    since: String,
    /// Changes that were seen and are still to be read, by class.
    todo: BTreeMap<String, Vec<String>>,
    /// What was read of the last seconds, so that it does not come again and again: key to (time, when it was first seen by
    /// iTop's clock, whether it was read once more since).
    edge: BTreeMap<String, (String, i64, bool)>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    class: usize,
    /// The last reference that was read.
    last: Option<String>,
    rises: bool,
    /// The keys that came with it, which come once more.
    came: Vec<String>,
    /// The number of the page, for a class that is not in the order of its references.
    number: Option<usize>,
    /// From when on closed tickets are wanted.
    closed: String,
    /// Whether any class could be read so far.
    read: bool,
}

impl Place {
    fn read(cursor: &Cursor) -> Result<Self> {
        let place: Self = cursor.read()?;
        // Another desk's cursor may look like ours and tell nothing.
        if place.walk.is_none() && !time::is_one(&place.since) { Err(Error::CursorExpired) } else { Ok(place) }
    }

    fn cursor(&self) -> Result<Cursor> {
        Cursor::write(self)
    }
}

impl Itop {
    /// See `Tracker::page`.
    pub(super) async fn paged(&self, since: Option<&Cursor>) -> Result<Page> {
        let place = match since {
            Some(cursor) => Place::read(cursor)?,
            None => Place { walk: Some(self.walk()), ..Place::default() },
        };
        match place.walk.clone() {
            Some(walk) => self.walked(place, walk).await,
            None => self.changed(place).await,
        }
    }

    fn walk(&self) -> Walk {
        let days = SignedDuration::from_hours(24 * i64::from(self.setup.scope.closed_days));
        let from = Timestamp::now().checked_sub(days).unwrap_or(Timestamp::UNIX_EPOCH);
        Walk { closed: time::write(from, &self.setup.zone), ..Walk::default() }
    }

    /// One page; of classes in which there is nothing, none.
    async fn walked(&self, mut place: Place, mut walk: Walk) -> Result<Page> {
        loop {
            let page = self.step(place, walk).await?;
            place = Place::read(&page.next)?;
            match place.walk.clone().filter(|_| page.records.is_empty() && page.more) {
                Some(next) => walk = next,
                None => return Ok(page),
            }
        }
    }

    async fn step(&self, mut place: Place, mut walk: Walk) -> Result<Page> {
        let classes = model::walked(&self.setup.mapping);
        let Some((kind, class)) = classes.get(walk.class) else {
            return Err(Error::invalid("kinds", "The mapping of this desk names no class of iTop."));
        };
        let limit = self.setup.scope.page.max(2);
        let open = format!("(operational_status != 'closed' OR last_update >= {})", oql::quote(&walk.closed));
        let beyond = walk
            .last
            .as_deref()
            .filter(|_| walk.number.is_none())
            .map(|last| format!("ref {} {}", if walk.rises { ">=" } else { "<=" }, oql::quote(last)));
        let wanted = oql::all([open, self.scope().await?, beyond.unwrap_or_default()]);
        let key = format!("SELECT {class} WHERE {wanted}");
        let output = model::output(&self.setup.mapping, *kind, class, false);
        let output: Vec<&str> = output.iter().map(String::as_str).collect();
        let asked = self.asked(class, &json!(key), &output, limit, walk.number.unwrap_or(1)).await;
        let is_last = walk.class + 1 == classes.len();
        let (rows, date) = match asked {
            Ok((answer, date)) => {
                walk.read = true;
                (answer.objects.0, date)
            }
            // A site without that module of iTop, or an account that may not read all of them, still has the others.
            Err(Error::Unsupported(why) | Error::Forbidden(why)) if walk.read || !is_last => {
                tracing::warn!("{class} is left out: {why}");
                (Vec::new(), None)
            }
            Err(error) => return Err(error),
        };
        if place.since.is_empty() && walk.read {
            // As it was when the walk began. Without a row to tell, far enough back for any zone.
            let newest = rows.iter().map(|row| row.text("last_update")).max().unwrap_or_default().to_owned();
            let date = date.unwrap_or_else(Timestamp::now).checked_sub(SignedDuration::from_hours(26));
            let far = time::write(date.unwrap_or(Timestamp::UNIX_EPOCH), &self.setup.zone);
            place.since = if newest.is_empty() { far } else { newest };
        }
        let now = date.unwrap_or_else(Timestamp::now).as_second();
        for row in rows.iter().filter(|row| row.text("last_update") >= place.since.as_str()) {
            let at = row.text("last_update");
            place.edge.insert(row.key.clone(), (at.to_owned(), now, self.is_past(at, now)));
        }
        let full = rows.len() >= limit;
        let came = std::mem::take(&mut walk.came);
        let next_class =
            Walk { class: walk.class + 1, closed: walk.closed.clone(), read: walk.read, ..Walk::default() };
        let next = match full.then(|| onward(&walk, &rows)) {
            Some(Onward::From(last, rises)) => {
                walk.came = rows.iter().filter(|row| row.text("ref") == last).map(|row| row.key.clone()).collect();
                walk.last = Some(last);
                walk.rises = rises;
                Some(walk)
            }
            Some(Onward::Numbers) => {
                walk.number = Some(walk.number.unwrap_or(1) + 1);
                // Numbers count from the beginning of the class.
                if walk.last.take().is_some() {
                    walk.number = Some(1);
                }
                Some(walk)
            }
            None => (next_class.class < classes.len()).then_some(next_class),
        };
        let new: Vec<Object> = rows.into_iter().filter(|row| !came.contains(&row.key)).collect();
        let records = self.rows(&new, *kind);
        let more = next.is_some();
        place.walk = next;
        Ok(Page { records, gone: Vec::new(), next: place.cursor()?, more })
    }

    /// What has changed since: one question to all classes at once, and one to each class that something changed in.
    async fn changed(&self, mut place: Place) -> Result<Page> {
        if place.todo.is_empty() {
            self.look(&mut place).await?;
        }
        let Some((class, keys)) = place.todo.pop_first() else {
            return Ok(Page { records: Vec::new(), gone: Vec::new(), next: place.cursor()?, more: false });
        };
        let limit = self.setup.scope.page.max(2);
        let (now, later) = keys.split_at(keys.len().min(limit));
        let kind = model::kind_of(&self.setup.mapping, &class).unwrap_or(Kind::Incident);
        let output = model::output(&self.setup.mapping, kind, &class, false);
        let output: Vec<&str> = output.iter().map(String::as_str).collect();
        let wanted = oql::all([oql::any_of("id", now), self.scope().await?]);
        // More than the limit cannot come; without one, a page never ends early.
        let rows = match self.get(&class, &json!(format!("SELECT {class} WHERE {wanted}")), &output, 0).await {
            Ok(answer) => answer.objects.0,
            // Lists of all classes name what I may not read by itself.
            Err(Error::Forbidden(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let records = self.rows(&rows, kind);
        let found: Vec<&str> = rows.iter().map(|object| object.key.as_str()).collect();
        // It went to a group that is not ours, or out of my sight.
        let names = self.names();
        let lost = now.iter().filter(|key| !found.contains(&key.as_str()));
        let gone = lost.filter_map(|key| names.id_at(&class, key)).collect();
        drop(names);
        if !later.is_empty() {
            place.todo.insert(class, later.to_vec());
        }
        let more = !place.todo.is_empty();
        Ok(Page { records, gone, next: place.cursor()?, more })
    }

    async fn look(&self, place: &mut Place) -> Result<()> {
        let from = time::overlapped(&place.since, &self.setup.zone);
        let key = format!("SELECT {TICKET} WHERE last_update >= {}", oql::quote(&from));
        let (answer, date) = self.asked(TICKET, &json!(key), &["ref", "last_update", "finalclass"], 0, 1).await?;
        let now = date.unwrap_or_else(Timestamp::now).as_second();
        let mut edge = BTreeMap::new();
        for row in &answer.objects.0 {
            let class = class_of(row);
            if model::kind_of(&self.setup.mapping, class).is_none() {
                continue;
            }
            let at = row.text("last_update");
            let held = place.edge.get(&row.key).filter(|(held, ..)| held == at);
            let read = match held {
                Some((_, seen, false)) if now - seen >= A_TICK => (at.to_owned(), *seen, true),
                Some(known @ (_, _, true)) => {
                    edge.insert(row.key.clone(), known.clone());
                    continue;
                }
                Some((_, seen, false)) => (at.to_owned(), *seen, false),
                None => (at.to_owned(), now, self.is_past(at, now)),
            };
            edge.insert(row.key.clone(), read);
            self.names().ticket(class, &row.key, row.text("ref"));
            place.todo.entry(class.to_owned()).or_default().push(row.key.clone());
        }
        let newest = answer.objects.0.iter().map(|row| row.text("last_update")).max().unwrap_or_default();
        if newest > place.since.as_str() {
            newest.clone_into(&mut place.since);
        }
        // What is older than the next question asks for need not be remembered.
        let next = time::overlapped(&place.since, &self.setup.zone);
        edge.retain(|_, (at, ..)| *at >= next);
        place.edge = edge;
        Ok(())
    }

    /// Whether that second is over by iTop's clock, so that nothing more can have happened in it.
    fn is_past(&self, at: &str, now: i64) -> bool {
        time::read(at, &self.setup.zone).is_some_and(|at| now - at.as_second() >= A_TICK)
    }

    /// Which tickets are ours: by group, and by the site's own condition.
    async fn scope(&self) -> Result<String> {
        let scope = &self.setup.scope;
        let mut teams = Vec::new();
        for group in &scope.groups {
            teams.push(self.key_of("Team", group, "group").await?);
        }
        // A ticket has no team before it is assigned: those are everybody's to look at.
        teams.push(NONE.to_owned());
        let groups = if scope.groups.is_empty() { String::new() } else { oql::any_of("team_id", &teams) };
        let own = scope.query.as_deref().map(str::trim).filter(|own| !own.is_empty());
        Ok(oql::all([groups, own.map(|own| format!("({own})")).unwrap_or_default()]))
    }

    /// The records of rows, newest first: iTop does not sort, so we do.
    fn rows(&self, rows: &[Object], kind: Kind) -> Vec<Record> {
        let reading = Reading { mapping: &self.setup.mapping, zone: &self.setup.zone };
        let mut names = self.names();
        let rows = rows.iter().filter(|row| model::kind_of(&self.setup.mapping, &row.class) == Some(kind));
        let mut records: Vec<Record> = rows.map(|row| reading.record(row, kind, &mut names)).collect();
        records.sort_by(|one, other| (other.opened, &other.id).cmp(&(one.opened, &one.id)));
        records
    }
}

/// The concrete class of a ticket that was asked for by what all have in common.
pub(super) fn class_of(row: &Object) -> &str {
    let told = row.text("finalclass");
    if told.is_empty() { &row.class } else { told }
}

/// How a walk goes on after a full page.
enum Onward {
    From(String, bool),
    Numbers,
}

fn onward(walk: &Walk, rows: &[Object]) -> Onward {
    let refs: Vec<&str> = rows.iter().map(|row| row.text("ref")).collect();
    let (first, last) = (refs.first().copied().unwrap_or_default(), refs.last().copied().unwrap_or_default());
    let rises = first < last;
    let in_order = refs.windows(2).all(|pair| if rises { pair[0] <= pair[1] } else { pair[0] >= pair[1] });
    // A page of one reference only would be read for ever.
    let moves = first != last;
    let turned = walk.last.is_some() && walk.rises != rises;
    if in_order && moves && !turned && walk.number.is_none() {
        Onward::From(last.into(), rises)
    } else {
        Onward::Numbers
    }
}
