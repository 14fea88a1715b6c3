//! A ticket in one line for programs. The form is promised at [`super::list::ListArgs`]: fields may be added, none is
//! renamed or removed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::sla::Metric;
use crate::domain::state::{HoldReason, State};
use crate::domain::summary::{Glance, Summary};
use crate::domain::ticket::level;
use crate::text::{Clean, csv_cell};

/// A row of JSON.
#[derive(Debug, Serialize)]
pub struct RowJson<'a> {
    id: &'a TicketId,
    kind: Kind,
    state: State,
    title: &'a Clean,
    impact: u8,
    urgency: u8,
    priority: u8,
    priority_by_hand: bool,
    category: Option<&'a Name>,
    group: Option<&'a Name>,
    owner: &'a Name,
    accepted: bool,
    offered_to: Option<&'a Name>,
    caller: Option<&'a Name>,
    service: Option<&'a Name>,
    asset: Option<&'a Name>,
    location: Option<&'a Name>,
    channel: Option<&'a Name>,
    hold: Option<HoldReason>,
    opened: Timestamp,
    updated: Timestamp,
    responded: Option<Timestamp>,
    resolved: Option<Timestamp>,
    closed: Option<Timestamp>,
    sla: SlaJson,
    update_due: Option<Timestamp>,
    review: Option<Timestamp>,
    awaits_reply: bool,
    reopens: u32,
    reassignments: u32,
    links: u32,
    escalated: bool,
    major: bool,
    known_error: bool,
    level: Option<&'a str>,
    domain: Option<&'a str>,
    trigger: Option<&'a str>,
    workaround_given: Option<&'a str>,
    desk: Option<&'a Name>,
    custom: BTreeMap<&'a str, &'a str>,
}

/// The clock that matters most.
#[derive(Debug, Serialize)]
struct SlaJson {
    state: &'static str,
    metric: Option<Metric>,
    due: Option<Timestamp>,
}

impl<'a> RowJson<'a> {
    /// The row as it stands at `now`; where several desks can be open, with the profile of the one that it lives on.
    pub fn of(row: &'a Summary, desk: Option<&'a Name>, now: Timestamp) -> Self {
        Self {
            id: &row.id,
            kind: row.kind,
            state: row.state,
            title: &row.title,
            impact: level(row.impact),
            urgency: level(row.urgency),
            priority: row.priority,
            priority_by_hand: row.priority_overridden,
            category: row.category.as_ref(),
            group: row.group.as_ref(),
            owner: &row.owner,
            accepted: row.accepted,
            offered_to: row.offered_to.as_ref(),
            caller: row.caller.as_ref(),
            service: row.service.as_ref(),
            asset: row.asset.as_ref(),
            location: row.location.as_ref(),
            channel: row.channel.as_ref(),
            hold: row.hold,
            opened: row.opened,
            updated: row.updated,
            responded: row.responded,
            resolved: row.resolved,
            closed: row.closed,
            sla: SlaJson::of(&row.glance, now),
            update_due: row.update_due,
            review: row.review,
            awaits_reply: row.awaits_reply,
            reopens: row.reopens,
            reassignments: row.reassignments,
            links: row.links,
            escalated: row.escalated,
            major: row.major,
            known_error: row.known_error,
            level: rare(row, "level"),
            domain: rare(row, "domain"),
            trigger: rare(row, "trigger"),
            workaround_given: rare(row, "workaround_given"),
            desk,
            custom: own(row).map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        }
    }
}

/// A field that few tickets have.
fn rare<'a>(row: &'a Summary, field: &str) -> Option<&'a str> {
    row.custom.iter().find(|(name, _)| name.as_str() == field).map(|(_, value)| value.as_str())
}

/// The fields of this desk alone.
fn own(row: &Summary) -> impl Iterator<Item = &(Name, Name)> {
    row.custom.iter().filter(|(name, _)| name.starts_with("x."))
}

impl SlaJson {
    fn of(glance: &Glance, now: Timestamp) -> Self {
        let due = glance.due.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        Self { state: sla_state(glance, now), metric: glance.metric, due }
    }
}

/// `none`, `running`, `at_risk`, `breached`, `paused` or `met`: what the sign in the list says.
fn sla_state(glance: &Glance, now: Timestamp) -> &'static str {
    use crate::ui::cells::Heat;
    match crate::ui::cells::heat(glance, now) {
        Heat::None => "none",
        Heat::Running => "running",
        Heat::Risk => "at_risk",
        Heat::Breached => "breached",
        Heat::Paused => "paused",
        Heat::Met => "met",
    }
}

/// What a CSV file has for each field, in the order of the JSON.
type Cell = fn(&Summary, Timestamp) -> String;

