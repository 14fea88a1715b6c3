//! Everything the console knows, as plain data with one owner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::counts::{Counts, Followed};
use crate::app::detail::Detail;
use crate::app::effect::Effects;
use crate::app::homes::Homes;
use crate::app::list::List;
use crate::app::major::owed::{self, Owed};
use crate::app::notice::{Notice, Tone};
use crate::app::overlay::Overlay;
use crate::app::pane::Pane;
use crate::app::pending::Pending;
use crate::app::problems::known::Known;
use crate::app::proposals::Above;
use crate::app::radar::watch::Watch;
use crate::app::settings::Settings;
use crate::app::ties::Ties;
use crate::app::triage::Triage;
use crate::app::undo::Journal;
use crate::backend::{Capabilities, Health, Presence};
use crate::command::key::Key;
use crate::command::table::Scope;
use crate::domain::act::Act;
use crate::domain::change::OpKey;
use crate::domain::directory::Directory;
use crate::domain::kind::Revision;
use crate::domain::name::{Name, TicketId};
use crate::domain::suggest::Index;
use crate::domain::table::{Row, Table};
use crate::domain::ticket::Ticket;
use crate::domain::wake::Snooze;
use crate::text::Clean;

/// The state of the console.
#[derive(Debug)]
pub struct Model {
    pub now: Timestamp,
    pub zone: TimeZone,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    pub settings: Arc<Settings>,
    /// What the desks can do, and where each ticket lives.
    pub homes: Homes,
    pub me: Name,
    pub directory: Arc<Directory>,
    /// What is shown: the desk's rows with this user's unanswered acts laid over them.
    pub table: Table,
    pub desk: Desk,
    pub pane: Pane,
    pub lists: BTreeMap<Pane, List>,
    /// How many tickets each pane's first view holds, and the table's generation they were counted from.
    pub counts: Counts,
    pub detail: Option<Detail>,
    /// The known errors that incidents are held against.
    pub known: Known,
    /// Tickets that were opened, with their timelines, newest last.
    pub opened: Vec<Ticket>,
    pub marks: BTreeSet<Row>,
    /// Where a range of marks began.
    pub range: Option<Row>,
    pub pending: Pending,
    /// Escalated tickets that are being read to see to whom, with the revision known before.
    pub listening: BTreeMap<TicketId, Revision>,
    /// The words that major incidents owe.
    pub owed: Owed,
    pub overlays: Vec<Overlay>,
    pub typed: Typed,
    pub notice: Option<Notice>,
    /// The last thing done, for `.`.
    pub last: Option<Act>,
    pub triage: Option<Triage>,
    /// Sessions that were left, by view, to be resumed.
    pub sessions: BTreeMap<String, String>,
    pub snoozed: BTreeMap<TicketId, Snooze>,
    /// Links to tickets of other desks.
    pub ties: Ties,
    pub drafts: BTreeMap<String, Clean>,
    /// Drafts that were sent off and wait for the act that takes them along.
    pub handed: Vec<String>,
    /// What was refused as above this user's level, and can be proposed.
    pub above: Vec<Above>,
    /// Public texts that were asked about; sending them once more sends them.
    pub looked: Vec<Clean>,
    pub journal: Journal,
    pub presence: Vec<Presence>,
    pub index: Option<Box<Index>>,
    pub watch: Watch,
    /// Places to go back to, and forth to.
    pub trail: Trail,
    pub show_preview: bool,
    /// The row whose preview is drawn; follows the cursor when it rests.
    pub settled: Option<Row>,
    /// When the cursor last moved.
    pub moved: Option<Timestamp>,
    pub choices: BTreeMap<String, String>,
    /// How many times the screen was drawn; dialogs ignore keys typed before they were seen.
    pub frames: u64,
    /// Driven by a command line and not by keys: nothing is asked, what is missing is an error.
    pub headless: bool,
    /// How often something was looked up; the newest answer counts.
    pub lookups: u64,
    mint: Mint,
}

/// How the desk stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    pub name: Clean,
    pub loading: Loading,
    /// What the desk last said when it could not be read.
    pub trouble: Option<Clean>,
    /// How each desk stands, by profile; nothing where nothing lies between the console and its tickets.
    pub health: Vec<(Name, Health)>,
    /// A copy is being filled for the first time: nobody has read what comes, so it comes in by itself.
    pub filling: bool,
    pub read_only: bool,
    /// The past moment that is shown, if it is not the present.
    pub as_of: Option<Timestamp>,
}

/// How much of the desk is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    Nothing,
    Some,
    All,
}

/// Keys that were pressed and do not mean anything yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    pub keys: Vec<Key>,
    pub count: Option<u32>,
}

/// Places one can return to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    pub back: Vec<Place>,
    pub forth: Vec<Place>,
}

/// A view, its filter and perhaps an open ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub pane: Pane,
    pub view: usize,
    pub filter: String,
    pub ticket: Option<TicketId>,
}

/// Makes idempotency keys.
#[derive(Debug)]
struct Mint {
    session: String,
    next: u64,
}

/// What a model is made of at the start.
#[derive(Debug)]
pub struct Start {
    pub now: Timestamp,
    pub zone: TimeZone,
    pub size: (u16, u16),
    pub settings: Arc<Settings>,
    pub capabilities: Capabilities,
    /// Unique to this run; the first part of every idempotency key.
    pub session: String,
    pub name: Clean,
    pub read_only: bool,
    pub as_of: Option<Timestamp>,
}

