//! Makes a desk ready for use: wrapped as every desk is, now or as it stood in the past.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::backend::embedded::{Clock, History, Rules};
use crate::backend::http::adapters::{self, Adapter};
use crate::backend::http::client::Client;
use crate::backend::http::remote::Remote;
use crate::backend::http::tracker::Setup;
use crate::backend::layers::{self, Patience};
use crate::backend::memory::Memory;
use crate::backend::sample;
use crate::backend::sqlite::Sqlite;
use crate::backend::{Backend, Error, Result};

/// How a desk is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct View {
    pub read_only: bool,
    /// The desk as it stood when this instant began; nothing of the past can be written.
    pub as_of: Option<Timestamp>,
}

impl View {
    fn writes(self) -> bool {
        !self.read_only && self.as_of.is_none()
    }
}

/// The sample desk of this seed and size, made anew and lost at the end. `rules` come from the configuration; the desk
/// puts its own people under them.
///
/// # Errors
/// A text of the sample desk is at fault.
pub fn demo(
    (seed, made, tickets): (u64, Timestamp, usize),
    view: View,
    rules: Rules,
    clock: Clock,
) -> Result<Arc<dyn Backend>> {
    let made = sample::generate(seed, made, tickets).map_err(|e| Error::Unexpected(e.to_string()))?;
    let clock = view.as_of.map_or(clock, Clock::fixed);
    let history = until(made.tickets, view.as_of);
    Ok(in_memory(Memory::new(sample::ME.into(), made.directory, history, rules, clock), view))
}

/// The desk in a file.
///
/// # Errors
/// The file cannot be read.
pub fn file(file: &Sqlite, view: View) -> Result<Arc<dyn Backend>> {
    let Some(t) = view.as_of else {
        return Ok(Arc::new(layers::wrap(file.clone(), view.read_only, Patience::default())));
    };
    let (me, rules) = (file.options().me.clone(), file.rules()?.as_ref().clone());
    Ok(in_memory(Memory::new(me, file.directory()?, file.history(Some(t))?, rules, Clock::fixed(t)), view))
}

fn in_memory(desk: Memory, view: View) -> Arc<dyn Backend> {
    let desk = if view.writes() { desk } else { desk.at_rest() };
    Arc::new(layers::wrap(desk, !view.writes(), Patience::default()))
}

fn until(history: History, t: Option<Timestamp>) -> History {
    let Some(t) = t else { return history };
    let before =
        history.into_iter().map(|(id, events)| (id, events.into_iter().filter(|event| event.at < t).collect()));
    before.filter(|(_, events): &(_, Vec<_>)| !events.is_empty()).collect()
}

/// A tracker on the network as a desk, wrapped as every desk is.
///
/// # Errors
/// `Unsupported` for a kind that there is no adapter for.
pub fn tracker(kind: &str, client: Client, setup: Setup, rules: Rules, read_only: bool) -> Result<Arc<dyn Backend>> {
    let adapter = (adapter(kind)?.make)(client, setup);
    // A copy stands before it, which knows how long to wait: the line to the tracker itself gives up soon.
    let patience = Patience { attempts: 2, longest: Duration::from_secs(2), ..Patience::default() };
    Ok(Arc::new(layers::wrap(Remote::new(adapter, rules, POLL), read_only, patience)))
}

const POLL: Duration = Duration::from_secs(30);

/// The adapter for this kind of tracker.
///
/// # Errors
/// `Unsupported` where there is none.
pub fn adapter(kind: &str) -> Result<&'static Adapter> {
    adapters::find(kind).ok_or_else(|| Error::Unsupported(format!("this version has no adapter for {kind}.")))
}
