//! The pure rules, tested directly.

mod calendar;
mod suggest;
pub mod rows;
mod table;
mod when;
