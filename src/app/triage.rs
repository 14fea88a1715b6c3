//! The triage session: one ticket at a time, in the view's order, the next one already loaded. What is decided gathers
//! on one line, the decision bar; Enter sends it as one act and goes on.

use crate::app::acts;
use crate::app::detail;
use crate::app::drafts;
use crate::app::effect::{Effect, Effects, Room};
use crate::app::lists;
use crate::app::model::{Model, Place};
use crate::app::notice::Notice;
use crate::app::pending;
use crate::command::args::{Arg, ArgKind, Args};
use crate::command::table::{Command, Scope, Why, always, any, writes};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Audience, Target};
use crate::domain::field::{Field, Value};
use crate::domain::name::TicketId;
use crate::domain::query::Compiled;
use crate::domain::session::{Desk, Next, Presence, Progress, Session};
use crate::domain::suggest::{Case, Suggestion};
use crate::domain::table::Row;
use crate::domain::wake::Snooze;
use crate::text::Clean;

/// A session that is going on.
#[derive(Debug)]
pub struct Triage {
    pub session: Session,
    /// Where it is kept: the pane and view it goes over.
    pub key: String,
    pub current: Option<TicketId>,
    /// What is decided for this ticket and not sent.
    pub decision: Act,
    /// What the desk's history says of this ticket.
    pub suggestion: Suggestion,
    pub top: usize,
    /// How far it is, as last counted.
    pub progress: Option<Progress>,
    /// Where to go back to.
    from: Place,
}

/// The commands of a session.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "triage",
        title: "Triage",
        doc: "Go through this view ticket by ticket; resumes where it was left.",
        scope: Scope::List,
        keys: &["T"],
        args: &[],
        needs: writes,
        available: can_start,
        run: |m, _| start(m),
    },
    row("decide", "Send, next", "Send what was decided as one act, and go on.", &["enter"], |m, _| decide(m)),
    row("agree", "Take all", "Take every suggestion, send, and go on.", &["y"], |m, _| agree(m)),
    row("repeat-decision", "Repeat", "Decide as for the last ticket, send, and go on.", &["."], |m, _| repeat(m)),
    row(
        "clear-decision",
        "Clear",
        "Clear what was decided for this ticket; with nothing decided, leave.",
        &["esc"],
        |m, _| clear(m),
    ),
    Command {
        args: &[Arg::required("reason", ArgKind::Text, "Why is it left to others")],
        ..row("skip", "Skip", "Leave this ticket to others, with a reason.", &["k"], skip)
    },
    row("triage-down", "Read on", "Read on in the ticket.", &["j", "down", "pgdn", "space"], |m, _| scroll(m, 5)),
    row("triage-up", "Read back", "Read back.", &["up", "pgup"], |m, _| scroll(m, -5)),
    row("leave-triage", "Leave", "Leave the session; `T` on the same view resumes it.", &["q"], |m, _| leave(m)),
];

const fn row(
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    run: fn(&mut Model, &Args) -> Effects,
) -> Command {
    Command { id, title, doc, scope: Scope::Triage, keys, args: &[], needs: any, available: in_triage, run }
}

fn in_triage(model: &Model) -> Result<(), Why> {
    if model.triage.is_none() {
        return Why::no("No triage session goes on; `T` starts one over the view.");
    }
    always(model)
}

fn can_start(model: &Model) -> Result<(), Why> {
    if model.list().rows.is_empty() {
        return Why::no("This view is empty: there is nothing to triage. `[` and `]` show other views.");
    }
    acts::can_write(model)
}

/// The desk as a session sees it; the view's query is made ready once.
struct Floor<'a> {
    model: &'a Model,
    view: Option<Compiled>,
}

impl<'a> Floor<'a> {
    fn of(model: &'a Model) -> Self {
        let context = lists::context(model);
        let view = lists::current_view(model).map(|view| view.query.compile(&model.table, &context));
        Self { model, view }
    }

    fn progress(&self, session: &Session) -> Progress {
        session.progress(self.model.now, self)
    }
}

