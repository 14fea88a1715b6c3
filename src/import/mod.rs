//! Import of logs of other service desks: rows of a file become the events of tickets, through a mapping and without
//! code.
//!
//! ```text
//! file -> read (bytes, CSV or XES) -> Row -> cases (rows by ticket) -> fold (events of one ticket) -> Sink
//! ```
//! Holds no more of the file than one case where the mapping says that rows are grouped by case. Every act has a key
//! made of mapping, ticket and row, so that importing twice adds nothing. Events
//! count as stored when the other desk stored them. Knows no particular desk and no present time, and draws nothing.

mod cases;
mod fold;
pub mod labelled;
pub mod mapping;
mod read;
mod report;
mod row;
mod seen;
mod sink;

use std::path::Path;

use crate::config::fault::Faults;
use crate::domain::priority::Matrix;
use cases::Cases;
use fold::Folder;
use mapping::{Mapping, Plan};
use read::{Meter, Next, Rows};
pub use report::Report;
pub use row::Bad;
pub use sink::{DryRun, Gathered, Sink};

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Mapping(#[from] Faults),
    #[error("{file} cannot be read: {reason}.")]
    File { file: String, reason: String },
    #[error(
        "{file} cannot be read on from line {line}: {reason}. The {cases} cases before it were imported; when the file is mended, import it again: that adds only the rest."
    )]
    Broken { file: String, line: u64, reason: String, cases: usize },
    #[error("{file} holds no row that could be imported: {bad} rows were bad, the first at line {line}: {reason}.")]
    Nothing { file: String, bad: usize, line: u64, reason: String },
    #[error("{file} holds no rows.")]
    Empty { file: String },
    #[error("The desk did not take the tickets: {0}")]
    Sink(String),
}

/// How far an import has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Of the file, between 0 and 1.
    pub share: f64,
    pub rows: u64,
    pub cases: usize,
}

/// What an import needs beside its file.
#[derive(Debug)]
pub struct Settings<'a> {
    pub mapping: &'a Mapping,
    /// The desk's priorities; the log's own stand beside them where they differ.
    pub matrix: &'a Matrix,
}

/// Rows between two calls of the progress function.
const STEP: u64 = 1_000;

/// Reads the file and hands its tickets to the sink, one by one, then the people and things that they name.
pub fn run(
    path: &Path,
    settings: &Settings<'_>,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, Error> {
    read::with_rows(path, settings.mapping, |rows, meter| Import { path, settings, meter, progress }.run(rows, sink))
}

struct Import<'a> {
    path: &'a Path,
    settings: &'a Settings<'a>,
    meter: &'a Meter,
    progress: &'a mut dyn FnMut(Progress),
}

impl Import<'_> {
    fn run(mut self, rows: &mut dyn Rows, sink: &mut dyn Sink) -> Result<Report, Error> {
        let plan = Plan::new(self.settings.mapping, rows.header())?;
        let mut folder = Folder::new(&plan, self.settings);
        let mut cases = Cases::new(&plan);
        loop {
            match rows.next(&plan) {
                Next::Row(row) => match cases.take(row) {
                    Ok(Some(done)) => give(&mut folder, &done, sink)?,
                    Ok(None) => {}
                    Err(bad) => folder.report.bad(bad),
                },
                Next::Bad(bad) => folder.report.bad(bad),
                Next::Broken(bad) => return Err(self.broken(bad, folder, sink)),
                Next::End => break,
            }
            folder.report.rows += 1;
            self.tell(&folder.report);
        }
        for case in cases.rest() {
            give(&mut folder, &case, sink)?;
            self.tell(&folder.report);
        }
        let (report, directory) = folder.finish();
        self.worth(&report)?;
        sink.directory(directory).map_err(Error::Sink)?;
        Ok(report)
    }

    /// What came whole is kept: a second import adds nothing of it.
    fn broken(&self, Bad { line, reason }: Bad, folder: Folder<'_>, sink: &mut dyn Sink) -> Error {
        let (report, directory) = folder.finish();
        match sink.directory(directory) {
            Ok(()) => Error::Broken { file: self.file(), line, reason, cases: report.cases },
            Err(say) => Error::Sink(say),
        }
    }

    fn tell(&mut self, report: &Report) {
        if report.rows.is_multiple_of(STEP) {
            (self.progress)(Progress { share: self.meter.share(), rows: report.rows, cases: report.cases });
        }
    }

    fn file(&self) -> String {
        self.path.display().to_string()
    }

    fn worth(&self, report: &Report) -> Result<(), Error> {
        match report.first_bad() {
            _ if report.cases > 0 => Ok(()),
            None => Err(Error::Empty { file: self.file() }),
            Some(Bad { line, reason }) => {
                let (line, reason) = (*line, reason.clone());
                Err(Error::Nothing { file: self.file(), bad: report.bad_rows, line, reason })
            }
        }
    }
}

fn give(folder: &mut Folder<'_>, case: &cases::Case, sink: &mut dyn Sink) -> Result<(), Error> {
    let Some((id, events)) = folder.case(case) else { return Ok(()) };
    folder.report.events += events.len();
    sink.ticket(id, events).map_err(Error::Sink)
}
