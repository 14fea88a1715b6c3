//! What the radar found: keys and groups put together where they are the same tickets, with the evidence and what it
//! weighs.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::counting::{self, DAY, Rate};
use super::desk::Desk;
use super::{Mutes, Radar};
use crate::domain::name::TicketId;
use crate::domain::table::{NameColumn, NumberColumn, Row, Symbol, Table, TimeColumn};

/// Words in the name of a group.
const NAMED: usize = 4;
/// So many of its tickets are read for its name.
const NAMING: usize = 50;
/// Two findings are one where the smaller has so much of its tickets in the larger.
const SAME: f64 = 0.6;

/// Something that keeps coming back.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is muted by; stays the same as tickets come.
    pub key: String,
    /// For people: the telling words, or what the tickets share.
    pub label: String,
    /// Why it is told, a sentence for each way in which it was found.
    pub why: Vec<String>,
    /// The tickets of the window, the newest first.
    pub tickets: Vec<TicketId>,
    pub evidence: Evidence,
    /// What it weighs; the parts are in [`Evidence::weights`].
    pub score: f64,
    /// Until when it is muted, and why.
    pub muted: Option<super::Mute>,
}

/// What speaks for a look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    pub tickets: usize,
    pub open: usize,
    pub callers: usize,
    pub assets: usize,
    /// How many of them came in the window before.
    pub before: usize,
    /// From open to resolved, or till now, all together.
    pub minutes_lost: i64,
    /// The share that was reopened, 0 to 1.
    pub reopened: f64,
    /// An open problem or a known error on the same, and what is the same.
    pub problem: Option<(TicketId, String)>,
    /// The last change on one of its assets, and how many days before the newest ticket it was touched.
    pub change: Option<(TicketId, i64)>,
}

impl Evidence {
    /// The parts of the score with their names. A problem that is open already halves the rest.
    pub fn weights(&self) -> Vec<(&'static str, f64)> {
        let growth = self.tickets as f64 / self.before.max(1) as f64;
        vec![
            ("tickets", self.tickets as f64),
            ("callers", self.callers as f64),
            ("assets", self.assets as f64),
            ("growth", growth.min(10.0)),
            ("hours lost", (self.minutes_lost.max(0) as f64 / 60.0).max(1.0).ln()),
            ("reopened", self.reopened * 10.0),
            ("change", if self.change.is_some() { 5.0 } else { 0.0 }),
        ]
    }

    fn score(&self) -> f64 {
        let sum: f64 = self.weights().into_iter().map(|(_, weight)| weight).sum();
        if self.problem.is_some() { sum / 2.0 } else { sum }
    }
}

/// A finding in the making.
struct Raw {
    key: String,
    label: String,
    why: Vec<String>,
    tickets: BTreeSet<u32>,
    before: usize,
}

impl Radar {
    /// Everything worth a look at `now`, the weightiest first, the muted ones last. `table` is the desk as it stands.
    pub fn findings(&self, table: &Table, mutes: &Mutes, now: Timestamp) -> Vec<Finding> {
        let ms = now.as_millisecond();
        let mut raw = self.by_key(ms);
        raw.extend(self.by_words(ms));
        let desk = Desk::of(table);
        let mut found: Vec<Finding> = merged(raw)
            .into_iter()
            .map(|raw| {
                let evidence = self.evidence(&raw, table, &desk, now);
                let mut tickets: Vec<u32> = raw.tickets.into_iter().collect();
                tickets.sort_by_key(|place| std::cmp::Reverse((self.seen[*place as usize].opened, *place)));
                Finding {
                    muted: None,
                    score: evidence.score(),
                    tickets: tickets.iter().map(|place| self.seen[*place as usize].id.clone()).collect(),
                    key: raw.key,
                    label: raw.label,
                    why: raw.why,
                    evidence,
                }
            })
            .collect();
        order(&mut found, mutes, now);
        found
    }

    fn by_key(&self, now: i64) -> Vec<Raw> {
        let start = now - i64::from(self.rules.window_days) * DAY;
        let mut raw = Vec::new();
        for key in &self.often {
            let Some(held) = self.keys.get(key) else { continue };
            let times: Vec<i64> = held.iter().map(|(time, _)| *time).collect();
            let rate = counting::rate(&times, now, self.since, &self.rules);
            if rate.alarms(&self.rules) {
                let label = key.split(" & ").filter_map(|part| part.split_once('=')).map(|(_, value)| value);
                raw.push(Raw {
                    key: key.to_string(),
                    label: label.collect::<Vec<_>>().join(" "),
                    why: vec![self.said(key, &rate)],
                    tickets: held.iter().filter(|(time, _)| *time > start && *time <= now).map(|(_, p)| *p).collect(),
                    before: self.before(&times, start),
                });
            }
        }
        raw
    }

    fn before(&self, times: &[i64], start: i64) -> usize {
        let window = i64::from(self.rules.window_days) * DAY;
        times.iter().filter(|time| **time > start - window && **time <= start).count()
    }

