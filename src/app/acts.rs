//! From a wish to a write: an act is bound to its tickets and goes into the decision bar, out at once, or into a
//! preview first.

use jiff::Timestamp;

use crate::app::effect::{Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::{bulk, pending, triage};
use crate::command::table::Why;
use crate::domain::act::{Act, Step};
use crate::domain::change::{Audience, Change, Target};
use crate::domain::field::{Field, Value};
use crate::domain::name::TicketId;
use crate::domain::reply::{Composed, Telling};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::domain::wake::Snooze;

/// Does this to what the user means: collects it in triage, sends it for one ticket, shows a preview for several.
pub fn submit(model: &mut Model, act: Act) -> Effects {
    if model.triage.is_some() && !model.headless {
        return triage::add(model, act);
    }
    let targets = model.targets();
    model.last = Some(act.clone());
    match targets.as_slice() {
        [] => {
            model.say(Notice::refused("There is no ticket here to act on."));
            Effects::none()
        }
        [row] => send(model, *row, &act),
        many => bulk::preview(model, act, many),
    }
}

/// Sends an act for one ticket and says so.
pub fn send(model: &mut Model, row: Row, act: &Act) -> Effects {
    let id = TicketId::new(model.table.id(row));
    match bind(model, act, row) {
        Err(reason) => {
            model.say(Notice::refused(reason));
            Effects::none()
        }
        Ok(changes) if changes.is_empty() && act.snooze.is_none() => {
            model.say(Notice::refused(format!("{id} stands so already; nothing was changed.")));
            Effects::none()
        }
        Ok(changes) => {
            let snoozed = snooze(model, row, act);
            if changes.is_empty() {
                return snoozed;
            }
            let (_, effects) = pending::start(model, Target::Ticket(id.clone()), act, changes);
            model.say(Notice::done(said(model, act, id.as_str())));
            effects.and(snoozed)
        }
    }
}

/// What was done, for the notice line.
pub fn said(model: &Model, act: &Act, id: &str) -> String {
    let recall = model.settings.recall.as_secs();
    if act.is_public() && recall > 0 {
        let undo = model.settings.keymap.keys_of("undo").unwrap_or_else(|| ":undo".into());
        return format!("{id}: {}. The reply goes in {recall} s; `{undo}` recalls it.", act.title);
    }
    format!("{id}: {}.", act.title)
}

/// Puts the ticket aside if the act says so.
pub fn snooze(model: &mut Model, row: Row, act: &Act) -> Effects {
    let Some(wake) = act.snooze else { return Effects::none() };
    let id = TicketId::new(model.table.id(row));
    let snooze = Snooze { wake, since: model.now };
    model.snoozed.insert(id.clone(), snooze);
    model.say(Notice::done(format!("{id} is put aside {}.", wake.phrase(model.now, &model.zone))));
    Effects::put(Room::Snooze, id.as_str(), serde_json::to_string(&snooze).unwrap_or_default())
}

/// The changes an act makes on that row; canned replies are written out for it.
pub fn bind(model: &Model, act: &Act, row: Row) -> Result<Vec<Change>, String> {
    let ticket = ticket(model, row);
    let mut written = Act { steps: Vec::new(), ..act.clone() };
    for step in &act.steps {
        let Step::Canned(name) = step else {
            written.steps.push(step.clone());
            continue;
        };
        let reply = canned(model, row, name)?;
        written.steps.push(Step::Say(Audience::Public, reply.text));
        written.steps.extend(reply.promised.map(|at| Step::Set(Field::PromisedUpdate, Some(Value::Time(at)))));
    }
    written.bind(&ticket, &model.me)
}

/// The ticket as far as it is known here: its row, and its words where it was opened.
pub fn ticket(model: &Model, row: Row) -> Ticket {
    let summary = model.table.summary(row);
    match model.ticket(&summary.id) {
        Some(opened) => {
            let mut ticket = opened.clone();
            ticket.lay(&summary);
            ticket
        }
        None => Ticket::of_row(&summary),
    }
}

/// A canned reply written for this ticket, with the promise that it makes.
pub fn canned(model: &Model, row: Row, name: &str) -> Result<Composed, String> {
    let ticket = ticket(model, row);
    let due = model.table.glance(row).due.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    model.settings.replies.write(
        name,
        &Telling {
            ticket: &ticket,
            directory: &model.directory,
            me: &model.me,
            now: model.now,
            zone: &model.zone,
            due,
        },
    )
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
