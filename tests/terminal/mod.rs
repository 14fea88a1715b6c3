//! The terminal side: frames as bytes, keys from bytes, entering and leaving.

mod input;
mod screen;
mod setup;
