//! What ships as text under `config/` and what the user lays over it: read, merged, checked together. A fault names
//! file, line, key and the values allowed. May use domain and text; knows neither screen nor backend.

pub mod catalogue;
pub mod changes;
pub mod escalation;
pub mod fault;
pub mod guard;
pub mod keys;
pub mod levels;
pub mod locate;
pub mod major;
pub mod playbooks;
pub mod priority;
pub mod problems;
pub mod profiles;
pub mod radar;
pub mod replies;
pub mod sla;
pub mod template;
pub mod trackers;
pub mod views;

pub use fault::{Fault, Faults, Source};
