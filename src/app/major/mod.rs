//! The major incident room: proposed, accepted, who does what, the log, the review.
//!
//! | File | What it does |
//! | --- | --- |
//! | `words` | words to the callers and to audiences inside the house |
//! | `children` | the incidents that look like it |
//! | `owed` | the words that are overdue, told to who is to send them |

mod children;
pub mod owed;
mod words;

use jiff::Timestamp;

use crate::app::acts::{self, has_target};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::proposals::{self, Above};
use crate::app::{files, verbs};
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Family, Scope};
use crate::domain::act::{Act, Step};
use crate::domain::change::Change;
use crate::domain::gate::Gate;
use crate::domain::major::{LineSort, Major, MajorRole, MajorState, MajorStep, review};
use crate::domain::name::Name;
use crate::domain::table::Row;
use crate::domain::task::{self, TaskSort, TaskStep};
use crate::domain::ticket::Ticket;
use crate::text::Clean;

pub use self::words::{begun, due, readers};

const ROLES: &[&str] = &["incident_manager", "communications", "scribe", "technical_lead"];
const SORTS: &[&str] = &["fact", "decision", "hypothesis", "ruled_out", "confirmed"];

const ROOM: Family = Family { scope: Scope::Ticket, needs: keeps, available: has_target };

const fn keeps(can: &Capabilities) -> bool {
    can.write && can.majors
}

const WHY: Arg = Arg::required("reason", ArgKind::Text, "Why");
const AUDIENCE: Arg = Arg::required("audience", ArgKind::From(Source::Audiences), "To whom");

