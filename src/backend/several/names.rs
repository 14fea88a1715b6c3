//! Tickets and people of one desk under the names that they have among several: a ticket is `profile:its-own-name`, and
//! I am one person everywhere, whatever each desk calls me.

use crate::backend::{Delta, Error, Found, Presence, Schema, Stored};
use crate::domain::approval::{ApprovalStep, Stage};
use crate::domain::change::{Change, Event, Handover, Link, Op, Party, Target};
use crate::domain::directory::{Directory, Person};
use crate::domain::field::{Field, Value};
use crate::domain::major::{Major, MajorStep};
use crate::domain::name::{self, MARK, Name, TicketId};
use crate::domain::proposal::ProposalStep;
use crate::domain::summary::Summary;
use crate::domain::task::{Asked, TaskStep};
use crate::domain::ticket::Ticket;
use crate::domain::waits;

/// The profile of a ticket among several; none where there is only one desk.
pub fn profile(id: &str) -> Option<&str> {
    name::desk(id)
}

/// How one desk's names become the console's, or the other way round.
#[derive(Debug, Clone)]
pub struct Names {
    profile: Name,
    /// What this desk calls me, and what the console does.
    me: Option<(Name, Name)>,
    inward: bool,
}

impl Names {
    /// From this desk to the console.
    pub fn outward(profile: &Name, me: Option<(Name, Name)>) -> Self {
        Self { profile: profile.clone(), me: me.filter(|(here, there)| here != there), inward: false }
    }

    /// From the console to this desk.
    pub fn inward(&self) -> Self {
        Self { inward: true, ..self.clone() }
    }

    pub fn id(&self, id: &TicketId) -> TicketId {
        let prefix = format!("{}{MARK}", self.profile);
        if self.inward {
            TicketId::new(id.as_str().strip_prefix(&prefix).unwrap_or(id.as_str()))
        } else {
            TicketId::new(&format!("{prefix}{id}"))
        }
    }

    /// A log-in. Mine is swapped; somebody here who has the name that I have elsewhere is told apart by the profile.
    pub fn person(&self, login: &Name) -> Name {
        let Some((here, there)) = &self.me else { return login.clone() };
        let namesake = Name::new(&format!("{there}@{}", self.profile));
        let pairs = [(here, there), (there, &namesake)];
        let found = pairs.into_iter().find(|(a, b)| if self.inward { *b == login } else { *a == login });
        found.map_or_else(|| login.clone(), |(a, b)| if self.inward { a.clone() } else { b.clone() })
    }

    fn link(&self, link: &Link) -> Link {
        // A link that crosses desks is the console's own and already has its whole name.
        let crosses = !self.inward && profile(link.other.as_str()).is_some();
        Link { how: link.how, other: if crosses { link.other.clone() } else { self.id(&link.other) } }
    }

    fn party(&self, party: &Party) -> Party {
        match party {
            Party::Person(login) => Party::Person(self.person(login)),
            Party::Group(group) => Party::Group(group.clone()),
        }
    }

    fn value(&self, field: &Field, value: &Option<Value>) -> Option<Value> {
        match (field, value) {
            (Field::Caller | Field::Approver, Some(Value::Name(login))) => Some(Value::Name(self.person(login))),
            _ => value.clone(),
        }
    }

    fn change(&self, change: &Change) -> Change {
        match change {
            Change::Set { field, from, to } => {
                Change::Set { field: field.clone(), from: self.value(field, from), to: self.value(field, to) }
            }
            Change::Link { link } => Change::Link { link: self.link(link) },
            Change::Unlink { link } => Change::Unlink { link: self.link(link) },
            Change::Heard { from, text } => Change::Heard { from: self.person(from), text: text.clone() },
            Change::Handover { step } => Change::Handover { step: self.handover(step) },
            Change::Escalate { escalation } => {
                let mut escalation = escalation.clone();
                escalation.to = self.party(&escalation.to);
                Change::Escalate { escalation }
            }
            Change::Task { step } => Change::Task { step: self.task(step) },
            Change::Approval { step } => Change::Approval { step: self.approval(step) },
            Change::Major { step } => Change::Major { step: self.major(step) },
            Change::Proposal { step } => Change::Proposal { step: self.proposal(step) },
            Change::Create { .. }
            | Change::Move { .. }
            | Change::Say { .. }
            | Change::Acknowledge { .. }
            | Change::Stamp { .. } => change.clone(),
        }
    }

