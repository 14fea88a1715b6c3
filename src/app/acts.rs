//! From a wish to a write: an act is bound to its tickets and goes into the decision bar, out at once, or into a
//! preview first.

use jiff::Timestamp;

use crate::app::counts;
use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::ties::{self, Tie};
use crate::app::{bulk, decision, drafts, escalations, homes, pending, playbooks, undo};
use crate::backend::Capabilities;
use crate::backend::several::names;
use crate::command::table::Why;
use crate::domain::act::{Act, Step};
use crate::domain::audience::{self, Setting};
use crate::domain::change::{Audience, Change, Event, Handover, Target};
use crate::domain::name::{Name, TicketId};
use crate::domain::ownership;
use crate::domain::reply::{Composed, Facts, Telling};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::domain::wake::{Snooze, Wake};
use crate::text::Clean;

/// Does this to what the user means: collects it in triage, sends it for one ticket, shows a preview for several.
pub fn submit(model: &mut Model, act: Act) -> Effects {
    if model.triage.is_some() && !model.headless {
        return decision::add(model, act);
    }
    let targets = model.targets();
    model.last = Some(act.clone());
    match targets.as_slice() {
        [] => model.refuse("There is no ticket here to act on."),
        [row] if !model.headless => send(model, *row, &act),
        // A command line is told of each record by itself, also of a single one.
        some => bulk::preview(model, act, some),
    }
}

/// Sends an act for one ticket and says so.
pub fn send(model: &mut Model, row: Row, act: &Act) -> Effects {
    let id = TicketId::new(model.table.id(row));
    match bind(model, act, row) {
        Err(reason) => model.refuse(reason),
        Ok(bound) if bound.is_empty() => model.refuse(format!("{id} stands so already; nothing was changed.")),
        Ok(bound) => {
            if asks(model, &bound.doubts) {
                return Effects::none();
            }
            let snoozed = aside(model, row, act, &bound);
            if bound.changes.is_empty() {
                return snoozed.and(drafts::spend(model, &Target::Ticket(id)).1);
            }
            let said = said(model, act, id.as_str(), &bound.changes);
            let (_, effects) = pending::start(model, Target::Ticket(id), act, bound.changes);
            model.say(Notice::done(said));
            effects.and(snoozed)
        }
    }
}

/// What was done, for the notice line.
pub fn said(model: &Model, act: &Act, id: &str, changes: &[Change]) -> String {
    let recall = model.settings.recall.as_secs();
    let public = changes.iter().any(|change| matches!(change, Change::Say { audience: Audience::Public, .. }));
    if public && recall > 0 {
        let undo = model.settings.keymap.key_of("undo", &model.scopes());
        return format!("{id}: {}. The reply goes in {recall} s; `{undo}` recalls it.", act.title);
    }
    format!("{id}: {}.", act.title)
}

/// Does what of an act is for this user alone: no desk is told.
pub fn aside(model: &mut Model, row: Row, act: &Act, bound: &Bound) -> Effects {
    let kept = tie(model, row, act, &bound.ties);
    kept.and(snooze(model, row, bound.snooze))
}

/// Links the ticket with those of other desks, or takes such a link away, and says where that is.
fn tie(model: &mut Model, row: Row, act: &Act, ties: &[Tie]) -> Effects {
    let Some(last) = ties.last() else { return Effects::none() };
    let id = TicketId::new(model.table.id(row));
    let kept = ties::keep(model, &id, ties);
    let words = match last {
        Tie::Add(link) => format!("{id}: linked to {}. It is kept on this computer; neither desk is told.", link.other),
        Tie::Remove(link) => format!("{id}: no longer linked to {}; it was kept on this computer only.", link.other),
    };
    model.say(Notice::done(words));
    kept.and(undo::note(model, &id, &act.title, ties.iter().rev().map(Tie::inverse).collect()))
}