/// The major incident room.
pub const COMMANDS: &[Command] = &[
    ROOM.row(
        "major-propose",
        "Propose as major",
        "Propose the incident as a major one: why, and what it costs the business.",
        &["d p"],
        &[WHY, Arg::required("impact", ArgKind::Text, "Impact on the business")],
        propose,
    ),
    ROOM.row(
        "major-accept",
        "Accept as major",
        "Accept the candidate: it is yours from then on.",
        &["d a"],
        &[],
        |m, _| live(m, "accepted as a major incident", MajorStep::Accept),
    ),
    ROOM.row(
        "major-reject",
        "Reject the candidate",
        "It is no major incident, with a reason.",
        &["d r"],
        &[WHY],
        |m, a| {
            let reason = Clean::line(a.text("reason"));
            take(m, "rejected as a major incident", MajorStep::Reject { reason })
        },
    ),
    ROOM.row(
        "major-demote",
        "Demote",
        "It is a major incident no longer; the incident stays open.",
        &["d d"],
        &[WHY],
        |m, a| {
            let reason = Clean::line(a.text("reason"));
            take(m, "demoted", MajorStep::Demote { reason })
        },
    ),
    ROOM.row(
        "major-close",
        "Close the major incident",
        "Its review is written; the facet ends.",
        &["d c"],
        &[],
        |m, _| live(m, "major incident closed", MajorStep::Close),
    ),
    ROOM.row(
        "major-role",
        "Role",
        "Who manages it, who speaks to people, who writes the log, who leads the technical work.",
        &["d o"],
        &[
            Arg::required("role", ArgKind::Choice(ROLES), "Role"),
            Arg::required("who", ArgKind::From(Source::Staff), "Who"),
        ],
        appoint,
    ),
    ROOM.row(
        "major-bridge",
        "Bridge",
        "Where people meet: a number or an address.",
        &["d b"],
        &[Arg::required("at", ArgKind::Text, "Number or address")],
        |m, a| {
            let at = Clean::line(a.text("at"));
            take(m, "bridge set", MajorStep::Bridge { at })
        },
    ),
    ROOM.row(
        "major-join",
        "Join the bridge",
        "You, or whom you name, are on the bridge.",
        &["d j"],
        &[Arg::optional("who", ArgKind::From(Source::Staff), "Who")],
        |m, a| {
            let who = somebody(m, a);
            live(m, "on the bridge", MajorStep::Join { who })
        },
    ),
    ROOM.row(
        "major-leave",
        "Leave the bridge",
        "You, or whom you name, have left the bridge.",
        &["d l"],
        &[Arg::optional("who", ArgKind::From(Source::Staff), "Who")],
        |m, a| {
            let who = somebody(m, a);
            live(m, "off the bridge", MajorStep::Leave { who })
        },
    ),
    ROOM.row(
        "major-tell",
        "Tell an audience",
        "Write down what an audience inside the house was told; its next words are due from now.",
        &["d t"],
        &[AUDIENCE, Arg::required("text", ArgKind::Lines, "Words to the audience")],
        words::tell,
    ),
    ROOM.row(
        "major-callers",
        "Tell the callers",
        "Write to the callers of the incident and of all its children. PUBLIC.",
        &["d T"],
        &[Arg::required("text", ArgKind::Lines, "Words to all callers")],
        words::tell_callers,
    ),
    ROOM.row(
        "major-skip",
        "Skip the next words",
        "Leave out the next words to an audience, once.",
        &["d k"],
        &[AUDIENCE],
        words::skip,
    ),
    ROOM.row(
        "major-log",
        "Log",
        "Write a line of the log: a fact, a decision, a hypothesis and what became of it.",
        &["d w"],
        &[
            Arg::required("sort", ArgKind::Choice(SORTS), "What it is"),
            Arg::required("text", ArgKind::Text, "What happened"),
        ],
        log,
    ),
    ROOM.row(
        "major-restored",
        "Service restored",
        "The service runs again, which is not yet to say that the incident is resolved.",
        &["d s"],
        &[Arg::optional("at", ArgKind::Text, "When; now where nothing is said")],
        restored,
    ),
    ROOM.row(
        "major-children",
        "Find its children",
        "Mark the open incidents that look like it: same service, asset or category, since it began.",
        &["d f"],
        &[],
        |m, _| children::mark(m),
    ),
    ROOM.row(
        "major-action",
        "Action",
        "Something to be done so that it does not happen again, with an owner and a date.",
        &["d +"],
        &[
            Arg::required("title", ArgKind::Text, "What is to be done"),
            Arg::required("to", ArgKind::From(Source::Parties), "By whom"),
            Arg::required("due", ArgKind::When, "Until when"),
        ],
        action,
    ),
    ROOM.row(
        "major-review",
        "Write the review",
        "Write a part of the review after the fact.",
        &["d v"],
        &[
            Arg::required("part", ArgKind::Choice(review::PARTS), "Part"),
            Arg::required("text", ArgKind::Lines, "What the review says"),
        ],
        |m, a| {
            let (part, text) = (Name::new(a.text("part")), Clean::body(a.text("text")));
            take(m, "review written", MajorStep::Review { part, text })
        },
    ),
    ROOM.row(
        "major-document",
        "Review as a document",
        "Write the review as Markdown to a file of this computer; nothing is overwritten.",
        &["d e"],
        &[files::PATH],
        document,
    ),
];

/// What needs no answer is not sent where it is known to be refused.
fn live(model: &mut Model, title: &str, step: MajorStep) -> Effects {
    if !model.marks.is_empty() {
        return take(model, title, step);
    }
    let Some((_, ticket, major)) = facet(model) else { return Effects::none() };
    let (gate, is_open) = match step {
        MajorStep::Accept => (Some(Gate::DeclareMajor), major.state == MajorState::Proposed),
        MajorStep::Close => (Some(Gate::CloseMajor), major.state == MajorState::Accepted),
        _ => (None, major.is_live()),
    };
    if !is_open {
        return model.refuse(format!("{} is {}, so that cannot be done.", ticket.id, major.state));
    }
    if let Some(refusal) = gate.and_then(|gate| gate.check(&model.me, &model.directory, &ticket.id).err()) {
        let (id, changes) = (ticket.id.clone(), vec![Change::Major { step }]);
        let way_out = proposals::keep(model, Above::on(&id, title, changes)).unwrap_or_default();
        return model.refuse(format!("{refusal}{way_out}"));
    }
    take(model, title, step)
}

