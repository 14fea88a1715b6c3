//! Playbooks: what one key does to a ticket in a known situation. Fields, a step, a link, a note, a reply and a snooze,
//! with questions first where something is not known beforehand.
//!
//! A playbook only plans. What comes out is a list of changes for the decision bar, which shows them before they are
//! sent; whether the step may be taken is asked of `lifecycle` as always.

mod fill;
mod prompt;

use std::collections::BTreeMap;

use crate::domain::change::{Audience, Change, Link, LinkKind};
use crate::domain::directory::Directory;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::query::Query;
use crate::domain::reply::{Composed, Facts, Telling};
use crate::domain::state::Verb;
use crate::domain::ticket::Ticket;
use crate::domain::wake::Wake;
use crate::text::Clean;

pub use fill::{Fill, read_value};
pub use prompt::{Answer, Asking, Prompt, PromptKind};

/// A playbook as it was loaded and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playbook {
    pub name: Name,
    pub title: Clean,
    /// The digit that picks it.
    pub key: Option<u8>,
    /// The kinds of ticket that it suits; all where it is empty.
    pub kinds: Vec<Kind>,
    /// It is offered only for tickets that this query takes.
    pub guard: Option<Query>,
    pub prompts: Vec<Prompt>,
    pub set: Vec<(Field, Fill)>,
    pub links: Vec<(LinkKind, Fill)>,
    /// Words among us, a template.
    pub note: Option<String>,
    pub reply: Option<Words>,
    pub step: Option<Verb>,
    pub snooze: Option<Fill>,
}

/// Words to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// The canned reply of that name.
    Canned(Name),
    /// A template of the playbook's own.
    Own(String),
}

/// Answers by the names of the prompts; a prompt that was left empty is not in it.
pub type Answers = BTreeMap<Name, Answer>;

/// Makes words out of templates; `config` has the engine.
pub trait Writer: std::fmt::Debug + Send + Sync {
    fn fill(&self, template: &str, facts: &Facts) -> Result<Clean, String>;
    fn canned(&self, name: &Name, telling: &Telling, facts: Facts) -> Result<Composed, String>;
}

/// What a playbook would do to one ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they are sent: fields, links, the note, the step, words to the caller.
    pub changes: Vec<Change>,
    /// For this user's own list; not part of the ticket.
    pub snooze: Option<Wake>,
}

/// Why a playbook cannot be played on this ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplayable {
    #[error("`{0}` has no answer yet; answer it first.")]
    Unanswered(Clean),
    #[error("{0}")]
    Words(String),
    #[error("{field}: {why}")]
    Value { field: String, why: String },
    #[error("`{verb}` is no step of a ticket that is {state}; choose another playbook.")]
    NoStep { verb: Verb, state: String },
    #[error("`{playbook}` is not for this kind of ticket ({kind}); it suits {suits}.")]
    OtherKind { playbook: Name, kind: Kind, suits: String },
}

impl Playbook {
    pub fn suits(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// What this desk does not have of what the playbook names, as sentences; empty when it can be played here.
    pub fn lacks(&self, directory: &Directory) -> Vec<String> {
        let unknown = |(field, fill): &(Field, Fill)| {
            let value = fill.fixed()?;
            let known = lifecycle::choices::known(field, directory);
            let held = known.is_empty() || known.iter().any(|name| name.as_str() == value);
            let names = || known.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
            (!held).then(|| format!("`{value}` is no {} of this desk; known are {}.", field.name(), names()))
        };
        self.set.iter().filter_map(unknown).collect()
    }

    /// The questions that still need an answer.
    pub fn open_questions<'a>(&'a self, answers: &'a Answers) -> impl Iterator<Item = &'a Prompt> {
        self.prompts.iter().filter(|prompt| !prompt.optional && !answers.contains_key(&prompt.name))
    }

    /// What playing it does to the ticket of `telling`, which is not changed.
    pub fn plan(&self, telling: &Telling, answers: &Answers, writer: &dyn Writer) -> Result<Plan, Unplayable> {
        let kind = telling.ticket.kind;
        if !self.suits(kind) {
            let suits = self.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Unplayable::OtherKind { playbook: self.name.clone(), kind, suits });
        }
        if let Some(prompt) = self.open_questions(answers).next() {
            return Err(Unplayable::Unanswered(prompt.label.clone()));
        }
        let mut play = Play { ticket: telling.ticket.clone(), telling, answers, writer, changes: Vec::new() };
        for (field, fill) in &self.set {
            play.set(field, fill)?;
        }
        for (how, fill) in &self.links {
            play.link(*how, fill)?;
        }
        if let Some(template) = &self.note {
            let text = play.words(template)?;
            play.changes.push(Change::Say { audience: Audience::Internal, text });
        }
        if let Some(verb) = self.step {
            let no_step = || Unplayable::NoStep { verb, state: lifecycle::words(play.ticket.state) };
            play.changes.push(lifecycle::make_move(&play.ticket, verb).ok_or_else(no_step)?);
        }
        match &self.reply {
            Some(Words::Own(template)) => {
                let text = play.words(template)?;
                play.changes.push(Change::Say { audience: Audience::Public, text });
            }
            Some(Words::Canned(name)) => play.canned(name)?,
            None => {}
        }
        let snooze = self.snooze.as_ref().map(|fill| play.snooze(fill)).transpose()?.flatten();
        Ok(Plan { changes: play.changes, snooze })
    }
}

