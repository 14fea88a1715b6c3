//! May this step of a task be taken?

use super::Draft;
use crate::domain::change::{Change, Party};
use crate::domain::refusal::Refusal;
use crate::domain::state::State;
use crate::domain::task::{Asked, Task, TaskNumber, TaskSort, TaskState, TaskStep};

impl Draft<'_> {
    pub(super) fn task(&mut self, step: &TaskStep) -> Result<(), Refusal> {
        let supervised = self.supervised(step);
        let step = supervised.as_ref().unwrap_or(step);
        match step {
            TaskStep::Add(asked) => self.may_add(asked)?,
            TaskStep::Give { number, to } => {
                self.unended(*number)?;
                self.party(to.as_ref())?;
            }
            TaskStep::Date { number, .. } => drop(self.unended(*number)?),
            TaskStep::Start { number } => {
                self.at_work()?;
                if self.unended(*number)?.state == TaskState::Doing {
                    return Ok(());
                }
            }
            TaskStep::End { number, how, words } => {
                self.at_work()?;
                self.unended(*number)?;
                self.may_end(*number, *how, words.is_empty())?;
            }
            TaskStep::Reopen { number } => {
                self.unended_ticket()?;
                if !self.held(*number)?.state.is_ended() {
                    return Err(self.no("an open task", format!("Task {number} is open already."), "Work on it."));
                }
            }
            TaskStep::Sign { number } => self.may_sign(*number)?,
            TaskStep::Check { number, words, .. } => self.may_check(*number, words)?,
        }
        self.record(Change::Task { step: step.clone() });
        Ok(())
    }

    fn may_add(&self, asked: &Asked) -> Result<(), Refusal> {
        self.unended_ticket()?;
        self.party(asked.to.as_ref())?;
        if asked.title.trim().is_empty() {
            return Err(self.no("a task says what to do", "The task has no words.", "Say what is to be done."));
        }
        if asked.sort == TaskSort::Prevent && asked.due.is_none() {
            let message = "The preventive action has no date.";
            return Err(self.no("a preventive action has a date", message, "Say by when it is done."));
        }
        Ok(())
    }

    fn unended_ticket(&self) -> Result<(), Refusal> {
        if self.ticket.state.is_final() {
            let way_out = format!("Raise a new {} that follows it.", self.ticket.kind);
            return Err(self.no("no tasks after the end", "It has come to its end.", way_out));
        }
        Ok(())
    }

    fn at_work(&self) -> Result<(), Refusal> {
        self.unended_ticket()?;
        if self.ticket.state == State::OnHold {
            return Err(self.no("tasks wait with their ticket", "It is on hold.", "Resume it first."));
        }
        Ok(())
    }

    fn held(&self, number: TaskNumber) -> Result<&Task, Refusal> {
        self.ticket.tasks.iter().find(|task| task.number == number).ok_or_else(|| {
            let tasks = self.ticket.tasks.len();
            self.no("a task that is there", format!("It has no task {number}."), format!("It has {tasks} tasks."))
        })
    }

    fn unended(&self, number: TaskNumber) -> Result<&Task, Refusal> {
        let task = self.held(number)?;
        if task.state.is_ended() {
            let message = format!("Task {number} is {}.", task.state);
            return Err(self.no("an ended task stays", message, "Open it again first."));
        }
        Ok(task)
    }

    fn may_end(&self, number: TaskNumber, how: TaskState, silent: bool) -> Result<(), Refusal> {
        if !how.is_ended() {
            return Err(self.no("a task ends", format!("`{how}` is no end."), "Say done, failed or skipped."));
        }
        if silent && how != TaskState::Done {
            let message = format!("Task {number} ends as {how} without a word.");
            return Err(self.no("a task that is not done says why", message, "Say why."));
        }
        Ok(())
    }

    /// Whether it helps is seen when it is done, and said in words.
    fn may_check(&self, number: TaskNumber, words: &str) -> Result<(), Refusal> {
        let task = self.held(number)?;
        let no = |message: String, way_out: &str| Err(self.no("an effect is looked at", message, way_out));
        if self.ticket.state == State::Cancelled {
            return no("It was cancelled.".to_owned(), "Look at the record that took its place.");
        }
        if task.state != TaskState::Done {
            return no(format!("Task {number} is {}.", task.state), "Its effect is looked at when it is done.");
        }
        if words.trim().is_empty() {
            return no(format!("Nothing is said of the effect of task {number}."), "Say what you saw.");
        }
        Ok(())
    }

    /// Signed by a second person, after it was done.
    fn may_sign(&self, number: TaskNumber) -> Result<(), Refusal> {
        let task = self.held(number)?;
        let no = |message: String, way_out: &str| Err(self.no("four eyes", message, way_out));
        if !task.asked.four_eyes {
            return no(format!("Task {number} asks for no second signature."), "Nothing is to be done.");
        }
        if task.state != TaskState::Done {
            return no(format!("Task {number} is {}.", task.state), "It is signed when it is done.");
        }
        if task.by.as_ref() == Some(self.who) {
            return no(format!("Task {number} was done by you."), "Let a colleague look at it and sign.");
        }
        if let Some((who, _)) = &task.signed {
            return no(format!("Task {number} is signed by {who}."), "Nothing is to be done.");
        }
        Ok(())
    }

    /// Whoever is to do something is somebody the desk knows.
    pub(super) fn party(&self, to: Option<&Party>) -> Result<(), Refusal> {
        let directory = &self.rules.directory;
        let (known, what) = match to {
            None => return Ok(()),
            Some(Party::Person(login)) => (directory.person(login).is_some(), "person"),
            Some(Party::Group(name)) => (directory.group(name).is_some(), "group"),
        };
        if known {
            return Ok(());
        }
        let name = to.map(|party| party.name().to_string()).unwrap_or_default();
        Err(self.no("known to the desk", format!("`{name}` is no {what} of this desk."), "Choose one that it knows."))
    }
}
