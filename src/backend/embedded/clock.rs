//! Where a desk takes the present time from: the system, or a test.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// The present time, injected, so that a test or a view of the past may set it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that stands still.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Arc::new(move || at))
    }

    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present time, in whole milliseconds: what a desk stores.
    pub fn now(&self) -> Timestamp {
        whole_ms((self.0)())
    }
}

/// The instant without what is below a millisecond, so that stored and computed times are equal.
pub fn whole_ms(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
