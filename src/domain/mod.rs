//! The rules of the desk, pure: what a ticket is, what may happen to it, when it is due, who owns it.
//!
//! Uses std, serde and the date type only. Knows no clock: the present time is always an argument.

pub mod act;
pub mod approval;
pub mod audience;
pub mod calendar;
pub mod catalogue;
pub mod change;
pub mod desk;
pub mod directory;
pub mod escalation;
pub mod facts;
pub mod field;
pub mod gate;
pub mod kind;
pub mod lifecycle;
pub mod major;
pub mod mapping;
pub mod name;
pub mod nearest;
pub mod ownership;
pub mod playbook;
pub mod priority;
pub mod promise;
pub mod proposal;
pub mod query;
pub mod radar;
pub mod records;
pub mod refusal;
pub mod reply;
pub mod rfc;
pub mod rules;
pub mod session;
pub mod sla;
pub mod state;
pub mod suggest;
pub mod summary;
pub mod table;
pub mod task;
pub mod ticket;
pub mod waits;
pub mod wake;
pub mod when;
pub mod workflow;
