//! Trackers that are none: a frame in which a fake runs on loopback, and a proxy that stands before it and breaks things.

pub mod itop;
pub mod jira;
pub mod message;
pub mod pipe;
pub mod proxy;
pub mod redmine;
pub mod rt;
pub mod server;
pub mod servicenow;