    fn task(&self, step: &TaskStep) -> TaskStep {
        let party = |to: &Option<Party>| to.as_ref().map(|to| self.party(to));
        match step {
            TaskStep::Add(asked) => TaskStep::Add(Asked { to: party(&asked.to), ..asked.clone() }),
            TaskStep::Give { number, to } => TaskStep::Give { number: *number, to: party(to) },
            other => other.clone(),
        }
    }

    fn stage(&self, stage: &Stage) -> Stage {
        Stage {
            of: stage.of.iter().map(|party| self.party(party)).collect(),
            then: stage.then.as_ref().map(|party| self.party(party)),
            ..stage.clone()
        }
    }

    fn approval(&self, step: &ApprovalStep) -> ApprovalStep {
        match step {
            ApprovalStep::Ask { stages, expires, barred } => ApprovalStep::Ask {
                stages: stages.iter().map(|stage| self.stage(stage)).collect(),
                expires: *expires,
                barred: barred.iter().map(|login| self.person(login)).collect(),
            },
            other => other.clone(),
        }
    }

    fn major(&self, step: &MajorStep) -> MajorStep {
        match step {
            MajorStep::Appoint { role, who } => {
                MajorStep::Appoint { role: *role, who: who.iter().map(|login| self.person(login)).collect() }
            }
            MajorStep::Join { who } => MajorStep::Join { who: self.person(who) },
            MajorStep::Leave { who } => MajorStep::Leave { who: self.person(who) },
            other => other.clone(),
        }
    }

    fn proposal(&self, step: &ProposalStep) -> ProposalStep {
        match step {
            ProposalStep::Make { changes, reason } => ProposalStep::Make {
                changes: changes.iter().map(|change| self.change(change)).collect(),
                reason: reason.clone(),
            },
            answer @ ProposalStep::Answer { .. } => answer.clone(),
            ProposalStep::Raise { from, number, by, how, words } => ProposalStep::Raise {
                from: self.id(from),
                number: *number,
                by: self.person(by),
                how: *how,
                words: words.clone(),
            },
        }
    }

    fn handover(&self, step: &Handover) -> Handover {
        match step {
            Handover::Offer { to, reason, expires } => {
                Handover::Offer { to: self.party(to), reason: reason.clone(), expires: *expires }
            }
            Handover::Accept { by } => Handover::Accept { by: self.person(by) },
            Handover::Decline { by, reason } => Handover::Decline { by: self.person(by), reason: reason.clone() },
            Handover::Withdraw { by } => Handover::Withdraw { by: self.person(by) },
            Handover::Expire => Handover::Expire,
            Handover::Force { by, to, reason } => {
                Handover::Force { by: self.person(by), to: self.person(to), reason: reason.clone() }
            }
            Handover::Absent { owner, acting } => {
                Handover::Absent { owner: self.person(owner), acting: self.person(acting) }
            }
        }
    }

    pub fn op(&self, op: &Op) -> Op {
        let target = match &op.target {
            Target::Ticket(id) => Target::Ticket(self.id(id)),
            new @ Target::New(_) => new.clone(),
        };
        Op { target, changes: op.changes.iter().map(|change| self.change(change)).collect(), ..op.clone() }
    }

    pub fn row(&self, mut row: Summary) -> Summary {
        row.id = self.id(&row.id);
        row.caused_by = row.caused_by.map(|id| self.id(&id));
        row.owner = self.person(&row.owner);
        row.caller = row.caller.map(|login| self.person(&login));
        row.offered_to = row.offered_to.map(|login| self.person(&login));
        let person = |word: &str| waits::ALL.contains(&word) && word != waits::APPROVAL;
        let names = row.custom.iter_mut().filter(|(word, _)| person(word));
        names.for_each(|(_, name)| *name = self.person(name));
        row
    }

