//! The terminal: what it can do, entering and leaving it, keys from it, frames to it.
//!
//! Knows cells, bytes and signals; knows nothing of tickets. The rest of the program calls it and never the reverse.

mod abilities;
mod cells;
mod colour;
mod encode;
pub mod screen;

pub use abilities::{Multiplexer, NoTerminal, Terminal};
pub use colour::ColorMode;
pub use screen::Screen;
