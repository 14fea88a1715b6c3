//! What one wants to know of a ticket with the caller on the line: title, people, asset, clocks.

use crate::app::model::Model;
use crate::app::outbox::{self, Why};
use crate::app::pending::Waiting;
use crate::domain::change::{Change, Handover};
use crate::domain::field::Field;
use crate::domain::name::TicketId;
use crate::domain::table::{NameColumn, Row, TimeColumn, Trait};
use crate::domain::ticket::Ticket;
use crate::ui::lines::{Line, Role, flow, fold};
use crate::ui::{cells, rfc};

/// Title, people, asset, clocks: what one wants to know with the caller on the line.
pub fn facts(model: &Model, row: Row, width: u16) -> Vec<Line> {
    let table = &model.table;
    let name = |column, field| told(model, row, column, &field).unwrap_or_default();
    let mut lines: Vec<Line> = vec![vec![(table.title(row).to_owned(), Role::Strong)]];
    let caller = table.caller(row).map(|login| person(model, login)).unwrap_or_else(|| "unknown".into());
    let owner = if table.is(row, Trait::Accepted) { owner(model, row) } else { "nobody yet".into() };
    let group = name(NameColumn::Group, Field::Group);
    let (asset, service, category) =
        (asset(model, row), name(NameColumn::Service, Field::Service), name(NameColumn::Category, Field::Category));
    let people = [("Caller", caller.as_str()), ("Group", &group), ("Owner", &owner)];
    let things = [("Asset", asset.as_str()), ("Service", &service), ("Category", &category)];
    let pairs = people.into_iter().chain(things).filter(|(_, value)| !value.is_empty());
    let pieces = pairs.flat_map(|(label, value)| [(format!("{label} "), Role::Dim), (value.to_owned(), Role::Plain)]);
    lines.extend(flow(pieces.collect(), width));
    lines.extend(flow(times(model, row), width));
    if let Some(to) = table.name(row, NameColumn::Offered) {
        let from = format!(" by {}{}", model.display(table.owner(row)), offered_why(model, row));
        lines.push(vec![
            ("Offered to ".into(), Role::Dim),
            (model.display(to).to_owned(), Role::Warn),
            (from, Role::Dim),
        ]);
    }
    if model.homes.is_for_reading(table.id(row)) {
        lines.push(vec![("Its desk is read-only here.".into(), Role::Warn)]);
    }
    let looking: Vec<&str> =
        model.presence.iter().filter(|p| p.ticket.as_str() == table.id(row)).map(|p| model.display(&p.who)).collect();
    if !looking.is_empty() {
        lines.push(vec![(format!("Also looking: {}", looking.join(", ")), Role::Warn)]);
    }
    lines.extend(rfc::beside(model, row).into_iter().flat_map(|line| fold(line, width)));
    lines.extend(model.pending.named(table.id(row)).map(|waiting| pending(model, waiting)));
    lines.retain(|line| !line.is_empty());
    lines
}

/// The opened ticket, where its row is of a list that does not tell everything.
pub fn untold(model: &Model, row: Row) -> Option<&Ticket> {
    let is_shallow = model.table.is(row, Trait::Shallow);
    is_shallow.then(|| model.ticket(&TicketId::new(model.table.id(row)))).flatten()
}

/// A name of the row; what its list does not tell, the ticket itself does.
fn told(model: &Model, row: Row, column: NameColumn, field: &Field) -> Option<String> {
    let name = model.table.name(row, column).map(|name| name.to_string());
    name.or_else(|| untold(model, row)?.get(field).map(ToString::to_string))
}

/// The owner, and who would stand in while the owner is away.
fn owner(model: &Model, row: Row) -> String {
    let login = model.table.owner(row);
    let person = model.directory.person(login);
    let is_away = person.and_then(|person| person.absent_until).is_some_and(|until| until > model.now);
    let away = if is_away && login != model.me.as_str() { " (away)" } else { "" };
    format!("{}{away}", model.display(login))
}

