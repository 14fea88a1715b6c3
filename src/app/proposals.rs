//! Proposals: what was refused as above one's level, put to those who may do it; and their answers.

use std::iter;

use crate::app::acts::{self, has_target};
use crate::app::ask::{self, Asking};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pending::{self, Waiting};
use crate::app::verbs;
use crate::backend::several::names;
use crate::backend::{Capabilities, Error};
use crate::command::args::{Arg, ArgKind, Args, Need};
use crate::command::table::{self, Command, Scope, Why};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Change, Handover, Target};
use crate::domain::field::Shape;
use crate::domain::gate::Gate;
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::proposal::{Proposal, ProposalNumber, ProposalState, ProposalStep, raises};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::text::{Clean, spaced};

/// An act that the desk refused to this user and not to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Above {
    /// Where it can be proposed: the ticket that it is about, or that it raises something from.
    pub ticket: TicketId,
    /// What was refused was sent to that.
    pub target: Target,
    pub title: String,
    pub changes: Vec<Change>,
}

impl Above {
    pub fn on(ticket: &TicketId, title: &str, changes: Vec<Change>) -> Self {
        let (ticket, target) = (ticket.clone(), Target::Ticket(ticket.clone()));
        Self { ticket, target, title: title.to_owned(), changes }
    }
}

const fn proposes(can: &Capabilities) -> bool {
    can.write && can.proposals
}

/// Proposals.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "propose",
        title: "Propose",
        doc: "Propose what was just refused as above your level to those who may do it.",
        scope: Scope::Ticket,
        keys: &["+"],
        args: &[Arg::required("reason", ArgKind::Text, "Why")],
        needs: proposes,
        available: has_refused,
        run: propose,
    },
    Command {
        id: "amend",
        title: "Amend",
        doc: "Do what a colleague has proposed, changed where you see it otherwise.",
        scope: Scope::Ticket,
        keys: &["&"],
        args: &[Arg::optional("answers", ArgKind::Answers, "The values, as name:value")],
        needs: proposes,
        available: has_proposal,
        run: amend,
    },
    Command {
        id: "withdraw-proposal",
        title: "Withdraw proposal",
        doc: "Withdraw what you have proposed on this ticket.",
        scope: Scope::Ticket,
        keys: &["m x"],
        args: &[],
        needs: proposes,
        available: has_target,
        run: withdraw,
    },
];

/// Keeps what was refused as above this user's level, and says how it is proposed; none for other refusals.
pub fn met(model: &mut Model, waiting: &Waiting, error: &Error) -> Option<String> {
    let op = &waiting.op;
    let is_proposal = op.changes.iter().any(|change| matches!(change, Change::Proposal { .. }));
    if !matches!(error, Error::AboveLevel(_)) || is_proposal {
        return None;
    }
    match &op.target {
        Target::Ticket(id) => keep(model, Above::on(id, &waiting.title, op.changes.clone())),
        Target::New(kind) => {
            let Some(ticket) = raised_from(model, &op.changes) else { return homeless(model, *kind) };
            let create = Change::Create { kind: *kind, state: lifecycle::initial(*kind), opened: op.at };
            let changes = match raises(&op.changes) {
                Some(_) => op.changes.clone(),
                None => iter::once(create).chain(op.changes.iter().cloned()).collect(),
            };
            let (target, title) = (op.target.clone(), waiting.title.clone());
            keep(model, Above { ticket, target, title, changes })
        }
    }
}

/// The ticket that a new one is raised from: of several the one on the screen.
fn raised_from(model: &Model, changes: &[Change]) -> Option<TicketId> {
    let linked = changes.iter().filter_map(|change| match change {
        Change::Link { link } => Some(&link.other),
        _ => None,
    });
    let linked: Vec<&TicketId> = linked.filter(|id| model.table.row(id).is_some()).collect();
    let current = model.current().map(|row| model.table.id(row));
    let here = linked.iter().find(|id| Some(id.as_str()) == current);
    here.or(linked.first()).map(|id| (*id).clone())
}

/// What is raised from nothing has no record that a proposal could wait on: says from what it can be raised.
fn homeless(model: &Model, kind: Kind) -> Option<String> {
    if !model.homes.any().proposals {
        return None;
    }
    let (command, from) = match kind {
        Kind::Change => ("raise-change", "the problem, incident or request"),
        _ => ("raise-problem", "the incident"),
    };
    let how = if model.headless {
        format!("`deskside do ID {command} --propose REASON`")
    } else {
        format!("`{}`", model.settings.keymap.key_of(command, &[Scope::Ticket]))
    };
    Some(format!(
        " A proposal waits on a record: raise it from {from} that it is about ({how}), and it can be proposed."
    ))
}

