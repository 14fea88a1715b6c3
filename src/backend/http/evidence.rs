//! What a record shows of an act: lost answers, half-done acts and reading back are judged by it.
//!
//! Pure. Where a record cannot tell, it says so by not showing the part.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::backend::http::tracker::{Entry, Part, Record, Wanted};
use crate::domain::change::{Audience, Change, OpKey};
use crate::domain::field::{Field, Value};
use crate::domain::name::TicketId;
use crate::text::Clean;

/// How far the clocks of console and tracker may be apart when words are looked for.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// How many acts are remembered.
const REMEMBERED: usize = 512;

/// What other acts of this console have stored: the same words said twice are two notes, and each act finds its own.
#[derive(Debug, Default)]
pub struct Claims {
    words: HashMap<TicketId, Vec<Claim>>,
    made: HashMap<TicketId, OpKey>,
}

#[derive(Debug)]
struct Claim {
    key: OpKey,
    audience: Audience,
    words: String,
    /// By the tracker's clock.
    at: Timestamp,
}

impl Claims {
    /// These parts of that act stand in the record by now.
    pub fn said(&mut self, record: &Record, wanted: &Wanted, parts: &[Part]) {
        if self.words.len() >= REMEMBERED {
            self.words.clear();
        }
        let held = self.words.entry(record.id.clone()).or_default();
        for part in parts {
            if let Part::Say(audience, text) = part {
                let claim =
                    Claim { key: wanted.key.clone(), audience: *audience, words: words(text), at: record.updated };
                held.push(claim);
            }
        }
    }

    /// That act made this ticket.
    pub fn made(&mut self, id: &TicketId, key: &OpKey) {
        if self.made.len() >= REMEMBERED {
            self.made.clear();
        }
        self.made.insert(id.clone(), key.clone());
    }

    /// Another act made this ticket.
    pub fn is_anothers(&self, id: &TicketId, key: &OpKey) -> bool {
        self.made.get(id).is_some_and(|held| held != key)
    }

    /// How often other acts said these words since then.
    fn by_others(&self, record: &Record, wanted: &Wanted, audience: Audience, text: &str, since: Timestamp) -> usize {
        let held = self.words.get(&record.id).into_iter().flatten();
        let same = |claim: &&Claim| {
            claim.key != wanted.key && claim.audience == audience && claim.words == text && claim.at >= since
        };
        held.filter(same).count()
    }
}

/// A record under the question what it shows of an act.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    pub record: &'a Record,
    pub wanted: &'a Wanted,
    pub claims: &'a Claims,
    /// How far the tracker's clock is ahead of ours, where that is known.
    pub ahead: Option<SignedDuration>,
}

impl Evidence<'_> {
    /// The parts that cannot be seen to be done.
    pub fn left(&self, parts: &[Part]) -> Vec<Part> {
        let mut told: Vec<(Audience, String)> = Vec::new();
        let mut left = Vec::new();
        for part in parts {
            let done = match part {
                Part::Say(audience, text) => {
                    let text = words(text);
                    let before = told.iter().filter(|held| held.0 == *audience && held.1 == text).count();
                    let done = self.said(*audience, &text) > before;
                    told.push((*audience, text));
                    done
                }
                part => is_done(self.record, part),
            };
            if !done {
                left.push(part.clone());
            }
        }
        left
    }

    /// The parts that the record contradicts. Words and links that were not read are taken to be there.
    pub fn missing(&self, parts: &[Part]) -> Vec<Part> {
        let mut left = self.left(parts);
        left.retain(|part| match part {
            Part::Say(..) => self.record.history.is_some(),
            Part::Link(_) | Part::Unlink(_) => self.record.links.is_some(),
            _ => true,
        });
        left
    }

    /// Whether it was this act that brought the record to where it stands, so that what is left of it may follow.
    pub fn is_ours(&self, left: &[Part]) -> bool {
        if left.is_empty() {
            return true;
        }
        // An empty field may have been empty all along.
        let tells = |part: &&Part| !matches!(part, Part::Field(_, None) | Part::Unlink(_));
        let done = self.wanted.parts.iter().filter(|part| !left.contains(part));
        let theirs = |entry: &&Entry| entry.at >= self.since() && entry.who != self.wanted.me;
        let mut others = self.record.history.iter().flatten().filter(theirs);
        done.filter(tells).count() > 0 && !others.any(|entry| left.iter().any(|part| touches(&entry.change, part)))
    }

    /// How often these words were said by me since the act was done, those of other acts of mine left out.
    fn said(&self, audience: Audience, text: &str) -> usize {
        let since = self.since();
        let mine = |entry: &&Entry| {
            entry.at >= since
                && entry.who == self.wanted.me
                && matches!(&entry.change, Change::Say { audience: a, text: held } if *a == audience && words(held) == text)
        };
        let all = self.record.history.iter().flatten().filter(mine).count();
        all.saturating_sub(self.claims.by_others(self.record, self.wanted, audience, text, since))
    }

    /// The earliest time that the tracker's clock may have shown when the act was done.
    fn since(&self) -> Timestamp {
        let behind = self.ahead.unwrap_or_default().min(SignedDuration::ZERO);
        let at = self.wanted.at.saturating_add(behind).unwrap_or(Timestamp::MIN);
        at.saturating_sub(SKEW).unwrap_or(Timestamp::MIN)
    }
}

