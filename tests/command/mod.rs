//! The command table, keys and arguments.

mod key;
mod keymap;
