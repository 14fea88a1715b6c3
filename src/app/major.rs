//! The major incident room: proposed, accepted, who does what, words by cadence, the log, the review.

use jiff::{SignedDuration, Timestamp};

use crate::app::acts::{self, has_target};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pane::Pane;
use crate::app::proposals::{self, Above};
use crate::app::verbs;
use crate::app::{detail, files, lists};
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Family, Scope};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Audience, Change, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::gate::Gate;
use crate::domain::kind::Kind;
use crate::domain::major::cadence::{self, Due};
use crate::domain::major::{LineSort, Major, MajorRole, MajorState, MajorStep, review};
use crate::domain::name::{Name, TicketId};
use crate::domain::query::Query;
use crate::domain::table::{NameColumn, Row, TimeColumn};
use crate::domain::task::{self, TaskSort, TaskStep};
use crate::domain::ticket::Ticket;
use crate::text::Clean;

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
            take(m, "rejected as a major incident", vec![MajorStep::Reject { reason }])
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
            take(m, "demoted", vec![MajorStep::Demote { reason }])
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
            take(m, "bridge set", vec![MajorStep::Bridge { at }])
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
        tell,
    ),
    ROOM.row(
        "major-callers",
        "Tell the callers",
        "Write to the callers of the incident and of all its children. PUBLIC.",
        &["d T"],
        &[Arg::required("text", ArgKind::Lines, "Words to all callers")],
        tell_callers,
    ),
    ROOM.row(
        "major-skip",
        "Skip the next words",
        "Leave out the next words to an audience, once.",
        &["d k"],
        &[AUDIENCE],
        skip,
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
        |m, _| children(m),
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
            take(m, "review written", vec![MajorStep::Review { part, text }])
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
    let (gate, wanted) = match step {
        MajorStep::Accept => (Some(Gate::DeclareMajor), MajorState::Proposed),
        MajorStep::Close => (Some(Gate::CloseMajor), MajorState::Accepted),
        _ => (None, MajorState::Accepted),
    };
    if !model.marks.is_empty() {
        return take(model, title, vec![step]);
    }
    let Some((_, ticket, major)) = facet(model) else { return Effects::none() };
    let is_open = if gate.is_some() { major.state == wanted } else { major.is_live() };
    if !is_open {
        model.say(Notice::refused(format!("{} is {}, so that cannot be done.", ticket.id, major.state)));
        return Effects::none();
    }
    if let Some(refusal) = gate.and_then(|gate| gate.check(&model.me, &model.directory, &ticket.id).err()) {
        let (id, changes) = (ticket.id.clone(), vec![Change::Major { step }]);
        let way_out = proposals::keep(model, Above::on(&id, title, changes)).unwrap_or_default();
        model.say(Notice::refused(format!("{refusal}{way_out}")));
        return Effects::none();
    }
    take(model, title, vec![step])
}

fn take(model: &mut Model, title: &str, steps: Vec<MajorStep>) -> Effects {
    acts::submit(model, Act::new(title, steps.into_iter().map(Step::Major)))
}

fn propose(model: &mut Model, args: &Args) -> Effects {
    let step =
        MajorStep::Propose { reason: Clean::line(args.text("reason")), impact: Clean::line(args.text("impact")) };
    take(model, "proposed as a major incident", vec![step])
}

fn somebody(model: &Model, args: &Args) -> Name {
    args.get("who").map_or_else(|| model.me.clone(), Name::new)
}

/// The ticket that is meant, if it is one and has been read.
fn meant(model: &mut Model) -> Option<(Row, Ticket)> {
    let targets = model.targets();
    let [row] = targets.as_slice() else {
        model.say(Notice::refused("This is for one incident at a time; clear the marks first."));
        return None;
    };
    let ticket = acts::ticket(model, *row);
    if ticket.timeline.is_empty() {
        model.say(Notice::refused(format!("{} has not been read yet; wait a moment, or open it.", ticket.id)));
        return None;
    }
    Some((*row, ticket))
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
    take(model, "role given", vec![MajorStep::Appoint { role, who }])
}

/// When words are due, the most urgent first.
pub fn due(model: &Model, row: Row, ticket: &Ticket) -> Vec<Due> {
    let major = ticket.major.as_ref();
    major.map_or_else(Vec::new, |major| model.settings.cadence.due(major, model.table.priority(row)))
}

fn tell(model: &mut Model, args: &Args) -> Effects {
    let audience = Name::new(args.text("audience"));
    if is_callers(model, &audience) {
        let key = model.settings.keymap.key_of("major-callers", &model.scopes());
        model.say(Notice::refused(format!("`{audience}` reads in public; `{key}` writes to them.")));
        return Effects::none();
    }
    take(model, "told", vec![MajorStep::Tell { audience, text: Clean::body(args.text("text")) }])
}

fn is_callers(model: &Model, audience: &Name) -> bool {
    model.settings.cadence.audiences.iter().any(|held| held.callers && held.name == *audience)
}

/// What the callers are told is a public reply, with the promise of the next one.
fn tell_callers(model: &mut Model, args: &Args) -> Effects {
    let Some((row, _, _)) = facet(model) else { return Effects::none() };
    let audience = model.settings.cadence.audiences.iter().find(|held| held.callers).cloned();
    let name = audience.as_ref().map_or_else(|| Name::new("callers"), |held| held.name.clone());
    let text = Clean::body(args.text("text"));
    let priority = model.table.priority(row);
    let next = audience.and_then(|held| held.every(priority)).map(|every| cadence::after(model.now, every));
    let mut steps =
        vec![Step::Major(MajorStep::Tell { audience: name, text: text.clone() }), Step::Say(Audience::Public, text)];
    steps.extend(next.map(|at| Step::Set(Field::PromisedUpdate, Some(Value::Time(at)))));
    acts::submit(model, Act::new("callers told", steps))
}

