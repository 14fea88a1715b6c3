//! A desk of a few people, held in a map: enough to ask the rules and to see what they do.

use std::collections::BTreeMap;

use deskside::domain::change::{Audience, Change, Event, Handover, Link, LinkKind, Op, OpKey, Party, Target};
use deskside::domain::desk::build::Plan;
use deskside::domain::desk::{Decision, Rules, decide};
use deskside::domain::directory::{Directory, Group, Level, Person, Role, Service};
use deskside::domain::field::{Field, Value};
use deskside::domain::gate::{Gate, Gates};
use deskside::domain::kind::Kind;
use deskside::domain::lifecycle;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::records::Records;
use deskside::domain::refusal::Refusal;
use deskside::domain::rfc::Planned;
use deskside::domain::sla::Policy;
use deskside::domain::state::Verb;
use deskside::domain::summary::Summary;
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};

/// What asks for a level in everyday work is open here: `level` is about it, and puts all gates back.
const LEVELS: [Gate; 6] =
    [Gate::Resolve, Gate::Escalate, Gate::Reprioritise, Gate::RaiseProblem, Gate::RaiseChange, Gate::KnownError];

/// Monday 2026-03-02 10:00 UTC.
pub fn start() -> Timestamp {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

pub fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

pub fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

#[derive(Debug)]
pub struct Small {
    pub tickets: BTreeMap<TicketId, Ticket>,
    pub rules: Rules,
    pub now: Timestamp,
    acts: u32,
    seq: u64,
}

impl Small {
    pub fn new() -> Self {
        Self { tickets: BTreeMap::new(), rules: Rules::standard(directory()), now: start(), acts: 0, seq: 0 }
    }

    pub fn wait(&mut self, time: SignedDuration) {
        self.now += time;
    }

    pub fn get(&self, id: &str) -> &Ticket {
        &self.tickets[&TicketId::new(id)]
    }

    /// Asks the rules, and stores what they say.
    pub fn act(&mut self, who: &str, id: &str, changes: Vec<Change>) -> Result<Decision, Refusal> {
        self.send(who, Target::Ticket(TicketId::new(id)), changes).map(|(_, decision)| decision)
    }

    /// Registers a ticket and gives its id.
    pub fn register(&mut self, who: &str, kind: Kind, changes: Vec<Change>) -> Result<String, Refusal> {
        self.send(who, Target::New(kind), changes).map(|(id, _)| id.as_str().to_owned())
    }

    /// A problem of the day with a system, which `who` raised.
    pub fn problem(&mut self, who: &str, title: &str) -> String {
        self.register(who, Kind::Problem, [vec![text(Field::Title, title)], dimensions()].concat()).unwrap()
    }

    /// An incident that `who` registered, in the queue of the service desk.
    pub fn incident(&mut self, who: &str) -> String {
        let changes =
            vec![text(Field::Title, "No network"), name(Field::Caller, "ulla"), name(Field::Group, "Service Desk")];
        self.register(who, Kind::Incident, changes).unwrap()
    }

    pub fn run(&mut self, who: &str, plans: Vec<Plan>) -> Vec<String> {
        plans.into_iter().map(|plan| self.send(who, plan.target, plan.changes).unwrap().0.as_str().to_owned()).collect()
    }

    pub fn send(&mut self, who: &str, target: Target, changes: Vec<Change>) -> Result<(TicketId, Decision), Refusal> {
        self.acts += 1;
        let who = Name::new(who);
        let before = match &target {
            Target::Ticket(id) => self.tickets[id].clone(),
            Target::New(kind) => {
                let id = TicketId::new(&format!("{}-{}", kind.prefix(), self.tickets.len() + 1));
                Ticket::blank(id, *kind, who.clone(), self.now)
            }
        };
        let op = Op {
            key: OpKey(format!("op{}", self.acts)),
            target,
            expect: None,
            at: self.now,
            changes,
            again: false,
            desk: None,
        };
        let decision = decide(&before, &op, &who, self.now, &self.rules, &*self)?;
        let id = before.id.clone();
        self.tickets.entry(id.clone()).or_insert(before);
        let mut all = vec![(id.clone(), decision.changes.clone())];
        all.extend(decision.others.clone());
        for (id, changes) in all {
            let ticket = self.tickets.get_mut(&id).unwrap();
            for change in changes {
                self.seq += 1;
                let seq = self.seq;
                let event =
                    Event { seq, actor: who.clone(), at: self.now, stored: self.now, op: op.key.clone(), change };
                ticket.apply(&event);
                ticket.timeline.push(event);
            }
        }
        Ok((id, decision))
    }

    /// The step from where the ticket stands; to itself where there is none, which the rules then refuse.
    pub fn step(&self, id: &str, verb: Verb) -> Change {
        let t = self.get(id);
        lifecycle::make_move(t, verb).unwrap_or(Change::Move { verb, from: t.state, to: t.state })
    }

    /// Takes one step with what it asks for, on the easiest way.
    pub fn go(&mut self, who: &str, id: &str, verb: Verb, mut with: Vec<Change>) -> Result<Decision, Refusal> {
        with.push(self.step(id, verb));
        self.act(who, id, with)
    }

    pub fn resolve(&mut self, who: &str, id: &str) -> Result<Decision, Refusal> {
        self.go(who, id, Verb::Resolve, solution())
    }

    pub fn hold(&mut self, who: &str, id: &str, reason: &str) -> Result<Decision, Refusal> {
        self.go(who, id, Verb::Hold, vec![name(Field::HoldReason, reason), public("We wait for this.")])
    }
}

/// What every problem says of itself.
pub fn dimensions() -> Vec<Change> {
    vec![name(Field::Trigger, "incident"), name(Field::Level, "operational"), name(Field::Domain, "system")]
}

/// The end of a problem, for which nothing more is needed.
pub fn fixed(words: &str) -> Vec<Change> {
    vec![text(Field::Resolution, words), text(Field::Prevention, "It cannot happen with the new one")]
}

impl Records for Small {
    fn ticket(&self, id: &TicketId) -> Option<Ticket> {
        self.tickets.get(id).cloned()
    }

    fn since(&self, seq: u64) -> Vec<Summary> {
        let policy = Policy::new(Vec::new(), BTreeMap::new()).unwrap();
        let later = self.tickets.values().filter(|t| t.timeline.last().is_some_and(|event| event.seq > seq));
        later.map(|ticket| Summary::of(ticket, &policy, &self.rules.matrix)).collect()
    }

    fn booked(&self) -> Vec<Planned> {
        self.tickets.values().filter_map(Planned::of).collect()
    }
}

pub fn solution() -> Vec<Change> {
    vec![name(Field::ResolutionCode, "fixed"), text(Field::Resolution, "Port reset"), name(Field::Verified, "yes")]
}

pub fn set(field: Field, to: Option<Value>) -> Change {
    Change::Set { field, from: None, to }
}

pub fn text(field: Field, to: &str) -> Change {
    set(field, Some(Value::text(to)))
}

pub fn name(field: Field, to: &str) -> Change {
    set(field, Some(Value::name(to)))
}

pub fn number(field: Field, to: i64) -> Change {
    set(field, Some(Value::Number(to)))
}

pub fn time(field: Field, to: Timestamp) -> Change {
    set(field, Some(Value::Time(to)))
}

pub fn flag(field: Field, to: bool) -> Change {
    set(field, Some(Value::Flag(to)))
}

pub fn public(words: &str) -> Change {
    Change::Say { audience: Audience::Public, text: Clean::body(words) }
}

pub fn note(words: &str) -> Change {
    Change::Say { audience: Audience::Internal, text: Clean::body(words) }
}

pub fn heard(words: &str) -> Change {
    Change::Heard { from: "ulla".into(), text: Clean::body(words) }
}

pub fn link(how: LinkKind, other: &str) -> Change {
    Change::Link { link: Link { how, other: other.into() } }
}

pub fn accept(by: &str) -> Change {
    Change::Handover { step: Handover::Accept { by: by.into() } }
}

pub fn offer(to: Party, expires: Option<Timestamp>) -> Change {
    Change::Handover { step: Handover::Offer { to, reason: Clean::line("yours"), expires } }
}

pub fn person(login: &str) -> Party {
    Party::Person(login.into())
}

pub fn group(name: &str) -> Party {
    Party::Group(name.into())
}

/// Ann, Cas (senior) and Max on the service desk, Bob, Lea (lead) and Mia (manager) in Network; Pam and Chuck manage
/// problems and changes; Ulla is a customer.
pub fn directory() -> Directory {
    let one = |login: &str, level: Option<Level>, groups: &[&str], roles: &[Role]| Person {
        level,
        groups: groups.iter().map(|g| Name::new(g)).collect(),
        roles: roles.to_vec(),
        ..Person::named(login.into(), Name::new(&format!("{}{} Person", login[..1].to_uppercase(), &login[1..])))
    };
    let line = |name: &str, line: u8, manager: &str| Group { name: name.into(), line, manager: manager.into() };
    Directory {
        people: vec![
            one("ann", Some(Level::Engineer), &["Service Desk"], &[]),
            one("asa", Some(Level::Associate), &["Service Desk"], &[]),
            one("cas", Some(Level::Senior), &["Service Desk"], &[]),
            one("max", Some(Level::Senior), &["Service Desk"], &[Role::IncidentManager, Role::ServiceDeskManager]),
            one("bob", Some(Level::Engineer), &["Network"], &[]),
            one("lea", Some(Level::Lead), &["Network"], &[]),
            one("mia", Some(Level::Lead), &["Network"], &[]),
            one("pam", Some(Level::Senior), &[], &[Role::ProblemManager]),
            one("chuck", Some(Level::Senior), &[], &[Role::ChangeManager]),
            one("ulla", None, &[], &[]),
        ],
        groups: vec![line("Service Desk", 1, "max"), line("Network", 2, "mia"), line("Core Network", 3, "mia")],
        services: vec![
            Service { name: "WLAN".into(), owner_group: "Network".into(), critical: true },
            Service { name: "Printing".into(), owner_group: "Service Desk".into(), critical: false },
        ],
        gates: Gates(Gates::standard().0.into_iter().filter(|pass| !LEVELS.contains(&pass.act)).collect()),
        resolution_codes: ["fixed", "workaround", "user error"].iter().map(|c| Name::new(c)).collect(),
        ..Directory::default()
    }
}
