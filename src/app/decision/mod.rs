//! The decision bar: what is decided for the ticket on the screen gathers on one line, and nothing is sent before
//! Enter.

mod kept;
mod words;

use self::kept::{forget, keep};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::app::seen::{self, Differs};
use crate::app::{acts, drafts, pending, playbooks, triage};
use crate::domain::act::{Act, Step};
use crate::domain::change::{Audience, Target};
use crate::domain::field::{Field, Value};
use crate::domain::name::TicketId;
use crate::domain::table::{Row, TimeColumn};
use crate::domain::wake::{Snooze, Wake};
use crate::text::Clean;

pub use self::kept::{give_back, prune, restore};
pub use self::words::{bar, named_caller};

/// Puts an act on the decision bar. A later word on the same thing replaces the earlier one.
pub fn add(model: &mut Model, act: Act) -> Effects {
    let doubts = model.current().map(|row| acts::doubts(model, &acts::ticket(model, row), &act)).unwrap_or_default();
    if acts::asks(model, &doubts) {
        return Effects::none();
    }
    if let Some(why) = clash(model, &act) {
        return model.refuse(why);
    }
    let Some(mut whole) = model.triage.as_ref().map(|triage| triage.decision.clone()) else { return Effects::none() };
    lay(model, &mut whole, act);
    whole.title = "triage".into();
    if let Some(triage) = &mut model.triage {
        triage.decision = whole;
    }
    model.notice = None;
    keep(model)
}

/// Why an act cannot go with what stands on the bar: the caller gets one text of a decision, and nobody's typed words
/// are dropped unasked.
pub fn clash(model: &Model, act: &Act) -> Option<String> {
    let held = &model.triage.as_ref()?.decision;
    let replying = |act: &Act| act.steps.iter().find_map(|step| Some(playbooks::replying(model, step)?.name.clone()));
    let typed = |step: &Step| matches!(step, Step::Say(Audience::Public, _));
    match (replying(held), replying(act)) {
        (Some(book), Some(other)) if book == other => None,
        (Some(book), other) if other.is_some() || act.is_public() => {
            Some(format!("The playbook {book} on the line replies to the caller already; Esc clears the line."))
        }
        (_, Some(book)) if held.steps.iter().any(typed) => Some(format!(
            "The playbook {book} replies to the caller too, and only one text goes: Enter sends your own words, Esc \
             clears the line and keeps them as a draft."
        )),
        _ => None,
    }
}

/// Lays one act over another: its word on the same thing stands.
fn lay(model: &Model, under: &mut Act, over: Act) {
    for step in over.steps {
        under.steps.retain(|held| !replaces(model, &step, held));
        under.steps.push(step);
    }
    under.snooze = over.snooze.or(under.snooze);
}

/// Whether a new step takes the place of an old one. One act has one word for the customer, and one for the desk.
fn replaces(model: &Model, new: &Step, old: &Step) -> bool {
    let public = |step: &Step| matches!(step, Step::Say(Audience::Public, _) | Step::Canned(_));
    match (new, old) {
        (Step::Play(..), Step::Canned(_)) => playbooks::replying(model, new).is_some(),
        (new, old) if public(new) && public(old) => true,
        (Step::Say(Audience::Internal, _), Step::Say(Audience::Internal, _)) => true,
        (Step::Set(a, _), Step::Set(b, _)) => a == b,
        (Step::Do(_), Step::Do(_)) | (Step::Route(_), Step::Route(_)) => true,
        (Step::Offer(..), Step::Offer(..)) | (Step::Take, Step::Take) => true,
        _ => new == old,
    }
}

/// Sends the decision as one act and goes on.
pub fn decide(model: &mut Model) -> Effects {
    let Some(triage) = &model.triage else { return Effects::none() };
    if triage.decision.is_empty() {
        return model.refuse("Nothing is decided for this ticket yet. `k` leaves it to others.");
    }
    let act = triage.decision.clone();
    if is_unseen(model) { Effects::none() } else { commit(model, act) }
}

/// Does this with the current ticket and goes on; the one way out of a ticket with a decision.
pub fn commit(model: &mut Model, act: Act) -> Effects {
    let Some(row) = model.current() else {
        return model.refuse("There is no ticket on the screen.");
    };
    let id = TicketId::new(model.table.id(row));
    let Some((wake, effects)) = send(model, row, &act) else { return Effects::none() };
    model.last = Some(act.clone());
    let said = model.notice.take();
    let now = model.now;
    if let Some(triage) = &mut model.triage {
        match wake {
            Some(wake) => triage.session.snooze(&id, Snooze { wake, since: now }),
            None => triage.session.done(&id, now),
        }
    }
    let effects = effects.and(triage::advance(model));
    if let (Some(said), true, None) = (said, model.triage.is_some(), &model.notice) {
        model.say(said);
    }
    effects
}

