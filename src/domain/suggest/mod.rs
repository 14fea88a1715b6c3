//! What the desk did with tickets like this one: guesses of category, group, impact and urgency, each with its
//! precedents, and tickets that read alike.
//!
//! The desk's own history is the only source. Words are weighed by TF-IDF (sublinear tf, smoothed idf, unit length) to
//! find the nearest tickets, which are the precedents. What a field gets is judged together by two linear models, one
//! over words and pairs of words, one over pieces of words, by what the words tell by themselves and by the nearest
//! ([`jury`]). A guess is spoken only where guesses of its strength were right
//! often enough when they were put to the desk's own known answers, each held out in turn. Until
//! [`Index::calibrate`] was run, and on a desk with too little history, there are no guesses at all.
//!
//! An index is built on the side, when a triage session begins. The newest 20,000 resolved tickets are enough: older
//! ones tell about a desk that is no more.

mod calibrate;
mod corpus;
mod evaluate;
mod index;
mod jury;
mod linear;
mod past;
mod search;
pub(crate) mod words;

use crate::domain::field::Field;
use crate::domain::name::{Name, TicketId};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

pub use calibrate::Measured;
pub use evaluate::{Answer, Part, measure, sample};
pub use index::Index;
pub use past::{Past, past};
pub use words::is_filler;

/// So many tickets are learnt from at most: older ones tell about a desk that is no more.
pub const MOST_LEARNT: usize = 20_000;
/// From this likeness on, two tickets most likely report the same thing.
pub const NEAR_DUPLICATE: f32 = 0.9;
/// From this likeness on, two tickets are worth showing beside each other.
pub const SIMILAR: f32 = 0.6;

/// A ticket whose answers are known.
#[derive(Debug, Clone, Default)]
pub struct Example<'a> {
    pub id: Option<&'a TicketId>,
    /// The title, and the description where it is at hand.
    pub text: &'a str,
    pub caller: Option<&'a str>,
    pub asset: Option<&'a str>,
    pub service: Option<&'a str>,
    pub location: Option<&'a str>,
    pub channel: Option<&'a str>,
    pub category: Option<&'a Name>,
    pub group: Option<&'a Name>,
    pub impact: Option<u8>,
    pub urgency: Option<u8>,
}

/// A ticket whose answers are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Case<'a> {
    pub text: &'a str,
    pub caller: Option<&'a str>,
    pub asset: Option<&'a str>,
    pub service: Option<&'a str>,
    pub location: Option<&'a str>,
    pub channel: Option<&'a str>,
    /// The ticket itself, which is no precedent of its own.
    pub except: Option<&'a TicketId>,
}

/// How guesses are made and when they are spoken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How many of the nearest tickets have a vote.
    pub neighbours: usize,
    /// The share of guesses that must have been right, from 0 to 1.
    pub precision: f32,
    /// Fewer held-out answers than this above the threshold, and a field stays silent.
    pub enough: usize,
    /// How many tickets are held out to measure; spread evenly over the index.
    pub held_out: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { neighbours: 11, precision: 0.8, enough: 30, held_out: 2_000 }
    }
}

/// What tickets like this one got. A field is none where history is silent or not to be trusted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suggestion {
    pub category: Option<Guess<Name>>,
    pub group: Option<Guess<Name>>,
    pub impact: Option<Guess<u8>>,
    pub urgency: Option<Guess<u8>>,
    /// The tickets that had a vote, nearest first.
    pub precedents: Vec<TicketId>,
}

/// One guess with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess<T> {
    pub value: T,
    /// How many of the nearest tickets have this value.
    pub agree: usize,
    /// How many of the nearest tickets have any value.
    pub of: usize,
    /// The share of held-out guesses of this strength that were right, from 0 to 1.
    pub confidence: f32,
    /// Up to three tickets that agree, nearest first.
    pub examples: Vec<TicketId>,
}

/// A ticket that reads alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    pub id: TicketId,
    /// The cosine of the two texts, 0 to 1.
    pub score: f32,
}