    fn said(&self, key: &str, rate: &Rate) -> String {
        let days = self.rules.window_days;
        let shared = key.replace('=', " ").replace(" & ", ", ");
        match rate.usual {
            None => format!("{} in {days} days with {shared}; the desk is too young to say what is usual", rate.count),
            Some(usual) => format!("{} in {days} days with {shared}; {usual:.1} are usual", rate.count),
        }
    }

    fn by_words(&self, now: i64) -> Vec<Raw> {
        let start = now - i64::from(self.rules.window_days) * DAY;
        let mut raw = Vec::new();
        for group in self.groups.iter().filter(|group| group.len() >= self.rules.least) {
            let counting = |place: &&u32| self.seen[**place as usize].counts;
            let mut times: Vec<i64> =
                group.iter().filter(counting).map(|place| self.seen[*place as usize].opened).collect();
            times.sort_unstable();
            let rate = counting::rate(&times, now, self.since, &self.rules);
            if !rate.alarms(&self.rules) {
                continue;
            }
            let recent = |place: &u32| {
                let sighting = &self.seen[*place as usize];
                sighting.counts && sighting.opened > start && sighting.opened <= now
            };
            let tickets: BTreeSet<u32> = group.iter().copied().filter(recent).collect();
            let titles = tickets.iter().take(NAMING).map(|place| &*self.seen[*place as usize].title);
            let words = self.texts.telling(titles, NAMED).join(" ");
            let first = &self.seen[group[0] as usize];
            let label = if words.is_empty() { first.title.to_string() } else { words };
            let usual = rate.usual.map_or(String::new(), |usual| format!("; {usual:.1} are usual"));
            raw.push(Raw {
                key: format!("words={}", first.id),
                why: vec![format!("{} in {} days that read alike{usual}", rate.count, self.rules.window_days)],
                label,
                before: self.before(&times, start),
                tickets,
            });
        }
        raw
    }

    fn evidence(&self, raw: &Raw, table: &Table, desk: &Desk<'_>, now: Timestamp) -> Evidence {
        let ids = raw.tickets.iter().map(|place| &self.seen[*place as usize].id);
        let rows: Vec<Row> = ids.filter_map(|id| table.row(id)).collect();
        let distinct = |column| {
            let held: BTreeSet<Symbol> = rows.iter().filter_map(|row| table.symbol(*row, column)).collect();
            held.len()
        };
        let lost = |row: &Row| {
            let opened = table.time(*row, TimeColumn::Opened)?;
            let until = table.time(*row, TimeColumn::Resolved).unwrap_or(now.as_millisecond());
            Some((until - opened).max(0) / 60_000)
        };
        let reopened = rows.iter().filter(|row| table.number(**row, NumberColumn::Reopens) > 0).count();
        Evidence {
            tickets: raw.tickets.len(),
            open: rows.iter().filter(|row| table.state(**row).is_open()).count(),
            callers: distinct(NameColumn::Caller),
            before: raw.before,
            minutes_lost: rows.iter().filter_map(lost).sum(),
            reopened: reopened as f64 / rows.len().max(1) as f64,
            problem: desk.problem(&rows, &raw.label, |word| self.texts.tells(word)),
            change: desk.change(&rows, i64::from(self.rules.change_days)),
            assets: distinct(NameColumn::Asset),
        }
    }
}

/// Says of each finding whether it is muted at `now`; the weightiest first, the muted ones last.
pub fn order(found: &mut [Finding], mutes: &Mutes, now: Timestamp) {
    for finding in &mut *found {
        finding.muted = mutes.get(&finding.key).filter(|mute| mute.until > now).cloned();
    }
    found.sort_by(|a, b| {
        let muted = a.muted.is_some().cmp(&b.muted.is_some());
        muted.then(b.score.total_cmp(&a.score)).then_with(|| a.key.cmp(&b.key))
    });
}

/// Puts together what are mostly the same tickets: each into the largest that has most of its own, never through a
/// third.
fn merged(mut raw: Vec<Raw>) -> Vec<Raw> {
    raw.sort_by(|a, b| b.tickets.len().cmp(&a.tickets.len()).then_with(|| a.key.cmp(&b.key)));
    let mut kept: Vec<(Raw, BTreeSet<u32>)> = Vec::new();
    for next in raw {
        let shares =
            |own: &BTreeSet<u32>| own.intersection(&next.tickets).count() as f64 >= SAME * next.tickets.len() as f64;
        match kept.iter_mut().find(|(_, own)| shares(own)) {
            Some((held, _)) => {
                held.tickets.extend(&next.tickets);
                // Words name a thing better than the field that its tickets share.
                if next.key.starts_with("words=") && !held.key.starts_with("words=") && !held.label.contains(": ") {
                    held.label = format!("{}: {}", held.label, next.label);
                }
                held.why.extend(next.why);
            }
            None => {
                let own = next.tickets.clone();
                kept.push((next, own));
            }
        }
    }
    kept.into_iter().map(|(raw, _)| raw).collect()
}
