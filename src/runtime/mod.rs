//! What touches the world: the loop, jobs, the terminal, signals. The only place that spawns.

pub mod terminal;
