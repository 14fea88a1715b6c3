//! The other incidents of the same cause: found by what they have in common, marked in the list.

use jiff::{SignedDuration, Timestamp};

use super::meant;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pane::Pane;
use crate::app::{detail, lists};
use crate::domain::change::LinkKind;
use crate::domain::kind::Kind;
use crate::domain::query::Query;
use crate::domain::table::{NameColumn, Row, TimeColumn};
use crate::domain::ticket::Ticket;

/// How long before the first call others may have called for the same cause.
const BEFORE: SignedDuration = SignedDuration::from_hours(2);

/// Marks what looks like it in the list of incidents; who presses the key looks, unmarks, and links.
pub(super) fn mark(model: &mut Model) -> Effects {
    let Some((row, ticket)) = meant(model) else { return Effects::none() };
    if ticket.kind != Kind::Incident {
        return model.refuse("Only an incident has incidents as its children.");
    }
    let found = alike(model, row, &ticket);
    if found.is_empty() {
        return model.refuse(format!("No other open incident looks like {}.", ticket.id));
    }
    let effects = lists::show_pane(model, Pane::Incidents);
    let open = model.settings.views_of(Pane::Incidents).position(|view| view.name == "open");
    let effects = effects.and(open.map_or_else(Effects::none, |open| lists::show_view(model, open)));
    let shown: Vec<Row> = found.into_iter().filter(|row| model.list().rows.contains(row)).collect();
    let effects = effects.and(detail::close(model));
    model.marks.extend(shown.iter().copied());
    let first = shown.first().and_then(|row| model.list().rows.iter().position(|held| held == row));
    let effects = effects.and(first.map_or_else(Effects::none, |first| lists::go(model, first)));
    let key = model.settings.keymap.key_of("link", &model.scopes());
    model.say(Notice::done(format!(
        "{} incidents look like {}. Unmark what is not; `{key}` {} `child_of` links the rest.",
        shown.len(),
        ticket.id,
        ticket.id
    )));
    effects
}

/// Open incidents without a parent, of the same service, asset or category, since shortly before it began.
fn alike(model: &Model, row: Row, ticket: &Ticket) -> Vec<Row> {
    let table = &model.table;
    let since = ticket.opened.saturating_sub(BEFORE).unwrap_or(Timestamp::MIN).as_millisecond();
    let Ok(open) = Query::parse("state:open kind:incident") else { return Vec::new() };
    let same = |other: Row| {
        [NameColumn::Service, NameColumn::Asset, NameColumn::Category]
            .into_iter()
            .any(|column| table.name(row, column).is_some() && table.name(row, column) == table.name(other, column))
    };
    let known = |other: &Row| {
        let id = table.id(*other);
        ticket.links.iter().any(|link| link.how == LinkKind::ParentOf && link.other.as_str() == id)
    };
    let mut rows = open.compile(table, &lists::context(model)).rows(table);
    rows.retain(|other| {
        *other != row && same(*other) && !known(other) && table.time(*other, TimeColumn::Opened) >= Some(since)
    });
    rows
}
