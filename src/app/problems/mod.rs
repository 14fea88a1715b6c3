//! Problems: raised, weighed, analysed, known, cured, borne, watched. Each command makes an act for
//! [`acts::submit`]; what a problem may do when is the domain's to say.
//!
//! | File | What it does |
//! | --- | --- |
//! | `analysis` | whys, causes, evidence, known error, fix, risk, preventive actions, reviews |
//! | `known` | known errors offered for the incident on the screen |
//! | `push` | one workaround for the incidents that wait for it |

pub mod analysis;
pub mod known;
pub mod push;

use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::verbs;
use crate::app::{acts, create, homes, pending};
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Family, Scope, Why};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Change, Target};
use crate::domain::desk::build;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::lifecycle::choices::{DOMAINS, LEVELS, TRIGGERS};
use crate::domain::name::TicketId;
use crate::domain::ticket::Ticket;

/// What made somebody raise it, at what height it lies, and in what.
pub const TRIGGER: Arg = Arg::required("trigger", ArgKind::Choice(TRIGGERS), "Raised because of");
pub const LEVEL: Arg = Arg::required("level", ArgKind::Choice(LEVELS), "Level");
pub const DOMAIN: Arg = Arg::required("domain", ArgKind::Choice(DOMAINS), "Lies in");

/// Raised, and sorted by what sort of problem it is.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "raise",
        title: "Raise",
        doc: "Raise a problem that no incident shows yet: from a trend, a supplier's word, or before anything breaks.",
        scope: Scope::Global,
        keys: &["b n"],
        args: &[
            Arg::required("title", ArgKind::Text, "Title"),
            TRIGGER,
            LEVEL,
            DOMAIN,
            Arg::asked("impact", verbs::SCALE, "Impact, 1 to 3"),
            Arg::asked("urgency", verbs::SCALE, "Urgency, 1 to 3"),
            Arg::asked("category", ArgKind::From(Source::Categories), "Category"),
            Arg::asked("service", ArgKind::From(Source::Services), "Service"),
            Arg::asked("description", ArgKind::Lines, "Description"),
            Arg::optional("fields", ArgKind::Fields, "Any other field"),
        ],
        needs: |can| can.write && can.create && can.problems,
        available: acts::can_write,
        run: |m, a| create::register(m, &a.clone().with("kind", "problem")),
    },
    PROBLEM.row(
        "dimensions",
        "Level, domain",
        "Set a problem's level and domain.",
        &["b l"],
        &[LEVEL, DOMAIN],
        dimensions,
    ),
];

const PROBLEM: Family = Family { scope: Scope::Ticket, needs: works, available: is_problem };

const fn works(can: &Capabilities) -> bool {
    can.write && can.problems
}

fn is_problem(model: &Model) -> Result<(), Why> {
    acts::has_target(model)?;
    if model.targets().iter().any(|row| model.table.kind(*row) != Kind::Problem) {
        return Why::no("This is for problems; `g p` shows them, and `m p` raises one from an incident.");
    }
    Ok(())
}

fn is_incident(model: &Model) -> Result<(), Why> {
    acts::has_target(model)?;
    if model.targets().iter().any(|row| model.table.kind(*row) != Kind::Incident) {
        return Why::no("This is for incidents; `g i` shows them.");
    }
    Ok(())
}

fn dimensions(model: &mut Model, args: &Args) -> Effects {
    let word = |name: &str| Some(Value::name(args.text(name)));
    let steps = [Step::Set(Field::Level, word("level")), Step::Set(Field::Domain, word("domain"))];
    acts::submit(model, Act::new(format!("{} and {}", args.text("level"), args.text("domain")), steps))
}