/// What was said with the open offer, where the timeline is known.
fn offered_why(model: &Model, row: Row) -> String {
    let ticket = model.ticket(&TicketId::new(model.table.id(row)));
    let offers = ticket.into_iter().flat_map(|ticket| ticket.timeline.iter().rev());
    let reason = offers.filter_map(|event| match &event.change {
        Change::Handover { step: Handover::Offer { reason, .. } } => Some(reason.to_string()),
        _ => None,
    });
    reason.take(1).filter(|reason| !reason.is_empty()).map(|reason| format!(": {reason}")).collect()
}

fn pending(model: &Model, waiting: &Waiting) -> Line {
    let key = |command: &str| model.settings.keymap.key_of(command, &model.scopes());
    let stands = match outbox::why(model, waiting) {
        Why::Held(until) => {
            let left = until.duration_since(model.now).as_secs().max(0);
            format!("goes in {left} s, `{}` recalls it", key("undo"))
        }
        Why::Conflict(who) => format!("{who} changed the same meanwhile, `{}` shows both", key("outbox")),
        Why::Trouble(..) => format!("not sent yet, `{}` says why", key("outbox")),
        Why::Before => "waits for the one before it".to_owned(),
        Why::OnItsWay | Why::Next => "on its way".to_owned(),
    };
    vec![(format!("{}: {stands}", waiting.title), Role::Warn)]
}

/// A person with what helps to reach them.
fn person(model: &Model, login: &str) -> String {
    let Some(person) = model.directory.person(login) else { return login.to_owned() };
    let mut parts = vec![person.name.to_string()];
    parts.extend(person.department.as_ref().map(|d| d.to_string()));
    parts.extend(person.location.as_ref().map(|l| l.to_string()));
    parts.extend(person.phone.as_ref().map(|p| format!("tel. {p}")));
    if person.vip {
        parts.push("VIP".into());
    }
    parts.join(", ")
}

fn asset(model: &Model, row: Row) -> String {
    let Some(tag) = told(model, row, NameColumn::Asset, &Field::Asset) else { return String::new() };
    match model.directory.assets.iter().find(|asset| *asset.tag == *tag) {
        Some(asset) => format!("{tag} ({})", asset.model),
        None => tag,
    }
}

/// Opened, due or over, and when the caller must hear something; a label and a value each.
fn times(model: &Model, row: Row) -> Line {
    let table = &model.table;
    let mut line = Vec::new();
    let mut pair = |label: &str, value: String, role| line.extend([(format!("{label} "), Role::Dim), (value, role)]);
    let moment = |at: i64| cells::instant(at, model);
    if let Some(opened) = table.time(row, TimeColumn::Opened) {
        pair("Opened", moment(opened), Role::Plain);
    }
    let glance = table.glance(row);
    if let Some(due) = glance.due {
        let role = match cells::heat(&glance, model.now) {
            cells::Heat::Breached => Role::Bad,
            cells::Heat::Risk => Role::Warn,
            _ => Role::Plain,
        };
        let what = glance.metric.map(|metric| metric.as_str()).unwrap_or("sla");
        let left = cells::clock(&glance, model.now);
        let left = match left.strip_prefix('-') {
            Some(late) => format!("{late} ago"),
            None if due > model.now.as_millisecond() => format!("in {left}"),
            None => left,
        };
        pair(&format!("{what} due"), format!("{} ({left})", moment(due)), role);
    }
    if let Some(due) = table.time(row, TimeColumn::UpdateDue) {
        let late = due < model.now.as_millisecond();
        pair("Next word to the caller", moment(due), if late { Role::Bad } else { Role::Plain });
    }
    if let Some(due) = table.time(row, TimeColumn::Review) {
        let late = due < model.now.as_millisecond();
        pair("Next review", moment(due), if late { Role::Bad } else { Role::Plain });
    }
    if let Some(given) = table.rare(row, Field::WorkaroundGiven.name()) {
        pair("Workaround", given.to_string(), Role::Plain);
    }
    for (label, column) in [("Resolved", TimeColumn::Resolved), ("Closed", TimeColumn::Closed)] {
        if let Some(at) = table.time(row, column) {
            pair(label, moment(at), Role::Plain);
        }
    }
    line
}
