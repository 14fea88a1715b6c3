//! A change as others see it when they plan: what it touches, who makes it, when.

use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::lifecycle::ChangeType;
use crate::domain::name::{Name, TicketId};
use crate::domain::rfc::span::Span;
use crate::domain::state::State;
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// What of a change can be in another one's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub id: TicketId,
    pub of: ChangeType,
    pub state: State,
    pub asset: Option<Name>,
    pub service: Option<Name>,
    /// Who makes it; none as long as nobody has taken it.
    pub maker: Option<Name>,
    pub span: Option<Span>,
}

impl Planned {
    /// None for what is no change.
    pub fn of(ticket: &Ticket) -> Option<Self> {
        let name = |field| Some(ticket.text(&field)).filter(|text| !text.is_empty()).map(Name::new);
        let span = ticket.time(&Field::PlannedStart).zip(ticket.time(&Field::PlannedEnd));
        (ticket.kind == Kind::Change).then(|| Self {
            id: ticket.id.clone(),
            of: ChangeType::of(ticket),
            state: ticket.state,
            asset: name(Field::Asset),
            service: name(Field::Service),
            maker: ticket.accepted.then(|| ticket.owner.clone()),
            span: span.and_then(|(start, end)| Span::new(start, end)),
        })
    }

    /// The same of a row.
    pub fn of_row(row: &Summary) -> Option<Self> {
        let course = row.course.as_ref();
        (row.kind == Kind::Change).then(|| Self {
            id: row.id.clone(),
            of: course.map_or(ChangeType::Normal, |course| course.of),
            state: row.state,
            asset: row.asset.clone(),
            service: row.service.clone(),
            maker: row.accepted.then(|| row.owner.clone()),
            span: course.and_then(|course| course.planned()),
        })
    }

    /// It may still be in another one's way: neither ended nor made before anybody asked.
    pub fn is_active(&self) -> bool {
        self.state.is_open() && self.state != State::Review && self.of != ChangeType::Retrospective
    }
}
