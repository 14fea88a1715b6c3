//! The lists one picks from, most used first.

use std::collections::BTreeMap;

use crate::app::model::Model;
use crate::app::pane::Column;
use crate::app::{acts, catalogue, ties};
use crate::command::args::{ArgKind, Source};
use crate::command::table;
use crate::domain::change::Link;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::TicketId;
use crate::domain::playbook::Playbook;
use crate::domain::table::{Row, TimeColumn};
use crate::text::spaced;

/// One thing that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the command gets.
    pub value: String,
    /// What explains it.
    pub label: String,
}

impl Choice {
    fn plain(value: impl Into<String>) -> Self {
        Self { value: value.into(), label: String::new() }
    }

    fn with(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// Answers come from a list.
pub const fn is_choice(kind: ArgKind) -> bool {
    matches!(kind, ArgKind::Number { .. } | ArgKind::Choice(_) | ArgKind::From(_))
}

/// What is not in the list is taken as well: the desk has the last word on it.
pub const fn takes_any(kind: ArgKind) -> bool {
    matches!(
        kind,
        ArgKind::From(
            Source::People
                | Source::Tickets
                | Source::Links
                | Source::Assets
                | Source::Locations
                | Source::Suppliers
                | Source::Channels
        )
    )
}

/// Few enough, and of a sort, to be chosen by a digit.
pub const fn is_short(kind: ArgKind, len: usize) -> bool {
    match kind {
        ArgKind::Number { max, .. } => max <= 9,
        ArgKind::Choice(_) => len <= 9,
        ArgKind::From(
            Source::Templates
            | Source::Playbooks
            | Source::ResolutionCodes
            | Source::CancelReasons
            | Source::Verbs
            | Source::Audiences
            | Source::Channels,
        ) => true,
        _ => false,
    }
}

/// What there is to choose from.
pub fn of(model: &Model, kind: ArgKind) -> Vec<Choice> {
    match kind {
        ArgKind::Number { min, max } => (min..=max).map(|n| Choice::with(n.to_string(), scale(min, max, n))).collect(),
        ArgKind::Choice(list) => list.iter().map(|value| Choice::plain(*value)).collect(),
        ArgKind::From(source) => from(model, source),
        _ => Vec::new(),
    }
}

fn scale(min: i64, max: i64, n: i64) -> &'static str {
    match (min, max, n) {
        (1, 3, 1) => "high",
        (1, 3, 2) => "medium",
        (1, 3, 3) => "low",
        _ => "",
    }
}

fn from(model: &Model, source: Source) -> Vec<Choice> {
    let directory = &model.home().directory;
    match source {
        Source::People => directory.people.iter().map(|p| Choice::with(&*p.login, person(p))).collect(),
        Source::Staff => staff(model),
        Source::Groups => by_use(
            model,
            directory.groups.iter().map(|g| Choice::with(&*g.name, format!("L{}", g.line))).collect(),
            |m, row| m.table.group(row),
        ),
        Source::Parties => {
            let groups = directory.groups.iter().map(|g| Choice::with(&*g.name, format!("group, L{}", g.line)));
            staff(model).into_iter().chain(groups).collect()
        }
        Source::Categories => by_use(
            model,
            directory
                .categories
                .iter()
                .map(|c| Choice::with(&*c.name, c.group.as_deref().unwrap_or_default()))
                .collect(),
            |m, row| m.table.category(row),
        ),
        Source::Services => directory
            .services
            .iter()
            .map(|s| Choice::with(&*s.name, if s.critical { "critical" } else { "" }))
            .collect(),
        Source::Assets => directory
            .assets
            .iter()
            .map(|a| Choice::with(&*a.tag, format!("{} {}", a.model, a.user.as_deref().unwrap_or_default())))
            .collect(),
        Source::Locations => directory.locations.iter().map(|l| Choice::plain(&**l)).collect(),
        Source::Suppliers => directory.suppliers.iter().map(|s| Choice::plain(&**s)).collect(),
        Source::Channels => directory.channels.iter().map(|c| Choice::plain(&**c)).collect(),
        Source::ResolutionCodes => directory.resolution_codes.iter().map(|c| Choice::plain(&**c)).collect(),
        Source::CancelReasons => cancel_reasons(model),
        Source::Tickets => tickets(model, None, model.current()),
        Source::Problems => tickets(model, Some(Kind::Problem), model.current()),
        Source::Links => links(model),
        Source::Templates => {
            model.settings.words.replies.iter().map(|reply| Choice::with(&*reply.name, reply.title.as_str())).collect()
        }
        Source::ChangeTemplates => {
            let templates = model.settings.changes.template.iter();
            templates.map(|held| Choice::with(&*held.name, held.title.as_str())).collect()
        }
        Source::Playbooks => playbooks(model),
        Source::Views => model.settings.views_of(model.pane).map(|v| Choice::with(&v.name, &v.text)).collect(),
        Source::Columns => Column::ALL.iter().map(|c| Choice::plain(c.as_str())).collect(),
        Source::Sorts => sorts(),
        Source::Fields => Field::all().map(|f| Choice::plain(f.name())).collect(),
        Source::Commands => table::all().map(|c| Choice::with(c.id, c.doc)).collect(),
        Source::Verbs => verbs(model),
        Source::Audiences => {
            let inside = model.settings.cadence.audiences.iter();
            inside.map(|held| Choice::with(&*held.name, held.who.to_string())).collect()
        }
        Source::Items => {
            catalogue::items(model).iter().map(|item| Choice::with(&*item.name, item.about.as_str())).collect()
        }
        Source::Desks => model.homes.creators().map(|name| Choice::plain(&**name)).collect(),
    }
}

/// Every column, and every column the other way round.
fn sorts() -> Vec<Choice> {
    let up = Column::ALL.iter().map(|column| Choice::plain(column.as_str()));
    let down = Column::ALL.iter().map(|column| Choice::with(format!("-{column}"), "the greatest first"));
    up.chain(down).collect()
}

/// Why tickets of this kind are cancelled by hand; converting has a command of its own.
fn cancel_reasons(model: &Model) -> Vec<Choice> {
    let kind = model.targets().first().map_or(Kind::Incident, |row| model.table.kind(*row));
    let reasons = lifecycle::choices::cancel_reasons(kind).iter().rev();
    reasons.filter(|reason| **reason != lifecycle::choices::CONVERTED).map(|r| Choice::plain(spaced(r))).collect()
}

/// The steps that the lifecycle offers from where the ticket stands.
fn verbs(model: &Model) -> Vec<Choice> {
    let Some(row) = model.current() else { return Vec::new() };
    let ticket = acts::ticket(model, row);
    lifecycle::offers(&ticket, &model.me, &model.home().directory)
        .into_iter()
        .map(|(verb, to)| Choice::with(verb.as_str(), format!("to {}", lifecycle::words(to))))
        .collect()
}

/// The playbooks that suit the ticket, by their digits.
fn playbooks(model: &Model) -> Vec<Choice> {
    let kind = model.current().map(|row| model.table.kind(row));
    let suits = |book: &&Playbook| kind.is_none_or(|kind| book.suits(kind));
    model.settings.words.playbooks.iter().filter(suits).map(|p| Choice::with(&*p.name, p.title.as_str())).collect()
}

fn person(person: &crate::domain::directory::Person) -> String {
    let place = person.department.as_deref().or(person.location.as_deref()).unwrap_or_default();
    format!("{} {place}", person.name).trim().to_owned()
}

fn staff(model: &Model) -> Vec<Choice> {
    let absent = |until: Option<jiff::Timestamp>| until.is_some_and(|until| until > model.now);
    model
        .directory
        .people
        .iter()
        .filter(|person| person.level.is_some() || !person.roles.is_empty())
        .map(|p| {
            let away = if absent(p.absent_until) { " (away)" } else { "" };
            Choice::with(&*p.login, format!("{}{away}", person(p)))
        })
        .collect()
}

/// The most used first: what one types two letters of is then usually right.
fn by_use(model: &Model, mut choices: Vec<Choice>, of: impl Fn(&Model, Row) -> Option<&str>) -> Vec<Choice> {
    const ENOUGH: usize = 5_000;
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for row in model.table.iter().take(ENOUGH) {
        if let Some(name) = of(model, row) {
            *uses.entry(name).or_default() += 1;
        }
    }
    choices.sort_by_key(|choice| std::cmp::Reverse(uses.get(choice.value.as_str()).copied().unwrap_or_default()));
    choices
}

/// Every ticket, the one under the cursor too: from a list it is one to go to as any other.
pub fn everywhere(model: &Model) -> Vec<Choice> {
    tickets(model, None, None)
}

/// Open tickets first the ones in the list, newest first after that.
fn tickets(model: &Model, kind: Option<Kind>, but: Option<Row>) -> Vec<Choice> {
    const ENOUGH: usize = 20_000;
    let mut rows: Vec<Row> = model.table.iter().collect();
    rows.retain(|row| kind.is_none_or(|kind| model.table.kind(*row) == kind) && Some(*row) != but);
    rows.sort_by_key(|row| {
        (!model.table.state(*row).is_open(), std::cmp::Reverse(model.table.time(*row, TimeColumn::Opened)))
    });
    rows.into_iter().take(ENOUGH).map(|row| Choice::with(model.table.id(row), model.table.title(row))).collect()
}

/// The tickets that this one is linked to, with how.
fn links(model: &Model) -> Vec<Choice> {
    let ticket = model.current().and_then(|row| model.ticket(&TicketId::new(model.table.id(row))));
    let links = ticket.map(|ticket| ties::links(model, ticket)).unwrap_or_default();
    let choice = |(link, _): &(Link, bool)| {
        let title = model.table.row(&link.other).map_or("", |row| model.table.title(row));
        Choice::with(link.other.as_str(), format!("{} {title}", spaced(link.how.as_str())))
    };
    links.iter().map(choice).collect()
}

/// The place of a view among the pane's views.
pub fn view_number(model: &Model, name: &str) -> Option<usize> {
    model.settings.views_of(model.pane).position(|view| view.name == name)
}
