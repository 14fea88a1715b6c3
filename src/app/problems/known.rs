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
use crate::domain::suggest::is_filler;
use crate::domain::table::{NameColumn, Row, Table, Trait};
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
    held: Vec<Held>,
    made_from: Option<u64>,
}

/// A known error with the words of its title, so that nobody takes all titles apart to look at one incident.
#[derive(Debug, Clone)]
struct Held {
    row: Row,
    words: Vec<Box<str>>,
}

/// Looks for the known errors, once per state of the table; only among the rows that were written since the last time.
pub fn gather(model: &mut Model) {
    let (table, known) = (&model.table, &mut model.known);
    if known.made_from == Some(table.generation()) {
        return;
    }
    let is_known = |row: &Row| {
        table.is(*row, Trait::KnownError)
            && table.kind(*row) == Kind::Problem
            && table.state(*row) != State::Cancelled
            && table.contains(*row)
    };
    let held = |row: Row| Held { row, words: telling_words(table.title(row)) };
    match known.made_from.and_then(|made_from| table.written_since(made_from)) {
        Some(written) => {
            for row in written {
                known.held.retain(|held| held.row != *row);
                known.held.extend(Some(*row).filter(is_known).map(held));
            }
        }
        None => known.held = table.iter().filter(is_known).map(held).collect(),
    }
    known.made_from = Some(table.generation());
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
    let words = telling_words(table.title(incident));
    let mut found: Vec<Offer> =
        model.known.held.iter().filter_map(|known| offer(table, incident, &words, known)).collect();
    found.sort_by_key(|offer| (std::cmp::Reverse(offer.weight), offer.row));
    found.truncate(MOST);
    found
}

/// The same asset alone is reason enough; else the same category, or two words.
fn offer(table: &Table, incident: Row, words: &[Box<str>], known: &Held) -> Option<Offer> {
    const ENOUGH: usize = 2;
    let same = |column| {
        let held = table.symbol(incident, column);
        held.is_some() && held == table.symbol(known.row, column)
    };
    let (asset, category, service) = (same(NameColumn::Asset), same(NameColumn::Category), same(NameColumn::Service));
    let shared = || words.iter().filter(|word| known.words.contains(word));
    let count = shared().count();
    if !asset && !category && count < ENOUGH {
        return None;
    }
    let facts = [(asset, "same asset"), (category, "same category"), (service, "same service")];
    let mut why: Vec<String> = facts.iter().filter(|(is, _)| *is).map(|(_, word)| (*word).to_owned()).collect();
    if count > 0 {
        why.push(format!("words {}", shared().map(|word| &**word).collect::<Vec<_>>().join(", ")));
    }
    let weight = 8 * usize::from(asset) + 4 * usize::from(category) + usize::from(service) + 2 * count;
    Some(Offer { row: known.row, why: why.join(", "), weight })
}

/// The words of a title that say something, without their endings, each once.
fn telling_words(title: &str) -> Vec<Box<str>> {
    const SHORT: usize = 4;
    let lower = title.to_lowercase();
    let split = lower.split(|c: char| !c.is_alphanumeric()).map(|word| word.trim_end_matches('s'));
    let telling = split.filter(|word| word.chars().count() >= SHORT && !is_filler(word));
    let mut words: Vec<Box<str>> = telling.map(Box::from).collect();
    words.sort();
    words.dedup();
    words
}

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
        return model.refuse("No known error fits this incident. `l` links any problem.");
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
