//! What is particular about problems within an act: when they are looked at again, how their end is recorded, what a
//! duplicate hands over, and what the cause, the known error and a workaround ask for.

use jiff::Timestamp;

use super::Draft;
use crate::domain::change::{Audience, Change, Link, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::choices::{self, FIX_APPLIED, RISK_ACCEPTED};
use crate::domain::lifecycle::{held, problem};
use crate::domain::name::TicketId;
use crate::domain::refusal::Refusal;
use crate::domain::state::{State, Verb};

impl Draft<'_> {
    /// When a problem that was looked at then is looked at again, by its level.
    pub(super) fn next_review(&self, from: Timestamp) -> Option<Timestamp> {
        let asked = self.op.changes.iter().find_map(|change| match change {
            Change::Set { field: Field::Level, to: Some(to), .. } => to.as_str(),
            _ => None,
        });
        let level = asked.map_or_else(|| held(&self.ticket, &Field::Level), choices::fold);
        from.checked_add(self.rules.periods.review_of(&level)).ok()
    }

    /// What a step of a problem records beside the move: how it ended, until when it is watched, when it is due for
    /// a look, and what a duplicate hands over.
    pub(super) fn problem_step(&mut self, verb: Verb) {
        let word = |word: &str| Some(Value::name(word));
        match verb {
            Verb::Resolve => {
                let until = self.op.at.checked_add(self.rules.periods.verify).ok().map(Value::Time);
                self.put(Field::Outcome, word(FIX_APPLIED));
                if !self.sets(&Field::ReviewDate) {
                    self.put(Field::ReviewDate, until);
                }
                self.put(Field::NextReview, None);
            }
            Verb::AcceptRisk => {
                self.put(Field::Outcome, word(RISK_ACCEPTED));
                self.put(Field::Approver, Some(Value::Name(self.who.clone())));
                self.put(Field::NextReview, None);
            }
            Verb::Cancel => {
                self.hand_links_over();
                self.put(Field::NextReview, None);
            }
            Verb::Close => self.put(Field::NextReview, None),
            Verb::Reanalyse | Verb::Reopen => {
                self.put(Field::Outcome, None);
                self.put(Field::ReviewDate, None);
                let next = self.next_review(self.op.at).map(Value::Time);
                self.put(Field::NextReview, next);
            }
            _ => {}
        }
    }

    /// A review says what was seen; the next one follows by the level. Another level has another next review.
    pub(super) fn reviewed(&mut self) -> Result<(), Refusal> {
        if self.ticket.kind != Kind::Problem {
            return Ok(());
        }
        let looked = matches!(self.was_set(&Field::Reviewed), Some((_, Some(_))));
        if looked && !self.says.internal {
            let message = "It is reviewed without a word.";
            return Err(self.no("a review says what was seen", message, "Write in a note how it stands."));
        }
        let from = if looked {
            self.op.at
        } else if matches!(self.was_set(&Field::Level), Some((Some(_), _))) {
            self.ticket.time(&Field::Reviewed).unwrap_or(self.ticket.opened)
        } else {
            return Ok(());
        };
        let next = self.next_review(from).map(Value::Time);
        if self.ticket.state.is_open() && !self.sets(&Field::NextReview) {
            self.put(Field::NextReview, next);
        } else if looked && self.is_risk_review() && !self.sets(&Field::ReviewDate) {
            self.put(Field::ReviewDate, next);
        }
        Ok(())
    }

    /// A risk that was accepted is looked at again on its date, though the record is closed.
    pub(super) fn is_risk_review(&self) -> bool {
        let t = &self.ticket;
        let risk = t.kind == Kind::Problem && t.state == State::Closed && t.text(&Field::Outcome) == RISK_ACCEPTED;
        let looks = |change: &Change| {
            matches!(
                change,
                Change::Set { field: Field::Reviewed | Field::ReviewDate, to: Some(_), .. }
                    | Change::Say { audience: Audience::Internal, .. }
            )
        };
        risk && self.sets(&Field::Reviewed) && self.op.changes.iter().all(looks)
    }

    /// A cause comes with its category and what shows it.
    pub(super) fn understood(&self) -> Result<(), Refusal> {
        let named = matches!(self.was_set(&Field::Cause), Some((_, Some(_))));
        if self.ticket.kind != Kind::Problem || !named {
            return Ok(());
        }
        let asks = [(Field::CauseCategory, "Say of what sort it is."), (Field::Evidence, "Say what shows it.")];
        for (field, way_out) in asks {
            if self.ticket.text(&field).trim().is_empty() {
                let message = format!("The cause is given without `{}`.", field.name());
                return Err(self.no("a cause has a category and evidence", message, way_out).on(field));
            }
        }
        Ok(())
    }

    /// A cause is what the analysis finds.
    pub(super) fn may_know_cause(&self) -> Result<(), Refusal> {
        let early = matches!(self.ticket.state, State::New | State::Assess);
        let confirms = self.op.changes.iter().any(|c| matches!(c, Change::Move { verb: Verb::Confirm, .. }));
        if self.ticket.kind == Kind::Problem && early && !confirms {
            let message = "Its analysis has not begun.";
            let way_out = "Assess and confirm it first; a suspicion is a note.";
            return Err(self.no("a cause is found by analysis", message, way_out));
        }
        Ok(())
    }

    pub(super) fn may_be_known(&self) -> Result<(), Refusal> {
        if self.ticket.kind == Kind::Problem && !self.ticket.state.is_open() {
            let message = "It is not open any more.";
            return Err(self.no("known error", message, "Analyse it again first."));
        }
        Ok(())
    }

    /// A workaround is for who still waits; whether it was taken is known of one that was given.
    pub(super) fn may_give(&self, to: Option<&Value>) -> Result<(), Refusal> {
        let Some(to) = to.and_then(Value::as_str) else { return Ok(()) };
        let rule = "a workaround is for who waits";
        if self.ticket.kind != Kind::Incident {
            let message = format!("A {} is given no workaround.", self.ticket.kind);
            return Err(self.no(rule, message, "Give it to its incidents."));
        }
        if to == choices::GIVEN[0] && !self.ticket.state.is_open() {
            let message = format!("It is {} and needs no workaround.", self.ticket.state);
            return Err(self.no(rule, message, "Leave it out."));
        }
        if to != choices::GIVEN[0] && self.ticket.get(&Field::WorkaroundGiven).is_none() {
            return Err(self.no(rule, "It was given no workaround.", "Give it first."));
        }
        Ok(())
    }

    /// The links of a duplicate move to the one that it duplicates.
    fn hand_links_over(&mut self) {
        let Some(survivor) = problem::survivor(&self.ticket).cloned() else { return };
        let held: Vec<Link> = self.ticket.links.iter().filter(|link| moves(link, &survivor)).cloned().collect();
        for link in held {
            self.unlink(&link);
            self.relink(&survivor, &link, true);
        }
    }

    /// What moved away with the cancelling comes back; what the other one had of its own stays there.
    pub(super) fn take_links_back(&mut self) {
        if self.ticket.kind != Kind::Problem {
            return;
        }
        let Some(survivor) = problem::survivor(&self.ticket).cloned() else { return };
        let ended = |change: &Change| matches!(change, Change::Move { verb: Verb::Cancel, .. });
        let Some(key) = self.ticket.timeline.iter().rev().find(|e| ended(&e.change)).map(|e| e.op.clone()) else {
            return;
        };
        let gone = self.ticket.timeline.iter().filter(|event| event.op == key);
        let gone: Vec<Link> = gone
            .filter_map(|event| if let Change::Unlink { link } = &event.change { Some(link.clone()) } else { None })
            .collect();
        let got: Vec<Link> = self.related.ticket(&survivor).map_or_else(Vec::new, |other| {
            let events = other.timeline.iter().filter(|event| event.op == key);
            events
                .filter_map(|e| if let Change::Link { link } = &e.change { Some(link.clone()) } else { None })
                .collect()
        });
        for link in gone.into_iter().filter(|link| self.related.ticket(&link.other).is_some()) {
            self.others.record(&link.other, Change::Link { link: self.inverse(&link) });
            self.record(Change::Link { link: link.clone() });
            if got.contains(&link) {
                self.relink(&survivor, &link, false);
            }
        }
    }

    /// Joins or parts the survivor and the other end of a link that was mine.
    fn relink(&mut self, survivor: &TicketId, link: &Link, joins: bool) {
        let back = Link { how: link.how.inverse(), other: survivor.clone() };
        let change = |link: Link| if joins { Change::Link { link } } else { Change::Unlink { link } };
        self.others.record(survivor, change(link.clone()));
        self.others.record(&link.other, change(back));
    }

    /// The act itself says what this field becomes.
    fn sets(&self, wanted: &Field) -> bool {
        self.op.changes.iter().any(|c| matches!(c, Change::Set { field, to: Some(_), .. } if field == wanted))
    }

    /// Records a field where it does not stand so already.
    fn put(&mut self, field: Field, to: Option<Value>) {
        let from = self.ticket.get(&field).cloned();
        if from != to {
            self.record(Change::Set { field, from, to });
        }
    }
}

fn moves(link: &Link, survivor: &TicketId) -> bool {
    link.other != *survivor && !matches!(link.how, LinkKind::DuplicateOf | LinkKind::DuplicatedBy)
}
