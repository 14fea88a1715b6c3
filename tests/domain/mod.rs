//! The pure rules, tested directly.

mod audience;
mod calendar;
pub mod rows;
mod sla;
mod suggest;
mod table;
mod when;