/// What stands in a form before anybody types: the proposal, or what the problem says already.
pub fn begun(model: &Model, command: &str, name: &str) -> Option<String> {
    let fresh = |name: &str| match name {
        "trigger" => Some("proactive"),
        "level" => Some("operational"),
        "domain" => Some("system"),
        _ => None,
    };
    let field = match (command, name) {
        ("raise" | "new", _) => return fresh(name).map(str::to_owned),
        ("dimensions", "level") => Field::Level,
        ("dimensions", "domain") => Field::Domain,
        ("whys", _) => Field::Whys,
        ("cause-tree", _) => Field::CauseTree,
        ("evidence", _) | ("cause", "evidence") => Field::Evidence,
        ("cause", "category") => Field::CauseCategory,
        ("cause", "text") => Field::Cause,
        ("known-error", _) => Field::Workaround,
        ("fix-plan", "text") => Field::Fix,
        ("review-record", _) => Field::ReviewRecord,
        _ => return None,
    };
    let row = model.target()?;
    let ticket = acts::ticket(model, row);
    ticket.get(&field).map(ToString::to_string).filter(|text| !text.is_empty())
}

/// A problem over these incidents, of the proposed sort where nobody says otherwise; `evidence` stands before what the
/// incidents say of themselves.
pub fn raise_over(model: &mut Model, incidents: &[Ticket], args: &Args) -> Option<Effects> {
    let held: Vec<&Ticket> = incidents.iter().collect();
    let mut plan = build::raise_problem(&held, args.get("title"))?;
    if let Some(why) = create::across(&plan) {
        model.say(Notice::refused(why));
        return Some(Effects::none());
    }
    for change in &mut plan.changes {
        if let (Change::Set { field: Field::Evidence, to: Some(to), .. }, Some(known)) =
            (&mut *change, args.get("evidence"))
        {
            *to = Value::text(&format!("{known}\n{to}"));
        }
        let Change::Set { field: field @ (Field::Trigger | Field::Level | Field::Domain), to, .. } = change else {
            continue;
        };
        if let Some(given) = args.get(field.name()) {
            *to = Some(Value::name(given));
        }
    }
    let home = model.homes.of(incidents.first()?.id.as_str());
    // A tracker that has no place for the level and the domain gets them as a note.
    let mut blank = Ticket::blank(TicketId::new(""), Kind::Problem, model.me.clone(), model.now);
    blank.workflow.clone_from(&home.workflow);
    let changes = homes::fit(plan.changes, &home.capabilities, &blank, &model.me);
    let word = |wanted: &Field| {
        changes.iter().find_map(|change| match change {
            Change::Set { field, to: Some(to), .. } if field == wanted => Some(to.to_string()),
            _ => None,
        })
    };
    let sort: Vec<String> = [Field::Trigger, Field::Level, Field::Domain].iter().filter_map(word).collect();
    let batch = model.mint();
    let (key, effects) = pending::start(model, Target::New(Kind::Problem), &Act::new("problem raised", []), changes);
    pending::join(model, &key, &batch);
    let ids: Vec<&str> = incidents.iter().take(5).map(|ticket| ticket.id.as_str()).collect();
    let more = incidents.len().checked_sub(6).map(|more| format!(" and {} more", more + 1)).unwrap_or_default();
    let sort = if sort.is_empty() { String::new() } else { format!(" It is {}; `b l` sets that.", sort.join(", ")) };
    model.marks.clear();
    model.say(Notice::done(format!("A problem is being raised from {}{more}.{sort}", ids.join(", "))));
    Some(effects)
}

/// The one problem that is meant, with its words; otherwise what has to happen first.
fn meant(model: &mut Model) -> Result<Ticket, Effects> {
    let Some(row) = model.target() else {
        model.say(Notice::refused("One problem at a time: Esc takes the marks away."));
        return Err(Effects::none());
    };
    let id = TicketId::new(model.table.id(row));
    if model.ticket(&id).is_none() {
        model.say(Notice::refused(format!("{id} is being read; press again.")));
        return Err(crate::app::effect::Effect::Load(id).into());
    }
    Ok(acts::ticket(model, row))
}

/// Weighing a problem anew, once it is under way, is said with a reason.
pub fn weighs_anew(model: &Model) -> bool {
    let under_way = |row: &crate::domain::table::Row| {
        let here = model.homes.of(model.table.id(*row)).workflow.is_none();
        here && model.table.kind(*row) == Kind::Problem && model.table.state(*row) != lifecycle::initial(Kind::Problem)
    };
    model.targets().iter().any(under_way)
}
