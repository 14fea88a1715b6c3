//! Asks the rules what an op becomes, and tells their "no" as an error of a desk.

use std::cell::RefCell;

use crate::backend::embedded::{Act, Log};
use crate::backend::{Error, Result};
use crate::domain::change::Op;
use crate::domain::desk::{self, Decision};
use crate::domain::name::TicketId;
use crate::domain::records::Records;
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::rfc::Planned;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// What the op becomes on this ticket, which for a new one is blank but has its name.
pub fn decide(act: &Act<'_>, log: &mut dyn Log, before: &Ticket, op: &Op) -> Result<Decision> {
    let looked = Looked { log: RefCell::new(log), failed: RefCell::new(None) };
    let decided = desk::decide(before, op, act.who, act.now, &act.rules.agreed, &looked);
    // Without the other tickets the rules have judged on half the truth.
    if let Some(error) = looked.failed.into_inner() {
        return Err(error);
    }
    decided.map_err(|refusal| refused(act, before, &refusal))
}

/// The other tickets of the desk, and the first look at them that failed.
struct Looked<'a> {
    log: RefCell<&'a mut dyn Log>,
    failed: RefCell<Option<Error>>,
}

impl Looked<'_> {
    fn got<T: Default>(&self, found: Result<T>) -> T {
        found.unwrap_or_else(|error| {
            self.failed.borrow_mut().get_or_insert(error);
            T::default()
        })
    }
}

impl Records for Looked<'_> {
    fn ticket(&self, id: &TicketId) -> Option<Ticket> {
        let found = self.log.borrow_mut().ticket(id);
        self.got(found)
    }

    fn since(&self, seq: u64) -> Vec<Summary> {
        let found = self.log.borrow_mut().since(seq);
        self.got(found)
    }

    fn booked(&self) -> Vec<Planned> {
        let found = self.log.borrow_mut().booked();
        self.got(found)
    }
}

fn refused(act: &Act<'_>, before: &Ticket, refusal: &Refusal) -> Error {
    match refusal.sort {
        Sort::Rule => {
            let field = refusal.field.as_ref().map_or("", |field| field.name());
            Error::invalid(field, refusal.to_string())
        }
        Sort::Authority => Error::Forbidden(refusal.to_string()),
        Sort::Level => Error::AboveLevel(refusal.to_string()),
        Sort::Race if before.timeline.is_empty() => Error::invalid("", refusal.to_string()),
        Sort::Race => act.conflict(before.clone()),
    }
}
