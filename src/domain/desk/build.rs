//! Acts that span several records: merge, raise, convert, follow up. Each gives the ops to send, in order, without keys.
//!
//! Only builds; whether they may be done is decided when they arrive. A later op of a list counts on the ones before
//! it, so a list stops at the first that is refused.

use crate::domain::change::{Audience, Change, Link, LinkKind, Target};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, choices, make_move};
use crate::domain::state::Verb;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// An op that has no key and no time yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub target: Target,
    pub changes: Vec<Change>,
}

/// What a record that grows out of another takes with it.
const SHARED: &[Field] = &[
    Field::Title,
    Field::Description,
    Field::Caller,
    Field::Contact,
    Field::Channel,
    Field::Impact,
    Field::Urgency,
    Field::Category,
    Field::Group,
    Field::Service,
    Field::Asset,
    Field::Location,
];

/// Cancels `duplicate` in favour of `survivor`: linked both ways, its words kept on the survivor as a note. A
/// duplicate problem hands its links over.
pub fn merge(duplicate: &Ticket, survivor: &Ticket) -> Vec<Plan> {
    let mut end =
        vec![link(LinkKind::DuplicateOf, survivor), Change::set(Field::CancelReason, Value::text(choices::DUPLICATE))];
    end.extend(make_move(duplicate, Verb::Cancel));
    end.push(note(&format!("Merged into {}", survivor.id)));
    let mut kept = Vec::new();
    if duplicate.kind == Kind::Problem {
        let moved = duplicate.links.iter().filter(|l| l.other != survivor.id && !survivor.links.contains(l));
        kept.extend(moved.map(|l| Change::Link { link: l.clone() }));
    }
    kept.push(note(&format!("{} was merged into this.\n{}", duplicate.id, digest(duplicate))));
    vec![on(duplicate, end), on(survivor, kept)]
}

/// Takes a merge back: the duplicate goes on where it stood, the link goes.
pub fn unmerge(duplicate: &Ticket) -> Vec<Plan> {
    let survivors: Vec<&Link> = duplicate.links.iter().filter(|l| l.how == LinkKind::DuplicateOf).collect();
    let mut back: Vec<Change> = make_move(duplicate, Verb::Reopen).into_iter().collect();
    back.push(note("Not a duplicate after all."));
    let mut plans = vec![on(duplicate, back)];
    plans.extend(survivors.iter().map(|l| Plan {
        target: Target::Ticket(l.other.clone()),
        changes: vec![note(&format!("{} is no duplicate of this after all.", duplicate.id))],
    }));
    plans
}

/// A problem over these incidents: linked to each, their evidence copied, weighed as the heaviest of them. Nothing
/// for no incidents.
pub fn raise_problem(incidents: &[&Ticket], title: Option<&str>) -> Option<Plan> {
    let first = incidents.first()?;
    let heaviest = |of: fn(&Ticket) -> u8| incidents.iter().map(|t| of(t)).min().unwrap_or(3);
    let evidence: Vec<String> = incidents.iter().map(|t| digest(t)).collect();
    let mut changes = vec![
        Change::set(Field::Title, Value::text(title.unwrap_or(first.title()))),
        Change::set(Field::Impact, Value::Number(heaviest(Ticket::impact).into())),
        Change::set(Field::Urgency, Value::Number(heaviest(Ticket::urgency).into())),
        Change::set(Field::Evidence, Value::text(&evidence.join("\n"))),
    ];
    changes.extend(dimensions(incidents).map(|(field, word)| Change::set(field, Value::name(word))));
    for field in [Field::Category, Field::Service, Field::Asset, Field::Group] {
        let shared = first.get(&field).filter(|value| incidents.iter().all(|t| t.get(&field) == Some(value)));
        changes.extend(shared.map(|value| Change::set(field.clone(), value.clone())));
    }
    changes.extend(incidents.iter().map(|t| link(LinkKind::ProblemOf, t)));
    Some(Plan { target: Target::New(Kind::Problem), changes })
}

