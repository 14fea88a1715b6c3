//! Tickets that come into being, or grow out of others: register, merge, raise, convert.

use crate::app::acts::{self, can_write};
use crate::app::decision;
use crate::app::effect::Effects;
use crate::app::homes;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pending;
use crate::app::problems;
use crate::app::triage;
use crate::app::verbs;
use crate::backend::several::names;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope};
use crate::domain::act::Act;
use crate::domain::change::{Change, Target};
use crate::domain::desk::build::{self, Plan};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;

/// Tickets that come into being.
pub const COMMANDS: &[Command] = &[Command {
    id: "new",
    title: "New",
    doc: "Register a ticket.",
    scope: Scope::Global,
    keys: &["N"],
    args: &[
        Arg::required("kind", ArgKind::Choice(&["incident", "request", "problem", "change"]), "Kind"),
        Arg::asked("desk", ArgKind::From(Source::Desks), "Desk"),
        Arg::required("title", ArgKind::Text, "Title"),
        Arg::required("caller", ArgKind::From(Source::People), "Caller"),
        Arg::asked("impact", verbs::SCALE, "Impact, 1 to 3"),
        Arg::asked("urgency", verbs::SCALE, "Urgency, 1 to 3"),
        Arg::asked("category", ArgKind::From(Source::Categories), "Category"),
        Arg::asked("description", ArgKind::Lines, "Description"),
        Arg::optional("fields", ArgKind::Fields, "Any other field"),
    ],
    needs: |can| can.write && can.create,
    available: can_write,
    run: register,
}];

/// Registers a ticket from what was asked.
pub fn register(model: &mut Model, args: &Args) -> Effects {
    let Some(kind) = Kind::parse(args.text("kind")) else {
        return model.refuse(format!("A ticket is one of: {}.", Kind::choices()));
    };
    let native = model.homes.any().problems && model.home().workflow.is_none();
    if kind == Kind::Problem && native {
        const WANTED: [Arg; 3] = [problems::TRIGGER, problems::LEVEL, problems::DOMAIN];
        if let Some(effects) = crate::app::ask::more(model, "new", args, &WANTED) {
            return effects;
        }
    }
    let mut changes = vec![Change::Create { kind, state: lifecycle::initial(kind), opened: model.now }];
    for (name, text) in args.iter().filter(|(name, _)| *name != "kind") {
        let Some(field) = Field::parse(name) else { continue };
        match verbs::value(model, &field, text) {
            Ok(Some(value)) => changes.push(Change::set(field, value)),
            Ok(None) => {}
            Err(reason) => return model.refuse(reason),
        }
    }
    if args.get("group").is_none()
        && let Some(group) = usual_group(model, args.text("category"))
    {
        changes.push(Change::set(Field::Group, group));
    }
    let act = Act::new(format!("{kind} registered"), []);
    let desk = args.get("desk").map(Name::new);
    let (_, effects) = pending::start_on(model, Target::New(kind), &act, changes, None, desk);
    model.say(Notice::done(format!("The {kind} is being registered.")));
    effects
}

/// Where tickets of a category usually go.
fn usual_group(model: &Model, category: &str) -> Option<Value> {
    let known = model.directory.categories.iter().find(|held| &*held.name == category)?;
    known.group.clone().map(Value::Name)
}

/// Merges the targets as duplicates into another ticket.
pub fn merge(model: &mut Model, args: &Args) -> Effects {
    let into = TicketId::new(args.text("into"));
    let Some(survivor) = model.table.row(&into).map(|row| acts::ticket(model, row)) else {
        return model.refuse(format!("{into} is not on this desk."));
    };
    if model.targets().iter().all(|row| model.table.id(*row) == into.as_str()) {
        return model.refuse(format!("{into} cannot be a duplicate of itself."));
    }
    let far = |row: &Row| names::profile(model.table.id(*row)) != names::profile(into.as_str());
    if let Some(row) = model.targets().into_iter().find(far) {
        let id = model.table.id(row).to_owned();
        return model.refuse(format!(
            "{id} and {into} live on different desks, which know nothing of each other: neither can merge them. `link` \
             keeps here what they have to do with each other."
        ));
    }
    let Some(decided) = decision::send_first(model) else { return Effects::none() };
    let targets = meant(model);
    let duplicates: Vec<&Ticket> = targets.iter().filter(|ticket| ticket.id != into).collect();
    let plans: Vec<Plan> = duplicates.iter().flat_map(|ticket| build::merge(ticket, &survivor)).collect();
    let done = format!("{} merged into {into}; `unmerge` reverses it.", listed(&duplicates));
    decided.and(start(model, "merged", plans, &done)).and(triage::go_on(model, &done))
}

/// Brings merged duplicates back.
pub fn unmerge(model: &mut Model, _: &Args) -> Effects {
    let targets = meant(model);
    let plans: Vec<Plan> = targets.iter().flat_map(build::unmerge).collect();
    let done = format!("{} brought back.", listed(&targets.iter().collect::<Vec<_>>()));
    start(model, "unmerged", plans, &done)
}

