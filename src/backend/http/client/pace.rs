//! How fast a site is asked: so many requests at once, so many per second, none while it asks for a pause.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::site::Limits;
use crate::backend::{Error, Result};

/// The turns of one site.
#[derive(Debug)]
pub(super) struct Pace {
    turns: Semaphore,
    bucket: Mutex<Bucket>,
    patience: Duration,
}

impl Pace {
    pub fn new(limits: &Limits) -> Self {
        let bucket = Bucket::new(limits.per_second, limits.burst, Instant::now());
        Self { turns: Semaphore::new(limits.concurrent.max(1)), bucket: Mutex::new(bucket), patience: limits.patience }
    }

    /// Waits until a request may go; it has its turn until this is dropped.
    ///
    /// # Errors
    /// The site asked for a pause that is too long to wait for.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        let turn = self.turns.acquire().await.map_err(|_| Error::Offline("The desk was closed.".into()))?;
        self.spend().await?;
        Ok(turn)
    }

    /// Waits as long as one more request must wait.
    pub async fn spend(&self) -> Result<()> {
        loop {
            let now = Instant::now();
            let pause = self.bucket().pause(now);
            if pause > self.patience {
                return Err(Error::RateLimited { after: Some(pause) });
            }
            if pause.is_zero() {
                break;
            }
            tokio::time::sleep(pause).await;
        }
        let wait = self.bucket().take(Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Nothing goes out for that long and up to a tenth longer, so that consoles do not come back all at once.
    pub fn hold(&self, pause: Duration, jitter: f64) {
        let pause = pause + pause.mul_f64(jitter.clamp(0.0, 1.0) / 10.0);
        self.bucket().hold(Instant::now() + pause);
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bucket that fills by so many requests per second and holds a burst of them.
#[derive(Debug, Clone)]
pub struct Bucket {
    per_second: f64,
    burst: f64,
    /// Below zero: promised to those who wait already.
    left: f64,
    at: Instant,
    closed_until: Option<Instant>,
}

impl Bucket {
    pub fn new(per_second: f64, burst: u32, now: Instant) -> Self {
        let burst = f64::from(burst.max(1));
        Self { per_second: per_second.max(0.001), burst, left: burst, at: now, closed_until: None }
    }

    /// Takes one request out and tells how long it must wait.
    pub fn take(&mut self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * self.per_second).min(self.burst);
        self.at = self.at.max(now);
        self.left -= 1.0;
        Duration::try_from_secs_f64((-self.left).max(0.0) / self.per_second).unwrap_or_default()
    }

    /// Closed until then; never opened earlier than an earlier word said.
    pub fn hold(&mut self, until: Instant) {
        self.closed_until = Some(self.closed_until.map_or(until, |before| before.max(until)));
    }

    /// How long it is still closed.
    pub fn pause(&self, now: Instant) -> Duration {
        self.closed_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }
}
