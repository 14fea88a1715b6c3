//! What colleagues do that concerns me: an offer, an answer to mine, a ticket that was mine and is no more,
//! an escalation to me. Said in one line when the desk tells of it; the record says the rest.

use crate::app::effect::{Effect, Effects};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::domain::change::Change;
use crate::domain::name::TicketId;
use crate::domain::summary::Summary;
use crate::domain::table::{NameColumn, Row, TimeColumn, Trait};
use crate::domain::ticket::Ticket;
use crate::text::spaced;

/// What there is to tell of this row as it comes, before it is taken in.
pub fn news(model: &Model, new: &Summary) -> Option<String> {
    let row = model.table.row(&new.id)?;
    let (was_offered, is_offered) = (model.table.name(row, NameColumn::Offered), new.offered_to.as_ref());
    let owner = model.display(&new.owner);
    let (was_mine, is_mine) = (mine(model, row), new.owner == model.me && new.accepted);
    if let Some(to) = is_offered.filter(|to| was_offered != Some(to) && !is_mine) {
        let there = &model.homes.of(new.id.as_str()).directory;
        let groups = there.person(&model.me).map(|person| &person.groups);
        let whom = if *to == model.me {
            "you"
        } else if groups.is_some_and(|groups| groups.contains(to)) {
            "your group"
        } else {
            return None;
        };
        let (accept, decline) = (key(model, "accept"), key(model, "decline"));
        return Some(format!(
            "{owner} offers {whom} {}: {}. `{accept}` accepts, `{decline}` declines.",
            new.id, new.title
        ));
    }
    let (was_due, now) = (model.table.time(row, TimeColumn::Review), model.now);
    if was_mine && is_mine && was_due > Some(now.as_millisecond()) && new.review.is_some_and(|at| at <= now) {
        return Some(format!("{} is due for a look: what it waited for has come to its end.", new.id));
    }
    if was_mine && !is_mine {
        return Some(format!("{}: {owner} is its owner now, no longer you.", new.id));
    }
    let answered = was_offered.filter(|_| was_mine && is_offered.is_none())?;
    Some(format!("{}: {} did not take it; you own it still.", new.id, model.display(answered)))
}

/// Notes that this row came back escalated by somebody else, and asks for the ticket: only that says to whom. Told when
/// it is there.
pub fn listen(model: &mut Model, new: &Summary) -> Effects {
    let Some(row) = model.table.row(&new.id) else { return Effects::none() };
    let known = model.table.revision(row);
    // A row is as it was where its revision is; and who has no authority is not escalated to.
    let is_asked = new.escalated && new.revision != known && may_be_asked(model, &new.id);
    if !is_asked || model.listening.len() >= MOST || model.pending.named(new.id.as_str()).next().is_some() {
        return Effects::none();
    }
    model.listening.entry(new.id.clone()).or_insert(known);
    Effect::Load(new.id.clone()).into()
}

/// So many escalated tickets are read at once to see whom they are escalated to.
const MOST: usize = 8;

/// I manage a group on its desk, or hold a role beside the engineers there.
fn may_be_asked(model: &Model, ticket: &TicketId) -> bool {
    let there = &model.homes.of(ticket.as_str()).directory;
    let has_role = there.person(&model.me).is_some_and(|me| !me.roles.is_empty());
    has_role || there.groups.iter().any(|group| group.manager == model.me)
}

/// Tells of an escalation to me that is new in this ticket.
pub fn escalated(model: &mut Model, ticket: &Ticket) {
    let Some(known) = model.listening.remove(&ticket.id) else { return };
    let new = ticket.timeline.iter().rev().take_while(|event| event.seq > known.0);
    let to_me = new.filter_map(|event| match &event.change {
        Change::Escalate { escalation } if *escalation.to.name() == model.me && event.actor != model.me => {
            Some((event, escalation))
        }
        _ => None,
    });
    let Some((event, made)) = to_me.last() else { return };
    let words = format!(
        "{} escalates {} to you ({}): {} `{}` answers for it.",
        model.display(&event.actor),
        ticket.id,
        spaced(made.kind.as_str()),
        sentence(&made.reason),
        key(model, "acknowledge")
    );
    tell(model, &[words]);
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn mine(model: &Model, row: Row) -> bool {
    model.table.owner(row) == model.me.as_str() && model.table.is(row, Trait::Accepted)
}

/// A key as it is heard on a ticket.
fn key(model: &Model, command: &str) -> String {
    use crate::command::table::Scope;
    model.settings.keymap.key_of(command, &[Scope::List, Scope::Ticket, Scope::Global])
}

/// Says the newest of it, unless something went wrong that needs a look first.
pub fn tell(model: &mut Model, news: &[String]) {
    let Some(last) = news.last() else { return };
    if model.notice.as_ref().is_some_and(|notice| notice.tone != Tone::Done) {
        return;
    }
    let more = if news.len() > 1 { format!(" ({} more such news)", news.len() - 1) } else { String::new() };
    model.say(Notice::done(format!("{last}{more}")));
}
