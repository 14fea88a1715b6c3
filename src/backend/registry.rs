//! Opens the desk that somebody named, wrapped as every desk is.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::backend::embedded::{Clock, Rules};
use crate::backend::layers::{self, Patience};
use crate::backend::memory::Memory;
use crate::backend::sample;
use crate::backend::sqlite::{Options, Sqlite, whoami};
use crate::backend::{Backend, Error, Result};
use crate::domain::change::Event;
use crate::domain::directory::Directory;
use crate::domain::name::{Name, TicketId};

/// Which desk, and how it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskSpec {
    pub source: Source,
    pub read_only: bool,
    /// The desk as it stood when this instant began; nothing of the past can be written.
    pub as_of: Option<Timestamp>,
}

/// Where the tickets lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The sample desk, made anew from this seed and lost at the end.
    Demo { seed: u64, tickets: usize },
    /// An embedded desk.
    File(PathBuf),
}

impl DeskSpec {
    /// The sample desk of this seed, of the usual size.
    pub fn demo(seed: u64) -> Self {
        Self { source: Source::Demo { seed, tickets: sample::TICKETS }, read_only: false, as_of: None }
    }

    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { source: Source::File(path.into()), read_only: false, as_of: None }
    }
}

/// The desk, ready for use. `rules` come from the configuration; the desk puts its own people under them.
///
/// # Errors
/// A sentence for people: what is wrong with the file, and what to do about it.
pub fn open(spec: &DeskSpec, rules: Rules, clock: Clock) -> Result<Arc<dyn Backend>> {
    let read_only = spec.read_only || spec.as_of.is_some();
    let patience = Patience::default();
    let desk: Arc<dyn Backend> = match (&spec.source, spec.as_of) {
        (Source::Demo { seed, tickets }, as_of) => {
            let now = clock.now();
            let made = sample::generate(*seed, now, *tickets).map_err(|e| Error::Unexpected(e.to_string()))?;
            let history = made.tickets.into_iter().map(|(id, events)| (id, until(events, as_of)));
            let desk = in_memory(sample::ME.into(), made.directory, history, rules, clock);
            Arc::new(layers::wrap(desk, read_only, patience))
        }
        (Source::File(path), None) => {
            let options = Options { rules, clock, me: whoami().0, read_only };
            Arc::new(layers::wrap(Sqlite::open(path, options)?, read_only, patience))
        }
        (Source::File(path), Some(t)) => {
            let (me, _) = whoami();
            let options = Options { rules: rules.clone(), clock: clock.clone(), me: me.clone(), read_only: true };
            let file = Sqlite::open(path, options)?;
            let history = file.history(Some(t))?.into_iter();
            let desk = in_memory(me, file.directory()?, history, rules, clock);
            Arc::new(layers::wrap(desk, read_only, patience))
        }
    };
    Ok(desk)
}

fn until(events: Vec<Event>, t: Option<Timestamp>) -> Vec<Event> {
    events.into_iter().filter(|event| t.is_none_or(|t| event.at < t)).collect()
}

fn in_memory(
    me: Name,
    directory: Directory,
    history: impl Iterator<Item = (TicketId, Vec<Event>)>,
    rules: Rules,
    clock: Clock,
) -> Memory {
    Memory::new(me, directory, history.collect(), rules, clock)
}
