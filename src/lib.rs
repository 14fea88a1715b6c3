//! deskside: a keyboard-driven service-desk console for the terminal.

pub mod app;
pub mod backend;
pub mod cli;
pub mod command;
pub mod config;
pub mod domain;
pub mod import;
pub mod runtime;
pub mod store;
pub mod text;
pub mod ui;
