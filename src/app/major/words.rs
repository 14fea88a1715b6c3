//! Words of a major incident: what audiences inside the house and all callers are told, and when the next are due.

use super::{facet, take};
use crate::app::acts;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::command::args::Args;
use crate::command::table::Command;
use crate::domain::act::{Act, Step};
use crate::domain::change::{self, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::major::MajorStep;
use crate::domain::major::cadence::{self, Audience, Due};
use crate::domain::name::{Name, TicketId};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// When words are due, the most urgent first.
pub fn due(model: &Model, row: Row, ticket: &Ticket) -> Vec<Due> {
    let major = ticket.major.as_ref();
    major.map_or_else(Vec::new, |major| model.settings.cadence.due(major, model.table.priority(row)))
}

pub(super) fn tell(model: &mut Model, args: &Args) -> Effects {
    let audience = Name::new(args.text("audience"));
    if is_callers(model, &audience) {
        let key = model.settings.keymap.key_of("major-callers", &model.scopes());
        return model.refuse(format!("`{audience}` reads in public; `{key}` writes to them."));
    }
    take(model, "told", MajorStep::Tell { audience, text: Clean::body(args.text("text")) })
}

fn is_callers(model: &Model, audience: &Name) -> bool {
    callers(model).any(|held| held.name == *audience)
}

/// The audiences that read in public.
fn callers(model: &Model) -> impl Iterator<Item = &Audience> {
    model.settings.cadence.audiences.iter().filter(|held| held.callers)
}

/// What the callers are told is a public reply, with the promise of the next one.
pub(super) fn tell_callers(model: &mut Model, args: &Args) -> Effects {
    let Some((row, _, _)) = facet(model) else { return Effects::none() };
    let held = callers(model).next();
    let audience = held.map_or_else(|| Name::new("callers"), |held| held.name.clone());
    let next = held.and_then(|held| held.every(model.table.priority(row)));
    let next = next.map(|every| cadence::after(model.now, every));
    let text = Clean::body(args.text("text"));
    let mut steps =
        vec![Step::Major(MajorStep::Tell { audience, text: text.clone() }), Step::Say(change::Audience::Public, text)];
    steps.extend(next.map(|at| Step::Set(Field::PromisedUpdate, Some(Value::Time(at)))));
    acts::submit(model, Act::new("callers told", steps))
}

pub(super) fn skip(model: &mut Model, args: &Args) -> Effects {
    let audience = Name::new(args.text("audience"));
    take(model, "next words skipped", MajorStep::Skip { audience })
}

/// Who will read words to all callers.
pub fn readers(model: &Model) -> Option<String> {
    let row = model.target()?;
    let ticket = model.ticket(&TicketId::new(model.table.id(row)))?;
    let children = ticket.links.iter().filter(|link| link.how == LinkKind::ParentOf).count();
    let caller = model.table.caller(row).map_or("the caller", |login| model.display(login));
    Some(match children {
        0 => caller.to_owned(),
        1 => format!("{caller} and the caller of 1 child"),
        many => format!("{caller} and the callers of {many} children"),
    })
}

/// What stands in words to an audience before anything is typed.
pub fn begun(model: &Model, command: &Command, args: &Args) -> Option<String> {
    let audience = match command.id {
        "major-tell" => Some(Name::new(args.text("audience"))),
        "major-callers" => callers(model).next().map(|held| held.name.clone()),
        _ => return None,
    };
    let row = model.target()?;
    let ticket = acts::ticket(model, row);
    let major = ticket.major.as_ref()?;
    Some(model.settings.cadence.words.fitting(major, !ticket.state.is_open(), audience.as_ref()).to_string())
}
