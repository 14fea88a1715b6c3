//! The pure rules, tested directly.

mod calendar;
mod when;
