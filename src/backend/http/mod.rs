//! Trackers that are reached over HTTP: one folder for each, and what all of them send their requests through.

pub mod client;