/// Whether somebody else's change is to what this part would change.
fn touches(change: &Change, part: &Part) -> bool {
    match (change, part) {
        (Change::Set { field, .. }, Part::Field(Field::PriorityOverride, _)) => {
            matches!(field, Field::PriorityOverride | Field::Impact | Field::Urgency)
        }
        (Change::Set { field, .. }, Part::Field(wanted, _)) => field == wanted,
        (Change::Move { .. }, Part::Step(..)) | (Change::Handover { .. }, Part::Owner(_)) => true,
        _ => false,
    }
}

/// Whether a part that is no words stands in the record.
fn is_done(record: &Record, part: &Part) -> bool {
    match part {
        Part::Field(Field::PriorityOverride, Some(value)) => {
            value.as_number() == record.priority.map(i64::from) || same(record, &Field::PriorityOverride, Some(value))
        }
        // Without an override the tracker computes; what it shows then is its own affair.
        Part::Field(Field::PriorityOverride, None) => true,
        Part::Field(field, value) => same(record, field, value.as_ref()),
        Part::Step(_, to) => record.state == *to,
        Part::Owner(name) => record.owner.as_ref() == Some(name),
        Part::Link(link) => record.links.iter().flatten().any(|held| held == link),
        Part::Unlink(link) => record.links.as_ref().is_some_and(|links| !links.contains(link)),
        Part::Say(..) => false,
    }
}

fn same(record: &Record, field: &Field, wanted: Option<&Value>) -> bool {
    match (record.fields.get(field), wanted) {
        (None, None) => true,
        (None, Some(value)) => value.as_flag() == Some(false) || words(&value.to_string()).is_empty(),
        (Some(held), None) => held.as_flag() == Some(false),
        (Some(Value::Time(held)), Some(Value::Time(value))) => held.as_second() == value.as_second(),
        (Some(held), Some(value)) => held == value || words(&held.to_string()) == words(&value.to_string()),
    }
}

/// What the tracker would have done, told as its history tells it: stands in for a history that was not read again.
pub fn as_entries(base: &Record, now: &Record, wanted: &Wanted, stored: &[Part]) -> Vec<Entry> {
    let changes = stored.iter().filter_map(|part| change(base, part));
    let entry = |change| Entry { act: wanted.key.0.as_str().into(), at: now.updated, who: wanted.me.clone(), change };
    changes.map(entry).collect()
}

fn change(base: &Record, part: &Part) -> Option<Change> {
    Some(match part {
        Part::Field(field, to) => {
            let from = base.fields.get(field).cloned();
            Change::Set { field: field.clone(), from, to: to.clone() }
        }
        Part::Step(verb, to) if *to != base.state => Change::Move { verb: *verb, from: base.state, to: *to },
        Part::Step(..) => return None,
        Part::Owner(name) => Change::Handover { step: crate::domain::change::Handover::Accept { by: name.clone() } },
        Part::Link(link) => Change::Link { link: link.clone() },
        Part::Unlink(link) => Change::Unlink { link: link.clone() },
        Part::Say(audience, text) => Change::Say { audience: *audience, text: text.clone() },
    })
}

/// The record as it must stand after these parts, for somebody who may not read it any more.
pub fn as_done(base: &Record, parts: &[Part]) -> Record {
    let mut record = base.clone();
    // What happened before does not tell of this.
    record.history = None;
    let mut links: BTreeSet<_> = record.links.take().into_iter().flatten().collect();
    for part in parts {
        match part {
            Part::Field(field, Some(value)) => {
                record.fields.insert(field.clone(), value.clone());
            }
            Part::Field(field, None) => {
                record.fields.remove(field);
            }
            Part::Step(_, to) => record.state = *to,
            Part::Owner(name) => record.owner = Some(name.clone()),
            Part::Link(link) => {
                links.insert(link.clone());
            }
            Part::Unlink(link) => {
                links.remove(link);
            }
            Part::Say(..) => {}
        }
    }
    record.links = Some(links.into_iter().collect());
    record
}

/// Text as it is compared: trackers wrap lines and trim ends.
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Why a part is said not to be stored, as a sentence.
pub fn why_missing(record: &Record, part: &Part) -> Clean {
    if is_public_now(record, part) {
        return Clean::line("The tracker made it a public reply: whoever may see the ticket reads it.");
    }
    let still = match part {
        Part::Field(field, _) => match record.fields.get(field) {
            Some(value) => format!("it is still {value}"),
            None => "it is still empty".to_owned(),
        },
        Part::Step(..) => format!("its state is {}", record.native_state),
        Part::Owner(_) => match &record.owner {
            Some(owner) => format!("it is {owner}'s"),
            None => "nobody owns it".to_owned(),
        },
        Part::Link(_) => "the link is not there".to_owned(),
        Part::Unlink(_) => "the link is still there".to_owned(),
        Part::Say(..) => "the words are not there".to_owned(),
    };
    Clean::line(&format!("The tracker took it without a word, and {still}."))
}

/// Whether words for colleagues stand there for everybody.
fn is_public_now(record: &Record, part: &Part) -> bool {
    let Part::Say(Audience::Internal, text) = part else { return false };
    let wanted = words(text);
    record
        .history
        .iter()
        .flatten()
        .rev()
        .any(|entry| matches!(&entry.change, Change::Say { audience: Audience::Public, text } if words(text) == wanted))
}
