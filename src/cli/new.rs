//! `deskside new`: registers a ticket. Every field of a ticket is an option.

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::app::keys;
use crate::cli::exit::{Exit, Usage};
use crate::cli::place::Place;
use crate::cli::print;
use crate::cli::row::RowJson;
use crate::cli::session::{Ending, Keeping, Session};
use crate::cli::settings::Places;
use crate::command::args::{self, Args};
use crate::command::table;
use crate::domain::field::{Field, Shape};
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::domain::table::NameColumn;
use crate::text::Clean;

/// `deskside new`: what it is and the answers by field.
#[derive(Debug, Clone)]
pub struct NewArgs {
    kind: Kind,
    fields: Vec<(String, String)>,
    /// What of the catalogue is asked for.
    item: Option<String>,
    json: bool,
}

/// What the short help shows; the long one has every field.
const USUAL: &[Field] = &[
    Field::Title,
    Field::Caller,
    Field::Impact,
    Field::Urgency,
    Field::Description,
    Field::Category,
    Field::Group,
    Field::Service,
    Field::Asset,
    Field::Location,
    Field::Channel,
];

impl clap::Args for NewArgs {
    fn augment_args(command: Command) -> Command {
        let kind = Arg::new("kind").required(true).value_name("KIND").value_parser(super::list::kind);
        let kind = kind.help("incident, request, problem or change");
        let json = Arg::new("json").long("json").action(ArgAction::SetTrue);
        let json = json.help("Print the new ticket as `list --json` does, alone");
        let custom = Arg::new("x").long("x").value_name("NAME=VALUE").action(ArgAction::Append);
        let custom = custom.help("A field that only this desk has, such as --x made_sla=true");
        let item = Arg::new("item").long("item").value_name("NAME");
        let item = item.help("A request from the catalogue: its questions are answered by fields and by --x");
        command.arg(kind).arg(item).args(Field::all().map(option)).arg(custom).arg(json)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The option of a field.
fn option(field: &'static Field) -> Arg {
    let name = field.name();
    let needed = *field == Field::Caller;
    let help = match field {
        Field::Title => "What is the matter",
        Field::Caller => "Who called",
        Field::Impact => "1 all or a site, 2 a department, 3 one person",
        Field::Urgency => "1 now, 2 soon, 3 when it suits",
        Field::Group => "The queue it goes to; by its category where nobody says",
        _ => match field.shape() {
            Shape::Text => "One line",
            Shape::Lines => "A text",
            Shape::Name => "A name",
            Shape::Number => "A number",
            Shape::Time => "A time, such as 2h, tomorrow 9:00 or 2026-11-24 10:00",
            Shape::Flag => "yes or no",
        },
    };
    let option = Arg::new(name).long(name.replace('_', "-")).help(help);
    let option = match field {
        Field::Title => option.required_unless_present("item"),
        _ => option.required(needed),
    };
    let option = option.value_name("VALUE").allow_hyphen_values(true).help_heading("Fields");
    let option = if name.contains('_') { option.alias(name) } else { option };
    option.hide_short_help(!USUAL.contains(field))
}

impl clap::FromArgMatches for NewArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |name: &str| matches.get_one::<String>(name).cloned();
        let mut fields: Vec<(String, String)> =
            Field::all().filter_map(|field| Some((field.name().to_owned(), given(field.name())?))).collect();
        for custom in matches.get_many::<String>("x").into_iter().flatten() {
            let (name, value) = custom.split_once('=').ok_or_else(|| {
                let text = format!("--x takes NAME=VALUE, not `{}`.\n", Clean::line(custom));
                clap::Error::raw(clap::error::ErrorKind::ValueValidation, text)
            })?;
            let name = if name.starts_with("x.") { name.to_owned() } else { format!("x.{name}") };
            fields.push((name, value.to_owned()));
        }
        let kind = matches.get_one::<Kind>("kind").copied().unwrap_or(Kind::Incident);
        Ok(Self { kind, fields, item: given("item"), json: matches.get_flag("json") })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

pub fn run(new: &NewArgs, place: &Place, places: &Places) -> Result<Exit> {
    let id = if new.item.is_some() { "request" } else { "new" };
    if new.item.is_some() && new.kind != Kind::Request {
        return Err(Usage::error(format!("The catalogue is for requests; leave --item out for a new {}.", new.kind)));
    }
    let command = table::find(id).ok_or_else(|| anyhow::anyhow!("The table has no command `{id}`."))?;
    let mut answers = Args::default().with("kind", new.kind.as_str());
    if let Some(item) = &new.item {
        answers.set("item", item.as_str());
    }
    for (name, value) in &new.fields {
        let name = if new.item.is_some() { name.strip_prefix("x.").unwrap_or(name) } else { name };
        if let Some(arg) = command.args.iter().find(|arg| arg.name == name) {
            args::check(command, name, arg.kind, value).map_err(|error| Usage::error(error.to_string()))?;
        }
        answers.set(name, value.as_str());
    }
    let mut session = Session::open(place, places, Keeping::Acts)?;
    let effects = keys::run(&mut session.model, command, &answers);
    session.drive(effects)?;
    let Some(answer) = session.answers.first() else {
        let said = session.model.notice.map(|notice| notice.text).unwrap_or_default();
        print::fault(&said);
        return Ok(Exit::Failed);
    };
    match &answer.ending {
        Ending::Done if new.json => {
            let id = TicketId::new(&answer.ticket);
            let table = &session.model.table;
            let row = table.row(&id).ok_or_else(|| anyhow::anyhow!("{id} was registered, and is no longer there."))?;
            let (summary, desk) = (table.summary(row), table.name(row, NameColumn::Desk));
            let json = serde_json::to_string_pretty(&RowJson::of(&summary, desk, session.model.now))?;
            print::made(format!("{json}\n").as_bytes())?;
            Ok(Exit::Done)
        }
        Ending::Done => {
            print::text(&format!("{}: {}.", answer.ticket, answer.title))?;
            Ok(Exit::Done)
        }
        Ending::Refused(why) | Ending::Conflict(why) => {
            print::fault(&Clean::line(why));
            Ok(Exit::Failed)
        }
    }
}
