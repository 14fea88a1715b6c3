//! What is put around every desk, in one fixed order: `Limited(Retrying(Guarded(desk)))`.

mod guarded;
mod limited;
mod retrying;

use crate::backend::Backend;
pub use guarded::Guarded;
pub use limited::Limited;
pub use retrying::{Patience, Retrying, jitter};

/// How many requests are under way at once.
pub const IN_FLIGHT: usize = 4;

/// The desk as the console works with it.
pub fn wrap<B: Backend>(desk: B, read_only: bool, patience: Patience) -> Limited<Retrying<Guarded<B>>> {
    Limited::new(Retrying::new(Guarded::new(desk, read_only), patience), IN_FLIGHT)
}
