//! A form: several answers at once, each a draft as it is typed.

use super::found::Found;
use super::send::send_form;
use crate::app::choices::{self, Choice};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::overlay::Overlay;
use crate::app::seen::{self, Seen};
use crate::app::text_form::TextForm;
use crate::app::{drafts, escalations, playbooks, problems, subject};
use crate::command::args::{Arg, ArgKind, Args, Need};
use crate::command::key::{Code, Key};
use crate::command::table::Command;
use crate::domain::state::HoldReason;

/// Several answers at once.
#[derive(Debug)]
pub struct Form {
    pub command: &'static Command,
    pub args: Args,
    pub about: String,
    pub fields: Vec<FormField>,
    pub focus: usize,
    /// What is wrong with the last try to send it.
    pub fault: Option<String>,
    /// The tickets as they stood when it was opened.
    pub(super) seen: Seen,
}

impl Form {
    /// The field whose words the customer reads, as the answers stand now.
    pub fn public_field(&self) -> Option<&str> {
        let answer = |name: &str| self.fields.iter().find(|field| field.name == name).map(|field| field.text.raw());
        let given = |name: &str| answer(name).or_else(|| self.args.get(name).map(str::to_owned)).unwrap_or_default();
        match self.command.id {
            "hold" if given("reason") == HoldReason::Caller.as_str() => Some("text"),
            "resolve" if !given("reply").is_empty() => Some("reply"),
            "step" => answer("public").map(|_| "public"),
            _ => None,
        }
    }

    /// Something in it reaches the customer.
    pub fn is_public(&self, model: &Model) -> bool {
        let book = || playbooks::find(model, self.args.text("name"));
        self.public_field().is_some() || (self.command.id == "play" && book().is_some_and(|book| book.reply.is_some()))
    }
}

/// One answer of a form.
#[derive(Debug)]
pub struct FormField {
    pub name: String,
    pub ask: String,
    pub kind: ArgKind,
    pub need: Need,
    pub text: TextForm,
    pub found: Found,
    pub cursor: usize,
    /// The cursor was moved among the choices: the one under it is meant.
    pub moved: bool,
    /// The console put in what stands there, and nobody has touched it: a letter takes its place.
    pub offered: bool,
}

/// A form with these questions, answers of an earlier try already in it.
pub(super) fn open_form(model: &mut Model, command: &'static Command, args: Args, asked: Vec<Arg>) -> Effects {
    let fields = asked
        .into_iter()
        .map(|arg| {
            let choices = choices::of(model, arg.kind);
            question(model, command, &args, (arg.name, arg.ask, arg.kind, arg.need), choices)
        })
        .collect();
    show_form(model, command, args, fields)
}

pub(super) fn show_form(model: &mut Model, command: &'static Command, args: Args, fields: Vec<FormField>) -> Effects {
    let about = subject::title(model, command, &args);
    let form = Form { command, args, about, fields, focus: 0, fault: None, seen: seen::look(model) };
    model.overlays.push(Overlay::Form(form));
    Effects::none()
}

/// One question, with the answer that was begun before.
pub(super) fn question(
    model: &Model,
    command: &Command,
    args: &Args,
    (name, ask, kind, need): (&str, &str, ArgKind, Need),
    choices: Vec<Choice>,
) -> FormField {
    let draft = args.get(name).map(str::to_owned).or_else(|| drafts::find(model, command.id, name));
    let draft = draft.or_else(|| escalations::begun(model, command.id, name));
    let begun = if draft.is_none() { problems::begun(model, command.id, name) } else { None };
    let offered = begun.is_some() && choices::is_choice(kind);
    let draft = draft.or(begun);
    let text = draft.unwrap_or_default();
    let text = if kind == ArgKind::Lines { TextForm::body(&text) } else { TextForm::line(&text) };
    let mut found = Found::all(choices);
    found.narrow(&text.raw());
    FormField { name: name.into(), ask: ask.into(), kind, need, text, found, cursor: 0, moved: false, offered }
}

/// Saves what stands in the field under the cursor.
pub fn draft_field(model: &mut Model) -> Effects {
    let Some(Overlay::Form(form)) = model.overlays.last() else { return Effects::none() };
    let Some(field) = form.fields.get(form.focus) else { return Effects::none() };
    let (command, name, text) = (form.command.id, field.name.clone(), field.text.text());
    drafts::keep(model, command, &name, &text)
}

/// Goes to another field, the choice under the cursor taken.
pub fn next_field(model: &mut Model, by: isize) -> Effects {
    if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
        take_choice(form);
    }
    follow_kind(model);
    let kept = draft_field(model);
    if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
        let count = form.fields.len() as isize;
        if count > 0 {
            form.focus = (form.focus as isize + by).rem_euclid(count) as usize;
        }
    }
    kept
}

/// To whom one escalates follows from the kind, until somebody says otherwise.
fn follow_kind(model: &mut Model) {
    let Some(Overlay::Form(form)) = model.overlays.last() else { return };
    let text = |name: &str| form.fields.iter().find(|field| field.name == name).map(|field| field.text.raw());
    let is_kind = form.fields.get(form.focus).is_some_and(|field| field.name == "kind");
    let (true, true, Some(kind), Some(to)) = (form.command.id == "escalate", is_kind, text("kind"), text("to")) else {
        return;
    };
    let Some(party) = escalations::party_of(model, &kind, &to) else { return };
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return };
    if let Some(field) = form.fields.iter_mut().find(|field| field.name == "to") {
        field.text.set(&party);
        field.found.narrow(&party);
        (field.cursor, field.moved, field.offered) = (0, false, true);
    }
}

/// Enter in a form: the next field, or from the last one, send.
pub fn enter_field(model: &mut Model) -> Effects {
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return Effects::none() };
    let last = form.focus + 1 == form.fields.len();
    let lines = form.fields.get(form.focus).is_some_and(|field| field.kind == ArgKind::Lines);
    if lines {
        if let Some(field) = form.fields.get_mut(form.focus) {
            field.text.press(Key::new(Code::Enter, false, false, false));
        }
        return draft_field(model);
    }
    // What must be answered is answered by the choice that is shown.
    if let Some(field) = form.fields.get_mut(form.focus) {
        field.moved |= field.need == Need::Required;
    }
    if last { send_form(model) } else { next_field(model, 1) }
}

pub(super) fn take_choice(form: &mut Form) {
    let Some(field) = form.fields.get_mut(form.focus) else { return };
    if choices::is_choice(field.kind)
        && (!field.text.is_empty() || field.moved)
        && let Some(choice) = field.found.at(field.cursor)
    {
        field.text.set(&choice.value.clone());
        field.found.narrow(&choice.value.clone());
        (field.cursor, field.moved) = (0, false);
    }
}
