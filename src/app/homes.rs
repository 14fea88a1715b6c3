//! Where each ticket lives: what its desk can do, whom and what there is to choose from there, by which workflow it moves.
//!
//! With one desk every ticket lives there. An act is fitted to its ticket's desk before it goes into the outbox: what a
//! tracker has no word for is said in those that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

use crate::app::model::Model;
use crate::backend::several::{self, names};
use crate::backend::{Capabilities, Member, Schema};
use crate::domain::change::{Audience, Change, Escalation, EscalationKind, Handover, Party};
use crate::domain::directory::Directory;
use crate::domain::field::{Field, Value};
use crate::domain::name::Name;
use crate::domain::ticket::Ticket;
use crate::domain::workflow::Workflow;
use crate::text::{Clean, spaced};

/// A desk, as its tickets need it.
#[derive(Debug, Clone)]
pub struct Home {
    pub capabilities: Capabilities,
    pub directory: Arc<Directory>,
    /// None where the console's own lifecycles hold.
    pub workflow: Option<Arc<Workflow>>,
}

/// The desks by their profiles; the one without a name is all of them together.
#[derive(Debug, Clone)]
pub struct Homes {
    all: Home,
    members: BTreeMap<Name, Home>,
}

impl Homes {
    pub fn new(capabilities: Capabilities) -> Self {
        let all = Home { capabilities, directory: Arc::default(), workflow: None };
        Self { all, members: BTreeMap::new() }
    }

    /// Takes over what the desks say of themselves.
    pub fn learn(&mut self, schema: &Schema) {
        self.all.directory = Arc::new(schema.directory.clone());
        self.all.workflow.clone_from(&schema.workflow);
        self.members = schema.members.iter().map(|member| (member.name.clone(), home(member))).collect();
        if !schema.members.is_empty() {
            // What a tracker lets this user do is known once it was asked.
            self.all.capabilities = several::any(schema.members.iter().map(|member| member.capabilities));
        }
    }

    /// What the desks can do, taken together.
    pub fn any(&self) -> &Capabilities {
        &self.all.capabilities
    }

    /// The desk of that ticket.
    pub fn of(&self, id: &str) -> &Home {
        names::profile(id).and_then(|profile| self.members.get(profile)).unwrap_or(&self.all)
    }

    /// Its desk is known and takes no changes: by its profile, or by what this user may do there.
    pub fn is_for_reading(&self, id: &str) -> bool {
        let home = names::profile(id).and_then(|profile| self.members.get(profile));
        home.is_some_and(|home| !home.capabilities.write)
    }

    /// The profiles whose desks take new tickets; none with a single desk.
    pub fn creators(&self) -> impl Iterator<Item = &Name> {
        let takes = |home: &Home| home.capabilities.write && home.capabilities.create;
        self.members.iter().filter(move |(_, home)| takes(home)).map(|(name, _)| name)
    }

    /// The desk of that profile.
    pub fn named(&self, profile: &str) -> Option<&Home> {
        self.members.get(profile)
    }

    /// The groups that somebody is in, on any of the desks.
    pub fn groups_of(&self, login: &str) -> Vec<Name> {
        let homes = iter::once(&self.all).chain(self.members.values());
        let people = homes.filter_map(|home| home.directory.person(login));
        let groups: BTreeSet<&Name> = people.flat_map(|person| &person.groups).collect();
        groups.into_iter().cloned().collect()
    }

    /// There are desks to be told apart.
    pub fn are_several(&self) -> bool {
        self.members.len() > 1
    }

    /// The profiles, in the order of their names; none with a single desk.
    pub fn profiles(&self) -> impl Iterator<Item = &Name> {
        self.members.keys()
    }
}

fn home(member: &Member) -> Home {
    Home {
        capabilities: member.capabilities,
        directory: Arc::new(member.schema.directory.clone()),
        workflow: member.schema.workflow.clone(),
    }
}

impl Model {
    /// The desk of what the user acts on: of its tickets the first one's, or all of them where nothing is chosen.
    pub fn home(&self) -> &Home {
        self.homes.of(&self.first_meant())
    }

    /// Why nothing of what the user acts on can be changed, where its desk is for reading only.
    pub fn why_for_reading(&self) -> Option<String> {
        let id = self.first_meant();
        let profile = names::profile(&id).filter(|_| self.homes.is_for_reading(&id))?;
        Some(format!(
            "{profile} is read-only here, by its profile or by your rights there; `deskside doctor` says by which."
        ))
    }

