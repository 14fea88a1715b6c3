//! Every test of the console in one binary, so that it links once.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod architecture;
mod backends;
mod cli;
mod command;
mod config;
mod docs;
mod domain;
mod fake;
mod http;
mod import;
mod sample;
mod screens;
mod store;
mod terminal;
mod text;
mod trackers;
