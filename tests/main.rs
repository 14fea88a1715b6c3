#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod command;
mod domain;
mod terminal;
mod text;
