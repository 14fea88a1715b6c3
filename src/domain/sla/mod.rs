//! Service-level clocks: how long a ticket may take, how much of that is used, and why.
//!
//! [`Facts`] (what happened to a ticket, as plain marks) under a [`Policy`] (definitions and calendars) make
//! [`Clock`]s. A clock does not know the present: [`Clock::at`] reads it at an instant, [`Clock::crossings`] tells
//! which thresholds it crosses in an interval, [`explain()`] accounts for every interval, [`what_if()`] asks what would
//! be. All of it is a fold over the marks, so computing anew and computing step by step give the same.
//!
//! The rules kept here: a target met exactly is met, breached is only *less than nothing left*; a pause takes away
//! only the open time that it covers; intervals are half-open.

pub mod duration;

mod clock;
mod cycle;
mod definition;
mod explain;
mod facts;
mod glance;
mod policy;
mod reading;
mod replay;
mod run;
mod what_if;

pub use clock::{Clock, ClockState, Crossing, Warning};
pub use cycle::{Cycle, Outcome, Stop};
pub use definition::{Definition, Metric, Reopen, Retarget, Since, Start, Target};
pub use explain::{Interval, Verdict, explain};
pub use facts::{Facts, Mark, MarkKind};
pub use glance::glance;
pub use policy::{Policy, Rule};
pub use reading::{Percent, Reading, ReadingState};
pub use replay::{Tracker, evaluate};
pub use what_if::{WhatIf, what_if};
