//! This user's acts that the desk has not answered. What is shown = what the desk said + these.
//!
//! One act per ticket is under way at a time; the next one gets the revision that the one before produced. A public
//! reply waits a while before it goes, so that it can be recalled.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::conflict::{self, Conflict};
use crate::app::drafts::Words;
use crate::app::effect::{Effect, Effects, Room};
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::{bulk, detail, drafts, lists, triage, undo};
use crate::backend::several::names;
use crate::backend::{self, Dropped, Error, Stored};
use crate::domain::act::Act;
use crate::domain::change::{Audience, Change, Event, Op, OpKey, Target};
use crate::domain::field::{Field, Value};
use crate::domain::kind::{Kind, Revision};
use crate::domain::name::{Name, TicketId};
use crate::domain::priority::Matrix;
use crate::domain::summary::Summary;
use crate::domain::table::Table;
use crate::domain::ticket::Ticket;

/// Acts on their way, oldest first, and the desk's own words on the tickets they change.
#[derive(Debug, Default)]
pub struct Pending {
    pub acts: Vec<Waiting>,
    /// What the desk last said of tickets that have acts under way.
    known: BTreeMap<TicketId, Summary>,
}

/// An act on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub op: Op,
    pub title: String,
    /// It may be recalled until then.
    pub held_until: Option<Timestamp>,
    /// Acts that were one key share this.
    #[serde(default)]
    pub batch: Option<String>,
    /// The drafts that it took along, to be given back if it does not happen.
    #[serde(default)]
    pub words: Words,
    /// What was wanted, to be decided again if it does not happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// Whom the user saw as the reader of its public words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<Name>,
    /// Whom the user saw as the ticket's owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Name>,
    #[serde(skip)]
    pub sent: bool,
    /// It was sent and the desk did not answer: it may have been stored.
    #[serde(skip)]
    pub tried: bool,
    /// Why it could not be sent yet.
    #[serde(skip)]
    pub trouble: Option<String>,
    /// How often it was sent without an answer, since the start.
    #[serde(skip)]
    pub tries: u32,
    /// The desk may have stored it, for all that is known.
    #[serde(skip)]
    pub doubtful: bool,
    /// How often it went again beside somebody else's change.
    #[serde(skip)]
    pub merges: u8,
    /// Somebody changed the same: it waits for a choice.
    #[serde(skip)]
    pub clash: Option<Box<Conflict>>,
}

impl Waiting {
    /// It has not left yet.
    pub fn can_be_recalled(&self) -> bool {
        !self.sent && !self.tried && (self.held_until.is_some() || self.clash.is_some())
    }
}

impl Pending {
    /// How many acts wait for an answer.
    pub fn len(&self) -> usize {
        self.acts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    pub fn of<'a>(&'a self, id: &'a TicketId) -> impl Iterator<Item = &'a Waiting> {
        self.acts.iter().filter(move |waiting| waiting.op.target == Target::Ticket(id.clone()))
    }

    /// The acts on the ticket of that id.
    pub fn named<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Waiting> {
        self.acts
            .iter()
            .filter(move |waiting| matches!(&waiting.op.target, Target::Ticket(held) if held.as_str() == id))
    }

    pub fn has(&self, id: &str) -> bool {
        self.named(id).next().is_some()
    }

    /// The next moment at which a held act must go.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.acts.iter().filter(|waiting| !waiting.sent).filter_map(|waiting| waiting.held_until).min()
    }
}

/// Starts an act on one ticket: shows it at once, keeps it, and sends it unless it may still be recalled.
pub fn start(model: &mut Model, target: Target, act: &Act, changes: Vec<Change>) -> (OpKey, Effects) {
    let seen = match &target {
        Target::Ticket(id) => model.table.row(id).map(|row| model.table.revision(row)),
        Target::New(_) => None,
    };
    start_from(model, target, act, changes, seen)
}

/// The same, from the revision that the user saw.
pub fn start_from(
    model: &mut Model,
    target: Target,
    act: &Act,
    changes: Vec<Change>,
    seen: Option<Revision>,
) -> (OpKey, Effects) {
    // What grows out of a ticket is born where that lives.
    let desk = match &target {
        Target::New(_) => changes.iter().find_map(|change| match change {
            Change::Link { link } => names::profile(link.other.as_str()).map(Name::new),
            _ => None,
        }),
        Target::Ticket(_) => None,
    };
    start_on(model, target, act, changes, seen, desk)
}

