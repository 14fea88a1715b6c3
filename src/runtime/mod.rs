//! What touches the world: the loop, jobs, the terminal, signals. The only place that spawns.

pub mod console;
mod editor;
pub mod files;
mod jobs;
pub mod log;
pub mod terminal;

/// A name that no other run has: the first part of every idempotency key. Names of later runs sort behind those of
/// earlier ones, so that what is kept under such keys is read in the order in which it was done.
pub fn session_name(now: jiff::Timestamp) -> String {
    format!("{:012x}-{}", now.as_millisecond().max(0), uuid::Uuid::new_v4().simple())
}
