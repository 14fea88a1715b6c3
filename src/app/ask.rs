//! Asking for what a command lacks: a picker for one choice, a text for one text, a form for several. Every text that
//! is typed here is a draft at once.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::choices::{self, Choice};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::seen::{self, Differs, Seen};
use crate::app::text_form::TextForm;
use crate::app::{compose, drafts, escalations, keys, playbooks};
use crate::command::args::{Arg, ArgKind, Args, Need, Source, check};
use crate::command::key::{Code, Key};
use crate::command::table::{self, Command, Scope};
use crate::domain::field::{Field, Shape};
use crate::domain::lifecycle::{Ask, Need as StepNeed, When};
use crate::domain::name::Name;
use crate::domain::playbook::{Prompt, PromptKind};
use crate::domain::state::HoldReason;
use crate::text::Clean;

/// One choice out of a list, found as one types.
#[derive(Debug)]
pub struct Picker {
    pub command: &'static Command,
    pub args: Args,
    pub arg: &'static Arg,
    /// Which ticket it is for, in words.
    pub about: String,
    pub text: TextForm,
    pub found: Found,
    pub cursor: usize,
}

/// Choices and which of them fit what was typed, the best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub choices: Vec<Choice>,
    pub fits: Vec<usize>,
}

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
    seen: Seen,
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

/// Opens whatever asks for what is missing; none when nothing is.
pub fn wanted(model: &mut Model, command: &'static Command, args: &Args) -> Option<Effects> {
    let missing = args.missing(command);
    if missing.is_empty() {
        return None;
    }
    if model.headless {
        let names: Vec<String> = missing.iter().map(|arg| describe(model, arg)).collect();
        model.say(Notice::refused(format!("{} needs {}.", command.id, names.join(" and "))));
        return Some(Effects::none());
    }
    let asked: Vec<Arg> =
        command.args.iter().filter(|arg| arg.need != Need::Optional && args.get(arg.name).is_none()).copied().collect();
    // Where there is one desk, or one that takes new tickets, nobody is asked which.
    let asked: Vec<Arg> = asked
        .into_iter()
        .filter(|arg| arg.kind != ArgKind::From(Source::Desks) || model.homes.creators().count() > 1)
        .map(|arg| if arg.kind == ArgKind::From(Source::Desks) { Arg { need: Need::Required, ..arg } } else { arg })
        .collect();
    if let ([only], true) = (missing.as_slice(), asked.len() == 1) {
        if only.kind == ArgKind::Lines {
            return Some(compose::open(model, command, args.clone(), only));
        }
        if choices::is_choice(only.kind) {
            return Some(pick(model, command, args.clone(), only));
        }
    }
    Some(open_form(model, command, args.clone(), asked))
}

/// What an argument takes, for messages.
fn describe(model: &Model, arg: &Arg) -> String {
    match arg.kind {
        ArgKind::Number { min, max } => format!("{} ({min} to {max})", arg.name),
        ArgKind::Choice(list) => format!("{} (one of {})", arg.name, list.join(", ")),
        kind if choices::is_choice(kind) => {
            let known: Vec<String> = choices::of(model, kind).into_iter().take(8).map(|choice| choice.value).collect();
            format!("{} (such as {})", arg.name, known.join(", "))
        }
        _ => arg.name.to_owned(),
    }
}

/// Which tickets are meant, in a few words.
pub fn about(model: &Model) -> String {
    match model.targets().as_slice() {
        [] => String::new(),
        [row] => format!("{} {}", model.table.id(*row), model.table.title(*row)),
        many => format!("{} marked tickets", many.len()),
    }
}

/// What a command is about: its tickets, or nothing where it is about the list or the desk.
fn about_of(model: &Model, command: &Command) -> String {
    let elsewhere = matches!(command.scope, Scope::Global | Scope::List) && command.id != "exception";
    if elsewhere { String::new() } else { about(model) }
}

fn pick(model: &mut Model, command: &'static Command, args: Args, arg: &'static Arg) -> Effects {
    let found = Found::all(choices::of(model, arg.kind));
    let picker =
        Picker { command, args, arg, about: about_of(model, command), text: TextForm::line(""), found, cursor: 0 };
    model.overlays.push(Overlay::Picker(picker));
    Effects::none()
}

/// A form with these questions, answers of an earlier try already in it.
fn open_form(model: &mut Model, command: &'static Command, args: Args, asked: Vec<Arg>) -> Effects {
    let fields = asked
        .into_iter()
        .map(|arg| {
            let choices = choices::of(model, arg.kind);
            question(model, command, &args, (arg.name, arg.ask, arg.kind, arg.need), choices)
        })
        .collect();
    show_form(model, command, args, fields)
}