/// Puts the ticket aside if the act says so.
fn snooze(model: &mut Model, row: Row, wake: Option<Wake>) -> Effects {
    let Some(wake) = wake else { return Effects::none() };
    let id = TicketId::new(model.table.id(row));
    let snooze = Snooze { wake, since: model.now };
    model.snoozed.insert(id.clone(), snooze);
    model.counts.forget();
    counts::count(model);
    model.say(Notice::done(format!("{id} is put aside {}.", wake.phrase(model.now, &model.zone))));
    Effects::put(Room::Snooze, id.as_str(), serde_json::to_string(&snooze).unwrap_or_default())
}

/// What an act does to one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub changes: Vec<Change>,
    /// Put aside afterwards, for this user alone.
    pub snooze: Option<Wake>,
    /// Links to tickets of other desks, kept for this user alone.
    pub ties: Vec<Tie>,
    /// Public words that look as if they were not meant for the public.
    pub doubts: Vec<Doubt>,
}

/// A public text that asks for a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    pub text: Clean,
    /// What in it, in words.
    pub findings: Vec<String>,
}

impl Bound {
    /// It would leave everything as it is.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.snooze.is_none() && self.ties.is_empty()
    }
}

/// The changes an act makes on that row; canned replies and playbooks are written out for it. What is decided first
/// stands for what comes after it: a reply speaks of the group that was chosen before it.
pub fn bind(model: &Model, act: &Act, row: Row) -> Result<Bound, String> {
    let mut ticket = ticket(model, row);
    let mut bound = Bound { changes: Vec::new(), snooze: act.snooze, ties: Vec::new(), doubts: Vec::new() };
    let mut said = Vec::new();
    for step in &act.steps {
        let changes = match step {
            Step::Canned(name) => canned_for(model, &ticket, row, name)?.changes(&ticket),
            Step::Play(name, answers) => {
                let plan = playbooks::plan(model, &ticket, name, answers)?;
                bound.snooze = plan.snooze.or(bound.snooze);
                plan.changes
            }
            Step::Proposed => Act::new("", escalations::proposed(model, &ticket)?).bind(&ticket, &model.me)?,
            Step::StandIn => vec![Change::Handover { step: stand_in(model, &ticket)? }],
            step => Act::new("", [step.clone()]).bind(&ticket, &model.me)?,
        };
        let (far, changes) = ties::apart(&ticket.id, changes);
        bound.ties.extend(ties::fit(model, &ticket, act, far)?);
        let home = model.homes.of(ticket.id.as_str());
        links_there(&home.capabilities, &changes)?;
        for change in homes::fit(changes, &home.capabilities, &ticket, &model.me) {
            // Canned replies were written by the desk and need no second look.
            if let (Change::Say { audience: Audience::Public, text }, Step::Say(..) | Step::Play(..) | Step::Give(_)) =
                (&change, step)
            {
                said.push(text.clone());
            }
            ticket.apply(&Event::tried(&model.me, model.now, change.clone()));
            bound.changes.push(change);
        }
    }
    bound.doubts = said.iter().filter_map(|text| doubt(model, &ticket, text)).collect();
    Ok(bound)
}

/// A link within a desk is the desk's.
fn links_there(can: &Capabilities, changes: &[Change]) -> Result<(), String> {
    let links = changes.iter().any(|change| matches!(change, Change::Link { .. } | Change::Unlink { .. }));
    if links && !(can.write && can.links) {
        Err("This desk does not offer it: links among its tickets.".into())
    } else {
        Ok(())
    }
}

/// Linking is the desk's, or, to a ticket of another desk, this user's own.
pub fn can_link(model: &Model) -> Result<(), Why> {
    has_target(model)?;
    let can = &model.home().capabilities;
    if model.homes.are_several() || (can.write && can.links) {
        return Ok(());
    }
    Why::no("This desk does not offer it: links between tickets.")
}

/// The deputy or the responsible manager takes over from an owner who is away.
fn stand_in(model: &Model, ticket: &Ticket) -> Result<Handover, String> {
    let owner = ticket.owner.clone();
    match ownership::acting_for(ticket, model.now, &model.directory) {
        Some(acting) => Ok(Handover::Absent { owner, acting: acting.clone() }),
        None => Err(format!("{} is not away: `offer` hands {} over.", model.directory.display(&owner), ticket.id)),
    }
}