impl Alike {
    /// Most likely the same thing reported twice.
    pub fn is_near_duplicate(&self) -> bool {
        self.score >= NEAR_DUPLICATE
    }
}

impl Suggestion {
    /// There is nothing to take.
    pub fn is_empty(&self) -> bool {
        self.category.is_none() && self.group.is_none() && self.impact.is_none() && self.urgency.is_none()
    }

    /// Why each guess is made, in the order of the decision bar: `7 like this went to Network, e.g. INC-812`.
    pub fn reasons(&self) -> Vec<(Field, String)> {
        let mut reasons = Vec::new();
        let mut say = |field: Field, reason: Option<String>| reasons.extend(reason.map(|reason| (field, reason)));
        say(Field::Impact, self.impact.as_ref().map(|guess| guess.reason("had impact")));
        say(Field::Urgency, self.urgency.as_ref().map(|guess| guess.reason("had urgency")));
        say(Field::Category, self.category.as_ref().map(|guess| guess.reason("were")));
        say(Field::Group, self.group.as_ref().map(|guess| guess.reason("went to")));
        reasons
    }
}

impl<T: std::fmt::Display> Guess<T> {
    fn reason(&self, did: &str) -> String {
        let mut text = format!("{} like this {did} {}", self.agree, self.value);
        if let Some(id) = self.examples.first() {
            text.push_str(&format!(", e.g. {id}"));
        }
        text
    }
}

impl<'a> Example<'a> {
    fn source(&self) -> corpus::Source<'a> {
        corpus::Source { text: self.text, facets: [self.caller, self.asset, self.service, self.location, self.channel] }
    }

    /// The question that this example is an answer to.
    pub fn case(&self) -> Case<'a> {
        Case {
            text: self.text,
            caller: self.caller,
            asset: self.asset,
            service: self.service,
            location: self.location,
            channel: self.channel,
            except: self.id,
        }
    }

    /// What stands in this field; nothing for one that is not guessed.
    pub fn answer(&self, field: &Field) -> Option<String> {
        match field {
            Field::Category => self.category.map(Name::to_string),
            Field::Group => self.group.map(Name::to_string),
            Field::Impact => self.impact.map(|level| level.to_string()),
            Field::Urgency => self.urgency.map(|level| level.to_string()),
            _ => None,
        }
    }

    /// What a row of a list tells of a ticket.
    pub fn of(row: &'a Summary) -> Self {
        Self {
            id: Some(&row.id),
            text: &row.title,
            caller: row.caller.as_deref(),
            asset: row.asset.as_deref(),
            service: row.service.as_deref(),
            location: row.location.as_deref(),
            channel: row.channel.as_deref(),
            category: row.category.as_ref(),
            group: row.group.as_ref(),
            impact: Some(row.impact).filter(|level| *level > 0),
            urgency: Some(row.urgency).filter(|level| *level > 0),
        }
    }
}

impl<'a> Case<'a> {
    fn source(&self) -> corpus::Source<'a> {
        corpus::Source { text: self.text, facets: [self.caller, self.asset, self.service, self.location, self.channel] }
    }

    /// The question that a row of a list puts.
    pub fn of(row: &'a Summary) -> Self {
        Self {
            text: &row.title,
            caller: row.caller.as_deref(),
            asset: row.asset.as_deref(),
            service: row.service.as_deref(),
            location: row.location.as_deref(),
            channel: row.channel.as_deref(),
            except: Some(&row.id),
        }
    }

    /// The question that an open ticket puts. Its title only: the index knows the titles of the others.
    pub fn of_ticket(ticket: &'a Ticket) -> Self {
        let named = |field| Some(ticket.text(&field)).filter(|text: &&str| !text.is_empty());
        Self {
            text: ticket.title(),
            caller: named(Field::Caller),
            asset: named(Field::Asset),
            service: named(Field::Service),
            location: named(Field::Location),
            channel: named(Field::Channel),
            except: Some(&ticket.id),
        }
    }
}
