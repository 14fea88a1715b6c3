//! The pure rules, tested directly.

mod audience;
mod calendar;
mod promise;
pub mod rows;
mod session;
mod sla;
mod suggest;
mod table;
mod wake;
mod when;