const fn yes(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn name(name: Option<&Name>) -> String {
    name.map(|name| csv_cell(&Clean::line(name)).into_owned()).unwrap_or_default()
}

fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

const CELLS: &[(&str, Cell)] = &[
    ("id", |row, _| csv_cell(&Clean::line(row.id.as_str())).into_owned()),
    ("kind", |row, _| row.kind.to_string()),
    ("state", |row, _| row.state.to_string()),
    ("title", |row, _| csv_cell(&Clean::line(&row.title)).into_owned()),
    ("impact", |row, _| level(row.impact).to_string()),
    ("urgency", |row, _| level(row.urgency).to_string()),
    ("priority", |row, _| row.priority.to_string()),
    ("priority_by_hand", |row, _| yes(row.priority_overridden).into()),
    ("category", |row, _| name(row.category.as_ref())),
    ("group", |row, _| name(row.group.as_ref())),
    ("owner", |row, _| name(Some(&row.owner))),
    ("accepted", |row, _| yes(row.accepted).into()),
    ("offered_to", |row, _| name(row.offered_to.as_ref())),
    ("caller", |row, _| name(row.caller.as_ref())),
    ("service", |row, _| name(row.service.as_ref())),
    ("asset", |row, _| name(row.asset.as_ref())),
    ("location", |row, _| name(row.location.as_ref())),
    ("channel", |row, _| name(row.channel.as_ref())),
    ("hold", |row, _| row.hold.map(|hold| hold.to_string()).unwrap_or_default()),
    ("opened", |row, _| row.opened.to_string()),
    ("updated", |row, _| row.updated.to_string()),
    ("responded", |row, _| time(row.responded)),
    ("resolved", |row, _| time(row.resolved)),
    ("closed", |row, _| time(row.closed)),
    ("sla_state", |row, now| sla_state(&row.glance, now).into()),
    ("sla_metric", |row, _| row.glance.metric.map(|metric| metric.to_string()).unwrap_or_default()),
    ("sla_due", |row, _| time(row.glance.due.and_then(|ms| Timestamp::from_millisecond(ms).ok()))),
    ("update_due", |row, _| time(row.update_due)),
    ("review", |row, _| time(row.review)),
    ("awaits_reply", |row, _| yes(row.awaits_reply).into()),
    ("reopens", |row, _| row.reopens.to_string()),
    ("reassignments", |row, _| row.reassignments.to_string()),
    ("links", |row, _| row.links.to_string()),
    ("escalated", |row, _| yes(row.escalated).into()),
    ("major", |row, _| yes(row.major).into()),
    ("known_error", |row, _| yes(row.known_error).into()),
    ("level", |row, _| rare(row, "level").unwrap_or_default().into()),
    ("domain", |row, _| rare(row, "domain").unwrap_or_default().into()),
    ("trigger", |row, _| rare(row, "trigger").unwrap_or_default().into()),
    ("workaround_given", |row, _| rare(row, "workaround_given").unwrap_or_default().into()),
];

/// The profile of the desk, which a row does not say itself.
const DESK: &str = "desk";

/// The columns of a CSV file.
#[derive(Debug)]
pub struct Columns(Vec<Column>);

#[derive(Debug)]
enum Column {
    Known(usize),
    Desk,
    Custom(String),
}

impl Columns {
    /// Every field, and every custom one that these rows have.
    pub fn all<'a>(rows: impl Iterator<Item = &'a Summary>) -> Self {
        let custom: BTreeSet<&str> = rows.flat_map(|row| own(row).map(|(name, _)| name.as_str())).collect();
        let custom = custom.into_iter().map(|name| Column::Custom(name.to_owned()));
        Self((0..CELLS.len()).map(Column::Known).chain([Column::Desk]).chain(custom).collect())
    }

    /// Those of these names; the error says which there are.
    pub fn named(names: &[String]) -> Result<Self, String> {
        let find = |name: &String| match CELLS.iter().position(|(known, _)| known == name) {
            Some(at) => Ok(Column::Known(at)),
            None if name == DESK => Ok(Column::Desk),
            None if name.starts_with("x.") => Ok(Column::Custom(name.clone())),
            None => {
                let known: Vec<&str> = CELLS.iter().map(|(known, _)| *known).collect();
                Err(format!("`{name}` is no column of the CSV; there are {}, {DESK} and x.NAME.", known.join(", ")))
            }
        };
        names.iter().map(find).collect::<Result<_, _>>().map(Self)
    }

    pub fn head(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|column| match column {
            Column::Known(at) => CELLS.get(*at).map_or("", |(name, _)| name),
            Column::Desk => DESK,
            Column::Custom(name) => name,
        })
    }

    /// The cells of a row, which lives on that desk.
    pub fn cells(&self, row: &Summary, desk: Option<&Name>, now: Timestamp) -> impl Iterator<Item = String> {
        self.0.iter().map(move |column| match column {
            Column::Known(at) => CELLS.get(*at).map(|(_, cell)| cell(row, now)).unwrap_or_default(),
            Column::Desk => name(desk),
            Column::Custom(custom) => {
                let held = row.custom.iter().find(|(name, _)| name.as_str() == custom);
                name(held.map(|(_, value)| value))
            }
        })
    }
}
