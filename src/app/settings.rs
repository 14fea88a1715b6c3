//! What the user and the site chose in files. Loaded by `config`, never changed while the console runs but as a whole.

use std::sync::Arc;
use std::time::Duration;

use crate::app::pane::{Pane, View};
use crate::command::keymap::Keymap;
use crate::domain::audience::Guard;
use crate::domain::escalation;
use crate::domain::priority::Matrix;
use crate::domain::reply::{Composed, Telling};
use crate::domain::sla::Policy;

/// Everything that config files say.
#[derive(Debug)]
pub struct Settings {
    pub keymap: Keymap,
    pub views: Vec<View>,
    pub sla: Arc<Policy>,
    pub matrix: Matrix,
    pub escalation: escalation::Rules,
    pub replies: Arc<dyn Replies>,
    pub guard: Guard,
    /// How long a public reply can be recalled.
    pub recall: Duration,
}

/// Canned texts with variables.
pub trait Replies: std::fmt::Debug + Send + Sync {
    /// Names and titles, in order.
    fn list(&self) -> Vec<(String, String)>;
    /// The reply of that name, written for one ticket, with the promise that it makes.
    fn write(&self, name: &str, telling: &Telling<'_>) -> Result<Composed, String>;
}

impl Settings {
    /// The views of a pane, in order.
    pub fn views_of(&self, pane: Pane) -> impl Iterator<Item = &View> {
        self.views.iter().filter(move |view| view.panes.contains(&pane))
    }
}
