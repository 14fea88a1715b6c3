//! What an adapter keeps between calls: what was learnt of a site, read once and shared by all that come after.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::backend::Result;

/// Locks; what another thread left behind when it broke down is still whole, since nothing here is half-written.
pub fn hold<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that is read when it is first needed and known from then on.
#[derive(Debug)]
pub struct Held<T>(Mutex<Option<Arc<T>>>);

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Held<T> {
    /// What is known; none before it was read.
    pub fn known(&self) -> Option<Arc<T>> {
        hold(&self.0).clone()
    }

    /// Takes the place of what was known.
    pub fn keep(&self, new: T) -> Arc<T> {
        let new = Arc::new(new);
        *hold(&self.0) = Some(Arc::clone(&new));
        new
    }

    /// What is known, else what `read` gives; that one keeps it.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn known_or(&self, read: impl Future<Output = Result<Arc<T>>>) -> Result<Arc<T>> {
        match self.known() {
            Some(known) => Ok(known),
            None => read.await,
        }
    }
}
