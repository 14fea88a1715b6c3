//! Trackers that are reached over HTTP: one folder for each, and what all of them stand on.
//!
//! [`client`] sends requests; an adapter maps them to and from its tracker as a [`tracker::Tracker`]; [`remote::Remote`]
//! makes a desk of that. What adapters share beside the contract is in [`held`], [`words`] and [`files`]. How to write one
//! more is in `README.md` beside this file.

pub mod adapters;
pub mod assemble;
pub mod client;
pub mod evidence;
pub mod files;
pub mod held;
pub mod itop;
pub mod jira;
pub mod redmine;
pub mod remote;
pub mod rt;
pub mod servicenow;
pub mod tracker;
pub mod words;
