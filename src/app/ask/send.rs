//! A form is sent: its answers are checked, a colleague's change is told once, the command runs.

use super::form::{Form, take_choice};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::overlay::Overlay;
use crate::app::seen::{self, Differs};
use crate::app::subject::{self, Subject};
use crate::app::{choices, drafts, keys};
use crate::command::args::{Need, check};

/// Checks the answers and runs the command; a fault puts the cursor where it is.
pub fn send_form(model: &mut Model) -> Effects {
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return Effects::none() };
    take_choice(form);
    for at in 0..form.fields.len() {
        let field = &form.fields[at];
        let text = field.text.text();
        let fault = if text.is_empty() && field.need == Need::Required {
            Some(wanting(&field.ask))
        } else if text.is_empty() {
            None
        } else if choices::is_choice(field.kind)
            && !choices::takes_any(field.kind)
            // A tracker that cannot say what there is to choose from takes what is typed, or says no itself.
            && !field.found.choices.is_empty()
            && field.found.choices.iter().all(|choice| choice.value != *text)
        {
            Some(format!("`{text}` is not one of the choices."))
        } else {
            check(form.command, &field.name, field.kind, &text).err().map(|error| error.under(&field.ask))
        };
        if fault.is_some() {
            (form.focus, form.fault) = (at, fault);
            return Effects::none();
        }
    }
    if let Some(fault) = overtaken(model) {
        if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
            form.fault = Some(fault);
        }
        return Effects::none();
    }
    let Some(Overlay::Form(mut form)) = model.overlays.pop() else { return Effects::none() };
    let answers = form.fields.iter().map(|field| (field.name.as_str(), field.text.text().to_string()));
    let args = answers.fold(form.args.clone(), |args, (name, text)| args.with(name, text));
    let texts: Vec<String> = form.fields.iter().map(|f| drafts::key(model, form.command.id, &f.name)).collect();
    drafts::hand_over(model, texts);
    let effects = keys::run(model, form.command, &args);
    if model.is_refused() {
        // Nothing came of it: the form is there again with all that was typed, and says why.
        model.handed.clear();
        form.fault = model.notice.take().map(|notice| in_its_words(&mut form, &notice.text));
        model.overlays.push(Overlay::Form(form));
    }
    effects
}

/// What a command says of its arguments, by the labels of the form; the cursor goes to the first that it speaks of.
fn in_its_words(form: &mut Form, said: &str) -> String {
    let mut text = said.to_owned();
    for (at, field) in form.fields.iter().enumerate().rev() {
        let cited = format!("`{}`", field.name);
        let label = format!("`{}`", field.ask);
        if text.contains(&cited) || text.contains(&label) {
            form.focus = at;
            text = text.replace(&cited, &label);
        }
    }
    text
}

/// What is missing: a question is put once more, a name is named.
fn wanting(ask: &str) -> String {
    if ask.ends_with('.') { ask.to_owned() } else { format!("{ask} is needed.") }
}

/// What a colleague did to the ticket while the form was filled in; it is told once. A session looks for itself before
/// it sends.
fn overtaken(model: &mut Model) -> Option<String> {
    let Some(Overlay::Form(form)) = model.overlays.last() else { return None };
    if subject::of(model, form.command) != Subject::Tickets {
        return None;
    }
    match seen::differs(model, &form.seen, false)? {
        Differs::Other(told) => Some(told),
        Differs::Changed(_) if model.triage.is_some() => None,
        Differs::Changed(told) => {
            let now = seen::look(model);
            if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
                form.seen = now;
            }
            Some(format!("{told} Send again to do it all the same."))
        }
    }
}
