//! What a rule may ask of the rest of the desk. Any function from identifiers to tickets will do where a desk has no
//! rows to look through.

use crate::domain::name::TicketId;
use crate::domain::rfc::Planned;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// The other tickets of a desk, as a rule sees them.
pub trait Records {
    /// The ticket with its timeline; none when there is no such ticket.
    fn ticket(&self, id: &TicketId) -> Option<Ticket>;

    /// The rows of all that was touched after this place in the desk's log.
    fn since(&self, seq: u64) -> Vec<Summary> {
        let _ = seq;
        Vec::new()
    }

    /// The changes that are planned and not made yet.
    fn booked(&self) -> Vec<Planned> {
        Vec::new()
    }
}

impl<F: Fn(&TicketId) -> Option<Ticket>> Records for F {
    fn ticket(&self, id: &TicketId) -> Option<Ticket> {
        self(id)
    }
}
