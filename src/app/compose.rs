//! Writing to people. A public reply and an internal note are different commands with different frames and words; who
//! will read it stands beside the key that sends it.

use crate::app::effect::{Effect, Effects};
use crate::app::message::EditToken;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::seen::{self, Differs, Seen};
use crate::app::text_form::TextForm;
use crate::app::{acts, ask, decision, drafts, keys, major, problems, rfc};
use crate::command::args::{Arg, Args};
use crate::command::key::Key;
use crate::command::table::{Command, Scope};
use crate::domain::change::Audience;
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
    /// The ticket as it stood when the text was begun.
    seen: Seen,
    token: EditToken,
}

/// Opens the text, with what was typed of it before.
pub fn open(model: &mut Model, command: &'static Command, args: Args, arg: &'static Arg) -> Effects {
    let is_public = matches!(command.id, "reply" | "major-callers");
    let audience = if is_public { Audience::Public } else { Audience::Internal };
    let draft = drafts::key(model, command.id, arg.name);
    let kept = model.drafts.get(&draft).map(|text| text.to_string()).filter(|text| !text.is_empty());
    if kept.is_some() {
        model.say(Notice::done("Your unsent text is here again."));
    }
    let begun = || {
        let problem = || problems::begun(model, command.id, arg.name).or_else(|| rfc::begun(model, command.id));
        major::begun(model, command, &args).or_else(problem)
    };
    let text = kept.or_else(begun).unwrap_or_default();
    let compose = Compose {
        command,
        args,
        arg,
        audience,
        readers: all_callers(model, command).unwrap_or_else(|| readers(model, audience)),
        about: ask::about(model),
        text: TextForm::body(&text),
        draft,
        findings: Vec::new(),
        seen: seen::look(model),
        token: EditToken(model.frames),
    };
    model.overlays.push(Overlay::Compose(compose));
    Effects::none()
}

/// Words of a major incident reach the callers of its children too.
fn all_callers(model: &Model, command: &Command) -> Option<String> {
    if command.id == "major-callers" { major::readers(model) } else { None }
}

/// Who will read a text of that audience.
pub fn readers(model: &Model, audience: Audience) -> String {
    if audience == Audience::Internal {
        return "the desk only".into();
    }
    match model.targets().as_slice() {
        [row] => {
            let named = model.triage.as_ref().and_then(|triage| decision::named_caller(&triage.decision));
            let Some(caller) = named.or_else(|| model.table.caller(*row)) else { return "the caller (unknown)".into() };
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

/// Sends the text. Asked about once: a public one that looks as if it were not meant for the public, one that is to
/// have another reader than it was begun for, and one that a colleague's words came before.
pub fn send(model: &mut Model) -> Effects {
    let ticket = model.targets().first().map(|row| acts::ticket(model, *row));
    let Some(Overlay::Compose(compose)) = model.overlays.last() else { return Effects::none() };
    let (text, is_public) = (compose.text.text(), compose.audience == Audience::Public);
    if text.trim().is_empty() {
        return model.refuse("There is nothing to send yet. Esc leaves.");
    }
    if let Some(told) = told(model, compose) {
        model.say(Notice::refused(told));
        return look_again(model);
    }
    let doubt = ticket.filter(|_| is_public).and_then(|ticket| acts::doubt(model, &ticket, &text));
    let findings = doubt.as_ref().map(|doubt| doubt.findings.clone()).unwrap_or_default();
    if acts::asks(model, doubt.as_slice()) {
        if let Some(Overlay::Compose(compose)) = model.overlays.last_mut() {
            compose.findings = findings;
        }
        return Effects::none();
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

/// What is otherwise than when the text was begun and bears on it.
fn told(model: &Model, compose: &Compose) -> Option<String> {
    let is_public = compose.audience == Audience::Public;
    match seen::differs(model, &compose.seen, true)? {
        Differs::Other(told) => Some(told),
        Differs::Changed(_) if !is_public => None,
        Differs::Changed(told) => {
            let now = all_callers(model, compose.command).unwrap_or_else(|| readers(model, compose.audience));
            let to = if now == compose.readers { String::new() } else { format!(" It goes to {now} now.") };
            Some(format!("{told}{to} Look, then send again to send it all the same."))
        }
    }
}

/// What was told has been seen now; other tickets are never seen to be the same.
fn look_again(model: &mut Model) -> Effects {
    let is_other = |compose: &Compose| matches!(seen::differs(model, &compose.seen, true), Some(Differs::Other(_)));
    if matches!(model.overlays.last(), Some(Overlay::Compose(compose)) if is_other(compose)) {
        return Effects::none();
    }
    let now = seen::look(model);
    let Some(Overlay::Compose(compose)) = model.overlays.last() else { return Effects::none() };
    let readers = all_callers(model, compose.command).unwrap_or_else(|| readers(model, compose.audience));
    if let Some(Overlay::Compose(compose)) = model.overlays.last_mut() {
        (compose.seen, compose.readers) = (now, readers);
    }
    Effects::none()
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
    let Some(row) = model.target() else {
        // It would greet them all by the name of the first.
        let key = model.settings.keymap.key_of("canned", &[Scope::List, Scope::Ticket]);
        return model.refuse(format!(
            "A canned reply is written for one caller. Leave this text, and `{key}` sends one to each by name."
        ));
    };
    match acts::canned(model, row, name) {
        Ok(reply) => {
            if let Some(Overlay::Compose(compose)) = model.overlays.last_mut() {
                compose.text.paste(&reply.text);
            }
            changed(model)
        }
        Err(reason) => model.refuse(reason),
    }
}
