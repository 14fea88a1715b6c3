//! The set that is asked about: a desk, a log through its mapping, or a table of texts.

use std::path::Path;

use anyhow::Result;

use crate::cli::place::Place;
use crate::cli::session::{Keeping, Session};
use crate::cli::settings::{self, Places};
use crate::domain::name::{Name, TicketId};
use crate::domain::suggest::{Example, Past, past};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;
use crate::import::labelled::{self, Columns, Labelled};
use crate::import::mapping::Mapping;
use crate::import::{self, Gathered};

/// Examples in the order of their times, where they have any.
#[derive(Debug)]
pub struct Set {
    rows: Rows,
    pub has_times: bool,
    /// Rows of the file that could not be used.
    pub left_out: usize,
}

#[derive(Debug)]
enum Rows {
    Desk(Vec<Past>),
    Log(Vec<Summary>),
    Table(Vec<(TicketId, Name, Labelled)>),
}

impl Set {
    /// The settled tickets of a desk, as triage learns from them.
    pub fn of_desk(place: &Place, places: &Places) -> Result<Self> {
        let session = Session::open(place, places, Keeping::Nothing)?;
        let mut rows = past(&session.model.table, usize::MAX);
        rows.sort_by_key(Past::opened);
        Ok(Self { rows: Rows::Desk(rows), has_times: true, left_out: 0 })
    }

    pub fn of_log(file: &Path, mapping: &str, places: &Places) -> Result<Self> {
        let settings = settings::load(&places.config)?;
        let mapping = Mapping::find(mapping)?;
        let mut gathered = Gathered::default();
        let how = import::Settings { mapping: &mapping, matrix: &settings.matrix };
        let report = import::run(file, &how, &mut gathered, &mut |_| ())?;
        let ticket = |(id, events)| Ticket::from_events(id, events);
        let summary = |ticket: Ticket| Summary::of(&ticket, &settings.sla, &settings.matrix);
        let mut rows: Vec<Summary> = gathered.history.into_iter().filter_map(ticket).map(summary).collect();
        rows.sort_by_key(|row| row.opened);
        let has_times = rows.first().map(|row| row.opened) != rows.last().map(|row| row.opened);
        Ok(Self { rows: Rows::Log(rows), has_times, left_out: report.bad_rows })
    }

    pub fn of_table(file: &Path, text: &[String], label: &str, also: &[String]) -> Result<Self> {
        let columns = Columns { text: text.to_vec(), label: label.to_owned(), also: also.to_vec() };
        if also.len() > 5 {
            return Err(crate::cli::exit::Usage::error("Five other columns at most: leave some --also out."));
        }
        let read = labelled::read(file, &columns)?;
        let left_out = read.empty + read.bad;
        let row =
            |(at, row): (usize, Labelled)| (TicketId::new(&format!("row-{}", at + 1)), Name::new(&row.label), row);
        Ok(Self { rows: Rows::Table(read.rows.into_iter().enumerate().map(row).collect()), has_times: false, left_out })
    }

    pub fn examples(&self) -> Box<dyn Iterator<Item = Example<'_>> + '_> {
        match &self.rows {
            Rows::Desk(rows) => Box::new(rows.iter().map(Past::example)),
            Rows::Log(rows) => Box::new(rows.iter().map(Example::of)),
            Rows::Table(rows) => Box::new(rows.iter().map(|(id, label, row)| {
                let also = |at: usize| row.also.get(at).and_then(Option::as_deref);
                Example {
                    id: Some(id),
                    text: &row.text,
                    category: Some(label),
                    caller: also(0),
                    asset: also(1),
                    service: also(2),
                    location: also(3),
                    channel: also(4),
                    ..Example::default()
                }
            })),
        }
    }
}
