//! The guards that only changes have: approvals that still hold, conflicts, freezes, templates, tests, tasks.

use super::guard::blank;
use super::{Act, Guard};
use crate::domain::approval::Standing;
use crate::domain::change::Party;
use crate::domain::field::Field;
use crate::domain::name::Name;
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::rfc::conflict::{Board, Conflict, With};
use crate::domain::rfc::gates::{self, ReleaseGate};
use crate::domain::rfc::{Planned, Risk, Span, approve};
use crate::domain::task::TaskSort;
use crate::domain::ticket::Ticket;
use crate::text::spaced;

/// Whether the act may pass this guard of changes; guards that ask for fields only have passed already.
pub(super) fn check(guard: Guard, act: &Act<'_>) -> Result<(), Refusal> {
    match guard {
        Guard::Answered => answered(act),
        Guard::PeersApprove => peers(act),
        Guard::Approved => approved(act),
        Guard::Free => free(act),
        Guard::FromTemplate => template(act),
        Guard::Thawed => thawed(act),
        Guard::Tried => tried(act),
        Guard::TasksEnded => ended(act),
        _ => Ok(()),
    }
}

/// A desk without questions takes the risk that somebody sets.
fn answered(act: &Act<'_>) -> Result<(), Refusal> {
    let asked = !act.rules.changes.question.is_empty();
    Guard::Answered.unless(act, !asked || !blank(act.ticket, &Field::RiskAnswers), || {
        ("The questions of risk are not answered.", "Answer them (`risk`).", Some(Field::RiskAnswers))
    })
}

fn peers(act: &Act<'_>) -> Result<(), Refusal> {
    let (t, directory, policies) = (act.ticket, &act.rules.directory, &act.rules.changes.policy);
    if !approve::is_votable(t, directory) || gates::overridden(t, ReleaseGate::Approvals).is_some() {
        return Ok(());
    }
    let Some(policy) = approve::policy(policies, t) else { return Ok(()) };
    let wanted = policy.stages.iter().any(|stage| stage.before == approve::Before::Authorize);
    let way_out = "Ask for the approval (`ask-approval`) and wait for its first stage.";
    let Some(held) = &t.approval else {
        return Guard::PeersApprove.unless(act, !wanted, || ("Its peers were not asked.", way_out, None));
    };
    let stands = matches!(held.standing, Standing::Waiting | Standing::Approved);
    let through = approve::passed(held, t, directory) >= approve::peers(policies, t, held);
    Guard::PeersApprove.unless(act, !wanted || stands && through, || ("Its peers have not approved it.", way_out, None))
}

fn approved(act: &Act<'_>) -> Result<(), Refusal> {
    let (t, directory) = (act.ticket, &act.rules.directory);
    if gates::overridden(t, ReleaseGate::Approvals).is_some() || !approve::is_votable(t, directory) {
        return Ok(());
    }
    let ask = "Ask for it (`ask-approval`).";
    let no = |message: &str, way_out: &str| Err(Guard::Approved.no(act, message, way_out));
    match t.approval.as_ref().map(|held| (held, held.standing)) {
        None => no("Its approval was not asked for.", ask),
        Some((held, Standing::Approved)) if approve::holds(held, t, directory) => Ok(()),
        Some((_, Standing::Approved)) => {
            no("Who approved it asked for it or makes it, and so does not count.", "Ask for the approval again.")
        }
        Some((_, Standing::Waiting)) => no("Not everybody who was asked has approved it.", "Wait, or remind them."),
        Some((_, Standing::Void)) => {
            no("It was edited after it was approved.", "Ask for the approval again (`ask-approval`).")
        }
        Some((_, standing)) => {
            no(&format!("Its approval is {}.", spaced(standing.as_str())), "Ask for it again (`ask-approval`).")
        }
    }
}

fn free(act: &Act<'_>) -> Result<(), Refusal> {
    if gates::overridden(act.ticket, ReleaseGate::Conflicts).is_some() {
        return Ok(());
    }
    let found: Vec<Conflict> = in_the_way(act).into_iter().filter(|conflict| conflict.blocks).collect();
    let Some(first) = found.first() else { return Ok(()) };
    let more = if found.len() > 1 { format!(", and {} more", found.len() - 1) } else { String::new() };
    let message = format!("Something is in the way: {}{more}.", words(first));
    let way_out = "Take another time (`slots`), or have it overridden with a reason (`override`).";
    Err(Guard::Free.no(act, message, way_out).on(Field::PlannedStart))
}

