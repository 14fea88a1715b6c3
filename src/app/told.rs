//! What colleagues do that concerns me: an offer, an answer to mine, a ticket that was mine and is no more. Said in one
//! line when the desk tells of it; the record says the rest.

use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::domain::summary::Summary;
use crate::domain::table::{NameColumn, Row, Trait};

/// What there is to tell of this row as it comes, before it is taken in.
pub fn news(model: &Model, new: &Summary) -> Option<String> {
    let row = model.table.row(&new.id)?;
    let (was_offered, is_offered) = (model.table.name(row, NameColumn::Offered), new.offered_to.as_ref());
    let owner = model.display(&new.owner);
    let (was_mine, is_mine) = (mine(model, row), new.owner == model.me && new.accepted);
    if let Some(to) = is_offered.filter(|to| was_offered != Some(to) && !is_mine) {
        let groups = model.directory.person(&model.me).map(|person| &person.groups);
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
    if was_mine && !is_mine {
        return Some(format!("{}: {owner} is its owner now, no longer you.", new.id));
    }
    let answered = was_offered.filter(|_| was_mine && is_offered.is_none())?;
    Some(format!("{}: {} did not take it; you own it still.", new.id, model.display(answered)))
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