fn skip(model: &mut Model, args: &Args) -> Effects {
    let audience = Name::new(args.text("audience"));
    take(model, "next words skipped", vec![MajorStep::Skip { audience }])
}

fn log(model: &mut Model, args: &Args) -> Effects {
    let Some(sort) = LineSort::parse(args.text("sort")) else { return Effects::none() };
    take(model, "logged", vec![MajorStep::Write { sort, text: Clean::line(args.text("text")) }])
}

fn restored(model: &mut Model, args: &Args) -> Effects {
    let at = match verbs::time(model, args, "at") {
        Ok(at) => at.unwrap_or(model.now),
        Err(reason) => {
            model.say(Notice::refused(reason));
            return Effects::none();
        }
    };
    live(model, "service restored", MajorStep::Restored { at })
}

fn action(model: &mut Model, args: &Args) -> Effects {
    let due = match verbs::time(model, args, "due") {
        Ok(due) => due,
        Err(reason) => {
            model.say(Notice::refused(reason));
            return Effects::none();
        }
    };
    let to = Some(verbs::party(model, args.text("to")));
    let title = Clean::line(args.text("title"));
    let asked = task::Asked { sort: TaskSort::FollowUp, title, to, due, four_eyes: false };
    acts::submit(model, Act::new("action noted", [Step::Task(TaskStep::Add(asked))]))
}

/// How long before the first call others may have called for the same cause.
const BEFORE: SignedDuration = SignedDuration::from_hours(2);

/// Marks what looks like it in the list of incidents; who presses the key looks, unmarks, and links.
fn children(model: &mut Model) -> Effects {
    let Some((row, ticket)) = meant(model) else { return Effects::none() };
    if ticket.kind != Kind::Incident {
        model.say(Notice::refused("Only an incident has incidents as its children."));
        return Effects::none();
    }
    let found = alike(model, row, &ticket);
    if found.is_empty() {
        model.say(Notice::refused(format!("No other open incident looks like {}.", ticket.id)));
        return Effects::none();
    }
    let effects = lists::show_pane(model, Pane::Incidents);
    let open = model.settings.views_of(Pane::Incidents).position(|view| view.name == "open");
    let effects = effects.and(open.map_or_else(Effects::none, |open| lists::show_view(model, open)));
    let shown: Vec<Row> = found.into_iter().filter(|row| model.list().rows.contains(row)).collect();
    let effects = effects.and(detail::close(model));
    model.marks.extend(shown.iter().copied());
    let first = shown.first().and_then(|row| model.list().rows.iter().position(|held| held == row));
    let effects = effects.and(first.map_or_else(Effects::none, |first| lists::go(model, first)));
    let key = model.settings.keymap.key_of("link", &model.scopes());
    model.say(Notice::done(format!(
        "{} incidents look like {}. Unmark what is not; `{key}` {} `child_of` links the rest.",
        shown.len(),
        ticket.id,
        ticket.id
    )));
    effects
}

/// Open incidents without a parent, of the same service, asset or category, since shortly before it began.
fn alike(model: &Model, row: Row, ticket: &Ticket) -> Vec<Row> {
    let table = &model.table;
    let since = ticket.opened.saturating_sub(BEFORE).unwrap_or(Timestamp::MIN).as_millisecond();
    let Ok(open) = Query::parse("state:open kind:incident") else { return Vec::new() };
    let same = |other: Row| {
        [NameColumn::Service, NameColumn::Asset, NameColumn::Category]
            .into_iter()
            .any(|column| table.name(row, column).is_some() && table.name(row, column) == table.name(other, column))
    };
    let known = |other: &Row| {
        let id = table.id(*other);
        ticket.links.iter().any(|link| link.how == LinkKind::ParentOf && link.other.as_str() == id)
    };
    let mut rows = open.compile(table, &lists::context(model)).rows(table);
    rows.retain(|other| {
        *other != row && same(*other) && !known(other) && table.time(*other, TimeColumn::Opened) >= Some(since)
    });
    rows
}

fn document(model: &mut Model, args: &Args) -> Effects {
    let Some((_, ticket, _)) = facet(model) else { return Effects::none() };
    let name = |login: &str| model.display(login).to_owned();
    let when = |at: Timestamp| at.to_zoned(model.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    files::document(&format!("{}-review.md", ticket.id), args, &review::document(&ticket, &name, &when))
}

/// Who will read words to all callers.
pub fn readers(model: &Model) -> Option<String> {
    let targets = model.targets();
    let [row] = targets.as_slice() else { return None };
    let ticket = model.ticket(&TicketId::new(model.table.id(*row)))?;
    let children = ticket.links.iter().filter(|link| link.how == LinkKind::ParentOf).count();
    let caller = model.table.caller(*row).map_or("the caller", |login| model.display(login));
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
        "major-callers" => {
            model.settings.cadence.audiences.iter().find(|held| held.callers).map(|held| held.name.clone())
        }
        _ => return None,
    };
    let targets = model.targets();
    let [row] = targets.as_slice() else { return None };
    let ticket = acts::ticket(model, *row);
    let major = ticket.major.as_ref()?;
    Some(model.settings.cadence.words.fitting(major, !ticket.state.is_open(), audience.as_ref()).to_string())
}