/// Sends an act for the ticket on the screen, and clears the bar; none where it was refused or asked about.
fn send(model: &mut Model, row: Row, act: &Act) -> Option<(Option<Wake>, Effects)> {
    let id = TicketId::new(model.table.id(row));
    if let Some(told) = model.triage.as_ref().and_then(|triage| seen::differs(model, &triage.seen, false)) {
        let now = seen::look(model);
        if let Some(triage) = &mut model.triage {
            triage.seen = now;
        }
        let (Differs::Changed(told) | Differs::Other(told)) = told;
        model.say(Notice::refused(format!("{told} Look, then the same key again does it all the same.")));
        return None;
    }
    let bound = match acts::bind(model, act, row) {
        Ok(bound) => bound,
        Err(reason) => {
            model.say(Notice::refused(reason));
            return None;
        }
    };
    if acts::asks(model, &bound.doubts) {
        return None;
    }
    model.handed.retain(|key| key.starts_with(&format!("{id}/")));
    let said = acts::said(model, act, id.as_str(), &bound.changes);
    let mut effects = forget(model, &id).and(acts::aside(model, row, act, &bound));
    if bound.changes.is_empty() {
        effects = effects.and(drafts::spend(model, &Target::Ticket(id)).1);
    } else {
        effects = effects.and(pending::start(model, Target::Ticket(id), act, bound.changes).1);
    }
    if let Some(triage) = &mut model.triage {
        triage.decision = Act::default();
    }
    model.say(Notice::done(said));
    Some((bound.snooze, effects))
}

/// Sends what stands on the bar before something else is done with the ticket; none where that was refused.
pub fn send_first(model: &mut Model) -> Option<Effects> {
    let decided = model.triage.as_ref().map(|triage| triage.decision.clone()).filter(|act| !act.is_empty());
    let (Some(act), Some(row)) = (decided, model.current()) else { return Some(Effects::none()) };
    send(model, row, &act).map(|(_, effects)| effects)
}

/// A key that decides by itself was typed before the ticket could be seen: it was meant for the one before.
fn is_unseen(model: &mut Model) -> bool {
    let unseen = model.triage.as_ref().is_some_and(|triage| triage.since == model.frames);
    if unseen {
        model.say(Notice::refused("Look at it first: this key was typed before the ticket was shown."));
    }
    unseen
}

/// The same, with what was decided before it.
pub fn commit_with(model: &mut Model, act: Act) -> Effects {
    let Some(triage) = &model.triage else { return Effects::none() };
    let mut whole = triage.decision.clone();
    if let Some(why) = clash(model, &act) {
        return model.refuse(why);
    }
    let canned = |act: &Act| act.steps.iter().any(|step| matches!(step, Step::Canned(_)));
    let had = canned(&whole);
    whole.title.clone_from(&act.title);
    lay(model, &mut whole, act);
    if is_unseen(model) {
        return Effects::none();
    }
    let dropped = had && !canned(&whole);
    let effects = commit(model, whole);
    if let Some(notice) = model.notice.as_mut().filter(|notice| dropped && notice.tone == Tone::Done) {
        notice.text = Clean::line(&format!("{} The playbook's reply goes, not the canned one.", notice.text));
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
    let answered = model.current().is_some_and(|row| model.table.time(row, TimeColumn::Responded).is_some());
    if !steps.is_empty() && !answered {
        steps.extend(model.settings.words.replies.first().map(|reply| Step::Canned(reply.name.clone())));
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

pub fn agree(model: &mut Model) -> Effects {
    if is_unseen(model) {
        return Effects::none();
    }
    let mut act = suggested(model);
    if act.steps.is_empty() {
        let why = if model.index.is_none() {
            "The desk's history is still being read."
        } else {
            "The desk's history says nothing more of this one."
        };
        return model.refuse(format!("{why} Decide by hand, or `k` leaves it to others."));
    }
    // What was decided by hand stands over what was suggested.
    if let Some(decided) = model.triage.as_ref().map(|triage| triage.decision.clone()) {
        lay(model, &mut act, decided);
    }
    commit(model, act)
}

pub fn repeat(model: &mut Model) -> Effects {
    if is_unseen(model) {
        return Effects::none();
    }
    let Some(act) = model.last.clone() else {
        return model.refuse("Nothing was decided yet that could be repeated.");
    };
    if !act.speaks_to_one() {
        return commit(model, act);
    }
    // Words that were typed to one caller are looked at before another one gets them.
    let effects = add(model, act);
    if !model.is_refused() {
        model.say(Notice::done("Your own words are on the line for another caller now: look, then `enter` sends."));
    }
    effects
}

/// Clears what was decided for this ticket; with nothing decided, leaves the session.
pub fn clear(model: &mut Model) -> Effects {
    let Some(triage) = &mut model.triage else { return Effects::none() };
    if triage.decision.is_empty() {
        return triage::leave(model);
    }
    triage.decision = Act::default();
    let kept = if model.handed.is_empty() { "" } else { " What you wrote is kept as a draft." };
    model.say(Notice::done(format!("Cleared; nothing was sent.{kept}")));
    model.handed.clear();
    model.looked.clear();
    keep(model)
}
