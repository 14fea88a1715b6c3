//! The states of a case: where its rows say so, and at the instants that its columns of times give. Those columns
//! win, over the rows and with what they leave out.

use jiff::Timestamp;

use crate::domain::change::Mark;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::state::State;
use crate::import::fold::beat::Beat;
use crate::import::fold::writer::Writer;
use crate::import::fold::{Folder, Place, count};
use crate::import::mapping::{Ours, Repeats, Responded, Unknown};
use crate::import::row::{Bad, Row};

impl Folder<'_> {
    /// Writes what the row says of the state: the log's own word for it, the step, the times.
    pub(super) fn state(&mut self, beat: &Beat<'_>, before: Option<&Beat<'_>>, place: Place, writer: &mut Writer) {
        let said = self.said(beat, writer);
        let target = match said {
            Said::Ours(ours) => Some(ours),
            Said::Nothing if self.plan.state.is_none() => ending(beat, place, writer.ticket.kind),
            Said::Nothing | Said::Unknown => None,
        };
        let from = before.map_or(writer.ticket.opened, |before| before.at);
        let left = self.step(target, beat, from, place, writer);
        self.respond(said, left, beat, place, writer);
        self.settle(target, beat, place, writer);
    }

    /// Whether the state of the row can be used at all.
    pub(super) fn sound_state(&self, row: &Row) -> Result<(), Bad> {
        let Some((states, cell)) = &self.plan.state else { return Ok(()) };
        let text = cell.text(row).map_err(|reason| Bad::new(row.line, reason))?;
        let Some(text) = text else { return Ok(()) };
        let known = states.names.contains_key(&*text);
        let choices = match states.unknown {
            Unknown::Keep => return Ok(()),
            Unknown::AsGiven if State::parse(&text).is_some() => return Ok(()),
            Unknown::AsGiven => State::choices(),
            Unknown::Report => states.names.keys().cloned().collect::<Vec<_>>().join(", "),
        };
        let say = || Bad::new(row.line, format!("{}: the state `{text}` is none of: {choices}", cell.key));
        if known { Ok(()) } else { Err(say()) }
    }

    fn said(&mut self, beat: &Beat<'_>, writer: &mut Writer) -> Said {
        let Some((states, cell)) = &self.plan.state else { return Said::Nothing };
        let Ok(Some(text)) = cell.text(beat.row) else { return Said::Nothing };
        count(&mut self.report.states, &text);
        if let Some(field) = &states.keep {
            writer.note(field, Some(Value::Name(self.names.get(&text))));
        }
        if let Some(ours) = states.names.get(&*text) {
            return Said::Ours(*ours);
        }
        count(&mut self.report.unknown, &text);
        match State::parse(&text) {
            Some(state) if states.unknown == Unknown::AsGiven => Said::Ours(Ours { state, hold: None }),
            _ => Said::Unknown,
        }
    }

    /// Moves the ticket; returns when it left the state that it was in.
    fn step(
        &self,
        target: Option<Ours>,
        beat: &Beat<'_>,
        from: Timestamp,
        place: Place,
        writer: &mut Writer,
    ) -> Option<Timestamp> {
        let Ours { state, hold } = target?;
        if state.is_final() && place == Place::Amid && beat.closed.is_some_and(|closed| closed > beat.at) {
            // The log closes it here, but its own time of closing says later: it was not closed for good.
            return None;
        }
        if state == State::OnHold {
            writer.set(&Field::HoldReason, hold.map(|hold| Value::Name(hold.as_str().into())));
        }
        let mut left = None;
        if state != writer.ticket.state {
            let within = |time: Option<Timestamp>| {
                time.filter(|time| *time >= from && (*time <= beat.at || place == Place::Last)).unwrap_or(beat.at)
            };
            if state.is_final() && writer.ticket.state.is_open() && beat.resolved.is_some() {
                let at = within(beat.resolved);
                writer.step(at, resolved_state(writer.ticket.kind));
                left.get_or_insert(at);
            }
            let at = match state {
                State::Resolved | State::Fulfilled => within(beat.resolved),
                _ if state.is_final() => within(beat.closed),
                _ => beat.at,
            };
            writer.step(at, state);
            left.get_or_insert(at);
        }
        left
    }

    /// The first response: as its column says, or when the ticket left its first state, known or not.
    fn respond(&self, said: Said, left: Option<Timestamp>, beat: &Beat<'_>, place: Place, writer: &mut Writer) {
        if self.plan.responded.is_some() {
            let known = beat.responded.filter(|at| *at <= beat.at || place == Place::Last);
            return writer.stamp_time(Mark::Responded, known);
        }
        let Some((states, _)) = &self.plan.state else { return };
        if states.responded == Responded::Desk {
            return;
        }
        let gone = match said {
            Said::Ours(ours) => ours.state != self.first(writer.ticket.kind),
            Said::Unknown => true,
            Said::Nothing => false,
        };
        if gone && writer.unanswered {
            writer.unanswered = false;
            writer.stamp_time(Mark::Responded, Some(left.unwrap_or(beat.at)));
        }
    }

    /// When it was resolved and closed, by the log's own times where it has them.
    fn settle(&self, target: Option<Ours>, beat: &Beat<'_>, place: Place, writer: &mut Writer) {
        if writer.ticket.state.is_open() {
            return;
        }
        let past = |time: Timestamp| time <= beat.at || place == Place::Last;
        let again = self.plan.state.as_ref().is_some_and(|(states, _)| states.repeats == Repeats::Last);
        let repeated = |is: bool| (again && is).then_some(beat.at);
        let said = target.map(|ours| ours.state);
        match (&self.plan.resolved, beat.resolved) {
            (Some(_), None) => writer.stamp_time(Mark::Resolved, None),
            (Some(_), Some(resolved)) if past(resolved) => writer.stamp_time(Mark::Resolved, Some(resolved)),
            (None, _) => {
                if let Some(at) = repeated(matches!(said, Some(State::Resolved | State::Fulfilled))) {
                    writer.stamp_time(Mark::Resolved, Some(at));
                }
            }
            _ => {}
        }
        if !writer.ticket.state.is_final() {
            return;
        }
        match (&self.plan.closed, beat.closed) {
            (Some(_), closed) => writer.stamp_time(Mark::Closed, closed),
            (None, _) => {
                if let Some(at) = repeated(said.is_some_and(State::is_final)) {
                    writer.stamp_time(Mark::Closed, Some(at));
                }
            }
        }
    }
}

/// What the row's own word for the state means.
#[derive(Debug, Clone, Copy)]
enum Said {
    Nothing,
    Unknown,
    Ours(Ours),
}

/// Where a log has no states, its times tell how a ticket ended.
fn ending(beat: &Beat<'_>, place: Place, kind: Kind) -> Option<Ours> {
    if place == Place::Amid {
        return None;
    }
    let state = match (beat.resolved, beat.closed) {
        (_, Some(_)) => State::Closed,
        (Some(_), None) => resolved_state(kind),
        (None, None) => return None,
    };
    Some(Ours { state, hold: None })
}

const fn resolved_state(kind: Kind) -> State {
    match kind {
        Kind::Incident | Kind::Problem => State::Resolved,
        Kind::Request => State::Fulfilled,
        Kind::Change => State::Review,
    }
}
