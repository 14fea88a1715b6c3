//! Where imported tickets go: a desk, a dry run, or memory.

use crate::backend::embedded::History;
use crate::domain::change::Event;
use crate::domain::directory::Directory;
use crate::domain::name::TicketId;

/// Takes what an import makes.
pub trait Sink {
    /// Takes the events of one ticket, which come without a place in the log.
    fn ticket(&mut self, id: TicketId, events: Vec<Event>) -> Result<(), String>;

    /// Comes last: everybody and everything that the log named.
    fn directory(&mut self, directory: Directory) -> Result<(), String>;
}

/// Keeps nothing: an import that only counts.
#[derive(Debug, Default, Clone, Copy)]
pub struct DryRun;

/// Keeps everything, for a desk in memory.
#[derive(Debug, Default)]
pub struct Gathered {
    pub history: History,
    pub directory: Directory,
}

impl Sink for DryRun {
    fn ticket(&mut self, _id: TicketId, _events: Vec<Event>) -> Result<(), String> {
        Ok(())
    }

    fn directory(&mut self, _directory: Directory) -> Result<(), String> {
        Ok(())
    }
}

impl Sink for Gathered {
    fn ticket(&mut self, id: TicketId, events: Vec<Event>) -> Result<(), String> {
        self.history.push((id, events));
        Ok(())
    }

    fn directory(&mut self, directory: Directory) -> Result<(), String> {
        self.directory = directory;
        Ok(())
    }
}
