//! From the rows of one case to the events of one ticket.
//!
//! The first row describes the ticket as it was opened; each further row writes what it changes. A bad row is
//! reported and left out, its case goes on without it.

mod beat;
mod state;
mod value;
mod values;
mod writer;

use std::collections::BTreeMap;

use crate::domain::change::{Change, Event, OpKey};
use crate::domain::directory::{Directory, Level};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::State;
use crate::domain::ticket::Ticket;
use crate::import::Settings;
use crate::import::cases::Case;
use crate::import::mapping::{Cell, Plan};
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

    /// What was read, and whom and what it named.
    pub fn finish(mut self) -> (Report, Directory) {
        let keys = self.plan.fields.iter().zip(&self.found).filter(|(_, found)| !**found);
        self.report.never.extend(keys.map(|((_, cell), _)| cell.key.clone()));
        (self.report, self.seen.directory(self.plan.mapping))
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}
