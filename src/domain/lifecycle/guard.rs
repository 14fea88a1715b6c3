//! The guards of the steps: what each asks for, and how it refuses.

use super::{Act, ChangeType, changes, choices, held, problem};
use crate::domain::approval::{Approval, Standing};
use crate::domain::catalogue;
use crate::domain::change::LinkKind;
use crate::domain::directory::{Directory, Role};
use crate::domain::field::Field;
use crate::domain::gate::{self, Gate};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::rules::passed;
use crate::domain::state::HoldReason;
use crate::domain::task::TaskSort;
use crate::domain::ticket::Ticket;

/// A condition of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    OwnerOrGroup,
    HoldReason,
    WakeLater,
    Resolution,
    Verified,
    /// Words on what came of it.
    Outcome,
    /// A reason in words, to the caller or among us.
    Note,
    ReopenWindow,
    WasDuplicate,
    Confirmed,
    CancelReason,
    Approver,
    NoApproval,
    FourEyes,
    Weighed,
    Fix,
    RiskAccepted,
    /// What keeps a problem from coming back.
    Prevented,
    EffectsSeen,
    MajorReviewed,
    FixHeld,
    Described,
    Planned,
    Window,
    StartReached,
    /// The questions of risk are answered.
    Answered,
    PeersApprove,
    Approved,
    /// Nothing stands in the way.
    Free,
    FromTemplate,
    /// No freeze holds.
    Thawed,
    /// What is risky was tried before.
    Tried,
    TasksEnded,
    Done,
    Reviewed,
    /// Nothing on its list is left to do.
    TasksOver,
    /// What was given for a time is taken back.
    TakenBack,
    Gate(Gate),
}

type Asks = &'static [(Field, &'static str)];

const HOLD: Asks = &[(Field::HoldReason, "Say what it waits for.")];
const RESOLUTION: Asks =
    &[(Field::ResolutionCode, "Say with a code how it was resolved."), (Field::Resolution, "Say what was done.")];
const VERIFIED: Asks = &[(Field::Verified, "Say whether the caller confirmed that it works: yes, no or na.")];
const OUTCOME: Asks = &[(Field::Resolution, "Say what was done.")];
const CANCEL: Asks = &[(Field::CancelReason, "Say why it is cancelled.")];
const APPROVER: Asks = &[(Field::Approver, "Name who approves.")];
const WEIGHED: Asks = &[(Field::Impact, "Say how many are hit."), (Field::Urgency, "Say how soon it matters.")];
const RISK: Asks =
    &[(Field::Reason, "Say why the risk is borne."), (Field::ReviewDate, "Say when it is looked at again.")];
const DESCRIBED: Asks =
    &[(Field::Description, "Say what is to be changed."), (Field::Reason, "Say what the change is for.")];
const PLANNED: Asks = &[
    (Field::Description, "Say what is to be changed."),
    (Field::Reason, "Say what the change is for."),
    (Field::Risk, "Say how risky it is."),
    (Field::Plan, "Give the steps of the implementation."),
    (Field::BackOut, "Give the way back."),
    (Field::TestPlan, "Say how success is seen."),
    (Field::PlannedStart, "Say when it begins."),
    (Field::PlannedEnd, "Say when it ends."),
];
const WINDOW: Asks = &[(Field::PlannedStart, "Say when it begins."), (Field::PlannedEnd, "Say when it ends.")];
const TEMPLATE: Asks = &[(Field::Template, "Name the template that it comes from (`standard-change`).")];
const DONE: Asks = &[
    (Field::ActualStart, "Say when it began."),
    (Field::ActualEnd, "Say when it ended."),
    (Field::Outcome, "Say how it went."),
];

