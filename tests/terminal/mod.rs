//! The terminal side: frames as bytes, keys from bytes, entering and leaving.

mod screen;
