//! From the rows of one case to the events of one ticket.
//!
//! The first row describes the ticket as it was opened; each further row writes what it changes. A bad row is
//! reported and left out, its case goes on without it.

mod beat;
mod state;
mod value;
mod writer;

use std::collections::BTreeMap;

use crate::domain::change::{Change, Event, Handover, Link, Mark, OpKey};
use crate::domain::directory::{Directory, Level};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::State;
use crate::domain::ticket::Ticket;
use crate::import::Settings;
use crate::import::cases::Case;
use crate::import::mapping::{After, Cell, Missing, Plan, Take};
use crate::import::report::Report;
use crate::import::row::{Bad, Row};
use crate::import::seen::Seen;
use crate::text::Clean;
use beat::Beat;
use value::Names;
use writer::Writer;

/// Makes tickets of cases; what it learns on the way is kept for the end.
#[derive(Debug)]
pub struct Folder<'a> {
    plan: &'a Plan<'a>,
    settings: &'a Settings<'a>,
    pub report: Report,
    seen: Seen,
    names: Names,
    nobody: Name,
    assigned: Clean,
    /// Keys of the mapping that have found a value so far.
    found: Vec<bool>,
}

/// What a row may still have to do: fields whose text is already written are passed over.
type Written = Vec<bool>;

/// Which of the rows of its case a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Amid,
    Last,
}

impl<'a> Folder<'a> {
    pub fn new(plan: &'a Plan<'a>, settings: &'a Settings<'a>) -> Self {
        Self {
            plan,
            settings,
            report: Report::default(),
            seen: Seen::default(),
            names: Names::default(),
            nobody: Name::new(&plan.mapping.log.people.nobody),
            assigned: Clean::line("So the imported log has it."),
            found: vec![false; plan.fields.len()],
        }
    }

    /// The events of the ticket that this case is; none when no row of it can be used.
    pub fn case(&mut self, case: &Case) -> Option<(TicketId, Vec<Event>)> {
        let mut beats = self.beats(&case.rows);
        beat::sort(self.plan, &mut beats);
        self.note_backwards(case, &beats);
        let first = beats.first()?;
        let kind = match self.kind(first.row) {
            Ok(kind) => kind,
            Err(bad) => {
                self.report.bad(bad);
                return None;
            }
        };
        let opened = beats.iter().find_map(|beat| beat.opened).unwrap_or(first.at);
        let opener = self.person(self.plan.opener.as_ref(), first.row, None).unwrap_or_else(|| self.nobody.clone());
        let prefix = self.plan.mapping.log.case.prefix.as_deref();
        let id = match prefix {
            Some(prefix) => TicketId::new(&format!("{prefix}{}", case.id)),
            None => TicketId::new(&format!("{}-{}", kind.prefix(), case.id)),
        };
        let ticket = Ticket::blank(id, kind, opener.clone(), opened);
        let mut writer = Writer::new(ticket, opener, self.op(case, 0), first.at);
        writer.write(Change::Create { kind, state: self.first(kind), opened });
        self.rows(case, &beats, &mut writer);
        self.seen.ticket(&writer.ticket);
        self.report.cases += 1;
        Some((writer.ticket.id, writer.events))
    }

