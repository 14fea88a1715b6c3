//! A tracker to be tried: a fake one in this process, or a real server. The promises know nothing else of it.
//!
//! To bring one in: implement [`Site`] beside its fake, and write one line in `mod.rs`.

use async_trait::async_trait;
use deskside::backend::http::tracker::Tracker;
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};

/// A clean tracker with the same tickets every time.
#[async_trait]
pub trait Site: Send + Sync + Sized + 'static {
    /// Promises that this tracker cannot keep, each with the reason: they are printed and left out.
    const UNABLE: &'static [(&'static str, &'static str)] = &[];

    async fn new() -> Self;

    /// Where it listens: `http://127.0.0.1:PORT/…`.
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
