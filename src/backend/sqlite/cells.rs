//! The numbers of a row in one small value: reading forty columns costs SQLite more than everything else about a row.
//!
//! Each number is a variable-length integer of seven bits a byte, the low ones first; 0 stands for none, and every
//! value lies one above its zigzag form, so that small numbers of both signs take one byte.

/// Writes numbers one after the other.
#[derive(Debug, Default)]
pub struct Packer(Vec<u8>);

/// Reads them in the same order. What is missing reads as none: a value that was cut short is no reason to panic.
#[derive(Debug)]
pub struct Unpacker<'a>(std::slice::Iter<'a, u8>);

impl Packer {
    pub fn put(&mut self, value: Option<i64>) {
        let mut rest = value.map_or(0, |n| ((n << 1) ^ (n >> 63)).cast_unsigned().saturating_add(1));
        while rest >= 0x80 {
            self.0.push(low(rest) | 0x80);
            rest >>= 7;
        }
        self.0.push(low(rest));
    }

    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

fn low(n: u64) -> u8 {
    n.to_le_bytes()[0] & 0x7f
}

impl<'a> Unpacker<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    pub fn is_empty(&self) -> bool {
        self.0.as_slice().is_empty()
    }

    pub fn next(&mut self) -> Option<i64> {
        let (mut value, mut shift) = (0_u64, 0_u32);
        for byte in self.0.by_ref() {
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        let zigzag = value.checked_sub(1)?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }
}