impl Desk for Floor<'_> {
    fn presence(&self, id: &TicketId) -> Presence {
        let model = self.model;
        if let Some(other) = model.presence.iter().find(|seen| seen.ticket == *id && seen.who != model.me) {
            return Presence::With(other.who.clone());
        }
        let in_view = |row| self.view.as_ref().is_none_or(|view| view.matches(&model.table, row));
        let here = model.table.row(id).is_some_and(|row| model.pending.has(id.as_str()) || in_view(row));
        if here { Presence::Free } else { Presence::Gone }
    }

    fn is_awake(&self, id: &TicketId, snooze: &Snooze) -> bool {
        self.model.table.row(id).is_none_or(|row| snooze.is_awake(&lists::signs(self.model, row)))
    }
}

/// Counts anew how far the session is: after every step of it and every change of the desk.
pub fn count(model: &mut Model) {
    let Some(triage) = &model.triage else { return };
    let progress = Floor::of(model).progress(&triage.session);
    if let Some(triage) = &mut model.triage {
        triage.progress = Some(progress);
    }
}

/// Starts a session over the list as it stands, or takes up the one that was left.
fn start(model: &mut Model) -> Effects {
    let list = model.list();
    let order: Vec<TicketId> = list.rows.iter().map(|row| TicketId::new(model.table.id(*row))).collect();
    let view = lists::current_view(model).map(|view| (view.name.clone(), view.text.clone())).unwrap_or_default();
    let key = format!("{}/{}/{}", model.pane, view.0, list.filter);
    let from = detail::here(model);
    let kept = model.sessions.get(&key).and_then(|kept| serde_json::from_str::<Session>(kept).ok());
    let resumed = kept.is_some();
    let session = match kept {
        Some(mut session) => {
            session.resume(order, model.now);
            session
        }
        None => Session::start(Clean::line(&view.0), Clean::line(&view.1), order, model.now),
    };
    let current = session.current().filter(|id| model.table.row(id).is_some() && resumed).cloned();
    model.marks.clear();
    model.triage = Some(Triage {
        session,
        key,
        current: current.clone(),
        decision: Act::default(),
        suggestion: Suggestion::default(),
        top: 0,
        progress: None,
        from,
    });
    let learn = if model.index.is_none() { learn(model) } else { Effects::none() };
    let effects = match current {
        Some(id) => arrive(model, &id),
        None => advance(model),
    };
    if resumed && model.triage.is_some() {
        model.say(Notice::done("The session goes on where it was left."));
    }
    learn.and(effects)
}

/// Learns from what was resolved or is under way with a category: the newest of it.
fn learn(model: &Model) -> Effects {
    const ENOUGH: usize = 20_000;
    let mut rows: Vec<Row> = model.table.iter().filter(|row| model.table.category(*row).is_some()).collect();
    rows.retain(|row| !model.table.state(*row).is_open());
    rows.sort_by_key(|row| std::cmp::Reverse(model.table.time(*row, crate::domain::table::TimeColumn::Opened)));
    Effect::Learn(rows.into_iter().take(ENOUGH).map(|row| model.table.summary(row)).collect()).into()
}

/// Goes to the next ticket that is free.
fn advance(model: &mut Model) -> Effects {
    let Some(mut triage) = model.triage.take() else { return Effects::none() };
    let next = triage.session.advance(&Floor::of(model));
    triage.current = triage.session.current().cloned();
    (triage.decision, triage.top) = (Act::default(), 0);
    model.triage = Some(triage);
    match next {
        Next::Ticket(id) => arrive(model, &id),
        Next::Waiting { with_others, asleep } => {
            let effects = leave(model);
            model.say(Notice::done(format!(
                "Nothing free is left: {with_others} open at colleagues, {asleep} put aside. `T` resumes later."
            )));
            effects
        }
        Next::Finished => finish(model),
    }
}

/// Shows a ticket, with the one after it fetched beforehand.
fn arrive(model: &mut Model, id: &TicketId) -> Effects {
    let fetch = |model: &Model, id: &TicketId| {
        if model.ticket(id).is_some() { Effects::none() } else { Effect::Load(id.clone()).into() }
    };
    let mut effects = fetch(model, id).and(detail::presence(model, Some(id.clone())));
    if let Some(Next::Ticket(next)) = model.triage.as_ref().map(|triage| triage.session.peek(&Floor::of(model))) {
        effects = effects.and(fetch(model, &next));
    }
    suggest(model);
    count(model);
    effects.and(keep(model))
}

