//! `deskside do`: the `:` line on tickets named on the command line. The same table of commands, the same rules, the
//! same sentences as the screen.

use anyhow::Result;
use serde::Serialize;

use crate::app::bulk::{self, Outcome};
use crate::app::model::Model;
use crate::app::notice::Tone;
use crate::app::overlay::Overlay;
use crate::app::{acts, keys, pending, undo};
use crate::cli::exit::{Exit, Usage};
use crate::cli::place::Place;
use crate::cli::print;
use crate::cli::session::{Answer, Ending, Keeping, Session};
use crate::cli::settings::Places;
use crate::command::args::Args;
use crate::command::keymap;
use crate::command::table::{self, Command, Scope};
use crate::domain::audience::{self, Setting};
use crate::domain::change::{Audience, Change};
use crate::domain::name::TicketId;
use crate::domain::table::Row;
use crate::text::Clean;

/// Do on these tickets what the `:` line does: the same commands, rules and messages.
///
/// A ticket that refuses does not stop the others; then the exit code is 1.
///
/// The words after the tickets are a command of the `:` line: `deskside do INC-7 resolve code:fixed verified:yes
/// notes:"new dock"`. Arguments go by their place or by their name. A public reply goes at once, since nobody is there to
/// recall it. `undo` takes back the last act of yours on each ticket, from this machine. With `--json` the answer is a list of `ticket`, `outcome` (`done`, `no_change`, `refused`, `conflict`) and
/// `message`.
#[derive(Debug, Clone, clap::Args)]
pub struct DoArgs {
    /// The tickets: an id, or several with commas between
    #[arg(value_name = "ID[,ID...]")]
    pub tickets: String,
    /// The command and its arguments; `deskside commands` lists them
    #[arg(value_name = "COMMAND", required = true, num_args = 1..)]
    pub command: Vec<String>,
    /// Send a public text even though it looks as if it were not meant for the public
    #[arg(long)]
    pub sure: bool,
    /// Propose, with this reason, what is refused as above your level to those who may do it
    #[arg(long, value_name = "REASON")]
    pub propose: Option<String>,
    /// Print what became of each ticket as JSON
    #[arg(long)]
    pub json: bool,
}

/// What became of one ticket.
#[derive(Debug, Serialize)]
struct Told {
    ticket: String,
    outcome: &'static str,
    message: Clean,
}

impl Told {
    fn new(ticket: impl Into<String>, outcome: &'static str, message: impl AsRef<str>) -> Self {
        Self { ticket: ticket.into(), outcome, message: Clean::line(message.as_ref()) }
    }

    fn of(answer: &Answer) -> Self {
        match &answer.ending {
            Ending::Done => Self::new(&answer.ticket, "done", format!("{}: {}.", answer.ticket, answer.title)),
            Ending::Refused(why) => Self::new(&answer.ticket, "refused", why),
            Ending::Conflict(why) => Self::new(&answer.ticket, "conflict", why),
        }
    }
}

pub fn run(args: &DoArgs, place: &Place, places: &Places) -> Result<Exit> {
    let (command, answers) = keymap::parse_words(&args.command).map_err(Usage::error)?;
    let takes_back = command.id == "undo";
    if !takes_back && command.scope != Scope::Ticket || command.id == "repeat" {
        return Err(Usage::error(format!(
            "`{}` acts on the screen, not on a ticket; `deskside commands` says which act on tickets.",
            command.id
        )));
    }
    let mut session = Session::open(place, places, Keeping::Acts)?;
    let mut told = Vec::new();
    let meant = mark(&mut session, &args.tickets, &mut told)?;
    if !meant.is_empty() {
        if takes_back {
            undo(&mut session, &meant, &mut told)?;
        } else if let Some(missing) = lacks(&mut session.model, command, &answers) {
            return Err(missing);
        } else {
            perform(&mut session, command, &answers, args.sure, &mut told)?;
            if let Some(reason) = &args.propose {
                propose(&mut session, reason, &mut told)?;
            }
        }
    }
    let place_of = |told: &Told| meant.iter().position(|id| id.as_str() == told.ticket).unwrap_or(usize::MAX);
    told.sort_by_key(place_of);
    tell(&told, args.json)
}

/// Marks the tickets that are there, with their words read; the others are told.
fn mark(session: &mut Session, tickets: &str, told: &mut Vec<Told>) -> Result<Vec<TicketId>> {
    let ids: Vec<&str> = tickets.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return Err(Usage::error("No ticket is named; write INC-1 or INC-1,INC-2."));
    }
    let mut meant = Vec::new();
    for id in ids {
        match session.ticket(id) {
            Ok(ticket) => {
                session.model.marks.extend(session.model.table.row(&ticket.id));
                meant.push(ticket.id);
            }
            Err(error) => told.push(Told::new(id, "refused", error.to_string())),
        }
    }
    Ok(meant)
}

/// What the command still needs, said as the screen would ask for it.
fn lacks(model: &mut Model, command: &'static Command, answers: &Args) -> Option<anyhow::Error> {
    if answers.missing(command).is_empty() || crate::command::table::can_run(command, model).is_err() {
        return None;
    }
    drop(keys::run(model, command, answers));
    model.notice.take().map(|notice| Usage::error(notice.text.to_string()))
}

