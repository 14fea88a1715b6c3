//! `deskside show`: one ticket in full, in the words of the open ticket on the screen.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::app::model::Model;
use crate::app::ties;
use crate::cli::exit::Exit;
use crate::cli::place::Place;
use crate::cli::print;
use crate::cli::row::RowJson;
use crate::cli::session::{Keeping, Session};
use crate::cli::settings::Places;
use crate::domain::change::{Change, Event, Link, Party};
use crate::domain::facts::facts;
use crate::domain::field::{Field, Value};
use crate::domain::sla::{self, Metric, ReadingState};
use crate::domain::summary::Summary;
use crate::domain::table::{NameColumn, Row};
use crate::domain::ticket::Ticket;
use crate::ui;

/// One ticket in full: facts, timeline, clocks, links.
///
/// With `--json` an object that has the fields of `list --json` and `created` (when the desk stored it), `fields` (an
/// object of every field that is set: texts, numbers, bools, instants), `offer` (`by`, `to`, `to_group` (bool), `at`,
/// `expires`; or null), `linked` (a list of `how`, `ticket`, and `kept_here` where the link is this user's alone), `escalations` (a list of `kind`, `to`, `by`, `at`, `reason`,
/// `detail`, `acknowledged`), `clocks` (a list of `definition`, `metric`, `state` as in `sla explain --json`, `started_at`,
/// `stopped_at`, `due`, `target_ms`, `used_ms`, `remaining_ms`) and `timeline` (a list in the order of the desk's log, each
/// with `at` (when it was done), `stored`, `by`, `act` (what was done at once has the same), `what` and what belongs to it:
/// `create` (`kind`, `state`, `opened`), `set` (`field`, `from`, `to`), `move` (`verb`, `from`, `to`), `say` (`audience`,
/// `text`), `heard` (`from`, `text`), `link` and `unlink` (`how`, `ticket`), `handover` (`step` and what belongs to it),
/// `escalate` (`kind`, `to`, `reason`, `detail`), `acknowledge` (`kind`), `stamp` (`mark`, `to`)). Instants are RFC 3339 in
/// UTC. Fields may be added, none is renamed or removed.
#[derive(Debug, Clone, clap::Args)]
pub struct ShowArgs {
    /// The ticket
    #[arg(value_name = "ID")]
    pub ticket: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Where nobody says how wide a line may be.
const WIDTH: usize = 100;

pub fn run(args: &ShowArgs, place: &Place, places: &Places) -> Result<Exit> {
    let mut session = Session::open(place, places, Keeping::Nothing)?;
    let ticket = session.ticket(&args.ticket)?;
    let model = &session.model;
    let row = model.table.row(&ticket.id).ok_or_else(|| anyhow!("{} has left this desk meanwhile.", ticket.id))?;
    if args.json {
        let json = serde_json::to_string_pretty(&TicketJson::of(model, &model.table.summary(row), &ticket))?;
        print::made(format!("{json}\n").as_bytes())?;
    } else {
        print::text(&text(model, row, &ticket))?;
    }
    Ok(Exit::Done)
}

fn text(model: &Model, row: Row, ticket: &Ticket) -> String {
    let width = u16::try_from(print::columns().unwrap_or(WIDTH)).unwrap_or(u16::MAX);
    let parts = ui::plain(model, row, ticket, width).into_iter().enumerate().map(|(at, (head, lines))| {
        let head = if at == 0 { head } else { format!("\n{}", head.to_uppercase()) };
        let mut text = head;
        for line in lines.iter().skip_while(|line| line.is_empty()) {
            text.push('\n');
            text.push_str(line);
        }
        text
    });
    parts.collect::<Vec<_>>().join("\n")
}

#[derive(Serialize)]
struct TicketJson<'a> {
    #[serde(flatten)]
    row: RowJson<'a>,
    created: Timestamp,
    fields: BTreeMap<&'a str, Json>,
    offer: Option<Json>,
    linked: Vec<Json>,
    escalations: Vec<Json>,
    clocks: Vec<ClockJson>,
    timeline: Vec<Json>,
}

