//! The plain tracker's tickets, and the site that holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use deskside::backend::http::tracker::{Entry, Part, Record, Tracker, Wanted};
use deskside::backend::{Error, Result};
use deskside::domain::change::{Audience, Change, Handover, Link};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::{Kind, Revision};
use deskside::domain::mapping::{KindMap, Mapping, StateMap, StepMap};
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;
use jiff::Timestamp;

use super::acts::Adapter;
use crate::trackers::site::{Elsewhere, Fixture, Site, Truth, Who};

/// A site in this process; `ATOMIC` when it refuses a stale write itself.
pub struct Plain<const ATOMIC: bool> {
    pub world: Arc<World>,
}

/// What goes wrong, once unless it says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Trick {
    /// Always: takes this field with success and does not store it.
    Drops(Field),
    /// Takes words with success and does not store them.
    DropsWords,
    /// The next write is stored and its answer lost.
    LosesAnswer,
    /// The next write is lost before it is stored; nobody can tell.
    LosesWrite,
    /// So many writes go well, then one fails so.
    Refuses(usize, Error),
    /// So many reads go well after the next write, then one fails so.
    CannotRead(usize, Error),
    /// Always: pages hold fewer rows than asked for.
    ShortPages,
    /// Always: records come with their history at a glance.
    TellsAll,
    /// After the next write somebody else writes, too.
    Overtakes(String),
    /// Always: the act cannot be found by its key.
    ForgetsKeys,
}

#[derive(Debug, Default)]
pub struct World(Mutex<Inner>);

#[derive(Debug, Default)]
pub struct Inner {
    pub tickets: BTreeMap<u64, Held>,
    pub last: u64,
    pub seq: u64,
    pub tricks: Vec<Trick>,
    /// Every write that was stored: `(ticket, parts)`.
    pub log: Vec<(u64, Vec<Part>)>,
}

/// One ticket.
#[derive(Debug, Clone)]
pub struct Held {
    pub kind: Kind,
    pub state: State,
    pub owner: Option<Name>,
    pub registrar: Name,
    pub fields: BTreeMap<Field, Value>,
    pub links: BTreeSet<Link>,
    pub history: Vec<Entry>,
    pub opened: Timestamp,
    pub updated: Timestamp,
    pub seq: u64,
    pub key: String,
    pub files: Vec<(String, Vec<u8>)>,
}

impl World {
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    pub fn play(&self, trick: Trick) {
        self.lock().tricks.push(trick);
    }
}

impl Inner {
    pub fn at(&self, id: &TicketId) -> Result<&Held> {
        number(id).and_then(|n| self.tickets.get(&n)).ok_or_else(|| Error::NotFound(id.clone()))
    }

    pub fn has(&self, trick: &Trick) -> bool {
        self.tricks.contains(trick)
    }

    /// Plays a trick once.
    pub fn once(&mut self, trick: impl Fn(&Trick) -> bool) -> Option<Trick> {
        let at = self.tricks.iter().position(trick)?;
        Some(self.tricks.remove(at))
    }

    pub fn make(&mut self, kind: Kind, wanted: &Wanted) -> u64 {
        self.last += 1;
        self.seq += 1;
        let now = Timestamp::now();
        let held = Held {
            kind,
            state: deskside::domain::lifecycle::initial(kind),
            owner: None,
            registrar: wanted.me.clone(),
            fields: BTreeMap::new(),
            links: BTreeSet::new(),
            history: Vec::new(),
            opened: now,
            updated: now,
            seq: self.seq,
            key: wanted.key.0.clone(),
            files: Vec::new(),
        };
        self.tickets.insert(self.last, held);
        let last = self.last;
        self.store(last, &wanted.me, &wanted.parts);
        last
    }

