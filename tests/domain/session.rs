//! The triage session: what comes next, what is left, how fast.

use std::collections::{BTreeMap, BTreeSet};

use deskside::domain::name::{Name, TicketId};
use deskside::domain::session::{Desk, Next, NoReason, Presence, Session};
use deskside::domain::wake::{Snooze, Wake};
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

#[derive(Default)]
struct Floor {
    with: BTreeMap<TicketId, Name>,
    gone: BTreeSet<TicketId>,
    awake: BTreeSet<TicketId>,
}

impl Desk for Floor {
    fn presence(&self, id: &TicketId) -> Presence {
        match self.with.get(id) {
            _ if self.gone.contains(id) => Presence::Gone,
            Some(who) => Presence::With(who.clone()),
            None => Presence::Free,
        }
    }

    fn is_awake(&self, id: &TicketId, _: &Snooze) -> bool {
        self.awake.contains(id)
    }
}

fn id(n: usize) -> TicketId {
    TicketId::new(&format!("INC-{n}"))
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn session(count: usize) -> Session {
    Session::start(Clean::line("Unassigned"), Clean::line("unowned sort:due"), (1..=count).map(id).collect(), at(0))
}

#[test]
fn it_goes_through_the_view_in_order_and_round_again() {
    let (mut session, mut floor) = (session(4), Floor::default());
    floor.with.insert(id(2), Name::new("sam"));
    assert_eq!(session.advance(&floor), Next::Ticket(id(1)));
    session.done(&id(1), at(1));
    assert_eq!(session.advance(&floor), Next::Ticket(id(3)), "2 is open at a colleague");
    assert_eq!(session.upcoming(&floor).collect::<Vec<_>>(), [&id(4)]);
    session.skip(&id(3), Clean::line("needs a Mac"), at(2)).unwrap();
    assert_eq!(session.advance(&floor), Next::Ticket(id(4)));
    session.done(&id(4), at(3));
    assert_eq!(session.peek(&floor), Next::Waiting { with_others: 1, asleep: 0 });
    floor.with.clear();
    assert_eq!(session.advance(&floor), Next::Ticket(id(2)), "round again, now it is free");
    session.done(&id(2), at(4));
    assert_eq!(session.advance(&floor), Next::Finished);
    assert_eq!(session.current(), None);
}

#[test]
fn what_somebody_else_dealt_with_is_neither_left_nor_next() {
    let (mut session, mut floor) = (session(2), Floor::default());
    floor.gone.insert(id(1));
    assert_eq!(session.progress(at(0), &floor).left, 1);
    assert_eq!(session.advance(&floor), Next::Ticket(id(2)));
}

#[test]
fn a_skip_needs_a_reason() {
    let mut session = session(1);
    assert_eq!(session.skip(&id(1), Clean::line("  "), at(1)), Err(NoReason));
    assert_eq!(session.advance(&Floor::default()), Next::Ticket(id(1)));
}

#[test]
fn a_snoozed_ticket_comes_back_when_it_wakes() {
    let (mut session, mut floor) = (session(1), Floor::default());
    session.snooze(&id(1), Snooze { wake: Wake::Reply, since: at(1) });
    assert_eq!(session.advance(&floor), Next::Waiting { with_others: 0, asleep: 1 });
    assert_eq!(session.progress(at(1), &floor).snoozed, 1);
    floor.awake.insert(id(1));
    assert_eq!(session.advance(&floor), Next::Ticket(id(1)));
    assert_eq!(session.progress(at(1), &floor).snoozed, 0);
}

#[test]
fn pace_counts_work_and_not_the_lunch() {
    let (mut session, floor) = (session(10), Floor::default());
    assert_eq!(session.progress(at(0), &floor).per_hour, None);
    session.done(&id(1), at(2));
    session.done(&id(2), at(4));
    let progress = session.progress(at(4), &floor);
    assert_eq!((progress.done, progress.left, progress.per_hour), (2, 8, Some(30.0)));
    assert_eq!(progress.finish, Some(at(20)));
    session.resume((1..=10).map(id).collect(), at(100));
    session.done(&id(3), at(102));
    assert_eq!(session.progress(at(102), &floor).per_hour, Some(30.0));
    session.done(&id(4), at(1000));
    assert_eq!(session.progress(at(1000), &floor).per_hour, Some(4.0 / 16.0 * 60.0), "a break counts ten minutes");
}

#[test]
fn a_dropped_line_loses_nothing() {
    let (mut session, floor) = (session(5), Floor::default());
    session.advance(&floor);
    session.done(&id(1), at(1));
    session.advance(&floor);
    session.skip(&id(2), Clean::line("waits for Monday"), at(2)).unwrap();
    session.snooze(&id(3), Snooze { wake: Wake::SlaPercent(75), since: at(3) });
    session.advance(&floor);
    let stored = serde_json::to_string(&session).unwrap();
    let again: Session = serde_json::from_str(&stored).unwrap();
    assert_eq!(again, session);
    assert_eq!(again.current(), Some(&id(4)));
}

#[test]
fn a_decision_can_be_taken_back() {
    let (mut session, floor) = (session(1), Floor::default());
    session.done(&id(1), at(1));
    assert_eq!(session.peek(&floor), Next::Finished);
    session.reopen(&id(1));
    assert_eq!(session.peek(&floor), Next::Ticket(id(1)));
}

proptest! {
    #[test]
    fn every_ticket_is_offered_once_and_the_numbers_add_up(
        count in 1usize..20,
        acts in prop::collection::vec(0u8..4, 60),
        busy in prop::collection::btree_set(1usize..20, 0..5),
    ) {
        let mut floor = Floor::default();
        floor.with.extend(busy.iter().map(|n| (id(*n), Name::new("sam"))));
        let mut session = session(count);
        let mut decided = BTreeSet::new();
        for (minute, act) in acts.into_iter().enumerate() {
            let now = at(minute as i64 + 1);
            let Next::Ticket(next) = session.advance(&floor) else { break };
            prop_assert!(!floor.with.contains_key(&next));
            prop_assert!(!decided.contains(&next), "{} came twice", next);
            match act {
                0 => session.done(&next, now),
                1 => session.skip(&next, Clean::line("why"), now).unwrap(),
                2 => session.snooze(&next, Snooze { wake: Wake::Reply, since: now }),
                _ => continue,
            }
            decided.insert(next);
        }
        let progress = session.progress(at(100), &floor);
        prop_assert_eq!(progress.done + progress.skipped + progress.left, count);
        prop_assert!(progress.snoozed <= progress.left);
    }
}