/// Asks the desk's history about the ticket on the screen.
pub fn suggest(model: &mut Model) {
    let Some(row) = model.triage.as_ref().and_then(|_| model.current()) else { return };
    let Some(index) = &model.index else { return };
    let summary = model.table.summary(row);
    let suggestion = index.suggest(&Case::of(&summary));
    if let Some(triage) = &mut model.triage {
        triage.suggestion = suggestion;
    }
}

fn keep(model: &mut Model) -> Effects {
    let Some(triage) = &model.triage else { return Effects::none() };
    let (key, value) = (triage.key.clone(), serde_json::to_string(&triage.session).unwrap_or_default());
    model.sessions.insert(key.clone(), value.clone());
    Effects::put(Room::Session, key, value)
}

/// Puts an act on the decision bar. A later word on the same thing replaces the earlier one.
pub fn add(model: &mut Model, act: Act) -> Effects {
    let Some(triage) = &mut model.triage else { return Effects::none() };
    for step in act.steps {
        triage.decision.steps.retain(|held| !replaces(&step, held));
        triage.decision.steps.push(step);
    }
    triage.decision.snooze = act.snooze.or(triage.decision.snooze);
    triage.decision.title = "triage".into();
    model.notice = None;
    Effects::none()
}

/// Whether a new step takes the place of an old one. One act has one word for the customer, and one for the desk.
fn replaces(new: &Step, old: &Step) -> bool {
    let public = |step: &Step| matches!(step, Step::Say(Audience::Public, _) | Step::Canned(_));
    match (new, old) {
        (new, old) if public(new) && public(old) => true,
        (Step::Say(Audience::Internal, _), Step::Say(Audience::Internal, _)) => true,
        (Step::Set(a, _), Step::Set(b, _)) => a == b,
        (Step::Do(_), Step::Do(_)) | (Step::Route(_), Step::Route(_)) => true,
        (Step::Offer(..), Step::Offer(..)) | (Step::Take, Step::Take) => true,
        _ => new == old,
    }
}

/// Sends the decision as one act and goes on.
fn decide(model: &mut Model) -> Effects {
    let Some(triage) = &model.triage else { return Effects::none() };
    if triage.decision.steps.is_empty() && triage.decision.snooze.is_none() {
        model.say(Notice::refused("Nothing is decided for this ticket yet. `k` leaves it to others."));
        return Effects::none();
    }
    let act = triage.decision.clone();
    commit(model, act)
}

/// Does this with the current ticket and goes on; the one way out of a ticket with a decision.
pub fn commit(model: &mut Model, act: Act) -> Effects {
    let Some(row) = model.current() else {
        model.say(Notice::refused("There is no ticket on the screen."));
        return Effects::none();
    };
    let id = TicketId::new(model.table.id(row));
    let bound = match acts::bind(model, &act, row) {
        Ok(bound) => bound,
        Err(reason) => {
            model.say(Notice::refused(reason));
            return Effects::none();
        }
    };
    model.last = Some(act.clone());
    model.handed.retain(|key| key.starts_with(&format!("{id}/")));
    let said = acts::said(model, &act, id.as_str(), &bound.changes);
    let mut effects = acts::snooze(model, row, bound.snooze);
    if bound.changes.is_empty() {
        effects = effects.and(drafts::spend(model, &Target::Ticket(id.clone())).1);
    } else {
        effects = effects.and(pending::start(model, Target::Ticket(id.clone()), &act, bound.changes).1);
    }
    let now = model.now;
    if let Some(triage) = &mut model.triage {
        match bound.snooze {
            Some(wake) => triage.session.snooze(&id, Snooze { wake, since: now }),
            None => triage.session.done(&id, now),
        }
    }
    let effects = effects.and(advance(model));
    if model.triage.is_some() {
        model.say(Notice::done(said));
    }
    effects
}

