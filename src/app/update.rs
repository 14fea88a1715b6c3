//! The one place where messages change the model.

use jiff::Timestamp;

use crate::app::counts;
use crate::app::effect::{Effect, Effects, Room};
use crate::app::major::owed;
use crate::app::message::Message;
use crate::app::model::{Loading, Model};
use crate::app::notice::Notice;
use crate::app::pending::{self, Waiting};
use crate::app::{acts, compose, detail, drafts, files, keys, layout, lists, radar, told, triage, undo};
use crate::backend::{self, Delta, Error, Health, Line, Schema};
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;
use crate::text::Clean;

/// What a message does to the model, and what the model wants done.
pub fn update(model: &mut Model, message: Message) -> Effects {
    match message {
        Message::Key(key) => keys::press(model, key),
        Message::Paste(text) => keys::paste(model, &text),
        Message::Resize(width, height) => resize(model, (width, height)),
        Message::Focus(true) => Effect::Pull.into(),
        Message::Focus(false) => Effects::none(),
        Message::Tick(now) => tick(model, now),
        Message::Kept(rows) => kept(model, rows),
        Message::Schema(schema) => schema_read(model, *schema),
        Message::Delta(delta) => pulled(model, delta),
        Message::Loaded(id, ticket) => loaded(model, id, *ticket),
        Message::Answered(key, answer) => {
            let effects = pending::answered(model, &key, *answer);
            counts::mark_stale(model);
            counts::count(model);
            triage::count(model);
            radar::watch::refresh(model);
            effects
        }
        Message::Presence(presence) => {
            model.presence = presence;
            triage::count(model);
            Effects::none()
        }
        Message::Learnt(index) => {
            model.index = Some(index);
            triage::suggest(model);
            Effects::none()
        }
        Message::Watch(watching) => radar::watch::go_on(model, watching),
        Message::Watched(radar) => {
            radar::watch::made(model, radar);
            Effects::none()
        }
        Message::Files(ticket, list) => files::listed(model, &ticket, list),
        Message::Written(done) => {
            model.say(done.map_or_else(Notice::trouble, Notice::done));
            Effects::none()
        }
        Message::FileMoved(ticket, done) => files::moved(model, &ticket, done),
        Message::Found(token, found) => files::found(model, token, found),
        Message::Edited(token, text) => compose::edited(model, token, text),
        Message::Health(health) => {
            model.desk.filling |= is_filling(&health);
            model.desk.health = health;
            Effects::none()
        }
        Message::Trouble(text) => {
            model.say(Notice::trouble(text));
            Effects::none()
        }
    }
}

/// Whether anything shown can look different after this message. A desk that is asked again mostly says what it said.
pub fn is_news(model: &Model, message: &Message) -> bool {
    match message {
        Message::Presence(presence) => *presence != model.presence,
        Message::Health(health) => *health != model.desk.health,
        Message::Delta(Ok(delta)) => {
            let settled = model.desk.loading == Loading::All && model.desk.trouble.is_none();
            !(settled && delta.changed.is_empty() && delta.removed.is_empty())
        }
        _ => true,
    }
}

fn resize(model: &mut Model, size: (u16, u16)) -> Effects {
    model.size = size;
    let height = layout::of(model).list_height();
    model.list_mut().scroll(height);
    Effect::Redraw.into()
}

/// How long the cursor must rest before the preview follows.
pub const REST: jiff::SignedDuration = jiff::SignedDuration::from_millis(120);

fn tick(model: &mut Model, now: Timestamp) -> Effects {
    // A view of the past stands still; only the cursor's rest still counts there.
    let past = model.desk.as_of;
    model.now = past.unwrap_or(now);
    if model.moved.is_some_and(|moved| past.is_some() || now.duration_since(moved) >= REST) {
        model.moved = None;
        model.settled = model.list().current();
    }
    owed::tell(model);
    let woken = undo::wake(model);
    woken.and(pending::flush(model)).and(preview(model))
}

/// The next moment at which something shown, or something held, changes by time alone.
pub fn next_wake(model: &Model) -> Option<Timestamp> {
    let rest = model.moved.and_then(|moved| moved.checked_add(REST).ok());
    let minute = next_minute(model.now);
    [rest, model.pending.next_due(), Some(minute)].into_iter().flatten().min()
}

/// Clocks are shown in minutes, so they move once a minute, all together.
fn next_minute(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    Timestamp::from_second(second - second.rem_euclid(60) + 60).unwrap_or(Timestamp::MAX)
}

/// Fetches the words of the row whose preview is shown.
fn preview(model: &Model) -> Effects {
    let Some(row) = model.settled.filter(|_| model.detail.is_none() && layout::of(model).has_preview()) else {
        return Effects::none();
    };
    let id = TicketId::new(model.table.id(row));
    if model.ticket(&id).is_some() { Effects::none() } else { Effect::Load(id).into() }
}

fn schema_read(model: &mut Model, schema: backend::Result<Schema>) -> Effects {
    match schema {
        Ok(schema) => {
            model.homes.learn(&schema);
            model.table.divide(model.homes.profiles());
            model.me = schema.me;
            if model.desk.name.is_empty() {
                model.desk.name = schema.directory.name.clone();
            }
            model.directory = schema.directory.into();
            // Who I am decides what is mine: everything is asked anew.
            model.counts.forget();
            lists::remake(model);
            counts::count(model);
        }
        Err(error) => model.say(Notice::trouble(error.to_string())),
    }
    Effects::none()
}