impl Model {
    pub fn new(start: Start) -> Self {
        Self {
            now: start.now,
            zone: start.zone,
            size: start.size,
            settings: start.settings,
            homes: Homes::new(start.capabilities),
            me: Name::new(""),
            directory: Arc::default(),
            table: Table::default(),
            desk: Desk {
                name: start.name,
                loading: Loading::Nothing,
                trouble: None,
                health: Vec::new(),
                filling: false,
                read_only: start.read_only,
                as_of: start.as_of,
            },
            pane: Pane::Work,
            lists: Pane::ALL.iter().map(|pane| (*pane, List::default())).collect(),
            counts: Counts::default(),
            detail: None,
            known: Known::default(),
            opened: Vec::new(),
            marks: BTreeSet::new(),
            range: None,
            pending: Pending::default(),
            listening: BTreeMap::new(),
            owed: Owed::default(),
            overlays: Vec::new(),
            typed: Typed::default(),
            notice: None,
            last: None,
            triage: None,
            sessions: BTreeMap::new(),
            snoozed: BTreeMap::new(),
            ties: Ties::default(),
            drafts: BTreeMap::new(),
            handed: Vec::new(),
            above: Vec::new(),
            looked: Vec::new(),
            journal: Journal::default(),
            presence: Vec::new(),
            index: None,
            watch: Watch::default(),
            trail: Trail::default(),
            show_preview: true,
            settled: None,
            moved: None,
            choices: BTreeMap::new(),
            frames: 0,
            headless: false,
            lookups: 0,
            mint: Mint { session: start.session, next: 0 },
        }
    }

    /// A key that no other act has ever had.
    pub fn mint(&mut self) -> OpKey {
        self.mint.next += 1;
        OpKey(format!("{}-{:06}", self.mint.session, self.mint.next))
    }

    pub fn list(&self) -> &List {
        // Every pane has its list from the start.
        self.lists.get(&self.pane).unwrap_or(const { &EMPTY })
    }

    pub fn list_mut(&mut self) -> &mut List {
        self.lists.entry(self.pane).or_default()
    }

    /// The ticket that a key would act on if none is marked: the open one, else the one under the cursor.
    pub fn current(&self) -> Option<Row> {
        if let Some(triage) = &self.triage {
            return triage.current.as_ref().and_then(|id| self.table.row(id));
        }
        match &self.detail {
            Some(detail) => self.table.row(&detail.id),
            None => self.list().current(),
        }
    }

    /// The tickets that a key would act on.
    pub fn targets(&self) -> Vec<Row> {
        if self.marks.is_empty() || self.detail.is_some() || self.triage.is_some() {
            return self.current().into_iter().collect();
        }
        let in_order: Vec<Row> = self.list().rows.iter().copied().filter(|row| self.marks.contains(row)).collect();
        let elsewhere = self.marks.iter().copied().filter(|row| !in_order.contains(row));
        in_order.iter().copied().chain(elsewhere).collect()
    }

    /// The one ticket that is meant; none where several are.
    pub fn target(&self) -> Option<Row> {
        match self.targets().as_slice() {
            [row] => Some(*row),
            _ => None,
        }
    }

    pub fn ticket(&self, id: &TicketId) -> Option<&Ticket> {
        self.opened.iter().find(|ticket| ticket.id == *id)
    }

    /// Keeps an opened ticket, a bounded number of them.
    pub fn keep_opened(&mut self, ticket: Ticket) {
        const KEPT: usize = 64;
        owed::know(&mut self.owed, &ticket);
        self.opened.retain(|held| held.id != ticket.id);
        if self.opened.len() >= KEPT {
            self.opened.remove(0);
        }
        self.opened.push(ticket);
    }

    /// The scopes whose keys are heard, the innermost first. A function of the state alone.
    pub fn scopes(&self) -> Vec<Scope> {
        match self.overlays.last() {
            Some(overlay) => vec![overlay.scope()],
            None if self.triage.is_some() => vec![Scope::Triage, Scope::Global],
            None if self.detail.is_some() => vec![Scope::Detail, Scope::Ticket, Scope::Global],
            None => vec![Scope::List, Scope::Ticket, Scope::Global],
        }
    }

    /// The last command said no.
    pub fn is_refused(&self) -> bool {
        self.notice.as_ref().is_some_and(|notice| notice.tone == Tone::Refused)
    }

    /// Something went wrong that needs a look.
    pub fn is_in_trouble(&self) -> bool {
        self.notice.as_ref().is_some_and(|notice| notice.tone == Tone::Trouble)
    }

    pub fn say(&mut self, notice: Notice) {
        self.notice = Some(notice);
    }

    /// Says why a key could not act; nothing follows of it.
    pub fn refuse(&mut self, why: impl AsRef<str>) -> Effects {
        self.say(Notice::refused(why));
        Effects::none()
    }

    /// The full name of a person, or the log-in where it is not known.
    pub fn display<'a>(&'a self, login: &'a str) -> &'a str {
        if *login == *self.me { "me" } else { self.directory.display(login) }
    }
}

static EMPTY: List = List {
    view: 0,
    filter: String::new(),
    sort: Vec::new(),
    base: Vec::new(),
    rows: Vec::new(),
    fresh: 0,
    cursor: 0,
    top: 0,
    made_from: None,
    followed: Followed::NONE,
    unread: None,
    narrowed: None,
};
