//! What an act does to other tickets: children follow their parent, what waits for a problem or a change goes on.
//!
//! These follow from a decision that was already made, so their own guards are not asked again; a step that their
//! lifecycle does not know is left out.

use jiff::Timestamp;

use super::{Related, Rules, record};
use crate::domain::change::{Audience, Change, Link, LinkKind, Op};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, held, problem};
use crate::domain::major::Major;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{HoldReason, State, Verb};
use crate::domain::ticket::Ticket;
use crate::text::{Clean, spaced};

/// The code of incidents that a problem's fix has resolved.
pub const BY_PROBLEM: &str = "resolved by problem";

/// Other tickets that the act touches, as they would stand.
pub(super) struct Others<'a> {
    root: TicketId,
    list: Vec<(Ticket, Vec<Change>)>,
    /// Those that moved already: a circle of links must end.
    moved: Vec<TicketId>,
    op: &'a Op,
    who: &'a Name,
    now: Timestamp,
    rules: &'a Rules,
    related: Related<'a>,
}

impl<'a> Others<'a> {
    pub(super) fn new(
        root: &TicketId,
        op: &'a Op,
        who: &'a Name,
        now: Timestamp,
        rules: &'a Rules,
        related: Related<'a>,
    ) -> Self {
        Self { root: root.clone(), list: Vec::new(), moved: vec![root.clone()], op, who, now, rules, related }
    }

    pub(super) fn finish(self) -> Vec<(TicketId, Vec<Change>)> {
        self.list.into_iter().filter(|(_, changes)| !changes.is_empty()).map(|(t, changes)| (t.id, changes)).collect()
    }

    /// Records a change on another ticket; does nothing where there is no such ticket or it says nothing new.
    pub(super) fn record(&mut self, id: &TicketId, change: Change) {
        let Some(index) = self.find(id) else { return };
        let (ticket, changes) = &mut self.list[index];
        let stale = match &change {
            Change::Link { link } => ticket.links.contains(link),
            Change::Unlink { link } => !ticket.links.contains(link),
            Change::Set { field, to, .. } => ticket.get(field) == to.as_ref(),
            _ => false,
        };
        if !stale {
            record(ticket, change.clone(), self.op, self.who, self.now);
            changes.push(change);
        }
    }

    fn find(&mut self, id: &TicketId) -> Option<usize> {
        if *id == self.root {
            return None;
        }
        self.list.iter().position(|(t, _)| t.id == *id).or_else(|| {
            self.list.push((self.related.ticket(id)?, Vec::new()));
            Some(self.list.len() - 1)
        })
    }

    fn look(&mut self, id: &TicketId) -> Option<Ticket> {
        self.find(id).map(|index| self.list[index].0.clone())
    }

    /// What follows from this step of `ticket`, which stands as after it.
    pub(super) fn follow(&mut self, ticket: &Ticket, verb: Verb) {
        match (ticket.kind, verb) {
            (Kind::Incident, _) => self.children(ticket, verb),
            (Kind::Problem, Verb::Resolve) => self.fixed(ticket),
            (Kind::Problem, Verb::AcceptRisk) => self.risk_accepted(ticket),
            // Those that wait for a duplicate wait for the one that it duplicates from now on.
            (Kind::Problem, Verb::Cancel) if problem::survivor(ticket).is_some() => {}
            (Kind::Change, Verb::Cancel) => {
                let note = format!("{} was cancelled, so this no longer waits for it.", ticket.id);
                self.go_on(ticket, &note);
                self.cured(ticket);
            }
            (Kind::Problem, Verb::Cancel) => {
                let note = format!("{} was cancelled, so this no longer waits for it.", ticket.id);
                self.go_on(ticket, &note);
            }
            (Kind::Change, Verb::Close) => {
                let note = format!("{} is closed: {}.", ticket.id, outcome(ticket));
                self.go_on(ticket, &note);
                self.cured(ticket);
            }
            _ => {}
        }
    }

