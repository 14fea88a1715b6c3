//! The console seen from its keys: what is pressed, what the screen says, what the desk has stored.

mod bulk;
mod changes;
mod commands;
pub mod commonest;
#[expect(dead_code, reason = "the harness offers what the next test will ask for")]
pub mod desk;
mod drafts;
mod escalations;
mod every_key;
mod hands;
mod hostile;
mod lists;
mod look;
mod major;
mod problems;
mod radar;
mod readers;
mod reading;
mod requests;
mod sizes;
mod tasks;
mod trackers;
mod triage;
mod undo;
mod unlost;
mod walks;
mod words;