/// The same for a new ticket, on the desk that was chosen for it.
pub fn start_on(
    model: &mut Model,
    target: Target,
    act: &Act,
    changes: Vec<Change>,
    seen: Option<Revision>,
    desk: Option<Name>,
) -> (OpKey, Effects) {
    let key = model.mint();
    let expect = seen.filter(|_| !act.only_adds());
    let public = changes.iter().any(|change| matches!(change, Change::Say { audience: Audience::Public, .. }));
    let delay = jiff::SignedDuration::try_from(model.settings.recall).unwrap_or_default();
    let held_until = (public && !delay.is_zero()).then(|| model.now.checked_add(delay).unwrap_or(model.now));
    let (words, spent) = drafts::spend(model, &target);
    // The act itself may name another caller.
    let named = changes.iter().rev().find_map(|change| match change {
        Change::Set { field: Field::Caller, to: Some(to), .. } => to.as_str().map(Name::new),
        _ => None,
    });
    let reader = named.or_else(|| target_caller(&model.table, &target)).filter(|_| public);
    let owner = target_owner(&model.table, &target);
    let op = Op { key: key.clone(), target, expect, at: model.now, changes, again: false, desk };
    let title = act.title.clone();
    let wanted = (!act.is_empty()).then(|| act.clone());
    let waiting = Waiting {
        op,
        title,
        held_until,
        batch: None,
        words,
        act: wanted,
        reader,
        owner,
        sent: false,
        tried: false,
        trouble: None,
        tries: 0,
        doubtful: false,
        merges: 0,
        clash: None,
    };
    model.looked.clear();
    // First into the outbox, then out of the drafts: whatever happens in between, the words are somewhere.
    let effects = admit(model, waiting).and(spent);
    (key, effects.and(flush(model)))
}

/// Makes an act part of a batch, which is undone as one.
pub fn join(model: &mut Model, key: &OpKey, batch: &OpKey) {
    for waiting in model.pending.acts.iter_mut().filter(|waiting| waiting.op.key == *key) {
        waiting.batch = Some(batch.0.clone());
    }
}

/// Takes an act into the pending ones: from the keyboard, or from the local store after a restart.
pub fn admit(model: &mut Model, waiting: Waiting) -> Effects {
    let kept = serde_json::to_string(&waiting).unwrap_or_default();
    let key = waiting.op.key.0.clone();
    if let Target::Ticket(id) = waiting.op.target.clone() {
        if let (Some(row), false) = (model.table.row(&id), model.pending.known.contains_key(&id)) {
            model.pending.known.insert(id.clone(), model.table.summary(row));
        }
        model.pending.acts.push(waiting);
        show(model, &id);
    } else {
        model.pending.acts.push(waiting);
    }
    Effects::put(Room::Outbox, key, kept)
}

/// Sends what may go: the first act of each ticket, when its time to be recalled is over.
pub fn flush(model: &mut Model) -> Effects {
    let now = model.now;
    let mut busy: Vec<Target> = Vec::new();
    let mut effects = misdirected(model);
    for waiting in &mut model.pending.acts {
        let target = waiting.op.target.clone();
        let first = matches!(target, Target::New(_)) || !busy.contains(&target);
        busy.push(target);
        if first && !waiting.sent && waiting.clash.is_none() && waiting.held_until.is_none_or(|until| until <= now) {
            waiting.sent = true;
            effects = effects.and(Effect::Send(Op { again: waiting.tried, ..waiting.op.clone() }));
        }
    }
    effects
}

fn target_owner(table: &Table, target: &Target) -> Option<Name> {
    let Target::Ticket(id) = target else { return None };
    table.row(id).map(|row| Name::new(table.owner(row)))
}

fn target_caller(table: &Table, target: &Target) -> Option<Name> {
    let Target::Ticket(id) = target else { return None };
    table.row(id).and_then(|row| table.caller(row)).map(Name::new)
}

