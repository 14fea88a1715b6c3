//! Points in time in six bytes.

/// Milliseconds since 1970 in 48 bits, which is good for 4,000 years either way. The default means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment([u8; 6]);

const MAX: i64 = (1 << 47) - 1;
const NONE: i64 = -MAX - 1;

impl Moment {
    pub fn new(ms: Option<i64>) -> Self {
        let [a, b, c, d, e, f, ..] = ms.map_or(NONE, |ms| ms.clamp(NONE + 1, MAX)).to_le_bytes();
        Self([a, b, c, d, e, f])
    }

    pub fn get(self) -> Option<i64> {
        let [a, b, c, d, e, f] = self.0;
        let ms = i64::from_le_bytes([0, 0, a, b, c, d, e, f]) >> 16;
        (ms != NONE).then_some(ms)
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self::new(None)
    }
}
