//! Copying through the terminal (OSC 52), which reaches the user's own machine from any host: over SSH a clipboard
//! program would succeed on the wrong one.

use std::io;

use super::abilities::Multiplexer;
use crate::text::Clean;

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("not copied: {0} bytes are more than the {LIMIT} that terminals take; copy a part of it, or export it")]
    TooLong(usize),
    #[error("not copied: the terminal cannot be written to ({0})")]
    Terminal(#[from] io::Error),
}

/// Bytes of text; what hterm and others take at most.
const LIMIT: usize = 74_994;
/// GNU screen takes strings of up to 768 bytes, envelope included.
const SCREEN_PIECE: usize = 700;

/// The sequence that copies `text`, wrapped for the multiplexer that stands in between.
pub fn sequence(text: &Clean, multiplexer: Multiplexer) -> Result<Vec<u8>, CopyError> {
    if text.len() > LIMIT {
        return Err(CopyError::TooLong(text.len()));
    }
    let bare = format!("\x1b]52;c;{}\x07", base64(text.as_bytes()));
    let bytes = match multiplexer {
        Multiplexer::None => bare.into_bytes(),
        // tmux takes the bare form when `set-clipboard` is on and the envelope when `allow-passthrough` is; it drops the other.
        Multiplexer::Tmux => {
            let wrapped = bare.replace('\x1b', "\x1b\x1b");
            format!("{bare}\x1bPtmux;{wrapped}\x1b\\").into_bytes()
        }
        Multiplexer::Screen => {
            let pieces = bare.as_bytes().chunks(SCREEN_PIECE);
            pieces.flat_map(|piece| [b"\x1bP", piece, b"\x1b\\"].concat()).collect()
        }
    };
    Ok(bytes)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}