    /// The sync of children: never from a major incident, never a wait for the caller, never close or cancel; a
    /// caller who reopens the parent reopens the parent only.
    fn children(&mut self, parent: &Ticket, verb: Verb) {
        let by_caller = self.op.changes.iter().any(|c| matches!(c, Change::Heard { .. }))
            || self.rules.directory.person(self.who).is_some_and(|p| p.level.is_none() && p.roles.is_empty());
        let major = parent.flag(&Field::Major) || parent.major.as_ref().is_some_and(Major::is_live);
        if major || by_caller && verb == Verb::Reopen {
            return;
        }
        let ids: Vec<TicketId> =
            parent.links.iter().filter(|l| l.how == LinkKind::ParentOf).map(|l| l.other.clone()).collect();
        for id in ids {
            let Some(child) = self.look(&id).filter(|child| child.state != parent.state) else { continue };
            match (verb, parent.state) {
                (Verb::Start | Verb::Resume, _) => {
                    let verb = if child.state == State::OnHold { Verb::Resume } else { Verb::Start };
                    self.step(&child, verb);
                }
                (Verb::Hold, _) => self.hold_too(parent, &child),
                (Verb::Resolve, _) => self.resolve_too(parent, &child),
                (Verb::Reopen, State::InProgress) if child.state == State::Resolved => {
                    let note = format!("Reopened with its parent {}", parent.id);
                    self.end_undone(&child);
                    self.step(&child, Verb::Reopen);
                    self.say(&id, Audience::Internal, &note);
                }
                _ => {}
            }
        }
    }

    fn hold_too(&mut self, parent: &Ticket, child: &Ticket) {
        let reason = HoldReason::parse(parent.text(&Field::HoldReason));
        let shared = matches!(reason, Some(HoldReason::Change | HoldReason::Problem | HoldReason::Vendor));
        if let Some(reason) = reason.filter(|_| shared && lifecycle::step(child, Verb::Hold).is_some()) {
            self.set(child, Field::HoldReason, Some(Value::name(reason.as_str())));
            self.step(child, Verb::Hold);
        }
    }

    fn resolve_too(&mut self, parent: &Ticket, child: &Ticket) {
        if lifecycle::step(child, Verb::Resolve).is_none() {
            return;
        }
        for field in [Field::ResolutionCode, Field::Resolution] {
            self.set(child, field.clone(), parent.get(&field).cloned());
        }
        self.set(child, Field::Verified, Some(Value::name("na")));
        self.step(child, Verb::Resolve);
        self.say(&child.id, Audience::Internal, &format!("Resolved with its parent {}", parent.id));
    }

    /// Incidents that wait for a problem are resolved with it, and their callers are told.
    fn fixed(&mut self, problem: &Ticket) {
        for waiting in self.waiting(problem, HoldReason::Problem) {
            if waiting.kind != Kind::Incident {
                self.step(&waiting, Verb::Resume);
                continue;
            }
            let done = format!("Resolved by problem {}: {}", problem.id, problem.text(&Field::Resolution));
            self.set(&waiting, Field::ResolutionCode, Some(Value::name(BY_PROBLEM)));
            self.set(&waiting, Field::Resolution, Some(Value::text(&done)));
            self.set(&waiting, Field::Verified, Some(Value::name("na")));
            self.step(&waiting, Verb::Resolve);
            let words = "The cause of what you reported has been removed, so we count it as resolved. \
                         If it still happens, please answer and we open it again.";
            self.say(&waiting.id, Audience::Public, words);
        }
    }

    fn risk_accepted(&mut self, problem: &Ticket) {
        let note = format!("The risk of {} was accepted: {}", problem.id, problem.text(&Field::Reason));
        let waiting: Vec<TicketId> = self.waiting(problem, HoldReason::Problem).iter().map(|t| t.id.clone()).collect();
        for id in problem.links.iter().map(|l| l.other.clone()).collect::<Vec<_>>() {
            let Some(other) = self.look(&id).filter(|t| t.kind == Kind::Incident && !t.state.is_final()) else {
                continue;
            };
            if waiting.contains(&id) {
                self.step(&other, Verb::Resume);
            }
            self.say(&id, Audience::Internal, &note);
        }
    }