fn in_the_way(act: &Act<'_>) -> Vec<Conflict> {
    let Some(planned) = Planned::of(act.ticket) else { return Vec::new() };
    let Some(span) = planned.span else { return Vec::new() };
    let (practice, booked) = (&act.rules.changes, act.related.booked());
    let board = Board::new(&act.rules.directory, &practice.window, &booked, &practice.warns, span);
    board.conflicts(&planned, span, &makers(act.ticket))
}

/// Who carries out the steps of a change, beside its owner.
pub fn makers(change: &Ticket) -> Vec<Name> {
    let steps = change.tasks.iter().filter(|task| task.asked.sort != TaskSort::FollowUp && !task.is_over());
    let mut found: Vec<Name> = steps
        .filter_map(|task| match &task.asked.to {
            Some(Party::Person(login)) => Some(login.clone()),
            _ => None,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// A conflict in a few words: `the same asset is being changed (CHG-7)`.
pub fn words(conflict: &Conflict) -> String {
    let with = match &conflict.with {
        With::Change(id) => id.as_str(),
        With::Window(name) | With::Person(name) => name,
    };
    format!("{} ({with})", conflict.kind.words())
}

fn template(act: &Act<'_>) -> Result<(), Refusal> {
    let t = act.ticket;
    let no = |message: String, field| {
        let way_out = "Make it from a template (`standard-change`), or make it a normal change.";
        Err(Guard::FromTemplate.no(act, message, way_out).on(field))
    };
    let name = t.text(&Field::Template);
    let Some(template) = act.rules.changes.template(name) else {
        return no(format!("The desk has no template `{name}`."), Field::Template);
    };
    let zone = act.rules.calendar.as_ref().map_or(jiff::tz::TimeZone::UTC, |calendar| calendar.zone().clone());
    let today = act.now.to_zoned(zone).date();
    if template.valid_until.is_some_and(|last| last < today) {
        return no(format!("The template `{name}` has run out."), Field::Template);
    }
    match template.differs(t) {
        Some(field) => no(format!("Its `{}` is not as the template was authorised.", field.name()), field),
        None => Ok(()),
    }
}

fn thawed(act: &Act<'_>) -> Result<(), Refusal> {
    if gates::overridden(act.ticket, ReleaseGate::Freeze).is_some() {
        return Ok(());
    }
    let Some(planned) = Planned::of(act.ticket) else { return Ok(()) };
    let instant = Span::lasting(act.now, jiff::SignedDuration::from_nanos(1));
    let practice = &act.rules.changes;
    let board = Board::new(&act.rules.directory, &practice.window, &[], &[], instant);
    let Some(freeze) = board.freezes(&planned, act.now).into_iter().next() else { return Ok(()) };
    let With::Window(name) = &freeze.with else { return Ok(()) };
    let until = freeze.when.end.strftime("%Y-%m-%d %H:%M UTC");
    let message = format!("The freeze `{name}` holds until {until}.");
    let way_out = "Wait until it is over, or have it overridden with a reason (`override`).";
    Err(Guard::Thawed.no(act, message, way_out).sorted(Sort::Rule))
}

fn tried(act: &Act<'_>) -> Result<(), Refusal> {
    let t = act.ticket;
    let risky = Risk::parse(t.text(&Field::Risk)).is_some_and(|risk| risk >= Risk::High);
    let asked = !act.rules.changes.question.is_empty();
    let tests = t
        .tasks
        .iter()
        .any(|task| task.asked.sort == TaskSort::Test && task.state == crate::domain::task::TaskState::Done);
    let held = !asked
        || !risky
        || tests
        || !blank(t, &Field::Evidence)
        || gates::overridden(t, ReleaseGate::Evidence).is_some();
    Guard::Tried.unless(act, held, || {
        let way_out = "Write down what was tried (`evidence`), or have it overridden (`override`).";
        ("Its risk is high, and there is no evidence of a test.", way_out, Some(Field::Evidence))
    })
}

fn ended(act: &Act<'_>) -> Result<(), Refusal> {
    let open: Vec<String> =
        act.ticket.tasks.iter().filter(|task| !task.is_over()).map(|task| task.number.to_string()).collect();
    if open.is_empty() {
        return Ok(());
    }
    let message = format!("Not over are the tasks {}.", open.join(", "));
    Err(Guard::TasksEnded.no(act, message, "End or skip them, and have signed what needs a second person."))
}
