//! Import: the traps of real logs on small made-up files, and the counted numbers of the real logs where those are at
//! hand.

mod asked;
mod desk;
mod faults;
mod traps;
mod uci;
mod vinst;

use std::path::{Path, PathBuf};

use deskside::domain::directory::Directory;
use deskside::domain::field::Field;
use deskside::domain::name::Name;
use deskside::domain::priority::Matrix;
use deskside::domain::ticket::Ticket;
use deskside::import::mapping::Mapping;
use deskside::import::{Error, Gathered, Report, Settings, run};
use jiff::Timestamp;

/// A log as tickets.
pub struct Imported {
    pub tickets: Vec<Ticket>,
    pub directory: Directory,
    pub report: Report,
    pub gathered: Gathered,
}

impl Imported {
    pub fn ticket(&self, id: &str) -> &Ticket {
        let all = || self.tickets.iter().map(|ticket| ticket.id.as_str()).collect::<Vec<_>>();
        self.tickets.iter().find(|ticket| ticket.id.as_str() == id).unwrap_or_else(|| panic!("no {id} in {:?}", all()))
    }
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn import(path: &Path, mapping: &Mapping) -> Result<Imported, Error> {
    let settings = Settings { mapping, matrix: &Matrix::standard() };
    let mut gathered = Gathered::default();
    let report = run(path, &settings, &mut gathered, &mut |_| {})?;
    let fold = |(id, events): &(_, Vec<_>)| Ticket::from_events(Clone::clone(id), events.clone()).unwrap();
    let tickets = gathered.history.iter().map(fold).collect();
    Ok(Imported { tickets, directory: gathered.directory.clone(), report, gathered })
}

/// A file of the real data; says so when it is not there.
pub fn data(file: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [
        std::env::var_os("DESKSIDE_DATA").map(PathBuf::from),
        Some(root.join("../shared/data")),
        Some(root.join("../../shared/data")),
    ];
    let found = places.into_iter().flatten().map(|place| place.join(file)).find(|path| path.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: {file} is not there (DESKSIDE_DATA or ../shared/data), so its numbers are not checked.");
    }
    found
}

/// `x[ceil(p n)]`, counted from 1, of values in order.
pub fn percentile(sorted: &[i64], percent: usize) -> i64 {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}

pub fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/fixtures").join(file)
}

pub fn custom(name: &str) -> Field {
    Field::Custom(Name::new(name))
}