/// What a problem over these incidents would be: several are a trend, many are no longer a matter of the day; what has
/// one asset lies in a system, what has one service in the service, the rest in how things are done.
pub fn dimensions(incidents: &[&Ticket]) -> [(Field, &'static str); 3] {
    const MANY: usize = 5;
    let shared = |field: &Field| {
        let first = incidents.first().and_then(|ticket| ticket.get(field));
        first.is_some() && incidents.iter().all(|ticket| ticket.get(field) == first)
    };
    let domain = match (shared(&Field::Asset), shared(&Field::Service)) {
        (true, _) => "system",
        (false, true) => "service",
        (false, false) => "process",
    };
    [
        (Field::Trigger, if incidents.len() > 1 { "trend" } else { "incident" }),
        (Field::Level, if incidents.len() < MANY { "operational" } else { "tactical" }),
        (Field::Domain, domain),
    ]
}

/// A change that is to cure this problem or incident, prefilled from it and linked.
pub fn raise_change(from: &Ticket) -> Plan {
    let mut changes = vec![Change::set(Field::Title, Value::text(from.title()))];
    for field in [Field::Description, Field::Impact, Field::Urgency, Field::Category, Field::Service, Field::Asset] {
        changes.extend(from.get(&field).map(|value| Change::set(field.clone(), value.clone())));
    }
    let cause = from.text(&Field::Cause);
    let why = if cause.is_empty() { from.title() } else { cause };
    changes.push(Change::set(Field::Reason, Value::text(&format!("To cure {}: {why}", from.id))));
    changes.extend(from.get(&Field::Fix).map(|fix| Change::set(Field::Plan, fix.clone())));
    changes.push(link(LinkKind::Fixes, from));
    Plan { target: Target::New(Kind::Change), changes }
}

/// An incident made a request, or a request an incident: the new record first, then the end of the old one. Nothing
/// for other kinds.
pub fn convert(from: &Ticket) -> Option<Vec<Plan>> {
    let kind = match from.kind {
        Kind::Incident => Kind::Request,
        Kind::Request => Kind::Incident,
        Kind::Problem | Kind::Change => return None,
    };
    let mut end = vec![Change::set(Field::CancelReason, Value::text(choices::CONVERTED))];
    end.extend(make_move(from, Verb::Cancel));
    end.push(note(&format!(
        "It is really {}; that follows this.",
        if kind == Kind::Incident { "an incident" } else { "a request" }
    )));
    Some(vec![grown(from, kind, true), on(from, end)])
}

/// A new record that follows a closed one.
pub fn follow_up(from: &Ticket) -> Plan {
    grown(from, from.kind, false)
}

/// The contact time of a converted record stays: its caller has waited since then.
fn grown(from: &Ticket, kind: Kind, keep_opened: bool) -> Plan {
    let mut changes = Vec::new();
    if keep_opened {
        changes.push(Change::Create { kind, state: lifecycle::initial(kind), opened: from.opened });
    }
    for field in SHARED {
        changes.extend(from.get(field).map(|value| Change::set(field.clone(), value.clone())));
    }
    changes.push(link(LinkKind::Follows, from));
    changes.push(note(&format!("Follows {}\n{}", from.id, digest(from))));
    Plan { target: Target::New(kind), changes }
}

/// A record in a few words, as evidence.
fn digest(ticket: &Ticket) -> String {
    let caller = ticket.text(&Field::Caller);
    let mut text = format!("{} ({}", ticket.id, ticket.opened.strftime("%Y-%m-%d %H:%M UTC"));
    if !caller.is_empty() {
        text = format!("{text}, {caller}");
    }
    text = format!("{text}): {}", ticket.title());
    let description = ticket.text(&Field::Description).trim();
    if description.is_empty() { text } else { format!("{text}\n  {}", description.replace('\n', "\n  ")) }
}

fn on(ticket: &Ticket, changes: Vec<Change>) -> Plan {
    Plan { target: Target::Ticket(ticket.id.clone()), changes }
}

fn link(how: LinkKind, other: &Ticket) -> Change {
    Change::Link { link: Link { how, other: other.id.clone() } }
}

fn note(text: &str) -> Change {
    Change::Say { audience: Audience::Internal, text: Clean::body(text) }
}
