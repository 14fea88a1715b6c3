//! Escalating: taking what the rules propose as it stands or changed, answering for an escalation, and the quick word to
//! the supervisor.

mod rules;

use crate::app::acts::{self, has_target};
use crate::app::ask;
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::verbs;
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Escalation, EscalationKind, LadderStep, LinkKind, Party};
use crate::domain::directory::Role;
use crate::domain::escalation::{self, Proposal};
use crate::domain::field::{Field, Value};
use crate::domain::gate::Gate;
use crate::domain::kind::Kind;
use crate::domain::major::MajorStep;
use crate::domain::name::{Name, TicketId};
use crate::domain::ownership;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

pub use self::rules::{Ladder, ladders, proposals};

const KINDS: &[&str] = &["functional", "hierarchical", "time_based", "problem", "major", "supplier", "exception"];

/// Escalating.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "escalate",
        title: "Escalate",
        doc: "Escalate: to more skill, more authority, a problem, a major incident, a supplier, or as an exception. \
              What the rules propose stands in the form.",
        scope: Scope::Ticket,
        keys: &["e"],
        args: &[
            Arg::required("kind", ArgKind::Choice(KINDS), "Kind"),
            Arg::required("to", ArgKind::From(Source::Parties), "To"),
            Arg::required("reason", ArgKind::Text, "Why"),
            Arg::asked("tried", ArgKind::Lines, "Tried, expected, evidence or impact"),
            Arg::optional("supplier", ArgKind::From(Source::Suppliers), "Supplier"),
            Arg::optional("reference", ArgKind::Text, "The supplier's reference"),
            Arg::optional("promise", ArgKind::When, "By when the supplier promised it"),
            Arg::optional("problem", ArgKind::From(Source::Problems), "The problem, if there is one already"),
        ],
        needs: escalates,
        available: has_target,
        run: escalate,
    },
    Command {
        id: "escalate-proposed",
        title: "Escalate as proposed",
        doc: "Take the first escalation that the rules propose, as it stands.",
        scope: Scope::Ticket,
        keys: &["m e"],
        args: &[],
        needs: escalates,
        available: has_target,
        run: |m, _| acts::submit(m, Act::new("escalated as proposed", [Step::Proposed])),
    },
    Command {
        id: "acknowledge",
        title: "Acknowledge",
        doc: "Answer for an escalation; its ladder stops.",
        scope: Scope::Ticket,
        keys: &["E"],
        args: &[Arg::required("kind", ArgKind::Choice(KINDS), "Kind")],
        needs: escalations,
        available: has_target,
        run: acknowledge,
    },
    Command {
        id: "exception",
        title: "Tell the supervisor",
        doc: "A quick word to the responsible manager that something out of the ordinary happened with this ticket.",
        scope: Scope::Global,
        keys: &["!"],
        args: &[Arg::required("text", ArgKind::Text, "What happened")],
        needs: escalates,
        available: has_target,
        run: exception,
    },
];

/// A desk that keeps no escalations takes them as internal notes.
const fn escalates(can: &Capabilities) -> bool {
    can.write && (can.escalations || can.internal_notes)
}

const fn escalations(can: &Capabilities) -> bool {
    can.write && can.escalations
}

/// What stands in the form of `escalate` before anything is typed: the first proposal for the ticket.
pub fn begun(model: &Model, command: &str, name: &str) -> Option<String> {
    if command != "escalate" || !matches!(name, "kind" | "to" | "reason") {
        return None;
    }
    let row = model.target()?;
    let proposal = proposals(model, &acts::ticket(model, row)).into_iter().next()?;
    Some(match name {
        "kind" => proposal.kind.as_str().to_owned(),
        "to" => proposal.to.name().to_string(),
        _ => proposal.reason.to_string(),
    })
}

