//! Tasks inside a ticket: the steps of a fulfilment, of a change's plan, of a preventive action or of a review. What a
//! task is and how its steps fold into it; who may take which step is asked of `desk::tasks`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::change::Party;
use crate::domain::name::Name;
use crate::named_enum;
use crate::text::Clean;

/// The place of a task in its ticket, from 1 on; it never changes, so that people can say it.
pub type TaskNumber = u16;

named_enum! {
    /// What a task is part of.
    pub enum TaskSort {
        /// A step of a request's fulfilment.
        Fulfil = "fulfil",
        /// What a request gave is taken back on its date.
        Revoke = "revoke",
        /// A step of a change's plan, of its test and of its way back.
        Implement = "implement",
        Test = "test",
        BackOut = "back_out",
        /// Keeps a problem from coming back.
        Prevent = "prevent",
        /// Comes out of a review after the fact.
        FollowUp = "follow_up",
    }
}

named_enum! {
    /// How a task stands.
    pub enum TaskState {
        Open = "open",
        Doing = "doing",
        Done = "done",
        Failed = "failed",
        Skipped = "skipped",
    }
}

impl TaskState {
    /// Nothing more is to be done about it.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Skipped)
    }
}

/// A task as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub sort: TaskSort,
    pub title: Clean,
    /// Who is to do it; the ticket's owner where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Party>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// A second person has to sign that it was done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub four_eyes: bool,
}

/// A task as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub number: TaskNumber,
    #[serde(flatten)]
    pub asked: Asked,
    pub state: TaskState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Who ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Name>,
    /// What came of it.
    pub words: Clean,
    /// Who signed, where four eyes were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<(Name, Timestamp)>,
    /// Whether it had the effect that it was for, once somebody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}

/// What a look at the effect of a task found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    pub by: Name,
    pub at: Timestamp,
    pub worked: bool,
    pub words: Clean,
}

/// What happens to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStep {
    /// It gets the next number.
    Add(Asked),
    /// To another; back to the ticket's owner where nobody is named.
    Give {
        number: TaskNumber,
        to: Option<Party>,
    },
    Date {
        number: TaskNumber,
        due: Option<Timestamp>,
    },
    Start {
        number: TaskNumber,
    },
    /// `how` is one of the ends.
    End {
        number: TaskNumber,
        how: TaskState,
        words: Clean,
    },
    Reopen {
        number: TaskNumber,
    },
    /// A second person saw that it is as it says.
    Sign {
        number: TaskNumber,
    },
    /// Somebody looked, some time after it was done, whether it helps.
    Check {
        number: TaskNumber,
        worked: bool,
        words: Clean,
    },
}

impl Task {
    /// It waits for nobody any more: ended, and signed where that was asked for.
    pub fn is_over(&self) -> bool {
        self.state.is_ended() && (!self.asked.four_eyes || self.state != TaskState::Done || self.signed.is_some())
    }
}

/// Takes a step into the tasks of a ticket. Total: a step on a task that is not there is passed over.
pub fn apply(tasks: &mut Vec<Task>, step: &TaskStep, who: &Name, at: Timestamp) {
    if let TaskStep::Add(asked) = step {
        let number = tasks.last().map_or(1, |task| task.number.saturating_add(1));
        tasks.push(Task {
            number,
            asked: asked.clone(),
            state: TaskState::Open,
            started: None,
            ended: None,
            by: None,
            words: Clean::default(),
            signed: None,
            effect: None,
        });
    } else if let Some(task) = step.number().and_then(|wanted| tasks.iter_mut().find(|task| task.number == wanted)) {
        task.take(step, who, at);
    }
}

impl TaskStep {
    /// The task that it is about; none for a new one.
    pub const fn number(&self) -> Option<TaskNumber> {
        match self {
            Self::Add(_) => None,
            Self::Give { number, .. }
            | Self::Date { number, .. }
            | Self::Start { number }
            | Self::End { number, .. }
            | Self::Reopen { number }
            | Self::Sign { number }
            | Self::Check { number, .. } => Some(*number),
        }
    }
}

impl Task {
    fn take(&mut self, step: &TaskStep, who: &Name, at: Timestamp) {
        match step {
            TaskStep::Add(_) => {}
            TaskStep::Give { to, .. } => self.asked.to.clone_from(to),
            TaskStep::Date { due, .. } => self.asked.due = *due,
            TaskStep::Start { .. } => {
                self.state = TaskState::Doing;
                self.started = Some(at);
            }
            TaskStep::End { how, words, .. } => {
                self.state = *how;
                self.started.get_or_insert(at);
                self.ended = Some(at);
                self.by = Some(who.clone());
                self.words = words.clone();
                self.signed = None;
            }
            TaskStep::Reopen { .. } => {
                self.state = TaskState::Open;
                (self.started, self.ended, self.by, self.signed) = (None, None, None, None);
                self.effect = None;
            }
            TaskStep::Sign { .. } => self.signed = Some((who.clone(), at)),
            TaskStep::Check { worked, words, .. } => {
                self.effect = Some(Effect { by: who.clone(), at, worked: *worked, words: words.clone() });
            }
        }
    }
}

impl TaskStep {
    /// In words, with people called as `name` calls them.
    pub fn words(&self, name: &dyn Fn(&str) -> String) -> String {
        let party = |to: &Option<Party>| to.as_ref().map_or("the owner".to_owned(), |to| name(to.name()));
        match self {
            Self::Add(asked) => format!("task added: {}", asked.title),
            Self::Give { number, to } => format!("task {number} given to {}", party(to)),
            Self::Date { number, due: Some(due) } => format!("task {number} due {due}"),
            Self::Date { number, due: None } => format!("task {number} due at no time"),
            Self::Start { number } => format!("task {number} started"),
            Self::End { number, how, words } if words.is_empty() => format!("task {number} {how}"),
            Self::End { number, how, words } => format!("task {number} {how}: {words}"),
            Self::Reopen { number } => format!("task {number} opened again"),
            Self::Sign { number } => format!("task {number} signed"),
            Self::Check { number, worked: true, words } => format!("task {number} has its effect: {words}"),
            Self::Check { number, words, .. } => format!("task {number} has no effect: {words}"),
        }
    }
}
