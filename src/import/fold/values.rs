//! What a row says beside the state: owner, fields, links, figures. Each is written when it changes something.

use crate::domain::change::{Change, Handover, Link, Mark};
use crate::domain::directory::Level;
use crate::domain::field::{Field, Value};
use crate::domain::name::TicketId;
use crate::import::fold::writer::Writer;
use crate::import::fold::{Folder, Written, value};
use crate::import::mapping::{After, Cell, Missing, Take};
use crate::import::row::{Bad, Row};

impl Folder<'_> {
    /// Whether every value of the row can be read; looked at only where it differs from the row before.
    pub(super) fn sound(&mut self, row: &Row, before: Option<&Row>) -> Result<(), Bad> {
        let bad = |key: &str, reason: &str| Bad::new(row.line, format!("{key}: {reason}"));
        let fresh = |cell: &Cell<'_>| before.is_none_or(|before| !cell.same(row, before));
        for (field, cell) in self.plan.fields.iter().filter(|(_, cell)| fresh(cell)) {
            let text = cell.text(row).map_err(|reason| Bad::new(row.line, reason))?;
            if let Some(text) = text
                && !matches!(field, Field::Custom(_))
            {
                value::of(field, &text, &mut self.names, &self.plan.times).map_err(|reason| bad(&cell.key, &reason))?;
            }
        }
        for cell in [&self.plan.priority, &self.plan.reopens, &self.plan.reassignments].into_iter().flatten() {
            if !fresh(cell) {
                continue;
            }
            if let Some(text) = cell.text(row).map_err(|reason| Bad::new(row.line, reason))?
                && value::number(&text).is_none()
            {
                return Err(bad(&cell.key, &format!("`{text}` holds no number")));
            }
        }
        self.sound_state(row)
    }

    pub(super) fn owner(&mut self, row: &Row, before: Option<&Row>, writer: &mut Writer) {
        let Some(cell) = &self.plan.owner else { return };
        if before.is_some_and(|before| cell.same(row, before)) {
            return;
        }
        let Some(to) = self.person(Some(cell), row, Some(Level::Associate)) else { return };
        if writer.ticket.owner != to || !writer.ticket.accepted {
            let by = writer.actor.clone();
            writer.write(Change::Handover { step: Handover::Force { by, to, reason: self.assigned.clone() } });
        }
    }

    pub(super) fn fields(&mut self, row: &Row, before: Option<&Row>, written: &mut Written, writer: &mut Writer) {
        let plan = self.plan;
        for (at, (field, cell)) in plan.fields.iter().enumerate() {
            let reached = match cell.column.after {
                After::Opened => true,
                After::Resolved => !writer.ticket.state.is_open(),
                After::Closed => writer.ticket.state.is_final(),
            };
            let same = written[at] && before.is_none_or(|before| cell.same(row, before));
            if !reached || same {
                continue;
            }
            written[at] = true;
            let Ok(text) = cell.text(row) else { continue };
            let value = text.and_then(|text| value::of(field, &text, &mut self.names, &plan.times).ok());
            if value.is_some() {
                self.found[at] = true;
                self.meet(field, cell, row, value.as_ref());
            }
            if let Some(to) = wins(cell, writer.ticket.get(field), value) {
                writer.set(field, to);
            }
        }
        let owner = writer.ticket.owner.clone();
        if let Some(Value::Name(group)) = writer.ticket.get(&Field::Group)
            && writer.ticket.accepted
        {
            self.seen.member(&owner, group);
        }
    }

    fn meet(&mut self, field: &Field, cell: &Cell<'_>, row: &Row, value: Option<&Value>) {
        let Some(Value::Name(name)) = value else { return };
        if matches!(field, Field::Caller | Field::Approver) {
            if !self.seen.knows(name) {
                self.seen.person(name, cell.display(row), cell.column.level);
            }
        } else {
            self.seen.value(field, name);
        }
    }

    pub(super) fn links(&mut self, row: &Row, before: Option<&Row>, writer: &mut Writer) {
        let plan = self.plan;
        for (how, cell) in &plan.links {
            if before.is_some_and(|before| cell.same(row, before)) {
                continue;
            }
            let to = cell.text(row).ok().flatten().map(|text| TicketId::new(&text));
            let gone: Vec<Link> = writer
                .ticket
                .links
                .iter()
                .filter(|link| link.how == *how && Some(&link.other) != to.as_ref())
                .cloned()
                .collect();
            if to.is_some() || cell.column.missing == Missing::Clear {
                gone.into_iter().for_each(|link| writer.write(Change::Unlink { link }));
            }
            if let Some(link) = to.map(|other| Link { how: *how, other })
                && !writer.ticket.links.contains(&link)
            {
                writer.write(Change::Link { link });
            }
        }
    }

    /// The log's priority stands beside the computed one where they differ.
    pub(super) fn priority(&self, row: &Row, writer: &mut Writer) {
        let Some(priority) = figure(self.plan.priority.as_ref(), row) else { return };
        let computed = self.settings.matrix.priority(writer.ticket.impact(), writer.ticket.urgency());
        let by_hand = (i64::from(computed) != priority).then_some(Value::Number(priority));
        writer.set(&Field::PriorityOverride, by_hand);
    }

    pub(super) fn figures(&self, row: &Row, writer: &mut Writer) {
        if let Some(reopens) = figure(self.plan.reopens.as_ref(), row) {
            writer.stamp_count(Mark::Reopens, reopens);
        }
        if let Some(reassignments) = figure(self.plan.reassignments.as_ref(), row) {
            writer.stamp_count(Mark::Reassignments, reassignments);
        }
    }
}

fn figure(cell: Option<&Cell<'_>>, row: &Row) -> Option<i64> {
    value::number(&cell?.text(row).ok()??)
}

/// What the field becomes; none when what it holds wins over the row.
fn wins(cell: &Cell<'_>, held: Option<&Value>, value: Option<Value>) -> Option<Option<Value>> {
    let Some(value) = value else {
        let clears = cell.column.missing == Missing::Clear && cell.column.take == Take::Last;
        return clears.then_some(None);
    };
    let wins = match (cell.column.take, held) {
        (Take::Last, _) | (_, None) => true,
        (Take::First, Some(_)) => false,
        (Take::Max, Some(held)) => value::compare(&value, held).is_gt(),
        (Take::Min, Some(held)) => value::compare(&value, held).is_lt(),
    };
    wins.then_some(Some(value))
}