/// To whom an escalation of that kind goes where nobody says otherwise: as the rules propose, else to whom such things
/// usually go.
fn usual(model: &Model, ticket: &Ticket, kind: EscalationKind) -> Option<Name> {
    let proposed = proposals(model, ticket).into_iter().find(|proposal| proposal.kind == kind);
    if let Some(proposal) = proposed {
        return Some(Name::new(proposal.to.name()));
    }
    let with = |role| model.directory.people.iter().find(|person| person.roles.contains(&role));
    let manager = || ownership::responsible(ticket, &model.directory).cloned();
    match kind {
        EscalationKind::Functional => escalation::next_line(ticket, &model.directory),
        EscalationKind::Hierarchical | EscalationKind::Exception => manager(),
        EscalationKind::Problem => with(Role::ProblemManager).map(|person| person.login.clone()).or_else(manager),
        EscalationKind::Major => with(Role::IncidentManager).map(|person| person.login.clone()).or_else(manager),
        EscalationKind::TimeBased | EscalationKind::Supplier => None,
    }
}

/// What `to` of the form becomes once the kind is chosen; none where it stays, as it does where somebody typed it.
pub fn party_of(model: &Model, kind: &str, to: &str) -> Option<Name> {
    let row = model.target()?;
    let ticket = acts::ticket(model, row);
    let offered = |kind: &&str| usual(model, &ticket, EscalationKind::parse(kind)?);
    let is_typed = !to.is_empty() && !KINDS.iter().filter_map(offered).any(|name| &*name == to);
    if is_typed { None } else { offered(&kind).filter(|name| &**name != to) }
}

/// The steps of the first proposal for this ticket, or why there is none.
pub fn proposed(model: &Model, ticket: &Ticket) -> Result<Vec<Step>, String> {
    if ticket.timeline.is_empty() {
        return Err(format!("{} has not been read yet; open it first.", ticket.id));
    }
    let Some(proposal) = proposals(model, ticket).into_iter().next() else {
        return Err(format!("Nothing is proposed for {}; `escalate` escalates by hand.", ticket.id));
    };
    let tried = format!("Proposed by the rule `{}`.", proposal.step.rule);
    let asked =
        Asked { kind: proposal.kind, to: proposal.to, reason: proposal.reason, tried, step: Some(proposal.step) };
    if asked.kind == EscalationKind::Supplier && ticket.get(&Field::Supplier).is_none() {
        return Err(format!("{} names no supplier yet; `escalate` asks for it.", ticket.id));
    }
    Ok(asked.steps(model, ticket))
}

/// An escalation in the making.
struct Asked {
    kind: EscalationKind,
    to: Party,
    reason: Clean,
    tried: String,
    step: Option<LadderStep>,
}

impl Asked {
    /// With what the kind brings: the way of a functional one, the mark of a major one.
    fn steps(&self, model: &Model, ticket: &Ticket) -> Vec<Step> {
        let mut also = Vec::new();
        let mut detail = self.tried.clone();
        if let (EscalationKind::Functional, Party::Group(group)) = (self.kind, &self.to) {
            let named = |name: &str| match model.directory.group(name) {
                Some(group) => format!("{name} (line {})", group.line),
                None if name.is_empty() => "no group".to_owned(),
                None => name.to_owned(),
            };
            detail = format!("From {} to {}.\n{detail}", named(ticket.text(&Field::Group)), named(group));
            also.push(Step::Route(group.clone()));
        }
        if self.kind == EscalationKind::Major && ticket.kind == Kind::Incident {
            also.extend(self.candidate(model, ticket, &detail));
        }
        let escalation = Escalation {
            kind: self.kind,
            to: self.to.clone(),
            reason: self.reason.clone(),
            detail: Clean::body(&detail),
            step: self.step.clone(),
        };
        also.insert(0, Step::Escalate(escalation));
        also
    }

    /// The incident becomes a candidate, and is accepted at once by who may; the mark alone where a desk keeps no more.
    fn candidate(&self, model: &Model, ticket: &Ticket, impact: &str) -> Vec<Step> {
        let may = Gate::DeclareMajor.passes(&model.me, &model.directory);
        let home = model.homes.of(ticket.id.as_str());
        if !home.capabilities.majors {
            let mark = Step::Set(Field::Major, Some(Value::Flag(true)));
            return if may { vec![mark] } else { Vec::new() };
        }
        if ticket.major.as_ref().is_some_and(crate::domain::major::Major::is_live) {
            return Vec::new();
        }
        let impact = Clean::line(if impact.trim().is_empty() { "Not said yet." } else { impact });
        let mut steps = vec![Step::Major(MajorStep::Propose { reason: self.reason.clone(), impact })];
        steps.extend(may.then_some(Step::Major(MajorStep::Accept)));
        steps
    }
}