/// Asks for what turned out to be needed beside what was given; none when that is there.
pub fn more(model: &mut Model, command: &str, args: &Args, wanted: &[Arg]) -> Option<Effects> {
    let command = table::find(command)?;
    let missing: Vec<&Arg> =
        wanted.iter().filter(|arg| arg.need == Need::Required && args.get(arg.name).is_none()).collect();
    if missing.is_empty() {
        return None;
    }
    if model.headless {
        let names: Vec<String> = missing.iter().map(|arg| format!("{} ({})", arg.name, arg.ask)).collect();
        model.say(Notice::refused(format!("{} needs {}", command.id, names.join(" and "))));
        return Some(Effects::none());
    }
    let asked = wanted.iter().filter(|arg| args.get(arg.name).is_none()).copied().collect();
    Some(open_form(model, command, args.clone(), asked))
}

/// One question, with the answer that was begun before.
fn question(
    model: &Model,
    command: &Command,
    args: &Args,
    (name, ask, kind, need): (&str, &str, ArgKind, Need),
    choices: Vec<Choice>,
) -> FormField {
    let draft = args.get(name).map(str::to_owned).or_else(|| drafts::find(model, command.id, name));
    let draft = draft.or_else(|| escalations::begun(model, command.id, name));
    let text = draft.unwrap_or_default();
    let text = if kind == ArgKind::Lines { TextForm::body(&text) } else { TextForm::line(&text) };
    let mut found = Found::all(choices);
    found.narrow(&text.raw());
    FormField { name: name.into(), ask: ask.into(), kind, need, text, found, cursor: 0, moved: false, offered: false }
}

/// Asks for what a step of the lifecycle needs; none when everything that must be there is.
pub fn for_step(model: &mut Model, args: &Args, needs: &[StepNeed]) -> Option<Effects> {
    let command = table::find("step")?;
    let name = |need: &StepNeed| match &need.ask {
        Ask::Field(field) => Some(field.name().to_owned()),
        Ask::Public => Some("public".to_owned()),
        Ask::Note => Some("note".to_owned()),
        Ask::Link(_) => None,
    };
    let open: Vec<(String, &StepNeed)> =
        needs.iter().filter_map(|need| Some((name(need)?, need))).filter(|(name, _)| !args.has(name)).collect();
    let missing: Vec<&String> =
        open.iter().filter(|(_, need)| need.when == When::Always).map(|(name, _)| name).collect();
    if missing.is_empty() {
        return None;
    }
    if model.headless {
        let names: Vec<String> = missing.iter().map(|name| format!("{name}:…")).collect();
        model.say(Notice::refused(format!("{} needs {}", args.text("verb"), names.join(" "))));
        return Some(Effects::none());
    }
    let fields = open
        .iter()
        .map(|(name, need)| {
            let kind = match &need.ask {
                Ask::Field(field) => field_kind(field, !need.choices.is_empty()),
                _ => ArgKind::Lines,
            };
            let must = if need.when == When::Always { Need::Required } else { Need::Asked };
            let choices = if need.choices.is_empty() {
                choices::of(model, kind)
            } else {
                need.choices.iter().map(|c| Choice { value: c.to_string(), label: String::new() }).collect()
            };
            question(model, command, args, (name, need.why, kind, must), choices)
        })
        .collect();
    Some(show_form(model, command, args.clone(), fields))
}

/// How a field is asked for.
fn field_kind(field: &Field, has_choices: bool) -> ArgKind {
    match (field, field.shape()) {
        _ if has_choices => ArgKind::Choice(&[]),
        (Field::Asset, _) => ArgKind::From(Source::Assets),
        (Field::Service, _) => ArgKind::From(Source::Services),
        (Field::Approver, _) => ArgKind::From(Source::Staff),
        (_, Shape::Lines) => ArgKind::Lines,
        (_, Shape::Time) => ArgKind::When,
        _ => ArgKind::Text,
    }
}

