//! What the ticket has to do with others.

use super::{ACT, links, needing};
use crate::app::acts;
use crate::app::create;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::ties;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, any};
use crate::domain::act::{Act, Step};
use crate::domain::change::LinkKind;
use crate::domain::lifecycle::choices::{DOMAINS, LEVELS, TRIGGERS};
use crate::domain::name::TicketId;

/// Not only the desk keeps links.
const fn linking(command: Command) -> Command {
    Command { needs: any, available: acts::can_link, ..command }
}

/// What the ticket has to do with others.
pub const COMMANDS: &[Command] = &[
    linking(ACT.row(
        "link",
        "Link",
        "Link it to another ticket.",
        &["l"],
        &[
            Arg::required("to", ArgKind::From(Source::Tickets), "Link to"),
            Arg::optional(
                "how",
                ArgKind::Choice(&[
                    "relates_to",
                    "child_of",
                    "parent_of",
                    "problem_is",
                    "problem_of",
                    "fixed_by",
                    "fixes",
                    "caused_by",
                    "caused",
                    "follows",
                    "duplicate_of",
                ]),
                "How",
            ),
        ],
        link,
    )),
    linking(ACT.row(
        "unlink",
        "Unlink",
        "Take a link away.",
        &["L"],
        &[Arg::required("to", ArgKind::From(Source::Links), "Unlink from")],
        unlink,
    )),
    needing(
        ACT.row(
            "merge",
            "Merge",
            "Merge it as a duplicate into another ticket; `unmerge` reverses it.",
            &["m m"],
            &[Arg::required("into", ArgKind::From(Source::Tickets), "Duplicate of")],
            create::merge,
        ),
        links,
    ),
    needing(ACT.row("unmerge", "Unmerge", "Bring a merged duplicate back.", &["m u"], &[], create::unmerge), links),
    needing(
        ACT.row(
            "raise-problem",
            "Raise problem",
            "Raise a problem from these incidents: linked, evidence copied.",
            &["m p"],
            &[
                Arg::optional("title", ArgKind::Text, "Title of the problem"),
                Arg::optional("trigger", ArgKind::Choice(TRIGGERS), "Raised because of"),
                Arg::optional("level", ArgKind::Choice(LEVELS), "Level"),
                Arg::optional("domain", ArgKind::Choice(DOMAINS), "Lies in"),
            ],
            create::raise_problem,
        ),
        |can| can.write && can.problems && can.links,
    ),
    needing(
        ACT.row(
            "raise-change",
            "Raise change",
            "Raise a change from this problem or incident.",
            &["m c"],
            &[Arg::optional("title", ArgKind::Text, "Title of the change")],
            create::raise_change,
        ),
        |can| can.write && can.changes && can.links,
    ),
    needing(
        ACT.row(
            "follow-up",
            "Follow up",
            "Register a new ticket that follows a closed one.",
            &["m n"],
            &[],
            create::follow_up,
        ),
        |can| can.write && can.create && can.links,
    ),
    ACT.row(
        "convert",
        "Convert",
        "Make a request of this incident, or an incident of this request.",
        &["m v"],
        &[],
        create::convert,
    ),
];

pub(super) fn link(model: &mut Model, args: &Args) -> Effects {
    let other = TicketId::new(args.text("to"));
    let how = args.get("how").and_then(LinkKind::parse).unwrap_or_else(|| usual_link(model, &other));
    acts::submit(model, Act::new(format!("linked to {other}"), [Step::Link(how, other)]))
}

/// The link one usually means between two kinds.
fn usual_link(model: &Model, other: &TicketId) -> LinkKind {
    use crate::domain::kind::Kind::{Change, Incident, Problem};
    let this = model.targets().first().map(|row| model.table.kind(*row));
    let that = model.table.row(other).map(|row| model.table.kind(row));
    match (this, that) {
        (Some(Incident), Some(Problem)) => LinkKind::ProblemIs,
        (Some(Problem), Some(Incident)) => LinkKind::ProblemOf,
        (Some(Incident | Problem), Some(Change)) => LinkKind::FixedBy,
        (Some(Change), Some(Incident | Problem)) => LinkKind::Fixes,
        _ => LinkKind::RelatesTo,
    }
}

fn unlink(model: &mut Model, args: &Args) -> Effects {
    let other = TicketId::new(args.text("to"));
    let held = model.targets().first().and_then(|row| {
        let id = TicketId::new(model.table.id(*row));
        let links = ties::links(model, model.ticket(&id)?);
        links.into_iter().find(|(link, _)| link.other == other).map(|(link, _)| link.how)
    });
    match held {
        Some(how) => acts::submit(model, Act::new(format!("unlinked from {other}"), [Step::Unlink(how, other)])),
        None => model.refuse(format!("It has no link to {other} that is known here; open it first.")),
    }
}