fn escalate(model: &mut Model, args: &Args) -> Effects {
    let Some(kind) = EscalationKind::parse(args.text("kind")) else { return Effects::none() };
    let Some(row) = model.targets().first().copied() else { return Effects::none() };
    let ticket = acts::ticket(model, row);
    if let Some(effects) = ask::more(model, "escalate", args, &questions(kind, &ticket)) {
        return effects;
    }
    let to = verbs::party(model, args.text("to"));
    let fits = |proposal: &Proposal| proposal.kind == kind && proposal.to == to;
    let step = proposals(model, &ticket).into_iter().find(fits).map(|proposal| proposal.step);
    if kind == EscalationKind::TimeBased && step.is_none() {
        return model.refuse("No step of a ladder is due to that person now; choose another kind.");
    }
    let tried = args.get("tried").or_else(|| args.get("reference")).unwrap_or_default().to_owned();
    let title = format!("escalated ({kind}) to {}", to.name());
    let reason = Clean::line(args.text("reason"));
    let mut steps = Asked { kind, to, reason, tried, step }.steps(model, &ticket);
    for (name, field) in
        [("supplier", Field::Supplier), ("reference", Field::SupplierReference), ("promise", Field::SupplierPromise)]
    {
        match verbs::shaped(model, field.shape(), name, args.text(name)) {
            Ok(Some(value)) => steps.push(Step::Set(field, Some(value))),
            Ok(None) => {}
            Err(reason) => return model.refuse(reason),
        }
    }
    if let Some(problem) = args.get("problem") {
        steps.push(Step::Link(LinkKind::ProblemIs, TicketId::new(problem)));
    }
    acts::submit(model, Act::new(title, steps))
}

/// What a kind asks for beyond the reason.
fn questions(kind: EscalationKind, ticket: &Ticket) -> Vec<Arg> {
    const SUPPLIER: Arg = Arg::required("supplier", ArgKind::From(Source::Suppliers), "Supplier");
    const PROMISE: Arg = Arg::asked("promise", ArgKind::When, "By when the supplier promised it");
    const PROBLEM: Arg = Arg::asked("problem", ArgKind::From(Source::Problems), "The problem, if there is one already");
    let Some(question) = escalation::asks(kind) else { return Vec::new() };
    match kind {
        EscalationKind::Supplier => {
            let mut asked = vec![Arg::required("reference", ArgKind::Text, question), PROMISE];
            if ticket.get(&Field::Supplier).is_none() {
                asked.insert(0, SUPPLIER);
            }
            asked
        }
        EscalationKind::Problem => vec![Arg::required("tried", ArgKind::Lines, question), PROBLEM],
        _ => vec![Arg::required("tried", ArgKind::Lines, question)],
    }
}

fn acknowledge(model: &mut Model, args: &Args) -> Effects {
    let Some(kind) = EscalationKind::parse(args.text("kind")) else { return Effects::none() };
    acts::submit(model, Act::new("escalation acknowledged", [Step::Acknowledge(kind)]))
}

fn exception(model: &mut Model, args: &Args) -> Effects {
    let Some(row) = model.current() else { return Effects::none() };
    let ticket = acts::ticket(model, row);
    let Some(manager) = ownership::responsible(&ticket, &model.directory).cloned() else {
        return model.refuse(format!("Nobody manages the group of {}; `note` writes it down.", ticket.id));
    };
    let title = format!("{} is told", model.display(&manager));
    let reason = Clean::line(args.text("text"));
    let (kind, to) = (EscalationKind::Exception, Party::Person(manager));
    let escalation = Escalation { kind, to, reason, detail: Clean::default(), step: None };
    acts::send(model, row, &Act::new(title, [Step::Escalate(escalation)]))
}