fn take(model: &mut Model, title: &str, step: MajorStep) -> Effects {
    acts::submit(model, Act::new(title, [Step::Major(step)]))
}

fn propose(model: &mut Model, args: &Args) -> Effects {
    let step =
        MajorStep::Propose { reason: Clean::line(args.text("reason")), impact: Clean::line(args.text("impact")) };
    take(model, "proposed as a major incident", step)
}

fn somebody(model: &Model, args: &Args) -> Name {
    args.get("who").map_or_else(|| model.me.clone(), Name::new)
}

/// The ticket that is meant, if it is one and has been read.
fn meant(model: &mut Model) -> Option<(Row, Ticket)> {
    let Some(row) = model.target() else {
        model.say(Notice::refused("This is for one incident at a time; clear the marks first."));
        return None;
    };
    let ticket = acts::ticket(model, row);
    if ticket.timeline.is_empty() {
        model.say(Notice::refused(format!("{} has not been read yet; wait a moment, or open it.", ticket.id)));
        return None;
    }
    Some((row, ticket))
}

/// The facet of the ticket that is meant; said where there is none.
fn facet(model: &mut Model) -> Option<(Row, Ticket, Major)> {
    let (row, ticket) = meant(model)?;
    let Some(major) = ticket.major.clone() else {
        let key = model.settings.keymap.key_of("major-propose", &model.scopes());
        model.say(Notice::refused(format!("{} is no major incident; `{key}` proposes it.", ticket.id)));
        return None;
    };
    Some((row, ticket, major))
}

/// Several may lead the technical work; the other roles are one person's.
fn appoint(model: &mut Model, args: &Args) -> Effects {
    let Some(role) = MajorRole::parse(args.text("role")) else { return Effects::none() };
    let Some((_, _, major)) = facet(model) else { return Effects::none() };
    let new = Name::new(args.text("who"));
    let mut who = match role {
        MajorRole::TechnicalLead => major.roles.get(&role).cloned().unwrap_or_default(),
        _ => Vec::new(),
    };
    if !who.contains(&new) {
        who.push(new);
    }
    take(model, "role given", MajorStep::Appoint { role, who })
}

fn log(model: &mut Model, args: &Args) -> Effects {
    let Some(sort) = LineSort::parse(args.text("sort")) else { return Effects::none() };
    take(model, "logged", MajorStep::Write { sort, text: Clean::line(args.text("text")) })
}

fn restored(model: &mut Model, args: &Args) -> Effects {
    let at = match verbs::time(model, args, "at") {
        Ok(at) => at.unwrap_or(model.now),
        Err(reason) => return model.refuse(reason),
    };
    live(model, "service restored", MajorStep::Restored { at })
}

fn action(model: &mut Model, args: &Args) -> Effects {
    let due = match verbs::time(model, args, "due") {
        Ok(due) => due,
        Err(reason) => return model.refuse(reason),
    };
    let to = Some(verbs::party(model, args.text("to")));
    let title = Clean::line(args.text("title"));
    let asked = task::Asked { sort: TaskSort::FollowUp, title, to, due, four_eyes: false };
    acts::submit(model, Act::new("action noted", [Step::Task(TaskStep::Add(asked))]))
}

fn document(model: &mut Model, args: &Args) -> Effects {
    let Some((_, ticket, _)) = facet(model) else { return Effects::none() };
    let name = |login: &str| model.display(login).to_owned();
    let when = |at: Timestamp| at.to_zoned(model.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    files::document(&format!("{}-review.md", ticket.id), args, &review::document(&ticket, &name, &when))
}