/// What in public words to the caller of this ticket asks for a second look.
pub fn doubt(model: &Model, ticket: &Ticket, text: &Clean) -> Option<Doubt> {
    let known: Vec<TicketId> = ticket.links.iter().map(|link| link.other.clone()).collect();
    let setting = Setting { ticket: Some(&ticket.id), known: &known };
    let found = audience::check_public(text, &model.settings.guard, setting);
    let findings: Vec<String> = found.iter().map(|finding| finding.describe(text)).collect();
    (!findings.is_empty()).then(|| Doubt { text: text.clone(), findings })
}

/// The same of all that somebody typed in an act.
pub fn doubts(model: &Model, ticket: &Ticket, act: &Act) -> Vec<Doubt> {
    let typed = act.steps.iter().filter_map(|step| match step {
        Step::Say(Audience::Public, text) => Some(text),
        _ => None,
    });
    typed.filter_map(|text| doubt(model, ticket, text)).collect()
}

/// Asks once more about public words, once for each text. True when it did ask: nothing is to be sent yet.
pub fn asks(model: &mut Model, doubts: &[Doubt]) -> bool {
    let fresh: Vec<&Doubt> = doubts.iter().filter(|doubt| !model.looked.contains(&doubt.text)).collect();
    let (Some(first), false) = (fresh.first(), model.headless) else { return false };
    let count = first.findings.len();
    let what = first.findings.first().cloned().unwrap_or_default();
    let all = if count > 1 { format!(" ({count} in all)") } else { String::new() };
    let question = format!("This goes to the customer. Look again: {what}{all}. Send again to send it all the same.");
    let texts: Vec<Clean> = fresh.into_iter().map(|doubt| doubt.text.clone()).collect();
    model.looked.extend(texts);
    model.say(Notice::refused(question));
    true
}

/// The ticket as far as it is known here: its row, and its words where it was opened.
pub fn ticket(model: &Model, row: Row) -> Ticket {
    let summary = model.table.summary(row);
    let mut ticket = match model.ticket(&summary.id) {
        Some(opened) => opened.clone(),
        None => Ticket::of_row(&summary),
    };
    ticket.lay(&summary);
    ticket.workflow.clone_from(&model.homes.of(summary.id.as_str()).workflow);
    ticket
}

/// A canned reply written for this ticket, with the promise that it makes.
pub fn canned(model: &Model, row: Row, name: &str) -> Result<Composed, String> {
    canned_for(model, &ticket(model, row), row, name)
}

fn canned_for(model: &Model, ticket: &Ticket, row: Row, name: &str) -> Result<Composed, String> {
    let due = model.table.glance(row).due.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let telling = telling(model, ticket, due);
    model.settings.words.writer.canned(&Name::new(name), &telling, Facts::of(&telling))
}

/// What templates may draw on.
pub fn telling<'a>(model: &'a Model, ticket: &'a Ticket, due: Option<Timestamp>) -> Telling<'a> {
    let desk = names::profile(ticket.id.as_str()).filter(|profile| model.homes.named(profile).is_some());
    Telling { ticket, directory: &model.directory, me: &model.me, now: model.now, zone: &model.zone, due, desk }
}

/// A ticket must be meant.
pub fn has_target(model: &Model) -> Result<(), Why> {
    if model.targets().is_empty() {
        return Why::no("There is no ticket here. `[` and `]` show other views, `N` registers a new one.");
    }
    if model.desk.read_only {
        return Why::no("This console is read-only; start it without --read-only to change things.");
    }
    if model.desk.as_of.is_some() {
        return Why::no("This is a view of the past; start without --as-of to change things.");
    }
    Ok(())
}

/// Something must be writable.
pub fn can_write(model: &Model) -> Result<(), Why> {
    if model.desk.read_only || model.desk.as_of.is_some() {
        return Why::no("This console is read-only; start it without --read-only or --as-of to change things.");
    }
    Ok(())
}