/// The same, with what was decided before it.
pub fn commit_with(model: &mut Model, act: Act) -> Effects {
    let Some(triage) = &model.triage else { return Effects::none() };
    let mut whole = triage.decision.clone();
    whole.title = act.title;
    for step in act.steps {
        whole.steps.retain(|held| !replaces(&step, held));
        whole.steps.push(step);
    }
    whole.snooze = act.snooze.or(whole.snooze);
    commit(model, whole)
}

/// What was just done with the ticket on the screen leaves nothing more to decide about it.
pub fn go_on(model: &mut Model, said: &str) -> Effects {
    let now = model.now;
    let Some(triage) = &mut model.triage else { return Effects::none() };
    let Some(id) = triage.current.clone() else { return Effects::none() };
    triage.session.done(&id, now);
    let effects = advance(model);
    if model.triage.is_some() {
        model.say(Notice::done(said));
    }
    effects
}

/// Every suggestion, with the first canned acknowledgement if the caller has not had a word yet.
pub fn suggested(model: &Model) -> Act {
    let Some(triage) = &model.triage else { return Act::default() };
    let guess = &triage.suggestion;
    let level = |field: Field, guess: &Option<crate::domain::suggest::Guess<u8>>| {
        guess.as_ref().map(|guess| Step::Set(field, Some(Value::Number(guess.value.into()))))
    };
    let mut steps: Vec<Step> = Vec::new();
    steps.extend(level(Field::Impact, &guess.impact));
    steps.extend(level(Field::Urgency, &guess.urgency));
    steps.extend(guess.category.as_ref().map(|g| Step::Set(Field::Category, Some(Value::Name(g.value.clone())))));
    steps.extend(guess.group.as_ref().map(|g| Step::Route(g.value.clone())));
    let answered =
        model.current().is_some_and(|row| model.table.time(row, crate::domain::table::TimeColumn::Responded).is_some());
    if !steps.is_empty() && !answered {
        steps.extend(model.settings.replies.first().map(|reply| Step::Canned(reply.name.clone())));
    }
    // What stands so already need not be taken.
    if let Some(ticket) = model.current().map(|row| acts::ticket(model, row)) {
        steps.retain(|step| match step {
            Step::Set(field, value) => ticket.get(field) != value.as_ref(),
            Step::Route(group) => ticket.get(&Field::Group).and_then(Value::as_str) != Some(&**group),
            _ => true,
        });
    }
    Act { title: "triage".into(), steps, snooze: None }
}

fn agree(model: &mut Model) -> Effects {
    let mut act = suggested(model);
    if act.steps.is_empty() {
        let why = if model.index.is_none() {
            "The desk's history is still being read."
        } else {
            "The desk's history says nothing more of this one."
        };
        model.say(Notice::refused(format!("{why} Decide by hand, or `k` leaves it to others.")));
        return Effects::none();
    }
    // What was decided by hand stands over what was suggested.
    if let Some(triage) = &model.triage {
        for step in triage.decision.steps.clone() {
            act.steps.retain(|held| !replaces(&step, held));
            act.steps.push(step);
        }
        act.snooze = triage.decision.snooze;
    }
    commit(model, act)
}

fn repeat(model: &mut Model) -> Effects {
    match model.last.clone() {
        Some(act) => commit(model, act),
        None => {
            model.say(Notice::refused("Nothing was decided yet that could be repeated."));
            Effects::none()
        }
    }
}

fn clear(model: &mut Model) -> Effects {
    let Some(triage) = &mut model.triage else { return Effects::none() };
    if triage.decision.steps.is_empty() && triage.decision.snooze.is_none() {
        return leave(model);
    }
    triage.decision = Act::default();
    let kept = if model.handed.is_empty() { "" } else { " What you wrote is kept as a draft." };
    model.say(Notice::done(format!("Cleared; nothing was sent.{kept}")));
    model.handed.clear();
    Effects::none()
}

fn skip(model: &mut Model, args: &Args) -> Effects {
    let now = model.now;
    let Some(triage) = &mut model.triage else { return Effects::none() };
    let Some(id) = triage.current.clone() else { return Effects::none() };
    if let Err(error) = triage.session.skip(&id, Clean::line(args.text("reason")), now) {
        model.say(Notice::refused(error.to_string()));
        return Effects::none();
    }
    advance(model)
}

