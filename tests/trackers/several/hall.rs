//! Two trackers of different kinds behind their copies, each with a proxy before it, opened as one desk.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deskside::backend::Backend;
use deskside::backend::embedded::Clock;
use deskside::backend::http::remote::Remote;
use deskside::backend::layers::Guarded;
use deskside::backend::several::Several;
use deskside::domain::name::Name;
use deskside::store::mirror::{Mirror, Options, Pace};

use super::console::{Console, Kept};
use crate::trackers::bench::Bench;
use crate::trackers::site::{Site, Who};
use crate::trackers::{redmine, rt};

pub struct Hall {
    pub rt: Bench<rt::site::Fake>,
    pub redmine: Bench<redmine::Fake>,
    copies: tempfile::TempDir,
    /// Profiles that may only be read.
    pub read_only: &'static [&'static str],
}

impl Hall {
    pub async fn new() -> Self {
        let copies = tempfile::tempdir().unwrap();
        Self { rt: Bench::new().await, redmine: Bench::new().await, copies, read_only: &[] }
    }

    /// Both, each as it is opened for the console. What was copied before is there.
    pub fn desks(&self) -> Arc<dyn Backend> {
        let rt = self.behind("rt", &self.rt);
        let redmine = self.behind("redmine", &self.redmine);
        Arc::new(Several::new(vec![(Name::new("rt"), rt), (Name::new("redmine"), redmine)]))
    }

    /// One of them alone.
    pub fn only_rt(&self) -> Arc<dyn Backend> {
        Arc::new(Several::new(vec![(Name::new("rt"), self.behind("rt", &self.rt))]))
    }

    fn behind<S: Site>(&self, name: &str, bench: &Bench<S>) -> Arc<dyn Backend> {
        let remote =
            Remote::new(bench.adapter(Who::Agent), crate::backends::bench::rules(), Duration::from_millis(200));
        let read_only = self.read_only.contains(&name);
        copy(self.copies.path(), name, Arc::new(Guarded::new(remote, read_only)), read_only)
    }

    pub async fn console(&self) -> Console {
        self.console_with(Kept::new()).await
    }

    /// A console that has read both desks to their ends.
    pub async fn read(&self) -> Console {
        let mut console = self.console().await;
        let (rt, redmine) = (self.rt.fixture.in_scope, self.redmine.fixture.in_scope);
        let so = |console: &mut Console| {
            console.model.table.len() >= rt + redmine && console.model.homes.are_several() && !is_ill(console)
        };
        console.until("all is read", so).await;
        console
    }

    pub async fn console_with(&self, kept: Kept) -> Console {
        Console::open(self.desks(), kept).await
    }
}

/// Some desk has something to be said of it.
pub fn is_ill(console: &mut Console) -> bool {
    console.model.desk.health.iter().any(|(_, health)| health.line != deskside::backend::Line::Fresh)
}

/// A desk behind its copy, which is looked at often and comes back soon.
pub fn copy(folder: &Path, name: &str, desk: Arc<dyn Backend>, read_only: bool) -> Arc<dyn Backend> {
    let pace = Pace {
        poll: Duration::from_millis(300),
        least: Duration::from_millis(100),
        gap: Duration::from_millis(20),
        away: (Duration::from_millis(100), Duration::from_millis(300)),
        jitter: || 0.0,
        ..Pace::default()
    };
    let options = Options { of: name.to_owned(), clock: Clock::system(), pace, read_only };
    Arc::new(Mirror::open(&folder.join(format!("{name}.db")), desk, options).unwrap())
}