/// One problem over all targets.
pub fn raise_problem(model: &mut Model, args: &Args) -> Effects {
    let targets = meant(model);
    let incidents: Vec<Ticket> = targets.into_iter().filter(|ticket| ticket.kind == Kind::Incident).collect();
    match problems::raise_over(model, &incidents, args) {
        Some(effects) => effects,
        None => model.refuse("A problem is raised from incidents; there is none here."),
    }
}

/// A new ticket that follows a closed one.
pub fn follow_up(model: &mut Model, _: &Args) -> Effects {
    let targets = meant(model);
    if let Some(open) = targets.iter().find(|ticket| !ticket.state.is_final()) {
        return model.refuse(format!("{} is not closed; work on it, or reopen it.", open.id));
    }
    let plans: Vec<Plan> = targets.iter().map(build::follow_up).collect();
    let done = format!("What follows {} is being registered.", listed(&targets.iter().collect::<Vec<_>>()));
    start(model, "follow-up", plans, &done)
}

/// A change from each target.
pub fn raise_change(model: &mut Model, args: &Args) -> Effects {
    let targets = meant(model);
    let mut plans: Vec<Plan> = targets.iter().filter(|t| t.kind != Kind::Change).map(build::raise_change).collect();
    if plans.is_empty() {
        return model.refuse("A change is raised from a problem, an incident or a request.");
    }
    if let Some(title) = args.get("title") {
        for plan in &mut plans {
            plan.changes.retain(|change| !matches!(change, Change::Set { field: Field::Title, .. }));
            plan.changes.insert(0, Change::set(Field::Title, Value::text(title)));
        }
    }
    let done = format!("A change is being raised from {}.", listed(&targets.iter().collect::<Vec<_>>()));
    start(model, "change raised", plans, &done)
}

/// Incident and request into each other.
pub fn convert(model: &mut Model, _: &Args) -> Effects {
    if meant(model).iter().any(|ticket| build::convert(ticket).is_none()) {
        return model.refuse("Only incidents and requests convert into each other.");
    }
    let Some(decided) = decision::send_first(model) else { return Effects::none() };
    let targets = meant(model);
    let plans: Option<Vec<Vec<Plan>>> = targets.iter().map(build::convert).collect();
    match plans {
        Some(plans) => {
            let done = format!("{} is being converted.", listed(&targets.iter().collect::<Vec<_>>()));
            let started = start(model, "converted", plans.into_iter().flatten().collect(), &done);
            decided.and(started).and(triage::go_on(model, &done))
        }
        None => model.refuse("Only incidents and requests convert into each other."),
    }
}

fn meant(model: &Model) -> Vec<Ticket> {
    model.targets().into_iter().map(|row| acts::ticket(model, row)).collect()
}

fn listed(tickets: &[&Ticket]) -> String {
    let ids: Vec<&str> = tickets.iter().take(5).map(|ticket| ticket.id.as_str()).collect();
    match tickets.len().checked_sub(5) {
        Some(more @ 1..) => format!("{} and {more} more", ids.join(", ")),
        _ => ids.join(", "),
    }
}

/// Sends the plans in order; they are undone together.
fn start(model: &mut Model, title: &str, plans: Vec<Plan>, done: &str) -> Effects {
    if let Some(why) = plans.iter().find_map(across) {
        return model.refuse(why);
    }
    let act = Act::new(title, []);
    let batch = model.mint();
    let mut effects = Effects::none();
    for Plan { target, changes } in plans {
        let changes = fit(model, &target, changes);
        let (key, more) = pending::start(model, target, &act, changes);
        pending::join(model, &key, &batch);
        effects = effects.and(more);
    }
    model.marks.clear();
    model.say(Notice::done(done));
    effects
}

/// Why what is linked there cannot be: a desk knows its own tickets only.
pub fn across(plan: &Plan) -> Option<String> {
    let mut ends: Vec<&TicketId> = plan.changes.iter().filter_map(linked).collect();
    ends.extend(if let Target::Ticket(id) = &plan.target { Some(id) } else { None });
    let (first, others) = ends.split_first()?;
    let far = others.iter().find(|id| names::profile(id.as_str()) != names::profile(first.as_str()))?;
    Some(format!(
        "{first} and {far} live on different desks, which know nothing of each other: do it on each desk by itself; \
         `link` keeps here what the tickets have to do with each other."
    ))
}

fn linked(change: &Change) -> Option<&TicketId> {
    match change {
        Change::Link { link } | Change::Unlink { link } => Some(&link.other),
        _ => None,
    }
}

/// In the words of the ticket's desk.
fn fit(model: &Model, target: &Target, changes: Vec<Change>) -> Vec<Change> {
    let Target::Ticket(id) = target else { return changes };
    let Some(row) = model.table.row(id) else { return changes };
    let can = model.homes.of(id.as_str()).capabilities;
    homes::fit(changes, &can, &acts::ticket(model, row), &model.me)
}