/// Takes back held replies whose caller is another by now: the words were not written for that reader.
fn misdirected(model: &mut Model) -> Effects {
    let strayed = |waiting: &Waiting| {
        let reader = waiting.reader.as_ref();
        let now = target_caller(&model.table, &waiting.op.target);
        waiting.can_be_recalled() && reader.zip(now.as_ref()).is_some_and(|(then, now)| then != now)
    };
    let Some(at) = model.pending.acts.iter().position(strayed) else { return Effects::none() };
    let (waiting, effects) = take_back(model, at);
    let what = target_name(&waiting.op.target);
    let effects = effects.and(undo::recalled(model, &waiting));
    model.say(Notice::trouble(format!(
        "Not sent ({} {what}): its caller is another person now. The text is a draft again; look who reads it.",
        waiting.title
    )));
    effects
}

/// Nobody will recall what is held any more: it goes now.
pub fn release(model: &mut Model) -> Effects {
    for waiting in &mut model.pending.acts {
        waiting.held_until = None;
    }
    flush(model)
}

/// Takes back the newest act that has not gone yet.
pub fn recall(model: &mut Model) -> Option<(Waiting, Effects)> {
    let at = model.pending.acts.iter().rposition(Waiting::can_be_recalled)?;
    Some(take_back(model, at))
}

/// Takes one act out that is not on its way.
pub fn withdraw(model: &mut Model, key: &OpKey) -> Option<(Waiting, Effects)> {
    let at = model.pending.acts.iter().position(|waiting| waiting.op.key == *key && !waiting.sent)?;
    Some(take_back(model, at))
}

/// Keeps an act as it stands now.
pub fn keep(model: &Model, at: usize) -> Effects {
    let Some(waiting) = model.pending.acts.get(at) else { return Effects::none() };
    Effects::put(Room::Outbox, waiting.op.key.0.clone(), serde_json::to_string(waiting).unwrap_or_default())
}

fn take_back(model: &mut Model, at: usize) -> (Waiting, Effects) {
    let waiting = model.pending.acts.remove(at);
    if let Target::Ticket(id) = &waiting.op.target {
        settle(model, id);
    }
    let key = waiting.op.key.0.clone();
    (waiting, Effects::drop(Room::Outbox, key))
}

/// The desk has answered.
pub fn answered(model: &mut Model, key: &OpKey, answer: backend::Result<Stored>) -> Effects {
    let Some(at) = model.pending.acts.iter().position(|waiting| waiting.op.key == *key) else {
        return Effects::none();
    };
    if let Err(error) = &answer
        && let Some(stay) = Stay::of(error)
    {
        let doubtful = matches!(error, Error::Doubtful(_));
        return stays(model, at, stay, doubtful, &error.to_string());
    }
    let answer = match answer {
        Err(Error::Conflict { theirs, who }) => match conflict::met(model, at, theirs, &who) {
            Ok(effects) => return effects,
            Err(error) => Err(error),
        },
        other => other,
    };
    let waiting = model.pending.acts.remove(at);
    let mut effects = Effects::drop(Room::Outbox, key.0.clone());
    bulk::note_outcome(model, key, &waiting, &answer);
    match answer {
        Ok(stored) => {
            effects = effects.and(undo::journal(model, &waiting, &stored)).and(dropped(model, &waiting, &stored));
            let id = stored.ticket.id.clone();
            accept(model, stored);
            if matches!(waiting.op.target, Target::New(_)) {
                effects = effects.and(born(model, &id, &waiting.title));
            }
        }
        Err(error) => {
            effects = effects.and(refused(model, &waiting, error));
        }
    }
    effects.and(flush(model))
}

/// How long an act waits in the outbox before it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stay {
    For(jiff::SignedDuration),
    /// Only the user can mend it: until he asks for it.
    UntilAsked,
}

impl Stay {
    /// None for an error that is an answer: the act was refused.
    fn of(error: &Error) -> Option<Self> {
        /// A write whose answer was lost may still be on its way.
        const DOUBT: jiff::SignedDuration = jiff::SignedDuration::from_secs(20);
        match error {
            Error::Offline(_) | Error::RateLimited { .. } => Some(match error.retry() {
                backend::Retry::After(wait) => Self::For(jiff::SignedDuration::try_from(wait).unwrap_or_default()),
                backend::Retry::Never => Self::UntilAsked,
            }),
            Error::Doubtful(_) => Some(Self::For(DOUBT)),
            Error::Unauthenticated(_) => Some(Self::UntilAsked),
            _ => None,
        }
    }
}

