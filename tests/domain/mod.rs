//! The pure rules, tested directly.

mod approval;
mod audience;
mod calendar;
mod desk;
mod escalation;
mod level;
mod lifecycle;
mod major;
mod ownership;
mod priority;
mod problem;
mod promise;
mod query;
mod radar;
mod request;
mod rfc;
pub mod rows;
mod session;
mod sla;
pub mod small;
mod suggest;
mod table;
mod task;
mod wake;
mod when;
