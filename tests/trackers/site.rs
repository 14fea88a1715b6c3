//! A tracker to be tried: a fake one in this process, or a real server. The promises know nothing else of it.
//!
//! To bring one in: implement [`Site`] beside its fake, and write one line in `mod.rs`.

use async_trait::async_trait;
use deskside::backend::Schema;
use deskside::backend::http::tracker::Tracker;
use deskside::domain::field::{Field, Shape, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::State;
use jiff::{SignedDuration, Timestamp};

/// A clean tracker with the same tickets every time. Its clock shows the present time.
#[async_trait]
pub trait Site: Send + Sync + Sized + 'static {
    /// Promises that this tracker cannot keep, each with the reason: they are printed and left out.
    const UNABLE: &'static [(&'static str, &'static str)] = &[];

    /// Letters of one text, where the tracker itself takes fewer than a megabyte of them.
    const LONGEST_TEXT: Option<usize> = None;

    /// Whether a ticket's old name leads to its new one; else nobody knows the old one any more.
    const LEADS_ON: bool = true;

    /// Why there is none to be tried: then all of it is left out, aloud.
    fn absent() -> Option<String> {
        None
    }

    async fn new() -> Self;

    /// Where it listens: `http://127.0.0.1:PORT/…`; nothing for one that is reached without a line.
    fn address(&self) -> String;

    /// The adapter as that person uses it, sent to the site itself or to a proxy in front of it. Time limits are short:
    /// connect 1 s, answer 2 s.
    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker>;

    fn fixture(&self) -> Fixture;

    /// The ticket as the tracker itself has it, read behind the adapter's back.
    async fn truth(&self, id: &TicketId) -> Option<Truth>;

    /// Every ticket with that title, behind the adapter's back.
    async fn titled(&self, title: &str) -> Vec<TicketId>;

    /// Somebody else does something behind the adapter's back, as the colleague.
    async fn elsewhere(&self, id: &TicketId, what: Elsewhere);

    /// Somebody moves or merges it behind the adapter's back, so that it goes by that name from now on; none where tickets
    /// keep their names.
    async fn moves(&self, _id: &TicketId) -> Option<TicketId> {
        None
    }

    /// Somebody makes it one of another kind behind the adapter's back; none where tickets stay of their kind.
    async fn turns(&self, _id: &TicketId) -> Option<Kind> {
        None
    }

    /// Words that nobody must ever read: tokens and passwords of every [`Who`].
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    /// What a new ticket of this kind needs beside title, description and caller.
    fn fields_of_new(&self, _kind: Kind) -> Vec<(Field, Value)> {
        Vec::new()
    }

    /// States that tickets reach only by what others do elsewhere (approvals): steps from there are not walked.
    fn beyond_reach(&self) -> Vec<(Kind, State)> {
        Vec::new()
    }

    /// What is put into a field that a step needs.
    fn value(&self, field: &Field, schema: &Schema) -> Value {
        likely(field, schema, &self.fixture())
    }
}

/// A value that most trackers take.
pub fn likely(field: &Field, schema: &Schema, fixture: &Fixture) -> Value {
    let first = |names: &[Name], or: &str| Value::Name(names.first().cloned().unwrap_or_else(|| or.into()));
    match field {
        Field::Group => Value::Name(fixture.group.clone()),
        Field::Caller => Value::Name(fixture.caller.clone()),
        Field::Approver => Value::Name(fixture.colleague.clone()),
        Field::ResolutionCode => first(&schema.directory.resolution_codes, "solved"),
        Field::Category => Value::Name(fixture.category.clone().unwrap_or_else(|| "other".into())),
        Field::HoldReason => Value::name("caller"),
        field => match field.shape() {
            Shape::Text | Shape::Lines => Value::text("As the step asks."),
            Shape::Name => Value::name("other"),
            Shape::Number => Value::Number(2),
            Shape::Time => Value::Time(Timestamp::now() + SignedDuration::from_hours(24)),
            Shape::Flag => Value::Flag(true),
        },
    }
}

/// Who uses the adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// An engineer who may do what engineers do.
    Agent,
    /// Another one.
    Colleague,
    /// May read everything and write nothing.
    Reader,
    /// May sign in and see nothing.
    Nobody,
    /// A credential that is wrong.
    Wrong,
}

/// What there is on a clean site.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// Open, unowned, without words, in `group`.
    pub incident: TicketId,
    /// Open, owned by the colleague, with at least a public reply, an internal note and a step in its history.
    pub storied: TicketId,
    /// One ticket of each other kind that the tracker holds.
    pub others: Vec<(Kind, TicketId)>,
    /// A title and words full of control characters, bidirectional overrides and markup.
    pub hostile: TicketId,
    /// How many tickets are in scope; more than two pages of them.
    pub in_scope: usize,
    pub group: Name,
    pub other_group: Name,
    /// Log-ins.
    pub agent: Name,
    pub colleague: Name,
    pub caller: Name,
    pub category: Option<Name>,
}

/// A ticket as its tracker has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    pub title: String,
    /// As the tracker spells it.
    pub state: String,
    pub owner: Option<String>,
    pub group: Option<String>,
    /// Words to the customer, and words that only colleagues read; as plain text, oldest first.
    pub public: Vec<String>,
    pub internal: Vec<String>,
    pub attachments: Vec<String>,
}

/// What somebody else does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    Title(String),
    Note(String),
    Reply(String),
    /// Takes it.
    Take,
    Resolve,
    Delete,
}