#[derive(Serialize)]
struct ClockJson {
    definition: String,
    metric: Metric,
    state: ReadingState,
    started_at: Option<Timestamp>,
    stopped_at: Option<Timestamp>,
    due: Option<Timestamp>,
    target_ms: i64,
    used_ms: i64,
    remaining_ms: i64,
}

impl<'a> TicketJson<'a> {
    fn of(model: &'a Model, summary: &'a Summary, ticket: &'a Ticket) -> Self {
        let offer = ticket.offer.as_ref().map(|offer| {
            let mut json = object(&[("by", &offer.by)]);
            party(&mut json, &offer.to);
            put(&mut json, "at", &offer.at);
            put(&mut json, "expires", &offer.expires);
            Json::Object(json)
        });
        let escalations = ticket.escalations.iter().map(|held| {
            let mut json = object(&[("kind", &held.escalation.kind)]);
            party(&mut json, &held.escalation.to);
            put(&mut json, "by", &held.by);
            put(&mut json, "at", &held.at);
            put(&mut json, "reason", &held.escalation.reason);
            put(&mut json, "detail", &held.escalation.detail);
            put(&mut json, "acknowledged", &held.acknowledged);
            Json::Object(json)
        });
        let desk = model.table.row(&summary.id).and_then(|row| model.table.name(row, NameColumn::Desk));
        Self {
            row: RowJson::of(summary, desk, model.now),
            created: ticket.created,
            fields: ticket.fields.iter().map(|(field, to)| (field.name(), value(Some(to)))).collect(),
            offer,
            linked: ties::links(model, ticket).iter().map(linked).collect(),
            escalations: escalations.collect(),
            clocks: clocks(model, ticket),
            timeline: ticket.timeline.iter().map(event).collect(),
        }
    }
}

fn clocks(model: &Model, ticket: &Ticket) -> Vec<ClockJson> {
    let clocks = sla::evaluate(&model.settings.sla, &facts(ticket, &model.settings.matrix));
    let read = |clock: &sla::Clock| {
        let reading = clock.at(model.now);
        ClockJson {
            definition: crate::text::Clean::line(&clock.definition().name).to_string(),
            metric: clock.metric(),
            state: reading.state,
            started_at: clock.started_at,
            stopped_at: clock.stopped_at,
            due: clock.due,
            target_ms: reading.target_ms,
            used_ms: reading.used_ms,
            remaining_ms: reading.remaining_ms,
        }
    };
    clocks.iter().map(read).collect()
}

fn put(json: &mut Map<String, Json>, name: &str, what: &impl Serialize) {
    json.insert(name.into(), serde_json::to_value(what).unwrap_or_default());
}

fn object(pairs: &[(&str, &dyn erased::Says)]) -> Map<String, Json> {
    pairs.iter().map(|(name, what)| ((*name).to_owned(), what.json())).collect()
}

/// Values of several types in one list.
mod erased {
    use serde::Serialize;
    use serde_json::Value;

    pub trait Says {
        fn json(&self) -> Value;
    }

    impl<T: Serialize> Says for T {
        fn json(&self) -> Value {
            serde_json::to_value(self).unwrap_or_default()
        }
    }
}

fn party(json: &mut Map<String, Json>, to: &Party) {
    put(json, "to", to.name());
    put(json, "to_group", &matches!(to, Party::Group(_)));
}

fn link(held: &Link) -> Map<String, Json> {
    object(&[("how", &held.how), ("ticket", &held.other)])
}

/// A link that this user keeps says so.
fn linked((held, here): &(Link, bool)) -> Json {
    let mut json = link(held);
    if *here {
        put(&mut json, "kept_here", here);
    }
    Json::Object(json)
}

