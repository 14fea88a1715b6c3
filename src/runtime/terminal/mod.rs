//! The terminal: what it can do, entering and leaving it, keys from it, frames to it.
//!
//! Knows cells, bytes and signals; knows nothing of tickets. The rest of the program calls it and never the reverse.

mod abilities;
mod cells;
pub mod clipboard;
mod colour;
pub mod decode;
mod encode;
pub mod input;
pub mod screen;
pub mod setup;
pub mod signals;

pub use abilities::{Multiplexer, NoTerminal, Terminal};
pub use colour::ColorMode;
pub use input::{Input, Inputs};
pub use screen::Screen;
pub use setup::{Session, SetupError, size};
pub use signals::{Signal, Signals};
