//! Fields within an act: shapes, ranges, choices, names, and what may be set when.

use super::Draft;
use crate::domain::change::{Change, LinkKind};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::gate::Gate;
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, choices};
use crate::domain::nearest::nearest;
use crate::domain::refusal::Refusal;
use crate::domain::state::{State, Verb};
use crate::text::spaced;

impl Draft<'_> {
    /// A closed or cancelled record takes notes and links only, from those who may; a step out of its end, such as a
    /// reversal, is judged by its own guards.
    pub(super) fn thaw(&self) -> Result<(), Refusal> {
        let moves = self.op.changes.iter().any(|c| matches!(c, Change::Move { .. }));
        if self.is_risk_review() {
            return Gate::AcceptRisk.check(self.who, &self.rules.directory, &self.ticket.id);
        }
        if !self.ticket.state.is_final() || moves || self.op.changes.is_empty() {
            return Ok(());
        }
        let frozen = self.op.changes.iter().find(|c| {
            !matches!(
                c,
                Change::Say { audience: crate::domain::change::Audience::Internal, .. }
                    | Change::Link { .. }
                    | Change::Unlink { .. }
                    | Change::Escalate { .. }
            )
        });
        let Some(change) = frozen else {
            return Gate::AnnotateClosed.check(self.who, &self.rules.directory, &self.ticket.id);
        };
        let message = format!("It is {} and takes notes and links only.", lifecycle::words(self.ticket.state));
        let refusal =
            self.no("closed is frozen", message, format!("Raise a new {} that follows it.", self.ticket.kind));
        Err(if let Change::Set { field, .. } = change { refusal.on(field.clone()) } else { refusal })
    }

    /// What asks for a level or a role wherever it is done; the steps of the lifecycle have gates of their own.
    pub(super) fn gated(&self) -> Result<(), Refusal> {
        let mut asked = self.op.changes.iter().filter(|change| match change {
            Change::Set { field: Field::Major, .. } => false,
            Change::Set { .. } | Change::Escalate { .. } => true,
            _ => false,
        });
        let gates = |change: &Change| Gate::of_change(change, &self.ticket, self.who);
        asked.try_for_each(|change| {
            gates(change).into_iter().try_for_each(|gate| gate.check(self.who, &self.rules.directory, &self.ticket.id))
        })
    }

    /// One field. What stands there already is not recorded again.
    pub(super) fn set(&mut self, field: &Field, to: Option<Value>) -> Result<(), Refusal> {
        let to = to.map(|value| self.checked(field, value)).transpose()?.filter(|value| !empty(value));
        let from = self.ticket.get(field).cloned();
        if from == to {
            return Ok(());
        }
        self.may_set(field, to.as_ref()).map_err(|refusal| refusal.on(field.clone()))?;
        self.record(Change::Set { field: field.clone(), from, to });
        Ok(())
    }

    /// The value in the shape and spelling of its field.
    fn checked(&self, field: &Field, value: Value) -> Result<Value, Refusal> {
        let value = match (field.shape(), value) {
            (Shape::Name, Value::Text(text)) => Value::name(&text),
            (Shape::Text | Shape::Lines, Value::Name(name)) => Value::text(&name),
            (_, value) => value,
        };
        let (fits, wants) = match field.shape() {
            _ if matches!(field, Field::Custom(_)) => (true, ""),
            Shape::Text | Shape::Lines => (matches!(value, Value::Text(_)), "a text"),
            Shape::Name => (matches!(value, Value::Name(_)), "a name"),
            Shape::Number => (matches!(value, Value::Number(_)), "a number"),
            Shape::Time => (matches!(value, Value::Time(_)), "a time"),
            Shape::Flag => (matches!(value, Value::Flag(_)), "yes or no"),
        };
        if !fits {
            let message = format!("`{}` cannot be `{value}`.", field.name());
            return Err(self.no("values have a shape", message, format!("Give {wants}.")).on(field.clone()));
        }
        self.ranged(field, &value)?;
        self.chosen(field, value)
    }

    fn ranged(&self, field: &Field, value: &Value) -> Result<(), Refusal> {
        let matrix = &self.rules.matrix;
        let top = match field {
            Field::Impact => matrix.impacts(),
            Field::Urgency => matrix.urgencies(),
            Field::PriorityOverride => matrix.lowest(),
            _ => return Ok(()),
        };
        if value.as_number().is_some_and(|n| (1..=i64::from(top)).contains(&n)) {
            return Ok(());
        }
        let message = format!("`{}` cannot be {value}.", field.name());
        Err(self
            .no("impact, urgency and priority have a range", message, format!("Give 1 (highest) to {top}."))
            .on(field.clone()))
    }

    /// A choice in its one spelling; refused with the nearest where there is a list and it is not on it.
    fn chosen(&self, field: &Field, value: Value) -> Result<Value, Refusal> {
        let Some(text) = value.as_str().map(str::to_owned).filter(|text| !text.trim().is_empty()) else {
            return Ok(value);
        };
        let (known, folded): (Vec<&str>, bool) = match choices::fixed(field, self.ticket.kind) {
            Some(values) => (values, true),
            None => (choices::known(field, &self.rules.directory).iter().map(|n| n.as_str()).collect(), false),
        };
        if known.is_empty() {
            return Ok(value);
        }
        let same = |name: &&&str| {
            if folded { choices::fold(name) == choices::fold(&text) } else { name.eq_ignore_ascii_case(&text) }
        };
        if let Some(name) = known.iter().find(same) {
            return Ok(if field.shape() == Shape::Name { Value::name(name) } else { Value::text(name) });
        }
        let way_out = match nearest(&text, known.iter().copied()) {
            Some(meant) => format!("Did you mean {meant}?"),
            None if known.len() <= 12 => format!("Choose one of {}.", known.join(", ")),
            None => "Choose one from the list.".to_owned(),
        };
        let message = format!("The desk knows no {} called `{text}`.", spaced(field.name()));
        Err(self.no("names are known", message, way_out).on(field.clone()))
    }

    /// Whether this field may change now, whatever its value.
    fn may_set(&self, field: &Field, to: Option<&Value>) -> Result<(), Refusal> {
        let with = |verb: Verb| self.op.changes.iter().any(|c| matches!(c, Change::Move { verb: v, .. } if *v == verb));
        let served = matches!(self.ticket.kind, Kind::Incident | Kind::Request);
        let dimension = matches!(field, Field::Trigger | Field::Level | Field::Domain);
        let needed = matches!(field, Field::Title | Field::Impact | Field::Urgency)
            || *field == Field::Caller && served
            || dimension && self.ticket.kind == Kind::Problem;
        match field {
            _ if needed && to.is_none() => {
                let message = format!("`{}` cannot be emptied.", field.name());
                Err(self.no("some fields are never empty", message, "Give another value."))
            }
            Field::HoldReason if !with(Verb::Hold) => Err(self.no(
                "hold needs a reason",
                "A reason to wait is given when it is put on hold.",
                "Use `hold`; one on hold is resumed first.",
            )),
            Field::CancelReason if !with(Verb::Cancel) && to.is_some() => Err(self.no(
                "cancel needs a reason",
                "A reason to cancel is given with the cancelling.",
                "Use `cancel`.",
            )),
            Field::ChangeType if self.ticket.state != State::New => Err(self.no(
                "the type of a change is settled when new",
                "It is under way.",
                "Reject or revert it to new first.",
            )),
            Field::Cause | Field::CauseCategory if to.is_some() => self.may_know_cause(),
            Field::KnownError if to.and_then(Value::as_flag) == Some(true) => self.may_be_known(),
            Field::WorkaroundGiven => self.may_give(to),
            Field::Major => self.major(to),
            Field::FirstContact if to.and_then(Value::as_flag) == Some(true) => self.first_contact(),
            _ => Ok(()),
        }
    }

    fn major(&self, to: Option<&Value>) -> Result<(), Refusal> {
        Gate::DeclareMajor.check(self.who, &self.rules.directory, &self.ticket.id)?;
        let declares = to.and_then(Value::as_flag) == Some(true);
        let child = self.ticket.links.iter().any(|link| link.how == LinkKind::ChildOf);
        if declares && (self.ticket.kind == Kind::Request || self.ticket.kind == Kind::Change) {
            let message = format!("A {} is no major incident.", self.ticket.kind);
            return Err(self.no("major incidents are incidents", message, "Raise an incident for it."));
        }
        if declares && (child || !self.ticket.state.is_open()) {
            let message = "A major incident is open and nobody's child.";
            return Err(self.no(
                "major incidents are open parents",
                message,
                "Declare the parent, or raise a new one.",
            ));
        }
        Ok(())
    }

    /// "Resolved at first contact" is a figure people are measured by, so it has to be true.
    fn first_contact(&self) -> Result<(), Refusal> {
        let t = &self.ticket;
        let passed_on = t.reassignments > 0 || t.reopens > 0;
        let waited = t.timeline.iter().any(|e| matches!(e.change, Change::Move { verb: Verb::Hold, .. }));
        if passed_on || waited {
            let message = "It was passed on, held or reopened before.";
            return Err(self.no("first contact is the first", message, "Resolve it without that mark."));
        }
        Ok(())
    }

    /// What several fields must say together, after all of them are set.
    pub(super) fn fields_agree(&mut self) -> Result<(), Refusal> {
        self.reasoned()?;
        self.understood()?;
        self.reviewed()?;
        for (start, end) in [(Field::PlannedStart, Field::PlannedEnd), (Field::ActualStart, Field::ActualEnd)] {
            if let (Some(from), Some(to)) = (self.ticket.time(&start), self.ticket.time(&end))
                && to < from
            {
                let refusal =
                    self.no("an end follows its start", "It would end before it begins.", "Give a later end.");
                return Err(refusal.on(end));
            }
        }
        let flag = |field| self.ticket.flag(field);
        if flag(&Field::KnownError)
            && self.ticket.text(&Field::Cause).is_empty()
            && self.ticket.text(&Field::Workaround).is_empty()
        {
            let message = "A known error has a known cause or a workaround.";
            let refusal = self.no("known error", message, "Write down the cause or the workaround.");
            return Err(refusal.on(Field::KnownError));
        }
        Ok(())
    }

    /// What this act made of a field: from what, to what.
    pub(super) fn was_set(&self, wanted: &Field) -> Option<(Option<Value>, Option<Value>)> {
        self.changes.iter().find_map(|c| match c {
            Change::Set { field, from, to } if field == wanted => Some((from.clone(), to.clone())),
            _ => None,
        })
    }

    /// A priority set by hand needs its reason; so does weighing a problem anew once it is under way.
    fn reasoned(&mut self) -> Result<(), Refusal> {
        let given = self
            .op
            .changes
            .iter()
            .any(|c| matches!(c, Change::Set { field: Field::PriorityReason, to: Some(v), .. } if !empty(v)));
        let by_hand = self.was_set(&Field::PriorityOverride);
        if let Some((_, None)) = by_hand {
            self.clear(&[Field::PriorityReason]);
        } else if by_hand.is_some() && !given {
            let message = "The priority is set by hand without a reason.";
            let refusal = self.no("a priority by hand needs a reason", message, "Say why in `priority_reason`.");
            return Err(refusal.on(Field::PriorityReason));
        }
        let weighed =
            [Field::Impact, Field::Urgency].iter().any(|field| matches!(self.was_set(field), Some((Some(_), _))));
        let settled = self.ticket.kind == Kind::Problem && self.ticket.state != State::New;
        if weighed && settled && !given && !self.says.internal {
            let message = "Its impact or urgency is changed without a reason.";
            let refusal = self.no("weighing a problem anew needs a reason", message, "Say why in a note.");
            return Err(refusal.on(Field::PriorityReason));
        }
        Ok(())
    }
}

fn empty(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}
