//! What can be asked of the console, and the keys that ask it.

pub mod args;
pub mod key;
pub mod keymap;
pub mod table;
