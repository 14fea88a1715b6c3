//! The triage session: one ticket at a time, in the view's order, the next one already loaded. What is decided
//! gathers on the decision bar ([`decision`]).

use crate::app::acts;
use crate::app::decision;
use crate::app::detail;
use crate::app::effect::{Effect, Effects, Room};
use crate::app::lists;
use crate::app::model::{Model, Place};
use crate::app::notice::Notice;
use crate::app::pending::Waiting;
use crate::app::problems::known;
use crate::app::seen::{self, Seen};
use crate::command::args::{Arg, ArgKind, Args};
use crate::command::table::{Command, Family, Scope, Why, always, any, writes};
use crate::domain::act::Act;
use crate::domain::name::TicketId;
use crate::domain::query::Compiled;
use crate::domain::session::{Desk, Next, Presence, Progress, Session};
use crate::domain::suggest::{Case, Example, MOST_LEARNT, Suggestion};
use crate::domain::summary::Summary;
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
    /// The picture in which the ticket first appears; keys that were typed before it was seen decide nothing.
    pub since: u64,
    /// The ticket as it stood when it came.
    pub seen: Seen,
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
    SESSION.key("decide", "Send, next", "Send what was decided as one act, and go on.", &["enter"], |m, _| {
        decision::decide(m)
    }),
    SESSION.key("agree", "Take all", "Take every suggestion, send, and go on.", &["y"], |m, _| decision::agree(m)),
    SESSION.key("repeat-decision", "Repeat", "Decide as for the last ticket, send, and go on.", &["."], |m, _| {
        decision::repeat(m)
    }),
    SESSION.key(
        "clear-decision",
        "Clear",
        "Clear what was decided for this ticket; with nothing decided, leave.",
        &["esc"],
        |m, _| decision::clear(m),
    ),
    Command {
        args: &[Arg::required("reason", ArgKind::Text, "Why is it left to others")],
        ..SESSION.key("skip", "Skip", "Leave this ticket to others, with a reason.", &["k"], skip)
    },
    SESSION
        .key("triage-down", "Read on", "Read on in the ticket.", &["j", "down", "pgdn", "space"], |m, _| scroll(m, 5)),
    SESSION.key("triage-up", "Read back", "Read back.", &["up", "pgup"], |m, _| scroll(m, -5)),
    SESSION
        .key("leave-triage", "Leave", "Leave the session; `T` on the same view resumes it.", &["q"], |m, _| leave(m)),
];

const SESSION: Family = Family { scope: Scope::Triage, needs: any, available: in_triage };

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
        since: model.frames,
        seen: seen::look(model),
        progress: None,
        from,
    });
    let pruned = decision::prune(model);
    let is_due = model.index.as_ref().is_none_or(|index| index.is_behind());
    let learn = if is_due { learn(model) } else { Effects::none() };
    let effects = match current {
        Some(id) => arrive(model, &id),
        None => advance(model),
    };
    if resumed && model.triage.is_some() {
        let again = if model.triage.as_ref().is_some_and(|triage| !triage.decision.is_empty()) {
            " What was decided stands on the line; `enter` sends it."
        } else {
            ""
        };
        model.say(Notice::done(format!("The session goes on where it was left.{again}")));
    }
    learn.and(pruned).and(effects)
}

/// Learns from what was resolved or is under way with a category: the newest of it.
fn learn(model: &Model) -> Effects {
    let mut rows: Vec<Row> = model.table.iter().filter(|row| model.table.category(*row).is_some()).collect();
    rows.retain(|row| !model.table.state(*row).is_open());
    rows.sort_by_key(|row| std::cmp::Reverse(model.table.time(*row, crate::domain::table::TimeColumn::Opened)));
    Effect::Learn(rows.into_iter().take(MOST_LEARNT).map(|row| model.table.summary(row)).collect()).into()
}

/// What the desk has settled is an example from then on; all of it is learnt anew with the next session once there is
/// enough.
pub fn take_in(model: &mut Model, row: &Summary) {
    if let Some(index) = &mut model.index
        && !row.state.is_open()
        && row.category.is_some()
    {
        index.add(&Example::of(row));
    }
}

/// Goes to the next ticket that is free.
pub fn advance(model: &mut Model) -> Effects {
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
    if let Some(row) = model.table.row(id) {
        effects = effects.and(known::fetch(model, row));
    }
    suggest(model);
    count(model);
    let seen = seen::look(model);
    if let Some(triage) = &mut model.triage {
        (triage.since, triage.seen) = (model.frames, seen);
    }
    decision::restore(model);
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

fn skip(model: &mut Model, args: &Args) -> Effects {
    let now = model.now;
    let Some(triage) = &mut model.triage else { return Effects::none() };
    let Some(id) = triage.current.clone() else { return Effects::none() };
    if let Err(error) = triage.session.skip(&id, Clean::line(args.text("reason")), now) {
        return model.refuse(error.to_string());
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

/// A decision was refused, overtaken or recalled: its ticket is among those to do again with what was decided, also in
/// a session that was left meanwhile.
pub fn refused(model: &mut Model, id: &TicketId, waiting: &Waiting) -> Effects {
    if let Some(triage) = &mut model.triage {
        if triage.current.as_ref() != Some(id) {
            triage.session.reopen(id);
        }
        let back = decision::give_back(model, id, waiting);
        count(model);
        return back.and(keep(model));
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
    if effects.0.is_empty() { effects } else { effects.and(decision::give_back(model, id, waiting)) }
}
