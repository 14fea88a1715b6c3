//! `deskside change`: what is in the way of a change, when else it could be made, the calendar, the agenda and the
//! minutes, without the console.

use anyhow::{Result, bail};
use clap::Subcommand;
use jiff::{Timestamp, ToSpan};

use crate::app::model::Model;
use crate::app::rfc::board::{day_span, monday, on_day};
use crate::app::rfc::{self, meeting};
use crate::cli::exit::Exit;
use crate::cli::place::Place;
use crate::cli::print;
use crate::cli::session::{Keeping, Session};
use crate::cli::settings::Places;
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::lifecycle::changes::words;
use crate::domain::rfc::{Conflict, Span, slots};
use crate::domain::ticket::Ticket;

/// About changes.
#[derive(Debug, Clone, Subcommand)]
pub enum ChangeCommand {
    /// What is in the way of a change as it is planned; exit code 1 where something blocks it
    Conflicts {
        /// The change
        #[arg(value_name = "ID")]
        ticket: String,
    },
    /// When else a change could be made: the next free times within 90 days
    Slots {
        /// The change
        #[arg(value_name = "ID")]
        ticket: String,
        /// How many at most, up to 100
        #[arg(long, default_value_t = 10)]
        most: usize,
    },
    /// The changes and freezes of the coming weeks, day by day
    Calendar {
        /// How many weeks, from this one on
        #[arg(long, default_value_t = 2)]
        weeks: u8,
    },
    /// The changes that wait for the board
    Agenda,
    /// The minutes of today's meeting as Markdown, from what was recorded
    Minutes,
}

pub fn run(command: &ChangeCommand, place: &Place, places: &Places) -> Result<Exit> {
    let mut session = Session::open(place, places, Keeping::Nothing)?;
    match command {
        ChangeCommand::Conflicts { ticket } => {
            let change = change(&mut session, ticket)?;
            conflicts(&session.model, &change)
        }
        ChangeCommand::Slots { ticket, most } => {
            let change = change(&mut session, ticket)?;
            free(&session.model, &change, (*most).min(slots::MOST))
        }
        ChangeCommand::Calendar { weeks } => {
            print::text(&calendar(&session.model, *weeks))?;
            Ok(Exit::Done)
        }
        ChangeCommand::Agenda => {
            let lines: Vec<String> = meeting::items(&session.model)
                .iter()
                .filter_map(|id| session.model.table.row(id).map(|row| (id, row)))
                .map(|(id, row)| format!("{id}  {}", session.model.table.title(row)))
                .collect();
            let none = "No change waits for the board.".to_owned();
            print::text(&if lines.is_empty() { none } else { lines.join("\n") })?;
            Ok(Exit::Done)
        }
        ChangeCommand::Minutes => {
            for id in meeting::items(&session.model) {
                session.ticket(id.as_str())?;
            }
            print::text(meeting::minutes(&session.model).trim_end())?;
            Ok(Exit::Done)
        }
    }
}

fn change(session: &mut Session, id: &str) -> Result<Ticket> {
    let ticket = session.ticket(id)?;
    if ticket.kind != Kind::Change {
        bail!("{} is no change.", ticket.id);
    }
    Ok(ticket)
}

fn conflicts(model: &Model, change: &Ticket) -> Result<Exit> {
    let found = rfc::conflicts(model, change);
    if found.is_empty() {
        print::text(&format!("Nothing is in the way of {}.", change.id))?;
        return Ok(Exit::Done);
    }
    let line = |conflict: &Conflict| {
        let sort = if conflict.blocks { "blocks" } else { "warns" };
        format!("{:>2} {sort:6} {}, {}", conflict.kind.number(), words(conflict), time(model, conflict.when))
    };
    print::text(&found.iter().map(line).collect::<Vec<_>>().join("\n"))?;
    Ok(if found.iter().any(|conflict| conflict.blocks) { Exit::Failed } else { Exit::Done })
}

fn free(model: &Model, change: &Ticket, most: usize) -> Result<Exit> {
    let found = rfc::free(model, change, most);
    if found.is_empty() {
        bail!("{} has no window, or there is no free time within {} days.", change.id, slots::DAYS);
    }
    print::text(&found.iter().map(|slot| time(model, *slot)).collect::<Vec<_>>().join("\n"))?;
    Ok(Exit::Done)
}

fn time(model: &Model, span: Span) -> String {
    let local = |at: Timestamp| at.to_zoned(model.zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string();
    format!("{} to {}", local(span.start), local(span.end))
}

fn calendar(model: &Model, weeks: u8) -> String {
    let first = monday(model.now.to_zoned(model.zone.clone()).date());
    let mut lines = Vec::new();
    for day in (0..7 * i64::from(weeks)).map(|n| first.saturating_add(n.days())) {
        lines.push(day.strftime("%a %Y-%m-%d").to_string());
        let frozen = rfc::frozen(model, day_span(model, day));
        lines.extend(frozen.iter().map(|(window, _)| format!("  freeze: {} ({})", window.name, window.force)));
        for (row, when) in on_day(model, day) {
            let (id, title) = (model.table.id(row), model.table.title(row));
            let state = lifecycle::words(model.table.state(row));
            lines.push(format!("  {}  {id} {state}  {title}", time(model, when)));
        }
    }
    lines.join("\n")
}
