//! The words that major incidents owe: said to those who are to send them when they run late, wherever they are in the
//! console, and gone to with one key. When words are due is the domain's to say; a row does not tell it, so the incidents
//! themselves are read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::app::detail;
use crate::app::effect::{Effect, Effects};
use crate::app::model::Model;
use crate::app::navigate;
use crate::app::notice::Notice;
use crate::command::args::Args;
use crate::command::table::{Command, Scope, Why};
use crate::domain::kind::Revision;
use crate::domain::major::{Major, MajorState};
use crate::domain::name::{Name, TicketId};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;

/// What goes to the words that are overdue.
pub const COMMANDS: &[Command] = &[Command {
    id: "major-owed",
    title: "Overdue words",
    doc: "Go to the major incident whose words are overdue.",
    scope: Scope::Global,
    keys: &["g !"],
    args: &[],
    needs: |can| can.majors,
    available: owes,
    run: go,
}];

/// The major incidents that are under way, as far as they were read, and what was said of them.
#[derive(Debug, Default)]
pub struct Owed {
    live: BTreeMap<TicketId, Live>,
    /// Whose words were said to be overdue, and since when.
    said: BTreeSet<(TicketId, Name, Timestamp)>,
}

#[derive(Debug)]
struct Live {
    /// Read, or asked for, as of this revision.
    revision: Revision,
    /// Its owner and its facet, once it was read.
    held: Option<(Name, Major)>,
}

/// Words that are late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    pub ticket: TicketId,
    pub audience: Name,
    pub since: Timestamp,
}

/// A row comes: a major incident under way is read where it is not known as it stands.
pub fn see(model: &mut Model, row: &Summary) -> Effects {
    let keeps = || model.homes.of(row.id.as_str()).capabilities.majors;
    if !row.major || row.state.is_final() || model.headless || !keeps() {
        model.owed.live.remove(&row.id);
        return Effects::none();
    }
    let known = model.owed.live.remove(&row.id);
    let is_known = known.as_ref().is_some_and(|live| live.revision == row.revision);
    let held = known.and_then(|live| live.held);
    model.owed.live.insert(row.id.clone(), Live { revision: row.revision, held });
    if is_known { Effects::none() } else { Effect::Load(row.id.clone()).into() }
}

/// A ticket comes whole: read, or as the desk has stored it.
pub fn know(owed: &mut Owed, ticket: &Ticket) {
    let accepted = |major: &&Major| major.state == MajorState::Accepted && !ticket.state.is_final();
    let held = ticket.major.as_ref().filter(accepted).map(|major| (ticket.owner.clone(), major.clone()));
    if held.is_some() || owed.live.contains_key(&ticket.id) {
        owed.live.insert(ticket.id.clone(), Live { revision: ticket.revision, held });
    }
}

/// The desk no longer has it.
pub fn forget(model: &mut Model, id: &TicketId) {
    model.owed.live.remove(id);
}

/// What this user owes and is late with, the longest first.
pub fn late(model: &Model) -> Vec<Late> {
    let mut late: Vec<Late> = model.owed.live.iter().flat_map(|(id, live)| of(model, id, live)).collect();
    late.sort_by_key(|late| late.since);
    late
}

fn of(model: &Model, id: &TicketId, live: &Live) -> Vec<Late> {
    let (Some((owner, major)), Some(row)) = (&live.held, model.table.row(id)) else { return Vec::new() };
    if model.desk.as_of.is_some() || !major.speakers(owner).contains(&&model.me) {
        return Vec::new();
    }
    let due = model.settings.cadence.due(major, model.table.priority(row)).into_iter();
    due.filter(|due| due.at < model.now)
        .map(|due| Late { ticket: id.clone(), audience: due.audience, since: due.at })
        .collect()
}

/// The alarm in a sentence, as long as it lasts.
pub fn alarm(model: &Model) -> Option<String> {
    let late = late(model);
    let first = late.first()?;
    let key = model.settings.keymap.key_of("major-owed", &model.scopes());
    let by = match model.now.duration_since(first.since).as_mins() {
        0 => String::new(),
        minutes => format!(" by {minutes} min"),
    };
    let more = if late.len() > 1 { format!(", {} more are", late.len() - 1) } else { String::new() };
    Some(format!("{}: words to {} are overdue{by}{more}. `{key}` goes there.", first.ticket, first.audience))
}

/// Says once what has become late, unless something went wrong that needs a look first.
pub fn tell(model: &mut Model) {
    let new = |late: &Late| (late.ticket.clone(), late.audience.clone(), late.since);
    let fresh: Vec<_> = late(model).iter().map(new).filter(|late| !model.owed.said.contains(late)).collect();
    if fresh.is_empty() || model.is_in_trouble() {
        return;
    }
    model.owed.said.extend(fresh);
    if let Some(alarm) = alarm(model) {
        model.say(Notice::trouble(alarm));
    }
}

fn owes(model: &Model) -> Result<(), Why> {
    navigate::no_triage(model)?;
    if late(model).is_empty() {
        return Why::no("No words of a major incident are overdue that you would have to send.");
    }
    Ok(())
}

fn go(model: &mut Model, _: &Args) -> Effects {
    match late(model).into_iter().next() {
        Some(first) => detail::open(model, &first.ticket),
        None => Effects::none(),
    }
}