/// The act stays in the outbox and is sent again when the desk can be reached.
fn stays(model: &mut Model, at: usize, stay: Stay, doubtful: bool, why: &str) -> Effects {
    let Some(waiting) = model.pending.acts.get_mut(at) else { return Effects::none() };
    (waiting.sent, waiting.tried) = (false, true);
    waiting.tries += 1;
    waiting.doubtful |= doubtful;
    let is_known = waiting.tries > 1 && waiting.trouble.as_deref() == Some(why);
    waiting.trouble = Some(why.to_owned());
    let when = match stay {
        Stay::For(wait) => {
            waiting.held_until = model.now.checked_add(wait).ok();
            "and sent again"
        }
        Stay::UntilAsked => {
            waiting.held_until = Some(Timestamp::MAX);
            "until you sign in and press the key that refreshes"
        }
    };
    // The outbox shows how often it was tried; saying it each time would write over what else there is to say.
    if !is_known {
        model.say(Notice::trouble(format!("{why} What you did is kept {when}.")));
    }
    Effects::none()
}

/// The user wants it to be tried now: what waits for a better moment goes, but for replies that may be recalled.
pub fn retry(model: &mut Model) -> Effects {
    for waiting in model.pending.acts.iter_mut().filter(|waiting| waiting.tried && !waiting.sent) {
        waiting.held_until = None;
    }
    flush(model)
}

/// What the desk did not store is said; words among it are drafts again.
fn dropped(model: &mut Model, waiting: &Waiting, stored: &Stored) -> Effects {
    let Some(first) = stored.dropped.first() else { return Effects::none() };
    let words = |part: &Dropped| matches!(&*part.what, "public reply" | "internal note");
    let effects = if stored.dropped.iter().any(words) { undo::keep_texts(model, waiting) } else { Effects::none() };
    let more = stored.dropped.len() - 1;
    let more = if more > 0 { format!(" And {more} more of the same act.") } else { String::new() };
    model.say(Notice::trouble(format!("{}: {} was not stored. {}{more}", stored.ticket.id, first.what, first.why)));
    effects
}

/// A new ticket has its name: it is said, and shown unless something else is being done.
fn born(model: &mut Model, id: &TicketId, title: &str) -> Effects {
    let idle = model.overlays.is_empty() && model.triage.is_none() && model.detail.is_none();
    let effects = if idle { detail::open(model, id) } else { Effects::none() };
    model.say(Notice::done(format!("{title}: {id}")));
    effects
}

/// The record as stored, and what changed with it.
pub fn accept(model: &mut Model, stored: Stored) {
    let revision = stored.summary.revision;
    let id = stored.ticket.id.clone();
    for waiting in model.pending.acts.iter_mut().filter(|w| w.op.target == Target::Ticket(id.clone())) {
        if waiting.op.expect.is_some() {
            waiting.op.expect = Some(revision);
        }
    }
    let ticket = stored.ticket;
    learn(model, stored.summary);
    for other in stored.also {
        let changed = other.id.clone();
        learn(model, other);
        model.opened.retain(|held| held.id != changed || held.id == ticket.id);
    }
    model.keep_opened(ticket);
}

/// A row as the desk has it: from an answer or from a pull.
pub fn learn(model: &mut Model, summary: Summary) {
    let id = summary.id.clone();
    if model.pending.of(&id).next().is_some() {
        model.pending.known.insert(id.clone(), summary);
        show(model, &id);
    } else {
        model.pending.known.remove(&id);
        model.table.upsert(&summary);
    }
}

fn refused(model: &mut Model, waiting: &Waiting, error: Error) -> Effects {
    let what = match &waiting.op.target {
        Target::Ticket(id) => format!("{} {id}", waiting.title),
        Target::New(kind) => format!("new {kind}"),
    };
    let mut effects = undo::keep_texts(model, waiting);
    if let Error::Conflict { theirs, who } = error {
        let id = theirs.summary.id.clone();
        let lost = conflict::race(model, waiting, &theirs.ticket);
        accept(model, *theirs);
        settle(model, &id);
        let effects = effects.and(triage::refused(model, &id, waiting));
        if let Some(lost) = lost {
            model.say(Notice::trouble(lost));
            return effects;
        }
        let again = again(model, &id, waiting);
        model.say(Notice::trouble(format!("Not done ({what}): {who} changed {id} meanwhile. {again}")));
        return effects;
    }
    if let Target::Ticket(id) = &waiting.op.target {
        settle(model, id);
        effects = effects.and(triage::refused(model, id, waiting));
    }
    model.say(Notice::trouble(format!("Not done ({what}): {error}")));
    effects
}

