//! Playbooks: one key for a known situation. What a playbook asks is asked first; then it is one act like any other.

use crate::app::acts::{self, has_target};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::{ask, decision, lists};
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope, writes};
use crate::domain::act::{Act, Step};
use crate::domain::name::TicketId;
use crate::domain::playbook::{Answers, Asking, Plan, Playbook};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;

/// Playing.
pub const COMMANDS: &[Command] = &[Command {
    id: "play",
    title: "Playbook",
    doc: "Play a playbook, by its name or its digit: fields, note, reply, link and step in one act.",
    scope: Scope::Ticket,
    keys: &["p"],
    args: &[
        Arg::required("name", ArgKind::From(Source::Playbooks), "Playbook"),
        Arg::optional("answers", ArgKind::Answers, "Answers to what it asks"),
    ],
    needs: writes,
    available: has_target,
    run: play,
}];

fn play(model: &mut Model, args: &Args) -> Effects {
    let Some(book) = find(model, args.text("name")).cloned() else {
        let names: Vec<&str> = model.settings.words.playbooks.iter().map(|book| &*book.name).collect();
        return model.refuse(format!("There is no playbook `{}`; there are {}.", args.text("name"), names.join(", ")));
    };
    if let Some(reason) = model.targets().into_iter().find_map(|row| unfit(model, &book, row)) {
        return model.refuse(reason);
    }
    let wish = Act::new("", [Step::Play(book.name.clone(), Answers::new())]);
    if let Some(reason) = decision::clash(model, &wish) {
        return model.refuse(reason);
    }
    match answers(model, &book, args) {
        Ok(answers) => {
            let missing = book.open_questions(&answers).next().is_some();
            let asked = book.prompts.iter().any(|prompt| args.has(&prompt.name));
            if missing || (!asked && !book.prompts.is_empty() && !model.headless) {
                return begin(model, &book, args);
            }
            let act = Act::new(format!("playbook {}", book.name), [Step::Play(book.name.clone(), answers)]);
            if model.triage.is_some() { decision::commit_with(model, act) } else { acts::submit(model, act) }
        }
        Err(reason) => model.refuse(reason),
    }
}

/// Asks, or says what is missing where nothing can be asked.
fn begin(model: &mut Model, book: &Playbook, args: &Args) -> Effects {
    if model.headless {
        let names: Vec<String> = book.prompts.iter().filter(|p| !p.optional).map(|p| format!("{}:…", p.name)).collect();
        return model.refuse(format!("{} needs {}", book.name, names.join(" ")));
    }
    ask::for_playbook(model, args, &book.prompts)
}

/// The playbooks with a digit that fit the ticket on the screen.
pub fn offered(model: &Model) -> Vec<&Playbook> {
    let Some(row) = model.current() else { return Vec::new() };
    model
        .settings
        .words
        .playbooks
        .iter()
        .filter(|book| book.key.is_some() && unfit(model, book, row).is_none())
        .collect()
}

/// By name, or by the digit that picks it.
pub fn find<'a>(model: &'a Model, name: &str) -> Option<&'a Playbook> {
    let digit = name.parse::<u8>().ok();
    model.settings.words.playbooks.iter().find(|book| *book.name == *name || (digit.is_some() && book.key == digit))
}

/// The playbook that this step plays, where it has words for the caller.
pub fn replying<'a>(model: &'a Model, step: &Step) -> Option<&'a Playbook> {
    let Step::Play(name, _) = step else { return None };
    find(model, name).filter(|book| book.reply.is_some())
}

/// Why it is not meant for this ticket.
fn unfit(model: &Model, book: &Playbook, row: Row) -> Option<String> {
    let id = model.table.id(row);
    let kind = model.table.kind(row);
    if !book.suits(kind) {
        return Some(format!("The playbook {} is not for a {kind} such as {id}", book.name));
    }
    if let Some(first) = book.lacks(&model.directory).first() {
        return Some(format!("The playbook {} does not fit this desk: {first}", book.name));
    }
    let guard = book.guard.as_ref()?;
    let fits = guard.compile(&model.table, &lists::context(model)).matches(&model.table, row);
    (!fits).then(|| format!("The playbook {} is for tickets that fit `{guard}`; {id} does not.", book.name))
}

/// What was answered so far, checked.
fn answers(model: &Model, book: &Playbook, args: &Args) -> Result<Answers, String> {
    let exists = |id: &TicketId| model.table.row(id).is_some();
    let asking = Asking { directory: &model.directory, now: model.now, zone: &model.zone, exists: &exists };
    let mut answers = Answers::new();
    for prompt in &book.prompts {
        let given = args.get(&prompt.name).map(str::to_owned);
        let default = || prompt.default.as_ref().filter(|_| model.headless).map(|default| default.to_string());
        let Some(text) = given.or_else(default) else { continue };
        if let Some(answer) = prompt.answer(&text, &asking)? {
            answers.insert(prompt.name.clone(), answer);
        }
    }
    Ok(answers)
}

/// What it does to this ticket.
pub fn plan(model: &Model, ticket: &Ticket, name: &str, answers: &Answers) -> Result<Plan, String> {
    let book = find(model, name).ok_or_else(|| format!("There is no playbook `{name}`."))?;
    let telling = acts::telling(model, ticket, None);
    book.plan(&telling, answers, &*model.settings.words.writer).map_err(|error| format!("{}: {error}", ticket.id))
}