/// Keeps what this user may not do, and says how it is proposed; none where the desk keeps no proposals.
pub fn keep(model: &mut Model, above: Above) -> Option<String> {
    const KEPT: usize = 32;
    let ticket = above.ticket.clone();
    if !model.homes.of(ticket.as_str()).capabilities.proposals {
        return None;
    }
    model.above.retain(|held| held.ticket != ticket);
    model.above.truncate(KEPT);
    model.above.insert(0, above);
    if model.headless {
        return Some(" `--propose REASON` proposes it to those who may.".to_owned());
    }
    let key = model.settings.keymap.key_of("propose", &[Scope::Ticket]);
    let is_here = model.targets().iter().any(|row| model.table.id(*row) == ticket.as_str());
    let on = if is_here { String::new() } else { format!(" on {ticket}") };
    Some(format!(" `{key}`{on} proposes it to those who may."))
}

fn has_refused(model: &Model) -> Result<(), Why> {
    has_target(model)?;
    let targets = model.targets();
    if targets.iter().any(|row| model.above.iter().any(|held| held.ticket.as_str() == model.table.id(*row))) {
        return Ok(());
    }
    Why::no("Nothing was refused here as above your level. Do what is to be done; if it is refused, propose it.")
}

/// Each of the tickets meant gets its own.
fn propose(model: &mut Model, args: &Args) -> Effects {
    let reason = Clean::line(args.text("reason"));
    let mut effects = Effects::none();
    for row in model.targets() {
        let id = TicketId::new(model.table.id(row));
        let Some(at) = model.above.iter().position(|held| held.ticket == id) else { continue };
        let above = model.above.remove(at);
        let step = ProposalStep::Make { changes: above.changes, reason: reason.clone() };
        let act = Act::new(format!("proposed ({})", above.title), [Step::Proposal(step)]);
        effects = effects.and(acts::send(model, row, &act));
    }
    effects
}

/// The first proposal on the ticket that waits for this user.
pub fn waiting(model: &Model, ticket: &Ticket) -> Option<ProposalNumber> {
    held(model, ticket).map(|held| held.number)
}

fn held<'a>(model: &Model, ticket: &'a Ticket) -> Option<&'a Proposal> {
    let directory = &model.homes.of(ticket.id.as_str()).directory;
    let mut open = ticket.proposals.iter().filter(|held| held.state == ProposalState::Waiting);
    open.find(|held| Gate::entitled(&held.changes, ticket, directory, &held.by).any(|login| *login == model.me))
}

/// Says yes: what is of the ticket is done on it, what is to be raised from it is raised.
pub fn accept(model: &mut Model, row: Row, ticket: &Ticket, number: ProposalNumber, words: Clean) -> Effects {
    let held = ticket.proposals.iter().find(|held| held.number == number);
    match held.and_then(|held| Some((held, raises(&held.changes)?))) {
        None => acts::send(model, row, &answer(number, ProposalState::Accepted, words)),
        Some((held, kind)) => {
            raise(model, ticket, held, kind, Answered { how: ProposalState::Accepted, words }, Vec::new())
        }
    }
}

/// How a proposal is answered.
struct Answered {
    how: ProposalState,
    words: Clean,
}

/// The new record, which answers the proposal that it comes of. What is accepted as it stands is written out by the desk.
fn raise(
    model: &mut Model,
    ticket: &Ticket,
    held: &Proposal,
    kind: Kind,
    answered: Answered,
    mut changes: Vec<Change>,
) -> Effects {
    let Answered { how, words } = answered;
    let (from, number, by) = (ticket.id.clone(), held.number, held.by.clone());
    changes.push(Change::Proposal { step: ProposalStep::Raise { from, number, by, how, words } });
    let desk = names::profile(ticket.id.as_str()).map(Name::new);
    let act = Act::new(format!("{kind} raised as proposed"), []);
    let (_, effects) = pending::start_on(model, Target::New(kind), &act, changes, None, desk);
    model.say(Notice::done(format!("{}: proposal {number} {how}; the {kind} is being raised.", ticket.id)));
    effects
}

/// The answer to a proposal.
pub fn answer(number: ProposalNumber, how: ProposalState, words: Clean) -> Act {
    Act::new(format!("proposal {number} {how}"), [Step::Proposal(ProposalStep::Answer { number, how, words })])
}

fn withdraw(model: &mut Model, _: &Args) -> Effects {
    let ticket = model.targets().first().map(|row| acts::ticket(model, *row));
    let mine = |held: &&Proposal| held.state == ProposalState::Waiting && held.by == model.me;
    let number = ticket.iter().flat_map(|ticket| &ticket.proposals).find(mine).map(|held| held.number);
    match number {
        Some(number) => acts::submit(model, answer(number, ProposalState::Withdrawn, Clean::default())),
        None => model.refuse("No proposal of yours waits on this ticket."),
    }
}