fn pulled(model: &mut Model, delta: backend::Result<Delta>) -> Effects {
    let delta = match delta {
        Ok(delta) => delta,
        Err(Error::CursorExpired) => return Effect::Pull.into(),
        Err(error) => {
            model.desk.trouble = Some(Clean::line(&error.to_string()));
            return Effects::none();
        }
    };
    model.desk.trouble = None;
    let loaded = model.desk.loading == Loading::All;
    // The first rows of a tracker come when its empty copy has long been read.
    let filling = model.desk.filling || model.table.is_empty();
    let later = loaded && !filling;
    let touched: Vec<TicketId> = if loaded { delta.changed.iter().map(|s| s.id.clone()).collect() } else { Vec::new() };
    let mut news = Vec::new();
    let mut asked = Effects::none();
    for summary in delta.changed {
        if later {
            asked = asked.and(told::listen(model, &summary));
        }
        asked = asked.and(owed::see(model, &summary));
        triage::take_in(model, &summary);
        radar::watch::see(model, &summary);
        news.extend(if later { told::news(model, &summary) } else { None });
        pending::learn(model, summary);
    }
    told::tell(model, &news);
    for id in &delta.removed {
        pending::forget(model, id);
        owed::forget(model, id);
        radar::watch::forget(model, id);
    }
    model.desk.loading = match (delta.more, model.desk.loading) {
        (_, Loading::All) | (false, _) => Loading::All,
        (true, _) => Loading::Some,
    };
    radar::watch::refresh(model);
    lists::refresh(model, !later);
    model.desk.filling = is_filling(&model.desk.health);
    counts::count(model);
    triage::count(model);
    // Who else looks at what is part of what a desk tells.
    let seen = if delta.more { Effects::none() } else { detail::presence(model, detail::open_here(model)) };
    reload(model, &touched).and(seen).and(asked)
}

/// Whether a desk is being read for the first time.
fn is_filling(health: &[(Name, Health)]) -> bool {
    health.iter().any(|(_, health)| matches!(health.line, Line::Loading { .. }))
}

/// Opened tickets that changed are fetched again.
fn reload(model: &mut Model, touched: &[TicketId]) -> Effects {
    let stale: Vec<TicketId> = model
        .opened
        .iter()
        .filter(|held| touched.contains(&held.id))
        .filter(|held| model.table.row(&held.id).is_some_and(|row| model.table.summary(row).revision != held.revision))
        .map(|held| held.id.clone())
        .collect();
    let shown: Vec<TicketId> = [
        model.detail.as_ref().map(|detail| detail.id.clone()),
        model.settled.map(|row| TicketId::new(model.table.id(row))),
        model.triage.as_ref().and_then(|triage| triage.current.clone()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (again, dropped): (Vec<_>, Vec<_>) = stale.into_iter().partition(|id| shown.contains(id));
    model.opened.retain(|held| !dropped.contains(&held.id));
    again.into_iter().map(Effect::Load).collect()
}

fn loaded(model: &mut Model, id: TicketId, ticket: backend::Result<Ticket>) -> Effects {
    match ticket {
        Ok(ticket) => {
            told::escalated(model, &ticket);
            model.keep_opened(ticket);
            detail::arrived(model, &id);
            triage::suggest(model);
        }
        Err(error) => {
            model.listening.remove(&id);
            model.say(Notice::trouble(format!("{id} cannot be read: {error}")));
        }
    }
    Effects::none()
}

/// What the last session left: drafts, unanswered acts, sessions, choices.
fn kept(model: &mut Model, rows: Vec<(Room, String, String)>) -> Effects {
    let mut effects = Effects::none();
    let mut unsent: Vec<Waiting> = Vec::new();
    for (room, key, value) in rows {
        match room {
            Room::Draft => drop(model.drafts.insert(key, Clean::body(&value))),
            Room::Session => drop(model.sessions.insert(key, value)),
            Room::Mute => {
                if let Ok(mute) = serde_json::from_str(&value) {
                    model.watch.mutes.insert(key, mute);
                }
            }
            Room::Choice => drop(model.choices.insert(key, value)),
            Room::Journal => model.journal.restore(&value),
            Room::Link => model.ties.restore(&value),
            Room::Snooze => {
                if let Ok(wake) = serde_json::from_str(&value) {
                    model.snoozed.insert(TicketId::new(&key), wake);
                }
            }
            // What may not be written from here waits for a console that may.
            Room::Outbox if acts::can_write(model).is_err() => {}
            Room::Outbox => match serde_json::from_str::<Waiting>(&value) {
                // The program may have ended between the act's way out and its answer.
                Ok(waiting) => {
                    let tried = waiting.held_until.is_none_or(|t| t <= model.now);
                    unsent.push(Waiting { tried, doubtful: tried, ..waiting });
                }
                Err(error) => model.say(Notice::trouble(format!("An unsent act ({key}) cannot be read: {error}"))),
            },
        }
    }
    let resumed = unsent.len();
    // In the order in which they were done: a later one builds on what an earlier one leaves.
    unsent.sort_by_key(|waiting| (waiting.op.at, undo::number(&waiting.op.key.0)));
    for waiting in unsent {
        // The program may have ended between the act's way into the outbox and its words' way out of the drafts.
        for (key, text) in &waiting.words {
            if model.drafts.get(key) == Some(text) {
                effects = effects.and(drafts::drop_at(model, key));
            }
        }
        effects = effects.and(pending::admit(model, waiting));
    }
    if resumed > 0 {
        let acts = if resumed == 1 {
            "An unsent act of the last session goes".to_owned()
        } else {
            format!("{resumed} unsent acts of the last session go")
        };
        let kept = match model.drafts.len() {
            0 => String::new(),
            1 => " A draft is kept.".to_owned(),
            drafts => format!(" {drafts} drafts are kept."),
        };
        model.say(Notice::done(format!("{acts} out now.{kept}")));
    }
    effects.and(pending::flush(model))
}