/// How to do again what a colleague's change came before.
fn again(model: &mut Model, id: &TicketId, waiting: &Waiting) -> String {
    let is_here = model.current().is_some_and(|row| model.table.id(row) == id.as_str());
    if model.triage.is_some() {
        let when = if is_here { "Look" } else { "It comes up again" };
        return format!("{when}; what was decided stands on its line.");
    }
    match waiting.act.clone().filter(|_| waiting.batch.is_none()) {
        // The key repeats what was last done, which may have been something else since.
        Some(act) if is_here => {
            model.last = Some(act);
            "Theirs is shown now; look, then do it again with `.`".to_owned()
        }
        _ => format!("Go to {id}, look at theirs and do it again; your words are kept as drafts."),
    }
}

/// Shows the desk's word again with whatever is still under way.
pub fn settle(model: &mut Model, id: &TicketId) {
    if model.pending.of(id).next().is_none()
        && let Some(known) = model.pending.known.remove(id)
    {
        model.table.upsert(&known);
    } else {
        show(model, id);
    }
    lists::mark_stale(model);
}

/// Lays the pending acts of a ticket over what the desk said of it.
fn show(model: &mut Model, id: &TicketId) {
    let Some(known) = model.pending.known.get(id).cloned() else { return };
    let acts: Vec<&Waiting> = model.pending.of(id).filter(|waiting| waiting.clash.is_none()).collect();
    let shown = acts.iter().fold(known, |summary, waiting| {
        predict(&summary, &waiting.op.changes, &model.me, waiting.op.at, &model.settings.matrix)
    });
    model.table.upsert(&shown);
}

/// What a row will look like once these changes are stored, by the same rules that the desk applies.
pub fn predict(row: &Summary, changes: &[Change], me: &Name, at: Timestamp, matrix: &Matrix) -> Summary {
    let mut ticket = Ticket::of_row(row);
    for change in changes {
        let op = OpKey(String::new());
        ticket.apply(&Event { seq: 0, actor: me.clone(), at, stored: at, op, change: change.clone() });
    }
    let name = |field: &Field| match ticket.get(field) {
        Some(Value::Name(name)) => Some(name.clone()),
        Some(Value::Text(text)) => Some(Name::new(text)),
        _ => None,
    };
    let over = ticket.number(&Field::PriorityOverride).and_then(|n| u8::try_from(n).ok());
    let mut shown = row.clone();
    shown.state = ticket.state;
    shown.title = crate::text::Clean::line(ticket.title());
    (shown.impact, shown.urgency) = (ticket.impact(), ticket.urgency());
    shown.priority = over.unwrap_or_else(|| matrix.priority(ticket.impact(), ticket.urgency()));
    shown.priority_overridden = over.is_some();
    shown.category = name(&Field::Category);
    shown.group = name(&Field::Group);
    shown.caller = name(&Field::Caller);
    shown.service = name(&Field::Service);
    shown.asset = name(&Field::Asset);
    shown.location = name(&Field::Location);
    shown.channel = name(&Field::Channel);
    shown.hold = name(&Field::HoldReason).and_then(|name| crate::domain::state::HoldReason::parse(&name));
    shown.owner = ticket.owner.clone();
    shown.accepted = ticket.accepted;
    shown.offered_to = ticket.offer.as_ref().map(|offer| offer.to.name().clone());
    shown.updated = ticket.updated;
    shown.responded = ticket.responded;
    shown.resolved = ticket.resolved;
    shown.closed = ticket.closed;
    shown.awaits_reply = row.awaits_reply && ticket.last_public.is_none();
    shown.escalated = row.escalated || !ticket.escalations.is_empty();
    shown
}

/// The kind and identifier of a target, for messages.
pub fn target_name(target: &Target) -> String {
    match target {
        Target::Ticket(id) => id.to_string(),
        Target::New(kind) => new_name(*kind),
    }
}

fn new_name(kind: Kind) -> String {
    format!("new {kind}")
}
