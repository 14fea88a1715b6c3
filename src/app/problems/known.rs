//! Known errors for the incident on the screen: which could be its cause, and why one thinks so. One key links one and
//! hands its workaround on.

use super::is_incident;
use crate::app::acts;
use crate::app::effect::{Effect, Effects};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Audience, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::choices::GIVEN;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::State;
use crate::domain::table::{NameColumn, Row, Trait};
use crate::text::Clean;

/// Known errors, and what became of their workarounds.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "known",
        title: "Known error",
        doc: "Link the known error that fits best and reply with its workaround; `known as:note` keeps it among us, \
              `as:link` only links.",
        scope: Scope::Ticket,
        keys: &["I"],
        args: &[
            Arg::optional("problem", ArgKind::From(Source::Problems), "Known error"),
            Arg::optional("as", ArgKind::Choice(&["reply", "note", "link"]), "Its workaround goes into"),
        ],
        needs: |can| can.write && can.links && can.problems,
        available: is_incident,
        run: take,
    },
    Command {
        id: "workaround",
        title: "Workaround",
        doc: "Say whether the caller was given a workaround and took it.",
        scope: Scope::Ticket,
        keys: &["b g"],
        args: &[Arg::required("answer", ArgKind::Choice(GIVEN), "The workaround was")],
        needs: crate::command::table::writes,
        available: is_incident,
        run: |m, a| {
            let answer = Some(Value::name(a.text("answer")));
            acts::submit(
                m,
                Act::new(format!("workaround {}", a.text("answer")), [Step::Set(Field::WorkaroundGiven, answer)]),
            )
        },
    },
];

/// A known error that could be behind an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub row: Row,
    /// `same category, words dock, screens`.
    pub why: String,
    weight: usize,
}

/// The known errors of the desk, as of a state of the table.
#[derive(Debug, Clone, Default)]
pub struct Known {
    rows: Vec<Row>,
    made_from: Option<u64>,
}

/// Looks for the known errors, once per state of the table.
pub fn gather(model: &mut Model) {
    let table = &model.table;
    if model.known.made_from == Some(table.generation()) {
        return;
    }
    let is_known = |row: &Row| {
        table.is(*row, Trait::KnownError) && table.kind(*row) == Kind::Problem && table.state(*row) != State::Cancelled
    };
    model.known = Known { rows: table.iter().filter(is_known).collect(), made_from: Some(table.generation()) };
}

/// The known errors that fit an open incident which hangs on no problem yet, best first.
pub fn offers(model: &Model, incident: Row) -> Vec<Offer> {
    const MOST: usize = 3;
    let table = &model.table;
    if table.kind(incident) != Kind::Incident || !table.state(incident).is_open() {
        return Vec::new();
    }
    let opened = model.ticket(&TicketId::new(table.id(incident)));
    if opened.is_some_and(|ticket| ticket.links.iter().any(|link| link.how == LinkKind::ProblemIs)) {
        return Vec::new();
    }
    let mut found: Vec<Offer> = model.known.rows.iter().filter_map(|row| offer(model, incident, *row)).collect();
    found.sort_by_key(|offer| std::cmp::Reverse(offer.weight));
    found.truncate(MOST);
    found
}

/// The same asset alone is reason enough; else the same category, or two words.
fn offer(model: &Model, incident: Row, known: Row) -> Option<Offer> {
    const ENOUGH: usize = 2;
    let table = &model.table;
    let same = |column| {
        let held = table.name(incident, column);
        held.is_some() && held == table.name(known, column)
    };
    let (asset, category, service) = (same(NameColumn::Asset), same(NameColumn::Category), same(NameColumn::Service));
    let words = shared_words(table.title(incident), table.title(known));
    if !asset && !category && words.len() < ENOUGH {
        return None;
    }
    let facts = [(asset, "same asset"), (category, "same category"), (service, "same service")];
    let mut why: Vec<String> = facts.iter().filter(|(is, _)| *is).map(|(_, word)| (*word).to_owned()).collect();
    if !words.is_empty() {
        why.push(format!("words {}", words.join(", ")));
    }
    let weight = 8 * usize::from(asset) + 4 * usize::from(category) + usize::from(service) + 2 * words.len();
    Some(Offer { row: known, why: why.join(", "), weight })
}

/// The words that two titles share, but for short ones and their endings.
fn shared_words(one: &str, other: &str) -> Vec<String> {
    const SHORT: usize = 4;
    let words = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        let split = lower.split(|c: char| !c.is_alphanumeric()).map(|word| word.trim_end_matches('s').to_owned());
        split.filter(|word| word.chars().count() >= SHORT && !COMMON.contains(&word.as_str())).collect()
    };
    let (mine, theirs) = (words(one), words(other));
    let mut shared: Vec<String> = mine.into_iter().filter(|word| theirs.contains(word)).collect();
    shared.sort();
    shared.dedup();
    shared
}

const COMMON: &[&str] = &[
    "with", "from", "after", "since", "does", "when", "cannot", "work", "working", "more", "than", "that", "this",
    "into",
];

/// The words of the best offers are fetched before anybody takes one.
pub fn fetch(model: &Model, incident: Row) -> Effects {
    let best = offers(model, incident).into_iter().next();
    let wanted = best.map(|offer| TicketId::new(model.table.id(offer.row)));
    wanted.filter(|id| model.ticket(id).is_none()).map(|id| Effect::Load(id).into()).unwrap_or_default()
}

fn take(model: &mut Model, args: &Args) -> Effects {
    let Some(row) = model.targets().first().copied() else { return Effects::none() };
    let named = args.get("problem").map(TicketId::new);
    let best = || offers(model, row).into_iter().next().map(|offer| TicketId::new(model.table.id(offer.row)));
    let Some(id) = named.or_else(best) else {
        model.say(Notice::refused("No known error fits this incident. `l` links any problem."));
        return Effects::none();
    };
    let how = args.get("as").unwrap_or("reply");
    let mut steps = vec![Step::Link(LinkKind::ProblemIs, id.clone())];
    if how != "link" {
        let Some(known) = model.ticket(&id) else {
            model.say(Notice::refused(format!("The workaround of {id} is being read; press again.")));
            return Effect::Load(id).into();
        };
        let text = known.text(&Field::Workaround).to_owned();
        if !text.is_empty() {
            steps.extend(hand_on(model, &id, &text, how == "reply"));
        }
    }
    acts::submit(model, Act::new(format!("known error {id}"), steps))
}

/// The workaround on the incident, and to the caller or among us.
fn hand_on(model: &Model, id: &TicketId, text: &str, public: bool) -> Vec<Step> {
    const REPLY: &str = "workaround";
    let words = &model.settings.words;
    let said = match (public, words.replies.iter().any(|reply| &*reply.name == REPLY)) {
        (true, true) => Step::Canned(Name::new(REPLY)),
        (true, false) => {
            Step::Say(Audience::Public, Clean::body(&format!("Until the cause is removed, this helps:\n{text}")))
        }
        (false, _) => Step::Say(Audience::Internal, Clean::body(&format!("Workaround of {id}: {text}"))),
    };
    let mut steps = vec![Step::Set(Field::Workaround, Some(Value::text(text)))];
    if public {
        steps.push(Step::Set(Field::WorkaroundGiven, Some(Value::name(GIVEN[0]))));
    }
    steps.push(said);
    steps
}
