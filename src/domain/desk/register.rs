//! A new ticket: what it must say, and what it starts with.

use super::Draft;
use crate::domain::change::Change;
use crate::domain::field::{Field, Value};
use crate::domain::gate::Gate;
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, choices};
use crate::domain::refusal::Refusal;
use crate::domain::state::State;

/// The caller of a ticket whose caller is not known.
pub const ANONYMOUS: &str = "anonymous";

impl Draft<'_> {
    /// The first event and what nobody said: channel phone, impact and urgency 3, and the kind's own defaults.
    pub(super) fn register(&mut self, kind: Kind) -> Result<(), Refusal> {
        let asked = self.op.changes.iter().find_map(|c| match c {
            Change::Create { kind, state, opened } => Some((*kind, *state, *opened)),
            _ => None,
        });
        let (of, state, opened) = asked.unwrap_or((kind, lifecycle::initial(kind), self.op.at));
        for gate in Gate::of_change(&Change::Create { kind, state, opened }, &self.ticket, self.who) {
            gate.check(self.who, &self.rules.directory, &self.ticket.id)?;
        }
        let starts = state == lifecycle::initial(kind) || kind == Kind::Request && state == State::Draft;
        if of != kind || !starts {
            let message = format!("A {of} cannot start as {}.", lifecycle::words(state));
            let way_out = format!("Register it as {}.", lifecycle::words(lifecycle::initial(kind)));
            return Err(self.no("lifecycle", message, way_out));
        }
        if opened.duration_since(self.now) > self.rules.periods.skew {
            return Err(self.no(
                "acts lie in the past",
                "It would open in the future.",
                "Give the time of the contact.",
            ));
        }
        self.record(Change::Create { kind, state, opened });
        self.required(kind)?;
        let usual = self.item_defaults(kind);
        let plain = self.defaults(kind).into_iter().filter(|(field, _)| !usual.iter().any(|(held, _)| held == field));
        for (field, value) in usual.iter().cloned().chain(plain) {
            if !self.given(&field) {
                self.record(Change::set(field, value));
            }
        }
        Ok(())
    }

    fn required(&self, kind: Kind) -> Result<(), Refusal> {
        let served = matches!(kind, Kind::Incident | Kind::Request);
        let wants = [
            (Field::Title, true, "Say in one line what is wrong or wanted.".to_owned()),
            (Field::Caller, served, format!("Name the caller, or write `{ANONYMOUS}`.")),
        ];
        for (field, needed, way_out) in wants {
            if needed && !self.given(&field) {
                let message = format!("`{}` is missing.", field.name());
                return Err(self.no("registration needs a title and a caller", message, way_out).on(field));
            }
        }
        let dimensions = [
            (Field::Trigger, "Say what made you raise it"),
            (Field::Level, "Say at what height it lies"),
            (Field::Domain, "Say in what it lies"),
        ];
        for (field, ask) in dimensions.into_iter().filter(|_| kind == Kind::Problem) {
            if !self.given(&field) {
                let message = format!("`{}` is missing.", field.name());
                let known = choices::fixed(&field, kind).unwrap_or_default().join(", ");
                let rule = "a problem has a trigger, a level and a domain";
                return Err(self.no(rule, message, format!("{ask}: {known}.")).on(field));
            }
        }
        Ok(())
    }

    fn given(&self, wanted: &Field) -> bool {
        self.op.changes.iter().any(|c| match c {
            Change::Set { field, to: Some(value), .. } if field == wanted => {
                value.as_str().is_none_or(|text| !text.trim().is_empty())
            }
            _ => false,
        })
    }

    fn defaults(&self, kind: Kind) -> Vec<(Field, Value)> {
        let matrix = &self.rules.matrix;
        let mut found = vec![
            (Field::Impact, Value::Number(matrix.impacts().min(3).into())),
            (Field::Urgency, Value::Number(matrix.urgencies().min(3).into())),
        ];
        match kind {
            Kind::Incident | Kind::Request => found.push((Field::Channel, Value::name("phone"))),
            Kind::Problem => found.extend(self.next_review(self.op.at).map(|at| (Field::NextReview, Value::Time(at)))),
            Kind::Change => found.push((Field::ChangeType, Value::name("normal"))),
        }
        found
    }
}