/// There must be one ticket, and not several.
fn has_one(model: &Model) -> Result<(), Why> {
    has_target(model)?;
    if model.targets().len() > 1 { Why::no("This is done for one ticket; clear the marks with Esc.") } else { Ok(()) }
}

fn has_proposal(model: &Model) -> Result<(), Why> {
    has_one(model)?;
    let ticket = model.targets().first().map(|row| acts::ticket(model, *row));
    if ticket.is_some_and(|ticket| held(model, &ticket).is_some()) {
        return Ok(());
    }
    Why::no("No proposal on this ticket waits for you. The view `for my word` shows those that do.")
}

/// Everything that it sets and says stands in a form; what is sent is done in its place.
fn amend(model: &mut Model, args: &Args) -> Effects {
    let Some(ticket) = model.targets().first().map(|row| acts::ticket(model, *row)) else { return Effects::none() };
    let Some(proposal) = held(model, &ticket).cloned() else { return Effects::none() };
    let asked = questions(&proposal);
    if asked.is_empty() {
        return model.refuse("There is nothing in it to change: accept it, or decline it and do it your way.");
    }
    if !asked.iter().any(|question| args.has(&question.name)) && !model.headless {
        let Some(command) = table::find("amend") else { return Effects::none() };
        return ask::for_questions(model, command, args, &asked);
    }
    let changes = match changed(model, &proposal, args) {
        Ok(changes) => changes,
        Err(why) => return model.refuse(why),
    };
    let (number, how, words) = (proposal.number, ProposalState::Amended, Clean::default());
    if let Some(kind) = raises(&proposal.changes) {
        return raise(model, &ticket, &proposal, kind, Answered { how, words }, changes);
    }
    match changes.into_iter().map(step).collect::<Result<Vec<Step>, String>>() {
        Ok(mut steps) => {
            steps.push(Step::Proposal(ProposalStep::Answer { number, how, words }));
            acts::submit(model, Act::new(format!("proposal {number} amended"), steps))
        }
        Err(why) => model.refuse(why),
    }
}

fn questions(proposal: &Proposal) -> Vec<Asking> {
    let question = |name: &str, kind, default: String| Asking {
        name: name.into(),
        ask: spaced(name),
        kind,
        need: Need::Asked,
        choices: Vec::new(),
        default: Some(default),
    };
    let asked = proposal.changes.iter().filter_map(|change| match change {
        Change::Set { field, to, .. } => {
            let kind = if field.shape() == Shape::Lines { ArgKind::Lines } else { ArgKind::Text };
            let text = to.as_ref().map(ToString::to_string).unwrap_or_default();
            Some(question(field.name(), kind, text))
        }
        Change::Say { audience, text } => Some(question(audience.as_str(), ArgKind::Lines, text.to_string())),
        _ => None,
    });
    asked.collect()
}

/// What is proposed, with what the form says in place of what stood there; words that were emptied are left out.
fn changed(model: &Model, proposal: &Proposal, args: &Args) -> Result<Vec<Change>, String> {
    let text = |name: &str| args.iter().find(|(held, _)| *held == name).map(|(_, text)| text.to_owned());
    let mut changes = Vec::new();
    for change in &proposal.changes {
        match change {
            Change::Set { field, from, to } => {
                let given = text(field.name());
                let to = given.map_or_else(|| Ok(to.clone()), |text| verbs::value(model, field, &text))?;
                changes.push(Change::Set { field: field.clone(), from: from.clone(), to });
            }
            Change::Say { audience, text: said } => {
                let text = text(audience.as_str()).map_or_else(|| said.clone(), |text| Clean::body(&text));
                changes.extend((!text.trim().is_empty()).then_some(Change::Say { audience: *audience, text }));
            }
            other => changes.push(other.clone()),
        }
    }
    Ok(changes)
}

/// The same as a step, for the ticket as it stands now.
fn step(change: Change) -> Result<Step, String> {
    Ok(match change {
        Change::Set { field, to, .. } => Step::Set(field, to),
        Change::Say { audience, text } => Step::Say(audience, text),
        Change::Move { verb, .. } => Step::Do(verb),
        Change::Link { link } => Step::Link(link.how, link.other),
        Change::Unlink { link } => Step::Unlink(link.how, link.other),
        Change::Escalate { escalation } => Step::Escalate(escalation),
        Change::Handover { step: Handover::Force { to, reason, .. } } => Step::Force(to, reason),
        _ => return Err("It holds something that cannot be amended: decline it and do it your way.".into()),
    })
}
