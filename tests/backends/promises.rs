//! What every desk promises. A promise about an ability that a desk lacks is that it refuses.

use std::time::Duration;

use deskside::backend::{Backend, Cursor, Error, Guard};
use deskside::domain::change::{
    Audience, Change, Escalation, EscalationKind, Event, Handover, Link, LinkKind, Op, OpKey, Party, Target,
};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::proposal::{ProposalState, ProposalStep};
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::Summary;
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use jiff::Timestamp;
use tokio::time::timeout;

use super::bench::{Bench, NOW, id, op, set, tickets, title};

/// Follows the cursor to its end.
pub async fn everything(desk: &dyn Backend, since: Option<&Cursor>) -> (Vec<Summary>, Cursor) {
    let (mut rows, mut at) = (Vec::new(), since.cloned());
    for _ in 0..10_000 {
        let delta = desk.pull(at.as_ref()).await.unwrap();
        assert!(delta.removed.is_empty(), "nothing is ever removed from this desk");
        rows.extend(delta.changed);
        at = Some(delta.next.clone());
        if !delta.more {
            return (rows, delta.next);
        }
    }
    panic!("a pull without end");
}

fn ids(rows: &[Summary]) -> Vec<TicketId> {
    let mut ids: Vec<TicketId> = rows.iter().map(|row| row.id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn note(text: &str) -> Change {
    Change::Say { audience: Audience::Public, text: Clean::body(text) }
}

pub async fn a_full_pull_is_complete_over_its_pages<B: Bench>(_: B) {
    for count in [0, 1, 59, 61, 2_000, 4_001] {
        let bench = B::with(tickets(count));
        let (rows, next) = everything(bench.desk(), None).await;
        assert_eq!(ids(&rows).len() as u64, count);
        let (again, _) = everything(bench.desk(), Some(&next)).await;
        assert_eq!(again, [], "everything was read");
    }
}

pub async fn the_first_page_is_due_first<B: Bench>(_: B) {
    let bench = B::with(tickets(500));
    let first = bench.desk().pull(None).await.unwrap();
    assert!(first.more);
    assert!((40..=100).contains(&first.changed.len()), "{} rows are a screen", first.changed.len());
    let due: Vec<i64> = first.changed.iter().map(|row| row.glance.due.unwrap_or(i64::MAX)).collect();
    assert!(due.is_sorted());
    let (all, _) = everything(bench.desk(), Some(&first.next)).await;
    let best = all.iter().filter(|row| row.state.is_open()).map(|row| row.glance.due.unwrap_or(i64::MAX)).min();
    assert_eq!(due.first().copied(), best);
}

pub async fn a_delta_holds_only_what_changed<B: Bench>(bench: B) {
    let (_, next) = everything(bench.desk(), None).await;
    bench.desk().apply(&op(3, None, vec![title("Now it jams")])).await.unwrap();
    let (rows, next) = everything(bench.desk(), Some(&next)).await;
    assert_eq!(ids(&rows), [id(3)]);
    assert_eq!(rows[0].title.as_str(), "Now it jams");
    assert_eq!(everything(bench.desk(), Some(&next)).await.0, []);
}

pub async fn a_bad_cursor_asks_for_a_full_pull<B: Bench>(bench: B) {
    for bad in ["", "garbage", "up", "up x", "up 99999999", "down 1", "0123 4 up 1", "\u{0}"] {
        let answer = bench.desk().pull(Some(&Cursor(bad.into()))).await;
        assert_eq!(answer, Err(Error::CursorExpired), "{bad:?}");
    }
}

pub async fn a_ticket_that_is_not_there_is_not_found<B: Bench>(bench: B) {
    assert_eq!(bench.desk().get(&id(999)).await, Err(Error::NotFound(id(999))));
    assert_eq!(bench.desk().apply(&op(999, None, vec![title("?")])).await, Err(Error::NotFound(id(999))));
}

pub async fn a_stale_write_is_a_conflict_with_theirs<B: Bench>(bench: B) {
    let seen = bench.desk().get(&id(1)).await.unwrap().revision;
    let theirs = bench.second("ben").apply(&op(1, Some(seen), vec![title("Ben's")])).await.unwrap();
    let answer = bench.desk().apply(&op(1, Some(seen), vec![title("Ana's")])).await;
    if bench.desk().capabilities().guard == Guard::None {
        assert_eq!(answer.unwrap().ticket.title(), "Ana's", "it says itself that nothing is caught");
        return;
    }
    let Err(Error::Conflict { theirs: shown, who }) = answer else { panic!("{answer:?}") };
    assert_eq!((shown.ticket, who.as_str()), (theirs.ticket, "BEN Example"));
    assert_eq!(bench.desk().get(&id(1)).await.unwrap().title(), "Ben's");
    let now = shown.summary.revision;
    bench.desk().apply(&op(1, Some(now), vec![title("Ana's")])).await.unwrap();
}

/// Eight consoles count to eighty together, each reading, adding one and writing, again after a conflict.
pub async fn racing_writers_lose_nothing<B: Bench>(bench: B) {
    if bench.desk().capabilities().guard == Guard::None {
        return;
    }
    let count = Field::parse("x.count").unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (desk, count) = (bench.second("ben"), count.clone());
            tokio::spawn(async move {
                let mut added = 0;
                while added < 10 {
                    let ticket = desk.get(&id(1)).await.unwrap();
                    let n: u32 = ticket.text(&count).parse().unwrap_or(0);
                    let one = set(count.clone(), Value::name(&(n + 1).to_string()));
                    match desk.apply(&op(1, Some(ticket.revision), vec![one])).await {
                        Ok(_) => added += 1,
                        Err(Error::Conflict { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(bench.desk().get(&id(1)).await.unwrap().text(&count), "80");
}

pub async fn racing_words_are_all_kept<B: Bench>(bench: B) {
    let tasks: Vec<_> = (0..8)
        .map(|writer| {
            let desk = bench.second(if writer % 2 == 0 { "ana" } else { "ben" });
            tokio::spawn(async move {
                for n in 0..5 {
                    desk.apply(&op(2, None, vec![note(&format!("{writer}/{n}"))])).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let ticket = bench.desk().get(&id(2)).await.unwrap();
    let said = ticket.timeline.iter().filter(|event| matches!(event.change, Change::Say { .. })).count();
    assert_eq!(said, 40);
    assert!(ticket.timeline.is_sorted_by_key(|event| event.seq));
}

pub async fn the_same_key_twice_writes_once<B: Bench>(bench: B) {
    let act = op(4, None, vec![title("Once"), note("We are on it.")]);
    let first = bench.desk().apply(&act).await.unwrap();
    let again = bench.second("ana").apply(&act).await.unwrap();
    assert_eq!(first.ticket, again.ticket);
    assert_eq!(bench.desk().get(&id(4)).await.unwrap(), first.ticket);
    let seen = bench.desk().get(&id(5)).await.unwrap().revision;
    let guarded = op(5, Some(seen), vec![title("Once")]);
    bench.desk().apply(&guarded).await.unwrap();
    bench.desk().apply(&guarded).await.expect("an answer that was lost on the way is no conflict");
}

pub async fn a_refused_field_is_named<B: Bench>(bench: B) {
    let before = bench.desk().get(&id(1)).await.unwrap();
    let answer = bench.desk().apply(&op(1, None, vec![set(Field::Impact, Value::Number(9))])).await;
    let Err(Error::Invalid { field, reason }) = answer else { panic!("{answer:?}") };
    assert_eq!(field, "impact");
    assert!(reason.contains("INC-1"), "{reason}");
    assert_eq!(bench.desk().get(&id(1)).await.unwrap(), before);
}

pub async fn forbidden_is_not_offline<B: Bench>(bench: B) {
    let before = bench.desk().get(&id(1)).await.unwrap();
    for who in ["cem", "nobody"] {
        let answer = bench.second(who).apply(&op(1, None, vec![title("Mine")])).await;
        assert!(matches!(&answer, Err(Error::Forbidden(why)) if why.contains(who)), "{answer:?}");
    }
    assert_eq!(bench.desk().get(&id(1)).await.unwrap(), before);
}

pub async fn what_is_stored_is_returned<B: Bench>(bench: B) {
    let (_, next) = everything(bench.desk(), None).await;
    let stored = bench.desk().apply(&op(6, None, vec![title("Jam"), note("Coming.")])).await.unwrap();
    assert_eq!(stored.ticket, bench.second("ben").get(&id(6)).await.unwrap());
    assert_eq!(everything(bench.desk(), Some(&next)).await.0, [stored.summary]);
    let last = stored.ticket.timeline.last().unwrap();
    assert_eq!((&*last.actor, last.stored), ("ana", NOW));
    let was = stored.ticket.timeline.iter().rev().find_map(|event| match &event.change {
        Change::Set { field: Field::Title, from, .. } => from.clone(),
        _ => None,
    });
    assert_eq!(was, Some(Value::text("Printer 6 prints stripes")), "the log says what stood there before");
}

pub async fn hostile_text_comes_out_clean<B: Bench>(bench: B) {
    let hostile = "\u{1b}]0;owned\u{7}a\u{202e}b\u{200b}c\u{9b}31m\0";
    // As a tracker's answer or a pending act on disk would bring it, past every constructor.
    let json = format!(
        r#"[{{"set":{{"field":"title","to":{{"text":{text}}}}}}},{{"say":{{"audience":"public","text":{text}}}}}]"#,
        text = serde_json::to_string(hostile).unwrap()
    );
    let changes = serde_json::from_str(&json).unwrap();
    bench.desk().apply(&op(7, None, changes)).await.unwrap();
    let ticket = bench.second("ben").get(&id(7)).await.unwrap();
    let (rows, _) = everything(bench.desk(), None).await;
    let row = rows.into_iter().find(|row| row.id == id(7)).unwrap();
    for text in [ticket.title(), row.title.as_str(), &serde_json::to_string(&ticket).unwrap()] {
        let bad = |c: char| c.is_control() || "\u{202e}\u{200b}".contains(c) || text.contains("\\u00");
        assert!(!text.contains(bad), "{text:?}");
        assert!(text.contains("ab"), "{text:?}");
    }
}

pub async fn long_notes_and_all_of_unicode_survive<B: Bench>(bench: B) {
    let all: String = ('\u{20}'..=char::MAX).filter(|c| !Clean::body(&c.to_string()).is_empty()).collect();
    let long = format!("{}\n\n{}", "Ein langer Brief. 長い手紙。 🖨️ ".repeat(30_000), all);
    assert!(long.len() > 1_000_000);
    bench.desk().apply(&op(8, None, vec![note(&long)])).await.unwrap();
    let ticket = bench.second("ben").get(&id(8)).await.unwrap();
    let kept = ticket.timeline.iter().rev().find_map(|event| match &event.change {
        Change::Say { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(kept.is_some_and(|kept| kept == Clean::body(&long)));
}

pub async fn times_keep_their_instant<B: Bench>(bench: B) {
    let done: Timestamp = "2023-03-26T01:59:59.123+01:00".parse().unwrap();
    let wake: Timestamp = "2024-02-29T23:59:59.999999Z".parse().unwrap();
    let act = Op { at: done, ..op(9, None, vec![set(Field::PromisedUpdate, Value::Time(wake))]) };
    bench.desk().apply(&act).await.unwrap();
    let ticket = bench.second("ben").get(&id(9)).await.unwrap();
    assert_eq!(ticket.time(&Field::PromisedUpdate), Some(wake));
    let last = ticket.timeline.last().unwrap();
    assert_eq!((last.at, last.stored), (done, NOW));
}

pub async fn what_is_not_offered_is_refused_and_changes_nothing<B: Bench>(bench: B) {
    let can = bench.desk().capabilities();
    let reason = || Clean::line("Not mine");
    let offer = Handover::Offer { to: Party::Person("ben".into()), reason: reason(), expires: None };
    let kind = EscalationKind::Hierarchical;
    let escalation =
        Escalation { kind, to: Party::Person("mia".into()), reason: reason(), detail: reason(), step: None };
    let link = Link { how: LinkKind::RelatesTo, other: id(2) };
    let tried = [
        (can.internal_notes, Change::Say { audience: Audience::Internal, text: reason() }),
        (can.links, Change::Link { link }),
        (can.handover, Change::Handover { step: offer }),
        (can.escalations, Change::Escalate { escalation }),
        (can.proposals, proposed()),
    ];
    let (before, _) = everything(bench.desk(), None).await;
    for (_, change) in tried.into_iter().filter(|(offered, _)| !offered) {
        let answer = bench.desk().apply(&op(1, None, vec![title("Changed"), change.clone()])).await;
        assert!(matches!(answer, Err(Error::Unsupported(_))), "{change:?}: {answer:?}");
    }
    for kind in Kind::ALL.iter().filter(|_| !can.create) {
        let new = Op { target: Target::New(*kind), ..op(1, None, vec![title("New")]) };
        assert!(matches!(bench.desk().apply(&new).await, Err(Error::Unsupported(_))));
    }
    if !can.presence {
        assert!(matches!(bench.desk().presence(Some(&id(1))).await, Err(Error::Unsupported(_))));
    }
    assert_eq!(everything(bench.desk(), None).await.0, before);
}

/// Weighing anew what somebody else has taken is for seniors.
fn proposed() -> Change {
    let (from, to) = (Some(Value::Number(2)), Some(Value::Number(1)));
    let changes = vec![Change::Set { field: Field::Urgency, from, to }];
    Change::Proposal { step: ProposalStep::Make { changes, reason: Clean::line("It spreads.") } }
}

pub async fn a_proposal_is_done_once_by_who_may_with_both_names<B: Bench>(bench: B) {
    if !bench.desk().capabilities().proposals {
        let before = bench.desk().get(&id(1)).await.unwrap();
        let answer = bench.desk().apply(&op(1, None, vec![proposed()])).await;
        assert!(matches!(answer, Err(Error::Unsupported(_))), "{answer:?}");
        assert_eq!(bench.desk().get(&id(1)).await.unwrap(), before);
        return;
    }
    let (ben, mia, deputy) = (bench.second("ben"), bench.second("mia"), bench.second("mia"));
    ben.apply(&op(1, None, vec![Change::Handover { step: Handover::Accept { by: "ben".into() } }])).await.unwrap();
    let answer = bench.desk().apply(&op(1, None, vec![set(Field::Urgency, Value::Number(1))])).await;
    assert!(matches!(&answer, Err(Error::AboveLevel(why)) if why.contains("level gate")), "{answer:?}");
    let made = bench.desk().apply(&op(1, None, vec![proposed()])).await.unwrap().ticket;
    assert_eq!((made.said(&Field::Urgency), made.proposals.len()), (2, 1), "nothing is done by proposing");
    let accept = |words: &str| {
        let (how, words) = (ProposalState::Accepted, Clean::line(words));
        op(1, None, vec![Change::Proposal { step: ProposalStep::Answer { number: 1, how, words } }])
    };
    let answer = bench.desk().apply(&accept("")).await;
    let above = matches!(answer, Err(Error::Forbidden(_) | Error::AboveLevel(_)));
    assert!(above, "nobody accepts their own: {answer:?}");
    let (one, other) = (accept("Yes."), accept("Yes, at once."));
    let (one, other) = tokio::join!(mia.apply(&one), deputy.apply(&other));
    assert!(one.is_ok() != other.is_ok(), "it is done once: {one:?} {other:?}");
    let ticket = bench.second("ana").get(&id(1)).await.unwrap();
    let held = &ticket.proposals[0];
    assert_eq!((&*held.by, held.state), ("ana", ProposalState::Accepted));
    assert_eq!(held.answered.as_ref().map(|(by, _)| &**by), Some("mia"));
    assert_eq!(ticket.said(&Field::Urgency), 1);
    let weighed: Vec<&Event> = (ticket.timeline.iter())
        .filter(|event| matches!(&event.change, Change::Set { field: Field::Urgency, .. }))
        .skip(1)
        .collect();
    assert!(matches!(weighed.as_slice(), [event] if &*event.actor == "mia"), "{weighed:?}");
}

pub async fn state_is_the_fold_of_events<B: Bench>(bench: B) {
    let take = Change::Handover { step: Handover::Accept { by: "ana".into() } };
    bench.desk().apply(&op(1, None, vec![take])).await.unwrap();
    let step = Change::Move { verb: Verb::Start, from: State::New, to: State::InProgress };
    bench.desk().apply(&op(1, None, vec![step, note("On it.")])).await.unwrap();
    for n in 1..=12 {
        let ticket = bench.desk().get(&id(n)).await.unwrap();
        let events: Vec<Event> = ticket.timeline.clone();
        assert_eq!(Ticket::from_events(id(n), events), Some(ticket));
    }
}

pub async fn a_change_from_another_console_is_announced<B: Bench>(bench: B) {
    let (_, next) = everything(bench.desk(), None).await;
    let other = bench.second("ben");
    let (told, ()) = tokio::join!(timeout(Duration::from_secs(2), bench.desk().changed()), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        other.apply(&op(3, None, vec![title("Ben was here")])).await.unwrap();
    });
    told.expect("it is announced within 2 s").unwrap();
    assert_eq!(ids(&everything(bench.desk(), Some(&next)).await.0), [id(3)]);
}

pub async fn nothing_is_announced_when_nothing_happens<B: Bench>(bench: B) {
    let (_, next) = everything(bench.desk(), None).await;
    assert!(timeout(Duration::from_millis(300), bench.desk().changed()).await.is_err());
    // What happened before one began to listen is not lost.
    bench.second("ben").apply(&op(3, None, vec![title("Before")])).await.unwrap();
    timeout(Duration::from_secs(2), bench.desk().changed()).await.expect("it is not lost").unwrap();
    everything(bench.desk(), Some(&next)).await;
    assert!(timeout(Duration::from_millis(300), bench.desk().changed()).await.is_err());
}

pub async fn others_see_what_i_have_open<B: Bench>(bench: B) {
    if !bench.desk().capabilities().presence {
        return;
    }
    let other = bench.second("ben");
    assert_eq!(bench.desk().presence(Some(&id(1))).await.unwrap(), []);
    let seen = other.presence(Some(&id(2))).await.unwrap();
    assert_eq!(seen.iter().map(|one| (&*one.who, one.ticket.clone())).collect::<Vec<_>>(), [("ana", id(1))]);
    bench.desk().presence(None).await.unwrap();
    assert_eq!(other.presence(Some(&id(2))).await.unwrap(), []);
    assert_eq!(bench.desk().presence(None).await.unwrap().len(), 1);
    drop(other);
    assert_eq!(bench.desk().presence(None).await.unwrap(), [], "who leaves is gone");
}

pub async fn links_show_at_both_ends<B: Bench>(bench: B) {
    if !bench.desk().capabilities().links {
        return;
    }
    let link = Link { how: LinkKind::RelatesTo, other: id(2) };
    let act = op(1, None, vec![Change::Link { link: link.clone() }]);
    let stored = bench.desk().apply(&act).await.unwrap();
    assert_eq!(stored.ticket.links, [link]);
    assert_eq!(stored.also.iter().map(|row| (row.id.clone(), row.links)).collect::<Vec<_>>(), [(id(2), 1)]);
    let other = bench.second("ben").get(&id(2)).await.unwrap();
    assert_eq!(other.links, [Link { how: LinkKind::RelatesTo, other: id(1) }]);
    assert_eq!(bench.desk().apply(&act).await.unwrap(), stored, "with the same key it tells of both again");
}

pub async fn new_tickets_are_named_by_the_desk<B: Bench>(bench: B) {
    if !bench.desk().capabilities().create {
        return;
    }
    let changes = || vec![title("No sound"), set(Field::Caller, Value::name("cem"))];
    let new = |key: &str| Op {
        key: OpKey(key.into()),
        target: Target::New(Kind::Incident),
        expect: None,
        at: NOW,
        changes: changes(),
        again: false,
        desk: None,
    };
    let first = bench.desk().apply(&new("a")).await.unwrap();
    let again = bench.desk().apply(&new("a")).await.unwrap();
    let second = bench.second("ben").apply(&new("b")).await.unwrap();
    assert_eq!((&first.ticket.id, &second.ticket.id), (&id(13), &id(14)));
    assert_eq!(first, again);
    assert_eq!((first.ticket.title(), first.ticket.state), ("No sound", State::New));
    assert_eq!(&*second.ticket.owner, "ben");
}

pub async fn what_falls_due_happens_by_itself_once<B: Bench>(_: B) {
    let mut history = tickets(3);
    let due = NOW - jiff::SignedDuration::from_mins(10);
    let offer =
        Handover::Offer { to: Party::Person("ben".into()), reason: Clean::line("Knows printers"), expires: Some(due) };
    let last = history[1].1.last().unwrap().clone();
    history[1].1.push(Event { op: OpKey("offer".into()), change: Change::Handover { step: offer }, ..last });
    let bench = B::with(history);
    let other = bench.second("ben");
    everything(bench.desk(), None).await;
    everything(other.as_ref(), None).await;
    let wait = Duration::from_secs(2);
    let (here, there) = tokio::join!(timeout(wait, bench.desk().changed()), timeout(wait, other.changed()));
    here.expect("both hear of it").unwrap();
    there.expect("both hear of it").unwrap();
    let ticket = bench.desk().get(&id(2)).await.unwrap();
    assert_eq!(ticket.offer, None);
    let expired: Vec<&Event> =
        ticket.timeline.iter().filter(|event| event.change == Change::Handover { step: Handover::Expire }).collect();
    let [expired] = expired.as_slice() else { panic!("{expired:?}") };
    assert_eq!((&*expired.actor, expired.at, expired.stored), ("desk", due, NOW));
}
