//! Files of tickets, as far as they are the same everywhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::backend::{Error, Result};
use crate::domain::name::{Name, TicketId};

/// Bytes of the largest file that is taken into memory.
pub const LARGEST: u64 = 256 << 20;

/// The bytes of a file that came as text, line breaks and all.
///
/// # Errors
/// It is no base64.
pub fn decode(text: &str) -> Result<Vec<u8>> {
    let plain: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(plain).map_err(|error| Error::Unexpected(format!("The content of the file is no base64: {error}.")))
}

/// The bytes of a file as text.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A file that is asked for and not on that ticket. Any key would do on some trackers, and be somebody else's file.
pub fn no_such(id: &TicketId, file: &Name) -> Error {
    Error::invalid("file", format!("{id} has no file {file}."))
}