impl Guard {
    /// The short name by which refusals cite this rule.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::OwnerOrGroup => "work needs an owner or a group",
            Self::HoldReason => "hold needs a reason",
            Self::WakeLater => "a wake-up lies ahead",
            Self::Resolution => "resolve needs a code and notes",
            Self::Verified => "verified with the user",
            Self::Outcome => "an end needs words",
            Self::Note => "a step back needs a reason",
            Self::ReopenWindow => "reopen window",
            Self::WasDuplicate => "only duplicates come back",
            Self::Confirmed => "close needs the caller",
            Self::CancelReason => "cancel needs a reason",
            Self::Approver => "approval needs an approver",
            Self::NoApproval => "approval comes first",
            Self::FourEyes => "four eyes",
            Self::Weighed => "impact and urgency before the search",
            Self::Fix => "a fix needs a plan or a change",
            Self::RiskAccepted => "accepted risk",
            Self::Prevented => "preventive actions are listed",
            Self::EffectsSeen => "preventive actions have their effect",
            Self::MajorReviewed => "a major problem is reviewed",
            Self::FixHeld => "a fix must hold",
            Self::Described => "a change says what and why",
            Self::Planned => "assessment needs the whole plan",
            Self::Window => "a change needs a window",
            Self::Answered => "risk is asked, not guessed",
            Self::PeersApprove => "peers approve before the board",
            Self::Approved => "approved as it stands",
            Self::Free => "nothing in the way",
            Self::FromTemplate => "standard means pre-authorised",
            Self::Thawed => "not in a freeze",
            Self::Tried => "a risky change is tried first",
            Self::TasksEnded => "close when all tasks are over",
            Self::StartReached => "not before the planned start",
            Self::Done => "review needs what happened",
            Self::Reviewed => "review before closing",
            Self::TasksOver => "tasks come before the end",
            Self::TakenBack => "what was given is taken back first",
            Self::Gate(_) => gate::RULE,
        }
    }

    /// The fields that must be there, each with what to say to people who have to give it.
    pub(super) fn asks(self) -> Asks {
        match self {
            Self::HoldReason => HOLD,
            Self::Resolution => RESOLUTION,
            Self::Verified => VERIFIED,
            Self::Outcome => OUTCOME,
            Self::CancelReason => CANCEL,
            Self::Approver => APPROVER,
            Self::Weighed => WEIGHED,
            Self::RiskAccepted => RISK,
            Self::Described => DESCRIBED,
            Self::Planned => PLANNED,
            Self::Window => WINDOW,
            Self::FromTemplate => TEMPLATE,
            Self::Done => DONE,
            _ => &[],
        }
    }

    /// Whether it is worth offering the step at all; what one can still give does not count.
    pub(super) fn opens(self, ticket: &Ticket, who: &Name, directory: &Directory) -> bool {
        match self {
            Self::Gate(gate) => gate.passes(who, directory),
            Self::FourEyes => match waiting(ticket) {
                Some(approval) => approval.asks(who, directory) || manages(approval, who, directory),
                None => !is_caller(ticket, who, directory),
            },
            Self::WasDuplicate => held(ticket, &Field::CancelReason) == choices::DUPLICATE,
            Self::NoApproval => ticket.get(&Field::Approver).is_none() && !has_policy(ticket, directory),
            _ => true,
        }
    }

    /// Whether the act may pass.
    pub(super) fn check(self, act: &Act<'_>) -> Result<(), Refusal> {
        let named = self == Self::Approver && has_policy(act.ticket, &act.rules.directory);
        for (field, say) in self.asks().iter().filter(|_| !named) {
            if blank(act.ticket, field) {
                return Err(self
                    .no(act, format!("`{}` is missing.", field.name()), ask(act, field, say))
                    .on(field.clone()));
            }
        }
        let t = act.ticket;
        match self {
            Self::OwnerOrGroup => self.unless(act, t.accepted || act.accepts || !blank(t, &Field::Group), || {
                ("Nobody has taken it and it is in no queue.", "Take it, or give it to a group.", Some(Field::Group))
            }),
            Self::HoldReason => self.hold(act),
            Self::WakeLater => self.unless(act, t.time(&Field::WakeAt).is_none_or(|at| at > act.now), || {
                ("The wake-up lies in the past.", "Give a later time or none.", Some(Field::WakeAt))
            }),
            Self::Note => self.unless(act, act.says.internal || act.says.public || act.says.heard, || {
                ("No reason was given.", "Write in a note why it goes back.", None)
            }),
            Self::ReopenWindow => {
                let open = t.resolved.is_none_or(|at| act.now < act.rules.reopen_until(at));
                self.unless(act, open, || {
                    ("It was resolved too long ago to be reopened.", "Raise a new one that follows it.", None)
                })
            }
            Self::WasDuplicate => self.unless(act, self.opens(t, act.who, &act.rules.directory), || {
                let way_out = "Raise a new one that follows it.";
                ("It was not cancelled as a duplicate.", way_out, Some(Field::CancelReason))
            }),
            Self::Confirmed => self.confirmed(act),
            Self::CancelReason => self.cancel(act),
            Self::NoApproval => self.unless(act, self.opens(t, act.who, &act.rules.directory), || {
                let way_out = "Ask for the approval first (`authorize`), or remove the approver.";
                ("It names an approver who was not asked yet.", way_out, Some(Field::Approver))
            }),
            Self::FourEyes => self.four_eyes(act),
            Self::Fix => self.unless(act, !blank(t, &Field::Fix) || linked(act, Kind::Change).next().is_some(), || {
                ("There is neither a plan nor a change.", "Write down the fix, or link the change.", Some(Field::Fix))
            }),
            Self::RiskAccepted => problem::risk(act),
            Self::Prevented => problem::prevented(act),
            Self::EffectsSeen => problem::effects_seen(act),
            Self::MajorReviewed => problem::major_reviewed(act),
            Self::FixHeld => problem::fix_held(act),
            Self::Planned => self.unless(act, !blank(t, &Field::Asset) || !blank(t, &Field::Service), || {
                ("It names neither an asset nor a service.", "Say what it touches.", Some(Field::Service))
            }),
            Self::StartReached => {
                let early = t
                    .time(&Field::PlannedStart)
                    .is_some_and(|start| start.duration_since(act.now) > act.rules.periods.grace);
                self.unless(act, !early, || {
                    let way_out = "Wait for it, or move the planned start.";
                    ("Its planned start has not come.", way_out, Some(Field::PlannedStart))
                })
            }
            Self::Reviewed => self.unless(act, !wants_review(t) || !blank(t, &Field::Resolution), || {
                let what = "This change needs a review on record: it was not a plain success that was planned.";
                (what, "Write what the review found.", Some(Field::Resolution))
            }),
            Self::TasksOver => self.tasks_over(act),
            Self::TakenBack => {
                let runs = t.time(&Field::AccessUntil).is_some_and(|until| until > act.now);
                let left = t.tasks.iter().any(|task| task.asked.sort == TaskSort::Revoke && !task.is_over());
                self.unless(act, !runs && !left, || {
                    let way_out = "Take it back and end its task; or empty `access_until` where it stays for good.";
                    ("What it gave for a time has not been taken back.", way_out, Some(Field::AccessUntil))
                })
            }
            Self::Gate(gate) => gate.check(act.who, &act.rules.directory, &t.id),
            _ => changes::check(self, act),
        }
    }

    /// Nothing on the list is left to do; what was given is taken back later.
    fn tasks_over(self, act: &Act<'_>) -> Result<(), Refusal> {
        let left: Vec<String> = (act.ticket.tasks.iter())
            .filter(|task| task.asked.sort != TaskSort::Revoke && !task.is_over())
            .map(|task| format!("{} {}", task.number, task.asked.title))
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        let (shown, more) = (left.iter().take(3).cloned().collect::<Vec<_>>().join("; "), left.len().saturating_sub(3));
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let way_out = "End them as done, failed or skipped, and have signed what asks for it.";
        Err(self.no(act, format!("Tasks are open: {shown}{more}."), way_out))
    }

    pub(super) fn no(self, act: &Act<'_>, message: impl Into<String>, way_out: impl Into<String>) -> Refusal {
        Refusal::new(self.rule(), &act.ticket.id, message, way_out)
    }

    pub(super) fn unless(
        self,
        act: &Act<'_>,
        holds: bool,
        why: impl FnOnce() -> (&'static str, &'static str, Option<Field>),
    ) -> Result<(), Refusal> {
        if holds {
            return Ok(());
        }
        let (message, way_out, field) = why();
        Err(Refusal { field, ..self.no(act, message, way_out) })
    }

    fn hold(self, act: &Act<'_>) -> Result<(), Refusal> {
        let reason = HoldReason::parse(act.ticket.text(&Field::HoldReason));
        let on = |refusal: Refusal| Err(refusal.on(Field::HoldReason));
        match reason {
            None => on(self.no(act, "That is no reason to wait.", format!("Choose one of {}.", HoldReason::choices()))),
            Some(HoldReason::Caller) if act.ticket.flag(&Field::Major) => on(self.no(
                act,
                "A major incident does not wait for its caller.",
                "Choose another reason, or end the major incident first.",
            )),
            Some(HoldReason::Caller) if !act.says.public => on(self.no(
                act,
                "It would wait for the caller, who was told nothing.",
                "Write to the caller, in the same act, what you wait for.",
            )),
            Some(HoldReason::Problem) if linked(act, Kind::Problem).next().is_none() => {
                on(self.no(act, "It would wait for a problem that is not linked.", "Link the problem in the same act."))
            }
            Some(HoldReason::Change) if linked(act, Kind::Change).next().is_none() => {
                on(self.no(act, "It would wait for a change that is not linked.", "Link the change in the same act."))
            }
            Some(_) => Ok(()),
        }
    }

    fn cancel(self, act: &Act<'_>) -> Result<(), Refusal> {
        let reason = held(act.ticket, &Field::CancelReason);
        let known = choices::cancel_reasons(act.ticket.kind);
        let has = |how: LinkKind| act.ticket.links.iter().any(|link| link.how == how);
        let (message, way_out) = if !known.contains(&reason.as_str()) {
            (format!("`{}` is no reason to cancel it.", reason), format!("Choose one of {}.", known.join(", ")))
        } else if reason == choices::DUPLICATE && !has(LinkKind::DuplicateOf) {
            let way_out = "Link the one that it duplicates in the same act, or merge the two.";
            ("It is not said of what it is a duplicate.".to_owned(), way_out.to_owned())
        } else if reason == choices::CONVERTED && !has(LinkKind::FollowedBy) {
            let way_out = "Convert it: that raises the other record and cancels this one.";
            ("Nothing follows it.".to_owned(), way_out.to_owned())
        } else {
            return Ok(());
        };
        Err(self.no(act, message, way_out).on(Field::CancelReason))
    }

    /// A major incident is closed by its manager; the others by the caller's word or by time.
    fn confirmed(self, act: &Act<'_>) -> Result<(), Refusal> {
        let t = act.ticket;
        if t.flag(&Field::Major) {
            return Gate::CloseMajor.check(act.who, &act.rules.directory, &t.id);
        }
        let since = t.resolved.unwrap_or(t.updated);
        let heard = act.says.heard || t.last_heard.is_some_and(|at| at >= since);
        let confirmed = heard
            || t.text(&Field::Verified) == "yes"
            || is_caller(t, act.who, &act.rules.directory)
            || passed(since, act.rules.periods.close, act.now);
        self.unless(act, confirmed, || {
            let way_out = "Set `verified` to yes when the caller confirmed it, or wait: it closes by itself.";
            ("The caller has not confirmed it and the waiting time is not over.", way_out, Some(Field::Verified))
        })
    }

    fn four_eyes(self, act: &Act<'_>) -> Result<(), Refusal> {
        let (t, directory) = (act.ticket, &act.rules.directory);
        // Where answers are kept, who may answer is asked of them.
        let asked = waiting(t).is_some_and(|held| held.asks(act.who, directory) || manages(held, act.who, directory));
        if asked {
            return Ok(());
        }
        if is_caller(t, act.who, directory) {
            let message = "You asked for it, so you cannot decide on it.";
            return Err(self
                .no(act, message, "Its approver has to decide.")
                .on(Field::Approver)
                .sorted(Sort::Authority));
        }
        let approver = t.text(&Field::Approver);
        let deputy = directory.person(approver).and_then(|p| p.deputy.as_ref());
        let may = approver.is_empty()
            || approver == &**act.who
            || deputy == Some(act.who)
            || directory.has_role(act.who, Role::ServiceDeskManager);
        if may {
            return Ok(());
        }
        let message = format!("{} decides on it, and not you.", directory.display(approver));
        let way_out = "Ask for the decision, or name another approver.";
        Err(self.no(act, message, way_out).on(Field::Approver).sorted(Sort::Authority))
    }
}

