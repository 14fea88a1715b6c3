//! The copy of a desk, under the promises that every desk keeps.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deskside::backend::Backend;
use deskside::backend::embedded::{Clock, History};
use deskside::backend::memory::Memory;
use deskside::store::mirror::{Mirror, Options, Pace};
use tokio::time::timeout;

use super::bench::{Bench, InMemory, NOW};
use super::promises::everything;

/// A copy of the desk in memory, up to date when the promise begins.
pub struct AsMirror {
    desk: Memory,
    mirror: Mirror,
    place: tempfile::TempDir,
}

impl AsMirror {
    fn copy(desk: Memory, place: &Path) -> Mirror {
        let pace = Pace { poll: Duration::from_millis(100), least: Duration::from_millis(1), ..Pace::default() };
        let path = place.join(format!("{}.db", uuid::Uuid::new_v4()));
        let options = Options { of: "memory".into(), clock: Clock::fixed(NOW), pace, read_only: false };
        let mirror = Mirror::open(&path, Arc::new(desk), options).unwrap();
        let here = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            here.block_on(async {
                mirror.schema().await.unwrap();
                mirror.catch_up().await.unwrap();
                everything(&mirror, None).await;
                while timeout(Duration::from_millis(20), mirror.changed()).await.is_ok() {
                    everything(&mirror, None).await;
                }
            });
        });
        mirror
    }
}

impl Bench for AsMirror {
    fn with(history: History) -> Self {
        let place = tempfile::tempdir().unwrap();
        let desk = InMemory::with(history).0;
        let mirror = Self::copy(desk.console("ana".into()), place.path());
        Self { desk, mirror, place }
    }

    fn desk(&self) -> &dyn Backend {
        &self.mirror
    }

    fn second(&self, who: &str) -> Box<dyn Backend> {
        Box::new(Self::copy(self.desk.console(who.into()), self.place.path()))
    }
}
