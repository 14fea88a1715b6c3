//! Several trackers at once, seen from the keys: one queue, each act to its own desk, and one that is away keeps nobody
//! from the others.

mod away;
mod catalogue;
mod connect;
pub mod console;
mod doctor;
mod hall;
mod links;
mod looks;
mod rights;
mod waits;