/// The approval that is waited for.
fn waiting(ticket: &Ticket) -> Option<&Approval> {
    ticket.approval.as_ref().filter(|held| held.standing == Standing::Waiting)
}

/// A service desk manager decides alone, but never on their own.
fn manages(approval: &Approval, who: &Name, directory: &Directory) -> bool {
    !approval.barred.contains(who) && directory.has_role(who, Role::ServiceDeskManager)
}

/// The catalogue says who approves it.
fn has_policy(ticket: &Ticket, directory: &Directory) -> bool {
    catalogue::item_of(ticket, directory).is_some_and(|item| !item.approval.is_empty())
}

/// Emergency, retrospective, risky, gone wrong, or the cause of an incident.
pub(crate) fn wants_review(t: &Ticket) -> bool {
    matches!(ChangeType::of(t), ChangeType::Emergency | ChangeType::Retrospective)
        || matches!(held(t, &Field::Risk).as_str(), "high" | "very_high")
        || matches!(held(t, &Field::Outcome).as_str(), "failed" | "backed_out")
        || t.links.iter().any(|link| link.how == LinkKind::Caused)
}

/// Not set, or set to words that are none.
pub(super) fn blank(ticket: &Ticket, field: &Field) -> bool {
    ticket.get(field).is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty()))
}

fn ask(act: &Act<'_>, field: &Field, say: &str) -> String {
    let offered = choices::choices(field, act.ticket.kind, &act.rules.directory);
    if offered.is_empty() || offered.len() > 12 {
        return say.to_owned();
    }
    let listed: Vec<&str> = offered.iter().map(Name::as_str).collect();
    format!("{say} Choose one of {}.", listed.join(", "))
}

/// The tickets of that kind to which this one is linked, in whatever way.
pub(super) fn linked<'a>(act: &Act<'a>, kind: Kind) -> impl Iterator<Item = Ticket> + use<'a> {
    let related = act.related;
    act.ticket.links.iter().filter_map(move |link| related.ticket(&link.other)).filter(move |other| other.kind == kind)
}

/// The caller is written as a log-in or as a full name.
fn is_caller(ticket: &Ticket, who: &str, directory: &Directory) -> bool {
    let caller = ticket.text(&Field::Caller);
    !caller.is_empty() && (caller == who || caller == directory.display(who))
}
