//! How long the part that keeps a copy up to date waits: until something is due, or as long as an error asks for.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep, sleep_until};

use crate::backend::{Error, Line, Retry, layers};
use crate::store::mirror::is_well;
use crate::store::mirror::sync::Sync;

/// Waits that end together cost one awakening: desks that are away are tried at whole ones of these.
const TICK: Duration = Duration::from_secs(1);

/// Consoles differ, the desks of one console do not: each has a tracker of its own to spare.
pub fn of_this_console() -> f64 {
    static ONE: LazyLock<f64> = LazyLock::new(layers::jitter);
    *ONE
}

/// The end of a wait, put off to where others end too; a short wait ends where it ends.
fn together(wait: Duration) -> Instant {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let end = Instant::now() + wait;
    if wait < TICK {
        return end;
    }
    let since = end.saturating_duration_since(*BEGAN).as_millis();
    let rest = since % TICK.as_millis();
    let more = if rest == 0 { 0 } else { TICK.as_millis() - rest };
    end + Duration::from_millis(u64::try_from(more).unwrap_or_default())
}

impl Sync {
    /// Waits until there is something to do.
    pub(super) async fn idle(&mut self) {
        let least = self.looked.map_or_else(Instant::now, |at| at + self.core.options.pace.least);
        let core = Arc::clone(&self.core);
        let told = async {
            if core.desk.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            sleep_until(least).await;
        };
        tokio::select! {
            () = sleep_until(self.due.min(self.next_page).min(self.schema)) => {}
            () = core.is_asked() => {}
            () = core.is_in_doubt() => {}
            () = told => self.due = Instant::now(),
        }
    }

    /// Waits after an error, for as long as it says.
    pub(super) async fn pause(&mut self, error: Error) {
        let core = Arc::clone(&self.core);
        self.began = None;
        core.failed(error.clone());
        let away = match &error {
            Error::RateLimited { .. } => {
                let Retry::After(wait) = error.retry() else { return };
                let wait = self.spread(wait);
                let until = SignedDuration::try_from(wait).ok().and_then(|wait| core.now().checked_add(wait).ok());
                core.show(Line::Slowed { until: until.unwrap_or(Timestamp::MAX) }).await;
                sleep(wait).await;
                return self.resume();
            }
            Error::Unauthenticated(why) => return self.signed_out(why.clone()).await,
            Error::Forbidden(_) => return self.signed_out(error.to_string()).await,
            Error::Offline(why) => why.clone(),
            other => other.to_string(),
        };
        let since = match core.line() {
            Line::Offline { since, .. } => since,
            _ => core.now(),
        };
        core.show(Line::Offline { since, why: away }).await;
        let (first, longest) = core.options.pace.away;
        let wait = first.saturating_mul(1 << self.failures.min(16)).min(longest);
        self.failures += 1;
        tokio::select! {
            () = sleep_until(together(self.spread(wait))) => {}
            () = core.is_asked() => {}
        }
        self.resume();
    }

    /// Only the user can mend it, so nothing is asked until the user says so.
    async fn signed_out(&mut self, why: String) {
        self.core.show(Line::SignedOut { why }).await;
        self.core.is_asked().await;
        self.resume();
    }

    fn resume(&mut self) {
        self.due = Instant::now();
        if !is_well(&self.core.line()) {
            self.next_page = self.due;
        }
    }

    fn spread(&self, wait: Duration) -> Duration {
        wait + wait.mul_f64((self.core.options.pace.jitter)().clamp(0.0, 1.0) / 2.0)
    }
}