/// Asks what a playbook asks.
pub fn for_playbook(model: &mut Model, args: &Args, prompts: &[Prompt]) -> Effects {
    let Some(command) = table::find("play") else { return Effects::none() };
    let fields = prompts
        .iter()
        .map(|prompt| {
            let kind = match prompt.kind {
                PromptKind::Text => ArgKind::Text,
                PromptKind::Number | PromptKind::Choice => ArgKind::Choice(&[]),
                PromptKind::Person => ArgKind::From(Source::People),
                PromptKind::Group => ArgKind::From(Source::Groups),
                PromptKind::Ticket => ArgKind::From(Source::Tickets),
                PromptKind::Date => ArgKind::When,
            };
            let kind = if prompt.kind == PromptKind::Number { ArgKind::Text } else { kind };
            let need = if prompt.optional { Need::Asked } else { Need::Required };
            let choices = if prompt.choices.is_empty() {
                choices::of(model, kind)
            } else {
                prompt.choices.iter().map(|c| Choice { value: c.to_string(), label: String::new() }).collect()
            };
            let mut field = question(model, command, args, (&prompt.name, &prompt.label, kind, need), choices);
            if let Some(default) = prompt.default.as_ref().filter(|_| field.text.is_empty()) {
                field.text.set(default);
            }
            field
        })
        .collect();
    show_form(model, command, args.clone(), fields)
}

fn show_form(model: &mut Model, command: &'static Command, args: Args, fields: Vec<FormField>) -> Effects {
    let about = about_of(model, command);
    let form = Form { command, args, about, fields, focus: 0, fault: None, seen: seen::look(model) };
    model.overlays.push(Overlay::Form(form));
    Effects::none()
}

impl Found {
    pub fn all(choices: Vec<Choice>) -> Self {
        let fits = (0..choices.len()).collect();
        Self { choices, fits }
    }

    /// Keeps what fits, the best first; ties keep the order of the list.
    pub fn narrow(&mut self, text: &str) {
        if text.trim().is_empty() {
            self.fits = (0..self.choices.len()).collect();
            return;
        }
        let pattern = Pattern::parse(text.trim(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = self
            .choices
            .iter()
            .enumerate()
            .filter_map(|(at, choice)| {
                let hay = format!("{} {}", choice.value, choice.label);
                let score = pattern.score(Utf32Str::new(&hay, &mut buffer), &mut matcher)?;
                // What it is called counts for more than what explains it.
                let named = pattern.score(Utf32Str::new(&choice.value, &mut buffer), &mut matcher).unwrap_or(0);
                Some((score.max(named) + named / 2, at))
            })
            .collect();
        scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
        self.fits = scored.into_iter().map(|(_, at)| at).collect();
    }

    pub fn at(&self, cursor: usize) -> Option<&Choice> {
        self.choices.get(*self.fits.get(cursor)?)
    }
}

/// What the open picker or field lists, and what was typed to find in it.
pub fn asked_now(model: &Model) -> Option<(ArgKind, Clean)> {
    match model.overlays.last()? {
        Overlay::Picker(picker) => Some((picker.arg.kind, picker.text.text())),
        Overlay::Form(form) => form.fields.get(form.focus).map(|field| (field.kind, field.text.text())),
        _ => None,
    }
}

/// What was found elsewhere can be chosen too, after what fits here.
pub fn add_choices(model: &mut Model, rows: &[(Name, Clean)]) {
    let (found, text) = match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => (&mut picker.found, picker.text.raw()),
        Some(Overlay::Form(form)) => match form.fields.get_mut(form.focus) {
            Some(field) => (&mut field.found, field.text.raw()),
            None => return,
        },
        _ => return,
    };
    let before = found.choices.len();
    for (name, title) in rows {
        if found.choices.iter().all(|choice| choice.value != **name) {
            found.choices.push(Choice { value: name.to_string(), label: title.to_string() });
        }
    }
    if found.choices.len() == before {
        return;
    }
    // What the cursor is on stays where it is: what came later comes after it.
    let kept = found.fits.clone();
    found.narrow(&text);
    let news: Vec<usize> = found.fits.iter().copied().filter(|at| !kept.contains(at)).collect();
    // The desk found them by its own lights; they are offered even where the letters do not show why.
    let unfit = (before..found.choices.len()).filter(|at| !news.contains(at));
    found.fits = kept.into_iter().chain(news.iter().copied()).chain(unfit).collect();
}

/// A character typed into the topmost picker or form.
pub fn typed(model: &mut Model, key: Key) -> Option<Effects> {
    match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            if let Some(choice) = instant(picker.arg.kind, &picker.found, &picker.text, key) {
                return Some(answer(model, choice));
            }
            let taken = picker.text.press(key);
            picker.found.narrow(&picker.text.raw());
            picker.cursor = 0;
            taken.then(Effects::none)
        }
        Some(Overlay::Form(form)) => {
            let field = form.fields.get_mut(form.focus)?;
            if let Some(choice) = instant(field.kind, &field.found, &field.text, key) {
                field.text.set(&choice);
                field.found.narrow(&choice);
                return Some(next_field(model, 1));
            }
            let is_letter = matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt;
            if std::mem::take(&mut field.offered) && is_letter {
                field.text.set("");
            }
            if !field.text.press(key) {
                return None;
            }
            field.found.narrow(&field.text.raw());
            (field.cursor, field.moved) = (0, false);
            form.fault = None;
            Some(draft_field(model))
        }
        _ => None,
    }
}