fn scroll(model: &mut Model, by: isize) -> Effects {
    if let Some(triage) = &mut model.triage {
        let to = triage.top.saturating_add_signed(by);
        if to == triage.top {
            model.say(Notice::refused("This is the beginning."));
        } else {
            triage.top = to;
        }
    }
    Effects::none()
}

/// Leaves the session as it is, to be resumed.
pub fn leave(model: &mut Model) -> Effects {
    let effects = keep(model);
    let Some(triage) = model.triage.take() else { return effects };
    model.handed.clear();
    model.pane = triage.from.pane;
    lists::remake(model);
    model.say(Notice::done("The session is kept; `T` on this view goes on with it."));
    effects.and(detail::presence(model, None))
}

fn finish(model: &mut Model) -> Effects {
    let Some(triage) = &model.triage else { return Effects::none() };
    let progress = Floor::of(model).progress(&triage.session);
    let key = triage.key.clone();
    let effects = leave(model);
    model.sessions.remove(&key);
    model.say(Notice::done(format!("The view is done: {} decided, {} skipped.", progress.done, progress.skipped)));
    effects.and(Effects::drop(Room::Session, key))
}

/// A decision was refused, overtaken or recalled: its ticket is among those to do again, also in a session that was
/// left meanwhile.
pub fn refused(model: &mut Model, id: &TicketId) -> Effects {
    if let Some(triage) = &mut model.triage {
        if triage.current.as_ref() == Some(id) {
            return Effects::none();
        }
        triage.session.reopen(id);
        count(model);
        return keep(model);
    }
    let mut effects = Effects::none();
    for (key, kept) in &mut model.sessions {
        let Ok(mut session) = serde_json::from_str::<Session>(kept) else { continue };
        if session.is_done(id) {
            session.reopen(id);
            *kept = serde_json::to_string(&session).unwrap_or_default();
            effects = effects.and(Effects::put(Room::Session, key.clone(), kept.clone()));
        }
    }
    effects
}

/// The decision bar in words, step by step.
pub fn bar(model: &Model, act: &Act) -> Vec<String> {
    let mut words: Vec<String> = act.steps.iter().map(|step| word(model, step)).collect();
    words.extend(act.snooze.map(|wake| format!("put aside {}", wake.phrase(model.now, &model.zone))));
    words
}

fn word(model: &Model, step: &Step) -> String {
    let caller = || {
        let row = model.current();
        row.and_then(|row| model.table.caller(row))
            .map_or("the caller".into(), |login| model.directory.display(login).to_owned())
    };
    match step {
        Step::Set(field, Some(value)) => format!("{} {}", field.name(), crate::text::one_line(&value.to_string())),
        Step::Set(field, None) => format!("no {}", field.name()),
        Step::Do(verb) => verb.as_str().replace('_', " "),
        Step::Say(Audience::Public, text) => format!("PUBLIC to {}: \"{}\"", caller(), crate::text::one_line(text)),
        Step::Say(Audience::Internal, text) => format!("note \"{}\"", crate::text::one_line(text)),
        Step::Play(name, _) => format!("playbook {name}"),
        Step::Canned(name) => format!("PUBLIC reply \"{name}\" to {}", caller()),
        Step::Heard(_) => "caller heard".into(),
        Step::Link(_, other) => format!("link {other}"),
        Step::Unlink(_, other) => format!("unlink {other}"),
        Step::Take => "take".into(),
        Step::Route(group) => format!("group {group}"),
        Step::Offer(to, ..) => format!("offer to {}", model.display(to.name())),
        Step::Accept => "accept".into(),
        Step::Decline(_) => "decline".into(),
        Step::Withdraw => "withdraw the offer".into(),
        Step::Force(to, _) => format!("give to {}", model.display(to)),
        Step::Escalate(escalation) => format!("escalate to {}", model.display(escalation.to.name())),
        Step::Proposed => "escalate as proposed".into(),
        Step::Acknowledge(kind) => format!("acknowledge {kind}"),
    }
}
