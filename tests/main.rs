#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod backends;
mod command;
mod config;
mod domain;
mod import;
mod sample;
mod terminal;
mod text;
