//! What can be asked of the console, and the keys that ask it.

pub mod key;