pub fn pasted(model: &mut Model, text: &str) -> Effects {
    match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            picker.text.paste(text);
            picker.found.narrow(&picker.text.raw());
            Effects::none()
        }
        Some(Overlay::Form(form)) => {
            if let Some(field) = form.fields.get_mut(form.focus) {
                field.text.paste(text);
                field.found.narrow(&field.text.raw());
            }
            draft_field(model)
        }
        _ => Effects::none(),
    }
}

/// Short lists are chosen by their digit, as long as nothing was typed.
fn instant(kind: ArgKind, found: &Found, text: &TextForm, key: Key) -> Option<String> {
    let Code::Char(c) = key.code else { return None };
    if !text.is_empty() || key.ctrl || key.alt || !choices::is_short(kind, found.choices.len()) {
        return None;
    }
    let digit = usize::try_from(c.to_digit(10)?).ok()?;
    let at = match kind {
        ArgKind::Number { .. } => {
            return found.choices.iter().find(|choice| choice.value == c.to_string()).map(|c| c.value.clone());
        }
        _ => digit.checked_sub(1)?,
    };
    found.choices.get(at).map(|choice| choice.value.clone())
}

/// Saves what stands in the field under the cursor.
pub fn draft_field(model: &mut Model) -> Effects {
    let Some(Overlay::Form(form)) = model.overlays.last() else { return Effects::none() };
    let Some(field) = form.fields.get(form.focus) else { return Effects::none() };
    let (command, name, text) = (form.command.id, field.name.clone(), field.text.text());
    drafts::keep(model, command, &name, &text)
}

/// Takes what the picker's cursor is on, or the text itself where any text will do.
pub fn choose(model: &mut Model) -> Effects {
    let Some(Overlay::Picker(picker)) = model.overlays.last() else { return Effects::none() };
    let typed = picker.text.text();
    let value = match picker.found.at(picker.cursor) {
        Some(choice) => choice.value.clone(),
        None if choices::takes_any(picker.arg.kind) && !typed.is_empty() => typed.to_string(),
        None => {
            model.say(Notice::refused(format!("Nothing here is called `{typed}`. Backspace widens, Esc leaves.")));
            return Effects::none();
        }
    };
    answer(model, value)
}

fn answer(model: &mut Model, value: String) -> Effects {
    let Some(Overlay::Picker(picker)) = model.overlays.pop() else { return Effects::none() };
    let args = picker.args.with(picker.arg.name, value);
    keys::run(model, picker.command, &args)
}

/// Moves the cursor among the choices.
pub fn choose_next(model: &mut Model, by: isize) -> Effects {
    let (cursor, len) = match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => (&mut picker.cursor, picker.found.fits.len()),
        Some(Overlay::Form(form)) => match form.fields.get_mut(form.focus) {
            Some(field) => {
                field.moved = true;
                (&mut field.cursor, field.found.fits.len())
            }
            None => return Effects::none(),
        },
        _ => return Effects::none(),
    };
    let to = cursor.saturating_add_signed(by).min(len.saturating_sub(1));
    if to == *cursor {
        let edge = if len == 0 { Notice::refused("There is nothing to choose from here.") } else { Notice::edge(by) };
        model.say(edge);
    } else {
        *cursor = to;
    }
    Effects::none()
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

/// What is missing: a question is put once more, a name is named.
fn wanting(ask: &str) -> String {
    if ask.ends_with('.') { ask.to_owned() } else { format!("{ask} is needed.") }
}

fn take_choice(form: &mut Form) {
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
            check(form.command, &field.name, field.kind, &text).err().map(|error| error.to_string())
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
        form.fault = model.notice.take().map(|notice| notice.text.to_string());
        model.overlays.push(Overlay::Form(form));
    }
    effects
}

/// What a colleague did to the ticket while the form was filled in; it is told once. A session looks for itself before
/// it sends.
fn overtaken(model: &mut Model) -> Option<String> {
    let Some(Overlay::Form(form)) = model.overlays.last() else { return None };
    if form.command.scope == Scope::Global && form.command.id != "exception" {
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