    /// What waited for this problem or change goes on, unless another change that is to cure it is still open.
    fn go_on(&mut self, ended: &Ticket, note: &str) {
        let reason = if ended.kind == Kind::Change { HoldReason::Change } else { HoldReason::Problem };
        for waiting in self.waiting(ended, reason) {
            let cures: Vec<TicketId> = waiting
                .links
                .iter()
                .filter(|l| l.how == LinkKind::FixedBy && l.other != ended.id)
                .map(|l| l.other.clone())
                .collect();
            let more = cures.iter().any(|id| self.related.ticket(id).is_some_and(|t| !t.state.is_final()));
            if !(more && reason == HoldReason::Change) {
                self.step(&waiting, Verb::Resume);
            }
            self.say(&waiting.id, Audience::Internal, note);
        }
    }

    /// Whoever coordinates a problem is told when the last of the changes that are to cure it has come to its end: in
    /// a note, and the problem is due for a look.
    fn cured(&mut self, ended: &Ticket) {
        let fixes = |link: &&Link| link.how == LinkKind::Fixes;
        let ids: Vec<TicketId> = ended.links.iter().filter(fixes).map(|link| link.other.clone()).collect();
        for id in ids {
            let Some(problem) = self.look(&id).filter(|t| t.kind == Kind::Problem && t.state.is_open()) else {
                continue;
            };
            let cures = problem.links.iter().filter(|link| link.how == LinkKind::FixedBy);
            let mut said = Vec::new();
            for link in cures {
                let change =
                    if link.other == ended.id { Some(ended.clone()) } else { self.related.ticket(&link.other) };
                match change {
                    Some(change) if !change.state.is_final() => return,
                    Some(change) => said.push(format!("{} {}", change.id, ending(&change))),
                    None => {}
                }
            }
            let owner = self.rules.directory.display(&problem.owner);
            let note = format!("{owner}: all linked changes are closed: {}. Is the fix in?", said.join(", "));
            self.set(&problem, Field::NextReview, Some(Value::Time(self.op.at)));
            self.say(&id, Audience::Internal, &note);
        }
    }

    fn waiting(&mut self, on: &Ticket, reason: HoldReason) -> Vec<Ticket> {
        let mut ids: Vec<TicketId> = on.links.iter().map(|l| l.other.clone()).collect();
        ids.sort();
        ids.dedup();
        ids.iter()
            .filter_map(|id| self.look(id))
            .filter(|t| t.state == State::OnHold && held(t, &Field::HoldReason) == reason.as_str())
            .collect()
    }

    fn end_undone(&mut self, child: &Ticket) {
        for field in [Field::ResolutionCode, Field::Resolution, Field::Verified] {
            self.set(child, field, None);
        }
    }

    fn set(&mut self, ticket: &Ticket, field: Field, to: Option<Value>) {
        let from = ticket.get(&field).cloned();
        self.record(&ticket.id, Change::Set { field, from, to });
    }

    fn say(&mut self, id: &TicketId, audience: Audience, words: &str) {
        self.record(id, Change::Say { audience, text: Clean::body(words) });
    }

    /// Words to the caller of another ticket, if it is still worked on.
    pub(super) fn tell(&mut self, id: &TicketId, words: &Clean) {
        if self.look(id).is_some_and(|ticket| ticket.state.is_open()) {
            self.say(id, Audience::Public, words);
        }
    }

    /// Moves another ticket if its lifecycle knows the step, and lets follow what follows from that.
    fn step(&mut self, ticket: &Ticket, verb: Verb) {
        let Some(row) = lifecycle::step(ticket, verb) else { return };
        if self.moved.contains(&ticket.id) {
            return;
        }
        self.moved.push(ticket.id.clone());
        let to = lifecycle::target(row, ticket);
        self.record(&ticket.id, Change::Move { verb, from: ticket.state, to });
        if let Some(after) = self.look(&ticket.id) {
            self.follow(&after, verb);
        }
    }
}

fn ending(change: &Ticket) -> String {
    if change.state == State::Cancelled { "cancelled".to_owned() } else { outcome(change) }
}

fn outcome(change: &Ticket) -> String {
    let outcome = change.text(&Field::Outcome);
    if outcome.is_empty() { "no outcome given".to_owned() } else { spaced(outcome) }
}
