//! Promised updates, kept and missed.

use deskside::domain::change::{Audience, Change, Event, OpKey};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::promise::{Outcome, next_due, promises};
use deskside::domain::state::{State, Verb};
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn promise(due: i64) -> Change {
    Change::Set { field: Field::PromisedUpdate, from: None, to: Some(Value::Time(at(due))) }
}

fn say(audience: Audience) -> Change {
    Change::Say { audience, text: Clean::line("words") }
}

/// `(minute, op, change)`, after the opening at minute 0.
fn ticket(acts: &[(i64, u32, Change)]) -> Ticket {
    let create = Change::Create { kind: Kind::Incident, state: State::New, opened: at(0) };
    let all = std::iter::once((0, 0, create)).chain(acts.iter().cloned());
    let events = all.enumerate().map(|(seq, (minute, op, change))| Event {
        seq: seq as u64,
        actor: Name::new("dana"),
        at: at(minute),
        stored: at(minute),
        op: OpKey(format!("op{op}")),
        change,
    });
    Ticket::from_events(TicketId::new("INC-1"), events.collect()).unwrap()
}

fn outcomes(ticket: &Ticket, now: i64) -> Vec<Outcome> {
    promises(ticket, at(now)).into_iter().map(|promise| promise.outcome).collect()
}

#[test]
fn a_word_in_time_keeps_it_and_the_last_minute_is_in_time() {
    use Audience::*;
    let made = [(10, 1, say(Public)), (10, 1, promise(70)), (10, 1, say(Public))];
    let kept = |minute| ticket(&[&made[..], &[(30, 2, say(Internal)), (minute, 3, say(Public))]].concat());
    assert_eq!(outcomes(&ticket(&made), 20), [Outcome::Pending], "the words that made it do not keep it");
    assert_eq!(outcomes(&kept(60), 90), [Outcome::Kept(at(60))]);
    assert_eq!(outcomes(&kept(70), 90), [Outcome::Kept(at(70))]);
    assert_eq!(outcomes(&kept(71), 90), [Outcome::Missed(Some(at(71)))]);
    assert_eq!(outcomes(&ticket(&made), 70), [Outcome::Pending]);
    assert_eq!(outcomes(&ticket(&made), 71), [Outcome::Missed(None)]);
    assert_eq!(outcomes(&kept(71), 60), [Outcome::Pending], "seen from the past, the future is not known");
}

#[test]
fn moving_a_promise_in_silence_does_not_keep_it() {
    let moved = ticket(&[(10, 1, promise(60)), (50, 2, promise(120)), (90, 3, say(Audience::Public))]);
    assert_eq!(outcomes(&moved, 200), [Outcome::Missed(Some(at(90))), Outcome::Kept(at(90))]);
    let told = ticket(&[(10, 1, promise(60)), (50, 2, say(Audience::Public)), (50, 2, promise(120))]);
    assert_eq!(outcomes(&told, 100), [Outcome::Kept(at(50)), Outcome::Pending]);
    assert_eq!(next_due(&told, at(100)), Some(at(120)));
}

#[test]
fn the_end_of_the_matter_ends_the_promise() {
    let resolve = Change::Move { verb: Verb::Resolve, from: State::InProgress, to: State::Resolved };
    let resolved = ticket(&[(10, 1, promise(60)), (40, 2, resolve)]);
    assert_eq!(outcomes(&resolved, 100), [Outcome::Kept(at(40))]);
    assert_eq!(next_due(&resolved, at(100)), None);
    assert_eq!(next_due(&ticket(&[(10, 1, promise(60))]), at(500)), Some(at(60)), "missed and not made good");
}
