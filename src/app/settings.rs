//! What the user and the site chose in files. Loaded by `config`, never changed while the console runs but as a whole.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::app::pane::{Pane, View};
use crate::command::keymap::Keymap;
use crate::domain::audience::Guard;
use crate::domain::catalogue::Item;
use crate::domain::escalation;
use crate::domain::gate::Gates;
use crate::domain::major::cadence::Cadence;
use crate::domain::playbook::{Playbook, Writer};
use crate::domain::priority::Matrix;
use crate::domain::radar;
use crate::domain::reply::Reply;
use crate::domain::rfc::Practice;
use crate::domain::rules::Watch;
use crate::domain::sla::Policy;

/// Everything that config files say.
#[derive(Debug)]
pub struct Settings {
    pub keymap: Keymap,
    pub views: Vec<View>,
    pub sla: Arc<Policy>,
    pub matrix: Matrix,
    /// How problems are watched on a desk that is made with these settings.
    pub watch: Watch,
    pub escalation: Deferred<escalation::Rules>,
    /// How changes are weighed, approved and kept apart.
    pub changes: Arc<Practice>,
    pub cadence: Deferred<Cadence>,
    pub words: Deferred<Words>,
    pub guard: Deferred<Guard>,
    pub radar: Deferred<radar::Rules>,
    /// What can be asked for, where the desk has no catalogue of its own.
    pub catalogue: Vec<Item>,
    /// What a desk that is made here agrees on.
    pub gates: Gates,
    /// How long a public reply can be recalled.
    pub recall: Duration,
}

/// What is said to people, and how.
#[derive(Debug)]
pub struct Words {
    /// Canned replies, those with a digit first.
    pub replies: Vec<Reply>,
    pub playbooks: Vec<Playbook>,
    /// Writes templates out.
    pub writer: Arc<dyn Writer>,
}

/// A setting that no list needs: what ships of it is read when it is first asked for, so that no start waits for it.
pub struct Deferred<T>(LazyLock<T, Box<dyn FnOnce() -> T + Send>>);

impl<T> Deferred<T> {
    pub fn new(read: impl FnOnce() -> T + Send + 'static) -> Self {
        Self(LazyLock::new(Box::new(read)))
    }
}

impl<T: Send + 'static> From<T> for Deferred<T> {
    fn from(value: T) -> Self {
        Self::new(|| value)
    }
}

impl<T> Deref for Deferred<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Settings {
    /// The views of a pane, in order.
    pub fn views_of(&self, pane: Pane) -> impl Iterator<Item = &View> {
        self.views.iter().filter(move |view| view.panes.contains(&pane))
    }
}
