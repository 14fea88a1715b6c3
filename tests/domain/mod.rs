//! The pure rules, tested directly.

mod calendar;
mod suggest;
mod when;
