//! Who owns the ticket: taken, offered, accepted, given by a manager.

use super::read::moment;
use super::{ACT, handover, needing};
use crate::app::acts;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, writes};
use crate::domain::act::{Act, Step};
use crate::domain::change::Party;
use crate::domain::name::Name;
use crate::text::Clean;

/// Who owns the ticket.
pub const COMMANDS: &[Command] = &[
    ACT.row("take", "Take", "Accept the ticket: you own it and work on it.", &["t"], &[], |m, _| {
        acts::submit(m, Act::new("taken", [Step::Take]))
    }),
    needing(
        ACT.row(
            "offer",
            "Offer",
            "Offer the ticket to a person or a group; you own it until they accept.",
            &["o"],
            &[
                Arg::required("to", ArgKind::From(Source::Parties), "Offer to"),
                Arg::asked("reason", ArgKind::Text, "Why"),
                Arg::optional("expires", ArgKind::When, "Until when"),
            ],
            offer,
        ),
        writes,
    ),
    needing(
        ACT.row("accept", "Accept", "Accept what is offered to you or your group.", &["A"], &[], |m, _| {
            acts::submit(m, Act::new("accepted", [Step::Accept]))
        }),
        handover,
    ),
    needing(
        ACT.row(
            "decline",
            "Decline",
            "Decline what is offered to you, with a reason.",
            &["D"],
            &[Arg::required("reason", ArgKind::Text, "Why not")],
            decline,
        ),
        handover,
    ),
    needing(
        ACT.row("withdraw", "Withdraw", "Withdraw your offer.", &["W"], &[], |m, _| {
            acts::submit(m, Act::new("offer withdrawn", [Step::Withdraw]))
        }),
        handover,
    ),
    needing(
        ACT.row(
            "force",
            "Force",
            "A manager gives the ticket to somebody, with a reason.",
            &["F"],
            &[
                Arg::required("to", ArgKind::From(Source::Staff), "Give to"),
                Arg::required("reason", ArgKind::Text, "Why"),
            ],
            force,
        ),
        writes,
    ),
    needing(
        ACT.row(
            "stand-in",
            "Stand in",
            "Its owner is away: the deputy, or the responsible manager, becomes its acting owner.",
            &["m a"],
            &[],
            |m, _| acts::submit(m, Act::new("in the hands of who stands in", [Step::StandIn])),
        ),
        handover,
    ),
];

fn offer(model: &mut Model, args: &Args) -> Effects {
    let to = party(model, args.text("to"));
    let Ok(expires) = moment(model, args, "expires") else { return Effects::none() };
    // Where nobody accepts, it is given.
    let how = if model.home().capabilities.handover { "offered" } else { "assigned" };
    let said = format!("{how} to {}", to.name());
    acts::submit(model, Act::new(said, [Step::Offer(to, Clean::line(args.text("reason")), expires)]))
}

/// A group of that name, else a person.
pub fn party(model: &Model, name: &str) -> Party {
    if model.directory.group(name).is_some() { Party::Group(Name::new(name)) } else { Party::Person(Name::new(name)) }
}

fn decline(model: &mut Model, args: &Args) -> Effects {
    acts::submit(model, Act::new("declined", [Step::Decline(Clean::line(args.text("reason")))]))
}

fn force(model: &mut Model, args: &Args) -> Effects {
    let (to, reason) = (Name::new(args.text("to")), Clean::line(args.text("reason")));
    acts::submit(model, Act::new(format!("given to {to}"), [Step::Force(to, reason)]))
}