    fn first_meant(&self) -> String {
        self.targets().first().map(|row| self.table.id(*row).to_owned()).unwrap_or_default()
    }
}

/// The changes of an act in the words of a desk with these abilities.
pub fn fit(changes: Vec<Change>, can: &Capabilities, ticket: &Ticket, me: &Name) -> Vec<Change> {
    let routed = changes.iter().any(|change| matches!(change, Change::Set { field: Field::Group, .. }));
    let mut homeless = Vec::new();
    let mut fitted = Vec::new();
    for change in changes {
        match placeless(&change, ticket) {
            Some(words) => homeless.extend(words),
            None => fitted.extend(fit_one(change, can, ticket, me, routed)),
        }
    }
    if can.internal_notes && !homeless.is_empty() {
        let text = Clean::body(&homeless.join("\n"));
        fitted.push(Change::Say { audience: Audience::Internal, text });
    }
    fitted
}

/// What is recorded of how one works: a tracker that has no field for it gets it as a note.
const RECORDED: &[Field] = &[
    Field::Resolution,
    Field::ResolutionCode,
    Field::Verified,
    Field::FirstContact,
    Field::CancelReason,
    Field::HoldReason,
    Field::WakeAt,
    Field::Supplier,
    Field::SupplierReference,
    Field::SupplierPromise,
    Field::PriorityReason,
    Field::Trigger,
    Field::Level,
    Field::Domain,
    Field::Whys,
    Field::CauseTree,
    Field::Evidence,
    Field::CauseCategory,
    Field::WorkaroundGiven,
    Field::Prevention,
    Field::ReviewRecord,
];

/// The words for a note, where this change has no place on the ticket's tracker; none where it has one.
fn placeless(change: &Change, ticket: &Ticket) -> Option<Option<String>> {
    let Change::Set { field, to, .. } = change else { return None };
    let workflow = ticket.workflow.as_ref()?;
    if !RECORDED.contains(field) || workflow.holds(ticket.kind, field) {
        return None;
    }
    let name = spaced(field.name());
    Some(to.as_ref().map(|value| format!("{name}: {value}")))
}

fn fit_one(change: Change, can: &Capabilities, ticket: &Ticket, me: &Name, routed: bool) -> Vec<Change> {
    match change {
        Change::Handover { step: Handover::Offer { to, reason, .. } } if !can.handover => {
            assign(&to, &reason, can, ticket, me, routed)
        }
        Change::Escalate { escalation } if !can.escalations && can.internal_notes => {
            escalate(&escalation, can, ticket, me, routed)
        }
        other => vec![other],
    }
}

/// Where nobody accepts, it is given.
fn assign(to: &Party, reason: &Clean, can: &Capabilities, ticket: &Ticket, me: &Name, routed: bool) -> Vec<Change> {
    let mut changes = match to {
        Party::Person(login) => {
            let step = Handover::Force { by: me.clone(), to: login.clone(), reason: reason.clone() };
            vec![Change::Handover { step }]
        }
        Party::Group(_) if routed => Vec::new(),
        Party::Group(group) => vec![group_of(ticket, group)],
    };
    // Why it was routed needs no words: that is what routing is.
    if can.internal_notes && !reason.is_empty() && reason.as_str() != "routed" {
        let text = Clean::body(&format!("Handed over to {}: {reason}", to.name()));
        changes.push(Change::Say { audience: Audience::Internal, text });
    }
    changes
}

fn group_of(ticket: &Ticket, group: &Name) -> Change {
    let from = ticket.get(&Field::Group).cloned();
    Change::Set { field: Field::Group, from, to: Some(Value::Name(group.clone())) }
}

/// An escalation is a note that says all that was recorded; a functional one also goes to its group.
fn escalate(escalation: &Escalation, can: &Capabilities, ticket: &Ticket, me: &Name, routed: bool) -> Vec<Change> {
    let kind = spaced(escalation.kind.as_str());
    let mut words = format!("Escalated ({kind}) to {}: {}", escalation.to.name(), escalation.reason);
    if !escalation.detail.is_empty() {
        words.push('\n');
        words.push_str(&escalation.detail);
    }
    let mut changes = Vec::new();
    if escalation.kind == EscalationKind::Functional {
        changes.extend(assign(&escalation.to, &Clean::line(""), can, ticket, me, routed));
    }
    changes.push(Change::Say { audience: Audience::Internal, text: Clean::body(&words) });
    changes
}
