//! What touches the world: the loop, jobs, the terminal, signals. The only place that spawns.

pub mod console;
mod editor;
mod jobs;
pub mod terminal;
