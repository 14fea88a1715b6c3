//! `deskside keys` and `deskside commands`: what the help of the console shows, as text. Read from the table of commands
//! and the keymap as it is now.

use anyhow::Result;
use serde::Serialize;

use crate::app::choices;
use crate::cli::exit::{Exit, Usage};
use crate::cli::settings::Places;
use crate::cli::{print, settings};
use crate::command::args::{Arg, ArgKind, Args, Need};
use crate::command::keymap::{Binding, Keymap};
use crate::command::table::{self, Command, Scope};

/// The keys as they are bound now.
///
/// With `--json` a list of `scope`, `keys`, `command`, `arguments` and `doc`.
#[derive(Debug, Clone, clap::Args)]
pub struct KeysArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The commands of the `:` line and of `do`, with their arguments.
///
/// With `--json` a list of `command`, `scope`, `title`, `doc` and `arguments` (a list of `name`,
/// `need`, `takes`, `ask`).
#[derive(Debug, Clone, clap::Args)]
pub struct CommandsArgs {
    /// Only this command, with all that its arguments take
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "command")]
    pub json: bool,
}

#[derive(Serialize)]
struct KeyJson {
    scope: &'static str,
    keys: String,
    command: &'static str,
    arguments: String,
    doc: &'static str,
}

#[derive(Serialize)]
struct CommandJson {
    command: &'static str,
    scope: &'static str,
    title: &'static str,
    doc: &'static str,
    arguments: Vec<ArgJson>,
}

#[derive(Serialize)]
struct ArgJson {
    name: &'static str,
    need: &'static str,
    takes: String,
    ask: &'static str,
}

pub fn keys(args: &KeysArgs, places: &Places) -> Result<Exit> {
    let keymap = settings::load(&places.config)?.keymap;
    if args.json {
        let rows: Vec<KeyJson> = bindings(&keymap).map(|(scope, binding)| key_json(scope, binding)).collect();
        print::made(format!("{}\n", serde_json::to_string_pretty(&rows)?).as_bytes())?;
    } else {
        print::text(&keys_text(&keymap, print::columns()))?;
    }
    Ok(Exit::Done)
}

fn bindings(keymap: &Keymap) -> impl Iterator<Item = (Scope, &Binding)> {
    Scope::ALL.iter().flat_map(|scope| keymap.of(*scope).iter().map(|binding| (*scope, binding)))
}

fn key_json(scope: Scope, binding: &Binding) -> KeyJson {
    KeyJson {
        scope: scope.as_str(),
        keys: binding.keys.to_string(),
        command: binding.command.id,
        arguments: written(&binding.args),
        doc: binding.command.doc,
    }
}

/// Arguments as one writes them on a line.
fn written(args: &Args) -> String {
    let quoted = |value: &str| if value.contains(' ') { format!("\"{value}\"") } else { value.to_owned() };
    args.iter().map(|(name, value)| format!("{name}:{}", quoted(value))).collect::<Vec<_>>().join(" ")
}

/// Every binding: where it is heard, its keys, its command, and what that does.
pub fn keys_text(keymap: &Keymap, room: Option<usize>) -> String {
    let row = |(scope, binding): (Scope, &Binding)| {
        let KeyJson { keys, command, arguments, doc, .. } = key_json(scope, binding);
        let line = format!("{command} {arguments}").trim().to_owned();
        vec![scope.as_str().to_owned(), keys, line, doc.to_owned()]
    };
    let rows: Vec<Vec<String>> = bindings(keymap).map(row).collect();
    print::table(&["Where", "Keys", "Command", "What it does"], &rows, room, 3)
}

pub fn commands(args: &CommandsArgs) -> Result<Exit> {
    if let Some(name) = &args.command {
        let command = table::find(name)
            .ok_or_else(|| Usage::error(format!("There is no command `{name}`; `deskside commands` lists them.")))?;
        print::text(&one(command))?;
    } else if args.json {
        let rows: Vec<CommandJson> = table::all().map(command_json).collect();
        print::made(format!("{}\n", serde_json::to_string_pretty(&rows)?).as_bytes())?;
    } else {
        print::text(&commands_text(print::columns()))?;
    }
    Ok(Exit::Done)
}

fn command_json(command: &'static Command) -> CommandJson {
    let arg = |arg: &Arg| ArgJson { name: arg.name, need: need(arg), takes: takes(arg.kind), ask: arg.ask };
    CommandJson {
        command: command.id,
        scope: command.scope.as_str(),
        title: command.title,
        doc: command.doc,
        arguments: command.args.iter().map(arg).collect(),
    }
}

/// Every command by where it is heard; those of `ticket` are what `do` takes.
pub fn commands_text(room: Option<usize>) -> String {
    let row = |command: &Command| vec![command.scope.as_str().into(), usage(command), command.doc.to_owned()];
    let in_order = Scope::ALL.iter().flat_map(|scope| table::all().filter(|command| command.scope == *scope));
    let rows: Vec<Vec<String>> = in_order.map(row).collect();
    print::table(&["Where", "Command", "What it does"], &rows, room, 2)
}

/// `hold REASON [TEXT] [UNTIL]`: what must be there, and what may be.
pub fn usage(command: &Command) -> String {
    let word = |arg: &Arg| match arg.need {
        Need::Required => format!(" {}", arg.name.to_uppercase()),
        Need::Asked | Need::Optional => format!(" [{}]", arg.name.to_uppercase()),
    };
    std::iter::once(command.id.to_owned()).chain(command.args.iter().map(word)).collect()
}

fn one(command: &Command) -> String {
    let mut text = format!("{}\n\n{}\nHeard in: {}\n", usage(command), command.doc, command.scope.as_str());
    if !command.keys.is_empty() {
        text.push_str(&format!("Keys, unless you changed them: {}\n", command.keys.join(", ")));
    }
    for arg in command.args {
        text.push_str(&format!("\n  {}  {} ({})\n      {}\n", arg.name, arg.ask, need(arg), takes(arg.kind)));
    }
    text
}

const fn need(arg: &Arg) -> &'static str {
    match arg.need {
        Need::Required => "required",
        Need::Asked | Need::Optional => "optional",
    }
}

fn takes(kind: ArgKind) -> String {
    match kind {
        ArgKind::Text => "one line".into(),
        ArgKind::Lines => "a text".into(),
        ArgKind::Number { min, max } => format!("{min} to {max}"),
        ArgKind::Choice([]) => "one of the choices".into(),
        ArgKind::Choice(list) => format!("one of {}", list.join(", ")),
        ArgKind::From(source) => {
            let what = format!("{source:?}").to_lowercase().replace("resolutioncodes", "resolution codes");
            let any = if choices::takes_any(kind) { "" } else { "one of " };
            format!("{any}the desk's {what}")
        }
        ArgKind::When => "a time: 2h, tomorrow 9:00, fri 14:00, 2026-11-24 10:00".into(),
        ArgKind::Query => "a query".into(),
        ArgKind::Answers => "the answers to its questions, as NAME:VALUE".into(),
        ArgKind::Fields => "any field, as FIELD:VALUE".into(),
    }
}