/// A playbook at work: the ticket as it will be after the changes so far.
struct Play<'a> {
    ticket: Ticket,
    telling: &'a Telling<'a>,
    answers: &'a Answers,
    writer: &'a dyn Writer,
    changes: Vec<Change>,
}

impl Play<'_> {
    fn telling(&self) -> Telling<'_> {
        Telling { ticket: &self.ticket, ..*self.telling }
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::of(&self.telling());
        for (name, answer) in self.answers {
            facts.set(&format!("prompt.{name}"), &answer.text);
        }
        facts
    }

    fn words(&self, template: &str) -> Result<Clean, Unplayable> {
        self.writer.fill(template, &self.facts()).map_err(Unplayable::Words)
    }

    fn set(&mut self, field: &Field, fill: &Fill) -> Result<(), Unplayable> {
        let wrong = |why: String| Unplayable::Value { field: field.name().to_owned(), why };
        let value = match fill {
            // A question that was left empty leaves the field as it is.
            Fill::Answer(name) => match self.answers.get(name) {
                Some(answer) => answer.for_field(field).map_err(wrong)?,
                None => return Ok(()),
            },
            Fill::Fixed(text) => read_value(field, text, self.telling.now, self.telling.zone).map_err(wrong)?,
            Fill::Template(template) => {
                let text = self.words(template)?;
                read_value(field, &text, self.telling.now, self.telling.zone).map_err(wrong)?
            }
        };
        let from = self.ticket.get(field).cloned();
        if from.as_ref() != Some(&value) {
            self.ticket.fields.insert(field.clone(), value.clone());
            self.changes.push(Change::Set { field: field.clone(), from, to: Some(value) });
        }
        Ok(())
    }

    fn link(&mut self, how: LinkKind, fill: &Fill) -> Result<(), Unplayable> {
        let other = match fill {
            Fill::Answer(name) => match self.answers.get(name) {
                Some(answer) => Clean::line(answer.value.as_str().unwrap_or(&answer.text)),
                None => return Ok(()),
            },
            Fill::Fixed(text) => Clean::line(text),
            Fill::Template(template) => self.words(template)?,
        };
        let link = Link { how, other: TicketId::new(&other) };
        if link.other == self.ticket.id {
            let why = "A ticket is not linked to itself; name another one.".to_owned();
            return Err(Unplayable::Value { field: how.as_str().to_owned(), why });
        }
        if !self.ticket.links.contains(&link) {
            self.ticket.links.push(link.clone());
            self.changes.push(Change::Link { link });
        }
        Ok(())
    }

    fn canned(&mut self, name: &Name) -> Result<(), Unplayable> {
        let composed = self.writer.canned(name, &self.telling(), self.facts()).map_err(Unplayable::Words)?;
        let changes = composed.changes(&self.ticket);
        self.changes.extend(changes);
        Ok(())
    }

    fn snooze(&self, fill: &Fill) -> Result<Option<Wake>, Unplayable> {
        let text = match fill {
            Fill::Answer(name) => match self.answers.get(name).map(|answer| &answer.value) {
                Some(Value::Time(at)) => return Ok(Some(Wake::At(*at))),
                Some(other) => Clean::line(&other.to_string()),
                None => return Ok(None),
            },
            Fill::Fixed(text) => Clean::line(text),
            Fill::Template(template) => self.words(template)?,
        };
        let wake = Wake::parse(&text, self.telling.now, self.telling.zone);
        wake.map(Some).map_err(|error| Unplayable::Value { field: "snooze".into(), why: error.to_string() })
    }
}
