//! Writing to people. A public reply and an internal note are different commands with different frames and words; who
//! will read it stands beside the key that sends it.

use crate::app::effect::{Effect, Effects};
use crate::app::message::EditToken;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::text_form::TextForm;
use crate::app::{acts, ask, drafts, keys};
use crate::command::args::{Arg, Args};
use crate::command::key::Key;
use crate::command::table::Command;
use crate::domain::audience::{self, Guard, Setting};
use crate::domain::change::Audience;
use crate::domain::name::TicketId;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// A text of several lines on its way to its readers.
#[derive(Debug)]
pub struct Compose {
    pub command: &'static Command,
    pub args: Args,
    pub arg: &'static Arg,
    pub audience: Audience,
    /// Who will read it, in words.
    pub readers: String,
    pub about: String,
    pub text: TextForm,
    pub draft: String,
    /// What a public text should perhaps not say; sending again sends it all the same.
    pub findings: Vec<String>,
    token: EditToken,
}

/// Opens the text, with what was typed of it before.
pub fn open(model: &mut Model, command: &'static Command, args: Args, arg: &'static Arg) -> Effects {
    let audience = if command.id == "reply" { Audience::Public } else { Audience::Internal };
    let draft = drafts::key(model, command.id, arg.name);
    let text = model.drafts.get(&draft).map(|text| text.to_string()).unwrap_or_default();
    if !text.is_empty() {
        model.say(Notice::done("Your unsent text is here again."));
    }
    let compose = Compose {
        command,
        args,
        arg,
        audience,
        readers: readers(model, audience),
        about: ask::about(model),
        text: TextForm::body(&text),
        draft,
        findings: Vec::new(),
        token: EditToken(model.frames),
    };
    model.overlays.push(Overlay::Compose(compose));
    Effects::none()
}

/// Who will read a text of that audience.
pub fn readers(model: &Model, audience: Audience) -> String {
    if audience == Audience::Internal {
        return "the desk only".into();
    }
    match model.targets().as_slice() {
        [row] => {
            let Some(caller) = model.table.caller(*row) else { return "the caller (unknown)".into() };
            let person = model.directory.person(caller);
            let address = person.and_then(|p| p.email.as_ref()).map(|email| format!(" <{email}>")).unwrap_or_default();
            format!("{}{address}", model.directory.display(caller))
        }
        many => format!("the callers of {} tickets", many.len()),
    }
}

pub fn typed(model: &mut Model, key: Key) -> Option<Effects> {
    let Some(Overlay::Compose(compose)) = model.overlays.last_mut() else { return None };
    if !compose.text.press(key) {
        return None;
    }
    Some(changed(model))
}

pub fn pasted(model: &mut Model, text: &str) -> Effects {
    if let Some(Overlay::Compose(compose)) = model.overlays.last_mut() {
        compose.text.paste(text);
    }
    changed(model)
}

fn changed(model: &mut Model) -> Effects {
    let Some(Overlay::Compose(compose)) = model.overlays.last_mut() else { return Effects::none() };
    compose.findings.clear();
    let (draft, text) = (compose.draft.clone(), compose.text.text());
    drafts::keep_at(model, draft, &text)
}

/// Sends the text; a public one that looks as if it were not meant for the public is asked about once.
pub fn send(model: &mut Model) -> Effects {
    let settings = model.settings.clone();
    let ticket = model.targets().first().map(|row| acts::ticket(model, *row));
    let Some(Overlay::Compose(compose)) = model.overlays.last_mut() else { return Effects::none() };
    let text = compose.text.text();
    if text.trim().is_empty() {
        model.say(Notice::refused("There is nothing to send yet. Esc leaves."));
        return Effects::none();
    }
    if compose.audience == Audience::Public && compose.findings.is_empty() {
        compose.findings = check(&text, &settings.guard, ticket.as_ref());
        if let Some(first) = compose.findings.first() {
            let (first, count) = (first.clone(), compose.findings.len());
            model.say(Notice::refused(format!(
                "This goes to the customer. Look again: {first} ({count} in all). Send again to send it all the same."
            )));
            return Effects::none();
        }
    }
    let Some(Overlay::Compose(compose)) = model.overlays.pop() else { return Effects::none() };
    let args = compose.args.clone().with(compose.arg.name, text.to_string());
    drafts::hand_over(model, [compose.draft.clone()]);
    let effects = keys::run(model, compose.command, &args);
    if model.is_refused() {
        model.handed.clear();
        model.overlays.push(Overlay::Compose(compose));
    }
    effects
}

/// What in a public text asks for a second look, in words.
fn check(text: &str, guard: &Guard, ticket: Option<&Ticket>) -> Vec<String> {
    let known: Vec<TicketId> = ticket.iter().flat_map(|t| t.links.iter().map(|link| link.other.clone())).collect();
    let setting = Setting { ticket: ticket.map(|t| &t.id), known: &known };
    audience::check_public(text, guard, setting).iter().map(|finding| finding.describe(text)).collect()
}

/// Closes the topmost overlay. Texts stay as drafts.
pub fn leave(model: &mut Model) -> Effects {
    let Some(overlay) = model.overlays.pop() else { return Effects::none() };
    if let Overlay::Compose(compose) = &overlay
        && !compose.text.is_empty()
    {
        model.say(Notice::done("The text is kept as a draft; the same key brings it back."));
    }
    Effects::none()
}

/// Hands the text to the user's editor.
pub fn edit(model: &mut Model) -> Effects {
    let token = EditToken(model.frames);
    let text = match model.overlays.last_mut() {
        Some(Overlay::Compose(compose)) => {
            compose.token = token;
            compose.text.text()
        }
        Some(Overlay::Form(form)) => match form.fields.get(form.focus) {
            Some(field) => field.text.text(),
            None => return Effects::none(),
        },
        _ => return Effects::none(),
    };
    Effect::Edit { token, text }.into()
}

/// The editor is done.
pub fn edited(model: &mut Model, token: EditToken, text: Result<Clean, String>) -> Effects {
    let text = match text {
        Ok(text) => text,
        Err(reason) => {
            model.say(Notice::trouble(format!(
                "The editor did not give the text back: {reason} The text is as it was."
            )));
            return Effects::none();
        }
    };
    match model.overlays.last_mut() {
        Some(Overlay::Compose(compose)) if compose.token == token => {
            compose.text.set(text.trim_end());
            changed(model)
        }
        Some(Overlay::Form(form)) => {
            if let Some(field) = form.fields.get_mut(form.focus) {
                field.text.set(text.trim_end());
            }
            ask::draft_field(model)
        }
        _ => Effects::none(),
    }
}

/// Puts a canned reply into the text, for this ticket.
pub fn insert_canned(model: &mut Model, name: &str) -> Effects {
    let targets = model.targets();
    let Some(row) = targets.first().copied() else { return Effects::none() };
    match acts::canned(model, row, name) {
        Ok(reply) => {
            if let Some(Overlay::Compose(compose)) = model.overlays.last_mut() {
                compose.text.paste(&reply.text);
            }
            changed(model)
        }
        Err(reason) => {
            model.say(Notice::refused(reason));
            Effects::none()
        }
    }
}