/// A value of a field without its type: a text, a number, a bool or an instant.
fn value(of: Option<&Value>) -> Json {
    match of {
        None => Json::Null,
        Some(Value::Text(text)) => Json::from(text.as_str()),
        Some(Value::Name(name)) => Json::from(name.as_str()),
        Some(Value::Number(number)) => Json::from(*number),
        Some(Value::Time(at)) => Json::from(at.to_string()),
        Some(Value::Flag(flag)) => Json::from(*flag),
    }
}

fn event(event: &Event) -> Json {
    let mut json = object(&[("at", &event.at), ("stored", &event.stored), ("by", &event.actor), ("act", &event.op.0)]);
    let (what, rest) = change(&event.change);
    put(&mut json, "what", &what);
    json.extend(rest);
    Json::Object(json)
}

fn change(change: &Change) -> (&'static str, Map<String, Json>) {
    let set = |field: &Field, from: &Option<Value>, to: &Option<Value>| {
        object(&[("field", field), ("from", &value(from.as_ref())), ("to", &value(to.as_ref()))])
    };
    match change {
        Change::Create { kind, state, opened } => {
            ("create", object(&[("kind", kind), ("state", state), ("opened", opened)]))
        }
        Change::Set { field, from, to } => ("set", set(field, from, to)),
        Change::Move { verb, from, to } => ("move", object(&[("verb", verb), ("from", from), ("to", to)])),
        Change::Say { audience, text } => ("say", object(&[("audience", audience), ("text", text)])),
        Change::Heard { from, text } => ("heard", object(&[("from", from), ("text", text)])),
        Change::Link { link: held } => ("link", link(held)),
        Change::Unlink { link: held } => ("unlink", link(held)),
        Change::Handover { step } => ("handover", handover(step)),
        Change::Escalate { escalation } => {
            let mut json = object(&[("kind", &escalation.kind)]);
            party(&mut json, &escalation.to);
            put(&mut json, "reason", &escalation.reason);
            put(&mut json, "detail", &escalation.detail);
            ("escalate", json)
        }
        Change::Acknowledge { kind } => ("acknowledge", object(&[("kind", kind)])),
        Change::Task { step } => ("task", tagged(step)),
        Change::Approval { step } => ("approval", tagged(step)),
        Change::Major { step } => ("major", tagged(step)),
        Change::Proposal { step } => ("proposal", tagged(step)),
        Change::Stamp { mark, to } => ("stamp", object(&[("mark", mark), ("to", &value(to.as_ref()))])),
    }
}

/// A step as its name and what belongs to it.
fn tagged(step: &impl Serialize) -> Map<String, Json> {
    match serde_json::to_value(step).unwrap_or_default() {
        Json::Object(pairs) => match pairs.into_iter().next() {
            Some((name, Json::Object(rest))) => object(&[("step", &name)]).into_iter().chain(rest).collect(),
            Some((name, rest)) => object(&[("step", &name), ("of", &rest)]),
            None => Map::new(),
        },
        name => object(&[("step", &name)]),
    }
}

fn handover(step: &crate::domain::change::Handover) -> Map<String, Json> {
    use crate::domain::change::Handover as Step;
    let named = |name: &str, rest: Map<String, Json>| {
        let mut json = object(&[("step", &name)]);
        json.extend(rest);
        json
    };
    match step {
        Step::Offer { to, reason, expires } => {
            let mut json = Map::new();
            party(&mut json, to);
            put(&mut json, "reason", reason);
            put(&mut json, "expires", expires);
            named("offer", json)
        }
        Step::Accept { by } => named("accept", object(&[("person", by)])),
        Step::Decline { by, reason } => named("decline", object(&[("person", by), ("reason", reason)])),
        Step::Withdraw { by } => named("withdraw", object(&[("person", by)])),
        Step::Expire => named("expire", Map::new()),
        Step::Force { by, to, reason } => named("force", object(&[("person", by), ("to", to), ("reason", reason)])),
        Step::Absent { owner, acting } => named("absent", object(&[("owner", owner), ("acting", acting)])),
    }
}
