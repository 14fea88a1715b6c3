//! A tracker without a line: what all trackers share is tried by itself, and by its worst habits.

mod acts;
mod store;
mod tricks;
mod wired;

pub use store::{Plain, Trick};
pub use wired::Wired;

/// One that refuses a stale write itself.
type Atomic = Plain<true>;
/// One that does not.
type Checked = Plain<false>;

tracker_suite!(atomic, Atomic, without a line);
tracker_suite!(checked, Checked, without a line);
tracker_suite!(behind_a_line, Wired);
