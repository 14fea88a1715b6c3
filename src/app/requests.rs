//! Requests and their approvals: submitted and sent again, approved and rejected by those who are asked.

use crate::app::acts::{self, has_target};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::proposals;
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Family, Scope, writes};
use crate::domain::act::{Act, Step};
use crate::domain::approval::{ApprovalStep, Standing, Verdict};
use crate::domain::catalogue::item_of;
use crate::domain::change::{Audience, Party};
use crate::domain::field::Field;
use crate::domain::lifecycle;
use crate::domain::name::Name;
use crate::domain::proposal::ProposalState;
use crate::domain::state::{State, Verb};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

const WORDS: Arg = Arg::required("words", ArgKind::Lines, "Why");

const ACT: Family = Family { scope: Scope::Ticket, needs: writes, available: has_target };

const fn approves(can: &Capabilities) -> bool {
    can.write && can.approvals
}

/// Requests and their approvals.
pub const COMMANDS: &[Command] = &[
    ACT.row(
        "approve",
        "Approve",
        "Say yes to what waits for your word: the approval of a request, or a colleague's proposal.",
        &["y"],
        &[Arg::optional("words", ArgKind::Text, "Words")],
        approve,
    ),
    ACT.row(
        "reject",
        "Reject",
        "Say no to what waits for your word, and why: the approval of a request, or a colleague's proposal.",
        &["B"],
        &[WORDS],
        reject,
    ),
    Command {
        needs: approves,
        ..ACT.row(
            "hear-approval",
            "Write an answer down",
            "Write down what an approver answered who does not work here: by phone, by mail.",
            &["m h"],
            &[
                Arg::required("verdict", ArgKind::Choice(&["approved", "rejected"]), "Answer"),
                Arg::required("words", ArgKind::Text, "How they said it"),
                Arg::asked("of", ArgKind::From(Source::People), "Who, if several are asked"),
            ],
            hear,
        )
    },
    Command {
        needs: approves,
        ..ACT.row("remind", "Remind", "Remind those who have not answered yet.", &["m k"], &[], |m, _| {
            acts::submit(m, Act::new("approvers reminded", [Step::Approval(ApprovalStep::Remind)]))
        })
    },
    ACT.row(
        "submit",
        "Submit",
        "Submit a draft; what was rejected goes out once more. Its approvers are asked.",
        &["m o"],
        &[],
        submit,
    ),
];

/// What waits for this user's word on the ticket.
enum Waits {
    Approval,
    Proposal(u16),
    /// Its lifecycle, or its tracker's, has the step; no answers are kept.
    Step,
}

/// What this user is asked comes first; what others are asked is refused in words that say so.
fn waits(model: &Model, ticket: &Ticket, verb: Verb) -> Result<Waits, String> {
    let directory = &model.homes.of(ticket.id.as_str()).directory;
    let approval = ticket.approval.as_ref().filter(|held| held.standing == Standing::Waiting);
    if approval.is_some_and(|held| held.asks(&model.me, directory)) {
        return Ok(Waits::Approval);
    }
    if let Some(held) = proposals::waiting(model, ticket) {
        return Ok(Waits::Proposal(held));
    }
    if approval.is_some() {
        return Ok(Waits::Approval);
    }
    let offers = lifecycle::offers(ticket, &model.me, directory);
    if offers.iter().any(|(offered, _)| *offered == verb) {
        return Ok(Waits::Step);
    }
    let unread = ticket.timeline.is_empty() && model.ticket(&ticket.id).is_none();
    Err(if unread {
        format!("{} has not been read yet; open it first.", ticket.id)
    } else {
        format!("Nothing on {} waits for your word. The view `for my word` shows what does.", ticket.id)
    })
}

fn first(model: &Model) -> Option<Ticket> {
    model.targets().first().map(|row| acts::ticket(model, *row))
}