fn perform(
    session: &mut Session,
    command: &'static Command,
    answers: &Args,
    sure: bool,
    told: &mut Vec<Told>,
) -> Result<()> {
    let effects = keys::run(&mut session.model, command, answers);
    session.drive(effects)?;
    if matches!(session.model.overlays.last(), Some(Overlay::Preview(_))) {
        if !sure {
            hold_back(&mut session.model);
        }
        // The preview was made and is confirmed: what a user does with a second key.
        session.model.frames += 1;
        let effects = bulk::confirm(&mut session.model);
        session.drive(effects)?;
        told.extend(outcomes(&session.model));
        return Ok(());
    }
    told.extend(session.answers.iter().map(Told::of));
    if session.answers.is_empty()
        && let Some(notice) = &session.model.notice
    {
        let outcome = if notice.tone == Tone::Done { "done" } else { "refused" };
        told.push(Told::new("", outcome, notice.text.as_str()));
    }
    Ok(())
}

/// Puts what was refused as above this user's level to those who may do it.
fn propose(session: &mut Session, reason: &str, told: &mut Vec<Told>) -> Result<()> {
    let above = session.model.above.clone();
    let Some(command) = table::find("propose").filter(|_| !above.is_empty()) else { return Ok(()) };
    session.model.overlays.clear();
    session.model.marks = above.iter().filter_map(|held| session.model.table.row(&held.ticket)).collect();
    session.answers.clear();
    told.retain(|told| !above.iter().any(|held| pending::target_name(&held.target) == told.ticket));
    let effects = keys::run(&mut session.model, command, &Args::default().with("reason", reason));
    session.drive(effects)?;
    told.extend(session.answers.iter().map(Told::of));
    Ok(())
}

/// Takes back the last act of this user on each of the tickets.
fn undo(session: &mut Session, tickets: &[TicketId], told: &mut Vec<Told>) -> Result<()> {
    for id in tickets {
        session.answers.clear();
        let effects = undo::undo_on(&mut session.model, id);
        let said = session.model.notice.take();
        session.drive(effects)?;
        told.extend(session.answers.iter().map(Told::of));
        if let (true, Some(notice)) = (session.answers.is_empty(), said) {
            told.push(Told::new(id.as_str(), "refused", notice.text.as_str()));
        }
    }
    Ok(())
}

/// A public text that looks as if it were not meant for the public stays here, as the screen would ask once more.
fn hold_back(model: &mut Model) {
    let Some(Overlay::Preview(preview)) = model.overlays.last() else { return };
    let held: Vec<(usize, String)> = preview
        .rows
        .iter()
        .enumerate()
        .filter_map(|(at, (row, bound))| Some((at, finding(model, *row, &bound.as_ref().ok()?.changes)?)))
        .collect();
    if let Some(Overlay::Preview(preview)) = model.overlays.last_mut() {
        for (at, finding) in held {
            if let Some((_, bound)) = preview.rows.get_mut(at) {
                *bound = Err(format!("This goes to the customer. Look again: {finding} --sure sends it all the same."));
            }
        }
    }
}

fn finding(model: &Model, row: Row, changes: &[Change]) -> Option<String> {
    let ticket = acts::ticket(model, row);
    let known: Vec<TicketId> = ticket.links.iter().map(|link| link.other.clone()).collect();
    let setting = Setting { ticket: Some(&ticket.id), known: &known };
    changes.iter().find_map(|change| match change {
        Change::Say { audience: Audience::Public, text } => {
            let found = audience::check_public(text, &model.settings.guard, setting);
            found.first().map(|finding| finding.describe(text))
        }
        _ => None,
    })
}

fn outcomes(model: &Model) -> Vec<Told> {
    let Some(Overlay::Outcomes(outcomes)) = model.overlays.last() else { return Vec::new() };
    let told = |(row, _, outcome): &(Row, _, Outcome)| {
        let id = model.table.id(*row);
        let about = |why: &str| if why.starts_with(id) { why.to_owned() } else { format!("{id}: {why}") };
        match outcome {
            Outcome::Done => Told::new(id, "done", format!("{id}: {}.", outcomes.act.title)),
            Outcome::NoChange => Told::new(id, "no_change", format!("{id} stands so already; nothing was changed.")),
            Outcome::Refused(why) => Told::new(id, "refused", about(why)),
            Outcome::Conflict(why) => Told::new(id, "conflict", format!("{}; look, then do it again.", about(why))),
            Outcome::Waiting => {
                let why = "The desk has not answered; it is kept and goes out with the next console.";
                Told::new(id, "refused", about(why))
            }
        }
    };
    outcomes.rows.iter().map(told).collect()
}

fn tell(told: &[Told], as_json: bool) -> Result<Exit> {
    let bad = |one: &&Told| matches!(one.outcome, "refused" | "conflict");
    if as_json {
        print::made(format!("{}\n", serde_json::to_string_pretty(told)?).as_bytes())?;
    } else {
        for one in told.iter().filter(|one| !bad(one)) {
            print::text(&one.message)?;
        }
        told.iter().filter(bad).for_each(|one| print::fault(&one.message));
    }
    let refused = told.iter().any(|one| one.outcome == "refused");
    let conflict = told.iter().any(|one| one.outcome == "conflict");
    Ok(match (refused, conflict) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Conflict,
        (false, false) => Exit::Done,
    })
}
