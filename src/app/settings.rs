//! What the user and the site chose in files. Loaded by `config`, never changed while the console runs but as a whole.

use std::sync::Arc;
use std::time::Duration;

use crate::app::pane::{Pane, View};
use crate::command::keymap::Keymap;
use crate::domain::audience::Guard;
use crate::domain::escalation;
use crate::domain::playbook::{Playbook, Writer};
use crate::domain::priority::Matrix;
use crate::domain::reply::Reply;
use crate::domain::sla::Policy;

/// Everything that config files say.
#[derive(Debug)]
pub struct Settings {
    pub keymap: Keymap,
    pub views: Vec<View>,
    pub sla: Arc<Policy>,
    pub matrix: Matrix,
    pub escalation: escalation::Rules,
    /// Canned replies, those with a digit first.
    pub replies: Vec<Reply>,
    pub playbooks: Vec<Playbook>,
    /// Writes templates out.
    pub writer: Arc<dyn Writer>,
    pub guard: Guard,
    /// How long a public reply can be recalled.
    pub recall: Duration,
}

impl Settings {
    /// The views of a pane, in order.
    pub fn views_of(&self, pane: Pane) -> impl Iterator<Item = &View> {
        self.views.iter().filter(move |view| view.panes.contains(&pane))
    }
}