    pub fn ticket(&self, mut ticket: Ticket) -> Ticket {
        ticket.id = self.id(&ticket.id);
        ticket.owner = self.person(&ticket.owner);
        ticket.links = ticket.links.iter().map(|link| self.link(link)).collect();
        if let Some(offer) = &mut ticket.offer {
            (offer.by, offer.to) = (self.person(&offer.by), self.party(&offer.to));
        }
        for field in [Field::Caller, Field::Approver] {
            if let Some(value) = self.value(&field, &ticket.fields.get(&field).cloned()) {
                ticket.fields.insert(field, value);
            }
        }
        for escalated in &mut ticket.escalations {
            (escalated.by, escalated.escalation.to) =
                (self.person(&escalated.by), self.party(&escalated.escalation.to));
        }
        self.hands(&mut ticket);
        ticket.major.iter_mut().for_each(|major| self.room(major));
        ticket.timeline = ticket.timeline.iter().map(|event| self.event(event)).collect();
        ticket
    }

    /// Those who have a part in a major incident.
    fn room(&self, major: &mut Major) {
        major.by = self.person(&major.by);
        major.roles.values_mut().flatten().for_each(|login| *login = self.person(login));
        major.present.iter_mut().for_each(|held| held.who = self.person(&held.who));
    }

    /// Those for whose hands it waits.
    fn hands(&self, ticket: &mut Ticket) {
        for task in &mut ticket.tasks {
            task.asked.to = task.asked.to.as_ref().map(|to| self.party(to));
            task.by = task.by.as_ref().map(|login| self.person(login));
            task.signed = task.signed.as_ref().map(|(login, at)| (self.person(login), *at));
        }
        if let Some(approval) = &mut ticket.approval {
            approval.by = self.person(&approval.by);
            approval.stages = approval.stages.iter().map(|stage| self.stage(stage)).collect();
            approval.barred = approval.barred.iter().map(|login| self.person(login)).collect();
            for vote in &mut approval.votes {
                vote.by = self.person(&vote.by);
            }
        }
        for held in &mut ticket.proposals {
            held.by = self.person(&held.by);
            held.changes = held.changes.iter().map(|change| self.change(change)).collect();
            held.answered = held.answered.as_ref().map(|(login, at)| (self.person(login), *at));
        }
    }

    fn event(&self, event: &Event) -> Event {
        Event { actor: self.person(&event.actor), change: self.change(&event.change), ..event.clone() }
    }

    pub fn stored(&self, stored: Stored) -> Stored {
        Stored {
            ticket: self.ticket(stored.ticket),
            summary: self.row(stored.summary),
            also: stored.also.into_iter().map(|row| self.row(row)).collect(),
            dropped: stored.dropped,
        }
    }

    pub fn delta(&self, delta: Delta) -> Delta {
        Delta {
            changed: delta.changed.into_iter().map(|row| self.row(row)).collect(),
            removed: delta.removed.iter().map(|id| self.id(id)).collect(),
            ..delta
        }
    }

    pub fn presence(&self, presence: &Presence) -> Presence {
        Presence { who: self.person(&presence.who), ticket: self.id(&presence.ticket) }
    }

    /// What was found, where it is a ticket, under the name that it has here.
    pub fn found(&self, found: Found) -> Found {
        Found { name: self.id(&TicketId::new(&found.name)).as_str().into(), ..found }
    }

    pub fn schema(&self, schema: Schema) -> Schema {
        let mut directory: Directory = schema.directory;
        for person in &mut directory.people {
            self.rename(person);
        }
        for group in &mut directory.groups {
            group.manager = self.person(&group.manager);
        }
        Schema { me: self.person(&schema.me), directory, ..schema }
    }

    fn rename(&self, person: &mut Person) {
        person.login = self.person(&person.login);
        person.deputy = person.deputy.as_ref().map(|login| self.person(login));
        person.manager = person.manager.as_ref().map(|login| self.person(login));
    }

    pub fn error(&self, error: Error) -> Error {
        match error {
            Error::Conflict { theirs, who } => Error::Conflict { theirs: Box::new(self.stored(*theirs)), who },
            Error::NotFound(id) => Error::NotFound(self.id(&id)),
            Error::Moved { id, to } => Error::Moved { id: self.id(&id), to: self.id(&to) },
            other => other,
        }
    }
}