    /// Stores what is not dropped, and tells of it in the history.
    pub fn store(&mut self, n: u64, who: &Name, parts: &[Part]) {
        self.seq += 1;
        let (seq, now) = (self.seq, Timestamp::now());
        let dumb = self.once(|trick| *trick == Trick::DropsWords).is_some();
        let dropped = |part: &Part| match part {
            Part::Field(field, _) => self.has(&Trick::Drops(field.clone())),
            Part::Say(..) => dumb,
            _ => false,
        };
        let parts: Vec<Part> = parts.iter().filter(|part| !dropped(part)).cloned().collect();
        for part in &parts {
            if let Part::Link(link) | Part::Unlink(link) = part {
                let there = Link { how: link.how.inverse(), other: TicketId::new(&n.to_string()) };
                if let Some(other) = number(&link.other).and_then(|n| self.tickets.get_mut(&n)) {
                    let add = matches!(part, Part::Link(_));
                    if add {
                        other.links.insert(there)
                    } else {
                        other.links.remove(&there)
                    };
                    other.seq = seq;
                }
            }
        }
        let held = self.tickets.get_mut(&n).unwrap();
        (held.seq, held.updated) = (seq, now);
        for part in &parts {
            let change = held.take(part);
            held.history.push(Entry { act: Name::new(&seq.to_string()), at: now, who: who.clone(), change });
        }
        self.log.push((n, parts));
    }

    pub fn record(&self, n: u64, history: bool) -> Record {
        let held = &self.tickets[&n];
        let id = TicketId::new(&n.to_string());
        let mut record = Record::new(id, held.kind, held.state, held.opened, held.registrar.clone());
        record.revision = Revision(held.seq);
        record.updated = held.updated;
        record.owner = held.owner.clone();
        record.fields = held.fields.clone();
        record.priority = held.fields.get(&Field::PriorityOverride).and_then(Value::as_number).map(|n| n as u8);
        record.links = Some(held.links.iter().cloned().collect());
        record.history = history.then(|| held.history.clone());
        record
    }
}

impl Held {
    fn take(&mut self, part: &Part) -> Change {
        match part.clone() {
            Part::Field(field, to) => {
                let from = match &to {
                    Some(value) => self.fields.insert(field.clone(), value.clone()),
                    None => self.fields.remove(&field),
                };
                Change::Set { field, from, to }
            }
            Part::Step(verb, to) => {
                let from = std::mem::replace(&mut self.state, to);
                Change::Move { verb, from, to }
            }
            Part::Owner(by) => {
                self.owner = Some(by.clone());
                Change::Handover { step: Handover::Accept { by } }
            }
            Part::Link(link) => {
                self.links.insert(link.clone());
                Change::Link { link }
            }
            Part::Unlink(link) => {
                self.links.remove(&link);
                Change::Unlink { link }
            }
            Part::Say(audience, text) => Change::Say { audience, text },
        }
    }
}

pub fn number(id: &TicketId) -> Option<u64> {
    id.as_str().parse().ok()
}

/// Two kinds, each with steps there and back.
pub fn mapping() -> Mapping {
    let state = |is: State| StateMap { native: is.as_str().into(), is };
    let step = |verb, from: &[State], to: State, needs: &[Field]| StepMap {
        verb,
        from: from.iter().map(|state| state.as_str().to_owned()).collect(),
        to: to.as_str().into(),
        via: None,
        needs: needs.to_vec(),
    };
    use State::{Closed, Fulfilled, InFulfilment, InProgress, New, OnHold, Resolved, Submitted};
    let resolution = [Field::ResolutionCode, Field::Resolution];
    let incident = KindMap {
        place: "incidents".into(),
        states: [New, InProgress, OnHold, Resolved, Closed].map(state).into(),
        steps: vec![
            step(Verb::Start, &[New], InProgress, &[]),
            step(Verb::Hold, &[InProgress], OnHold, &[Field::HoldReason]),
            step(Verb::Resume, &[OnHold], InProgress, &[]),
            step(Verb::Resolve, &[InProgress, New], Resolved, &resolution),
            step(Verb::Reopen, &[Resolved], InProgress, &[]),
            step(Verb::Close, &[Resolved], Closed, &[]),
        ],
        ..KindMap::default()
    };
    let request = KindMap {
        place: "requests".into(),
        states: [Submitted, InFulfilment, Fulfilled, Closed].map(state).into(),
        steps: vec![
            step(Verb::Start, &[Submitted], InFulfilment, &[]),
            step(Verb::Fulfil, &[InFulfilment], Fulfilled, &[Field::ResolutionCode]),
            step(Verb::Close, &[Fulfilled], Closed, &[]),
        ],
        ..KindMap::default()
    };
    Mapping { kinds: [(Kind::Incident, incident), (Kind::Request, request)].into(), ..Mapping::default() }
}

