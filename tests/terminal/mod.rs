//! The terminal side: frames as bytes, keys from bytes, entering and leaving.

mod idle;
mod input;
mod kill;
mod program;
pub mod pty;
mod screen;
mod setup;