/// Each of the tickets meant gets the answer to what it waits for.
fn on_each(model: &mut Model, verb: Verb, answer: impl Fn(&mut Model, Row, &Ticket, Waits) -> Effects) -> Effects {
    let mut effects = Effects::none();
    for row in model.targets() {
        let ticket = acts::ticket(model, row);
        effects = effects.and(match waits(model, &ticket, verb) {
            Ok(waits) => answer(model, row, &ticket, waits),
            Err(why) => model.refuse(why),
        });
    }
    effects
}

fn approve(model: &mut Model, args: &Args) -> Effects {
    let words = Clean::line(args.text("words"));
    on_each(model, Verb::Approve, |model, row, ticket, waits| match waits {
        Waits::Approval => {
            let step = ApprovalStep::Vote { verdict: Verdict::Approved, words: words.clone() };
            acts::send(model, row, &Act::new("approved", [Step::Approval(step)]))
        }
        Waits::Proposal(number) => proposals::accept(model, row, ticket, number, words.clone()),
        Waits::Step => acts::send(model, row, &Act::new("approved", [Step::Do(Verb::Approve)])),
    })
}

fn reject(model: &mut Model, args: &Args) -> Effects {
    let words = Clean::body(args.text("words"));
    on_each(model, Verb::Reject, |model, row, _, waits| {
        let act = match waits {
            Waits::Approval => {
                let step = ApprovalStep::Vote { verdict: Verdict::Rejected, words: words.clone() };
                Act::new("rejected", [Step::Approval(step)])
            }
            Waits::Proposal(number) => proposals::answer(number, ProposalState::Declined, words.clone()),
            Waits::Step => Act::new("rejected", [Step::Do(Verb::Reject), Step::Say(Audience::Internal, words.clone())]),
        };
        acts::send(model, row, &act)
    })
}

/// The answer of somebody who does not work here; the only one of them who is asked, where nobody says who.
fn hear(model: &mut Model, args: &Args) -> Effects {
    let Some(ticket) = first(model) else { return Effects::none() };
    let directory = &model.homes.of(ticket.id.as_str()).directory;
    let stage = ticket.approval.as_ref().and_then(|held| held.current());
    let asked: Vec<Name> = (stage.into_iter().flat_map(|stage| &stage.of))
        .filter_map(|party| if let Party::Person(login) = party { Some(login.clone()) } else { None })
        .filter(|login| !directory.is_staff(login))
        .collect();
    let of = match (args.get("of"), asked.as_slice()) {
        (Some(of), _) => Name::new(of),
        (None, [only]) => only.clone(),
        (None, []) => return model.refuse("Nobody is asked here who could not answer for themselves."),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(Name::as_str).collect();
            return model.refuse(format!("Several are asked: {}. Say who answered.", names.join(", ")));
        }
    };
    let Some(verdict) = Verdict::parse(args.text("verdict")) else { return Effects::none() };
    let title = format!("{verdict} by {}", model.directory.display(&of));
    let words = Clean::line(args.text("words"));
    acts::submit(model, Act::new(title, [Step::Approval(ApprovalStep::Hear { of, verdict, words })]))
}

fn submit(model: &mut Model, _: &Args) -> Effects {
    let Some(ticket) = first(model) else { return Effects::none() };
    let back = match ticket.state {
        State::Draft => None,
        State::Rejected => Some(Step::Do(Verb::Revert)),
        _ => return model.refuse(format!("{} is no draft and was not rejected.", ticket.id)),
    };
    let directory = &model.homes.of(ticket.id.as_str()).directory;
    let policy = item_of(&ticket, directory).is_some_and(|item| !item.approval.is_empty());
    let asks = policy || ticket.get(&Field::Approver).is_some();
    let then = asks.then_some(Step::Do(Verb::Authorize));
    let steps = back.into_iter().chain([Step::Do(Verb::Submit)]).chain(then);
    acts::submit(model, Act::new("submitted", steps.collect::<Vec<_>>()))
}