#[async_trait]
impl<const ATOMIC: bool> Site for Plain<ATOMIC> {
    const UNABLE: &'static [(&'static str, &'static str)] = &[];

    async fn new() -> Self {
        let world = World::default();
        {
            let mut inner = world.lock();
            for n in 1..=27 {
                let kind = if n == 3 { Kind::Request } else { Kind::Incident };
                let title = format!("Printer {n} prints stripes");
                let mut parts = vec![
                    Part::Field(Field::Title, Some(Value::text(&title))),
                    Part::Field(Field::Group, Some(Value::name("First line"))),
                    Part::Field(Field::Caller, Some(Value::name("cem"))),
                ];
                if n == 4 {
                    let hostile = "\u{1b}]0;owned\u{7}a\u{202e}b\u{200b}<b>c</b>\0";
                    parts[0] = Part::Field(Field::Title, Some(Value::text(hostile)));
                    parts.push(Part::Say(Audience::Public, Clean::body(hostile)));
                }
                inner.make(kind, &wanted("cem", "", parts));
            }
            let ben = Name::new("ben");
            inner.store(2, &ben, &[Part::Owner(ben.clone()), Part::Step(Verb::Start, State::InProgress)]);
            let inside = Part::Say(Audience::Internal, Clean::body("The roller is worn."));
            inner.store(2, &ben, &[Part::Say(Audience::Public, Clean::body("I come at noon.")), inside]);
        }
        Self { world: Arc::new(world) }
    }

    fn address(&self) -> String {
        String::new()
    }

    fn adapter(&self, who: Who, _address: &str) -> Box<dyn Tracker> {
        Box::new(Adapter { world: Arc::clone(&self.world), who, atomic: ATOMIC, mapping: mapping(), line: None })
    }

    fn fixture(&self) -> Fixture {
        Fixture {
            incident: "1".into(),
            storied: "2".into(),
            others: vec![(Kind::Request, "3".into())],
            hostile: "4".into(),
            in_scope: 27,
            group: "First line".into(),
            other_group: "Network".into(),
            agent: "ana".into(),
            colleague: "ben".into(),
            caller: "cem".into(),
            category: None,
        }
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        let inner = self.world.lock();
        let held = inner.at(id).ok()?;
        let said = |wanted: Audience| {
            let all = held.history.iter().filter_map(|entry| match &entry.change {
                Change::Say { audience, text } if *audience == wanted => Some(text.to_string()),
                _ => None,
            });
            all.collect()
        };
        let text = |field: &Field| held.fields.get(field).map(ToString::to_string);
        Some(Truth {
            title: text(&Field::Title).unwrap_or_default(),
            state: held.state.to_string(),
            owner: held.owner.as_ref().map(ToString::to_string),
            group: text(&Field::Group),
            public: said(Audience::Public),
            internal: said(Audience::Internal),
            attachments: held.files.iter().map(|(name, _)| name.clone()).collect(),
        })
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        let inner = self.world.lock();
        let named = |held: &&Held| held.fields.get(&Field::Title).is_some_and(|value| value.to_string() == title);
        let all = inner.tickets.iter().filter(|(_, held)| named(held));
        all.map(|(n, _)| TicketId::new(&n.to_string())).collect()
    }

    async fn elsewhere(&self, id: &TicketId, what: Elsewhere) {
        let (mut inner, n) = (self.world.lock(), number(id).unwrap());
        let ben = Name::new("ben");
        let part = match what {
            Elsewhere::Title(title) => Part::Field(Field::Title, Some(Value::text(&title))),
            Elsewhere::Note(text) => Part::Say(Audience::Internal, Clean::body(&text)),
            Elsewhere::Reply(text) => Part::Say(Audience::Public, Clean::body(&text)),
            Elsewhere::Take => Part::Owner(ben.clone()),
            Elsewhere::Resolve => Part::Step(Verb::Resolve, State::Resolved),
            Elsewhere::Delete => {
                inner.tickets.remove(&n);
                return;
            }
        };
        inner.store(n, &ben, &[part]);
    }
}

pub fn wanted(me: &str, key: &str, parts: Vec<Part>) -> Wanted {
    let key = deskside::domain::change::OpKey(key.into());
    Wanted { key, me: me.into(), at: Timestamp::now(), parts }
}