    fn rows(&mut self, case: &Case, beats: &[Beat<'_>], writer: &mut Writer) {
        let mut written: Written = vec![false; self.plan.fields.len()];
        let mut before: Option<&Beat<'_>> = None;
        for (at, beat) in beats.iter().enumerate() {
            let place = if at + 1 == beats.len() { Place::Last } else { Place::Amid };
            if before.is_none() {
                self.fields(beat.row, None, &mut written, writer);
                self.links(beat.row, None, writer);
                self.priority(beat.row, writer);
            }
            writer.op = self.op(case, at + 1);
            (writer.at, writer.stored) = (beat.at, beat.at);
            writer.actor = self
                .person(self.plan.actor.as_ref(), beat.row, Some(Level::Associate))
                .unwrap_or_else(|| self.nobody.clone());
            self.state(beat, before, place, writer);
            self.owner(beat.row, before.map(|beat| beat.row), writer);
            self.fields(beat.row, before.map(|beat| beat.row), &mut written, writer);
            if let Some(before) = before {
                self.links(beat.row, Some(before.row), writer);
            }
            self.priority(beat.row, writer);
            self.figures(beat.row, writer);
            before = Some(beat);
        }
    }

    /// The rows that can be used; the others are reported.
    fn beats<'r>(&mut self, rows: &'r [Row]) -> Vec<Beat<'r>> {
        let mut beats: Vec<Beat<'r>> = Vec::with_capacity(rows.len());
        for row in rows {
            let before = beats.last().map(|beat| beat.row);
            match Beat::read(self.plan, row).and_then(|beat| self.sound(row, before).map(|()| beat)) {
                Ok(beat) => beats.push(beat),
                Err(bad) => self.report.bad(bad),
            }
        }
        beats
    }

    /// Whether every value of the row can be read; looked at only where it differs from the row before.
    fn sound(&mut self, row: &Row, before: Option<&Row>) -> Result<(), Bad> {
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

    fn note_backwards(&mut self, case: &Case, beats: &[Beat<'_>]) {
        if self.plan.at.is_some() && !beats.is_sorted_by_key(|beat| beat.at) {
            self.report.backwards.push(case.id.clone());
        }
    }

    fn kind(&self, row: &Row) -> Result<Kind, Bad> {
        let given = self.plan.mapping.log.case.kind;
        let Some(cell) = &self.plan.kind_by else {
            return given.ok_or_else(|| Bad::new(row.line, "the mapping does not say of which kind it is"));
        };
        let text = cell.text(row).map_err(|reason| Bad::new(row.line, reason))?;
        text.as_deref().and_then(Kind::parse).or(given).ok_or_else(|| {
            let text = text.as_deref().unwrap_or_default();
            Bad::new(row.line, format!("{}: `{text}` is none of the kinds {}", cell.key, Kind::choices()))
        })
    }

    /// The state in which tickets of this kind are opened.
    fn first(&self, kind: Kind) -> State {
        let given = self.plan.state.as_ref().and_then(|(states, _)| states.first);
        given.unwrap_or(lifecycle::initial(kind))
    }

    /// The same row of the same log is the same act, whenever it is imported.
    fn op(&self, case: &Case, number: usize) -> OpKey {
        OpKey(format!("import:{}:{}:{number}", self.plan.mapping.log.name, case.id))
    }

    fn person(&mut self, cell: Option<&Cell<'_>>, row: &Row, level: Option<Level>) -> Option<Name> {
        let cell = cell?;
        let login = self.names.get(&cell.text(row).ok().flatten()?);
        if level.is_some() || cell.column.level.is_some() || !self.seen.knows(&login) {
            self.seen.person(&login, cell.display(row), cell.column.level.max(level));
        }
        Some(login)
    }

    fn owner(&mut self, row: &Row, before: Option<&Row>, writer: &mut Writer) {
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

    fn fields(&mut self, row: &Row, before: Option<&Row>, written: &mut Written, writer: &mut Writer) {
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

    fn links(&mut self, row: &Row, before: Option<&Row>, writer: &mut Writer) {
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
    fn priority(&self, row: &Row, writer: &mut Writer) {
        let Some(priority) = figure(self.plan.priority.as_ref(), row) else { return };
        let computed = self.settings.matrix.priority(writer.ticket.impact(), writer.ticket.urgency());
        let by_hand = (i64::from(computed) != priority).then_some(Value::Number(priority));
        writer.set(&Field::PriorityOverride, by_hand);
    }

    fn figures(&self, row: &Row, writer: &mut Writer) {
        if let Some(reopens) = figure(self.plan.reopens.as_ref(), row) {
            writer.stamp_count(Mark::Reopens, reopens);
        }
        if let Some(reassignments) = figure(self.plan.reassignments.as_ref(), row) {
            writer.stamp_count(Mark::Reassignments, reassignments);
        }
    }

    /// What was read, and whom and what it named.
    pub fn finish(mut self) -> (Report, Directory) {
        let keys = self.plan.fields.iter().zip(&self.found).filter(|(_, found)| !**found);
        self.report.never.extend(keys.map(|((_, cell), _)| cell.key.clone()));
        (self.report, self.seen.directory(self.plan.mapping))
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

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}
