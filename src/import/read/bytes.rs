//! Bytes on their way to text: a mark at the start that only says "Unicode", and latin-1.

use std::io::{self, Read};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Drops the byte order mark at the very start.
pub struct SkipBom<R> {
    from: R,
    /// The first bytes, until they are handed out; none before they were read.
    head: Option<Vec<u8>>,
}

impl<R: Read> SkipBom<R> {
    pub fn new(from: R) -> Self {
        Self { from, head: None }
    }
}

impl<R: Read> Read for SkipBom<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = match &mut self.head {
            Some(head) => head,
            None => {
                let mut head = Vec::new();
                self.from.by_ref().take(BOM.len() as u64).read_to_end(&mut head)?;
                if head == BOM {
                    head.clear();
                }
                self.head.insert(head)
            }
        };
        if head.is_empty() {
            return self.from.read(buffer);
        }
        let count = head.len().min(buffer.len());
        buffer[..count].copy_from_slice(&head[..count]);
        head.drain(..count);
        Ok(count)
    }
}

/// Each byte is one letter; hands out UTF-8.
pub struct Latin1<R> {
    from: R,
    /// The second byte of a letter that did not fit any more.
    rest: Option<u8>,
}

impl<R: Read> Latin1<R> {
    pub fn new(from: R) -> Self {
        Self { from, rest: None }
    }
}

impl<R: Read> Read for Latin1<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut at = 0;
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(rest) = self.rest.take() {
            buffer[0] = rest;
            at = 1;
        }
        let mut raw = [0_u8; 4096];
        let room = (buffer.len() - at).div_ceil(2).min(raw.len());
        let count = self.from.read(&mut raw[..room])?;
        for byte in &raw[..count] {
            let mut pair = [0_u8; 2];
            for out in char::from(*byte).encode_utf8(&mut pair).bytes() {
                match buffer.get_mut(at) {
                    Some(slot) => *slot = out,
                    None => self.rest = Some(out),
                }
                at += 1;
            }
        }
        Ok(at.min(buffer.len()))
    }
}
