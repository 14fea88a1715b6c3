//! deskside: a keyboard-driven service-desk console for the terminal.

pub mod backend;
pub mod command;
pub mod domain;
pub mod text;
