//! What every tracker promises through its adapter, checked by what the tracker itself holds.
//!
//! A promise about an ability that a tracker lacks is that it refuses.

use deskside::backend::http::evidence::words;
use deskside::backend::{Backend, Error, Guard, Lookup, Sort, Upload};
use deskside::domain::change::{Audience, Change, Escalation, EscalationKind, Handover, Link, LinkKind, Party};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::state::Verb;
use deskside::domain::summary::Summary;
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};

use super::bench::{
    Bench, can, close_to, everything, fresh, group, is_left_out, note, op, reply, set, step, take, title, told,
};
use super::site::{Elsewhere, Site, Who};

fn missing() -> TicketId {
    TicketId::new("99999999")
}

/// A ticket that is not there, named as this tracker names tickets.
fn like(id: &TicketId) -> TicketId {
    let letters = id.as_str().trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = id.as_str().len() - letters.len();
    if digits == 0 { missing() } else { TicketId::new(&format!("{letters}{}", "9".repeat(digits.max(7)))) }
}

fn has(rows: &[Summary], id: &TicketId) -> bool {
    rows.iter().any(|row| row.id == *id)
}

// Reading everything, and what changed.

pub async fn a_full_walk_is_complete_over_its_pages<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let (rows, _) = everything(&desk, None).await;
    let mut ids: Vec<_> = rows.iter().map(|row| row.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), bench.fixture.in_scope, "tickets in scope");
    assert!(bench.pages() > 2, "it was read in {} pages", bench.pages());
    for id in [&bench.fixture.incident, &bench.fixture.storied, &bench.fixture.hostile] {
        assert!(has(&rows, id), "{id} is missing");
    }
}

pub async fn a_first_load_costs_pages_and_a_constant<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    desk.schema().await.unwrap();
    bench.forget();
    let first = desk.pull(None).await.unwrap();
    assert!(!first.changed.is_empty(), "rows are shown after the first page");
    let size = first.changed.len();
    everything(&desk, Some(&first.next)).await;
    let (pages, requests) = (bench.pages(), bench.requests());
    assert!(pages <= bench.fixture.in_scope / size + 3, "{pages} pages of {size} rows");
    assert!(requests <= pages + 4, "{pages} pages took {requests} requests:{}", bench.asked());
}

pub async fn the_newest_come_first<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let (rows, _) = everything(&desk, None).await;
    // What is open may come before what is done.
    let (open, done): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.state.is_open());
    let mixed = rows.iter().collect();
    let sorted = |rows: &Vec<&Summary>| {
        let updated = rows.iter().map(|row| row.updated).is_sorted_by(|a, b| a >= b);
        updated || rows.iter().map(|row| row.opened).is_sorted_by(|a, b| a >= b)
    };
    let apart = rows.iter().map(|row| row.state.is_open()).is_sorted_by(|a, b| a >= b);
    let good = sorted(&mixed) || apart && sorted(&open) && sorted(&done);
    assert!(good, "neither by their last change nor by their beginning");
}

pub async fn rows_that_move_between_pages_are_not_lost<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let (rows, _) = everything(&desk, None).await;
    let (first, last) = (rows.first().unwrap().id.clone(), rows.last().unwrap().id.clone());
    let page = bench.desk(Who::Agent).pull(None).await.unwrap();
    assert!(page.more);
    // One comes to the front, one that was read goes.
    bench.site.elsewhere(&last, Elsewhere::Title("It came to the front".into())).await;
    bench.site.elsewhere(&first, Elsewhere::Delete).await;
    let (rest, next) = everything(&desk, Some(&page.next)).await;
    let (delta, _) = everything(&desk, Some(&next)).await;
    let mut met: Vec<_> = page.changed.iter().chain(&rest).chain(&delta).map(|row| row.id.clone()).collect();
    met.sort();
    met.dedup();
    let lost: Vec<_> = rows.iter().filter(|row| row.id != first && !met.contains(&row.id)).map(|row| &row.id).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert!(delta.iter().chain(&rest).any(|row| row.id == last && row.title.as_str() == "It came to the front"));
}

pub async fn a_delta_misses_nothing<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let (rows, mut cursor) = everything(&desk, None).await;
    let ids: Vec<_> = rows.iter().rev().take(4).map(|row| row.id.clone()).collect();
    for round in 0..3 {
        for id in &ids {
            let wanted = format!("Round {round} of {id}");
            bench.site.elsewhere(id, Elsewhere::Title(wanted.clone())).await;
            // At once, within the second or minute that the tracker's clock may have.
            let (delta, next) = everything(&desk, Some(&cursor)).await;
            cursor = next;
            let row = delta.iter().rev().find(|row| row.id == *id);
            let row = row.unwrap_or_else(|| panic!("{id} is not in the delta of round {round}"));
            assert_eq!(row.title.as_str(), wanted);
        }
    }
}

pub async fn a_delta_without_news_is_one_request<S: Site>(bench: Bench<S>) {
    let desk = bench.warm(Who::Agent).await;
    let (_, cursor) = everything(&desk, None).await;
    let (_, cursor) = everything(&desk, Some(&cursor)).await;
    bench.forget();
    let delta = desk.pull(Some(&cursor)).await.unwrap();
    assert!(!delta.more, "nothing happened meanwhile");
    assert_eq!(bench.requests(), 1, "{}", bench.asked());
}

pub async fn a_bad_cursor_asks_for_a_full_walk<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    for bad in ["", "garbage", "{}", "[1,2]", "null", "\u{0}", "99999999999999999999"] {
        let answer = desk.pull(Some(&deskside::backend::Cursor(bad.into()))).await;
        assert_eq!(answer, Err(Error::CursorExpired), "{bad:?}");
    }
}

pub async fn revisions_are_the_same_in_rows_and_records<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let adapter = bench.adapter(Who::Agent);
    adapter.schema().await.unwrap();
    let (rows, _) = everything(&desk, None).await;
    let mut all = vec![bench.fixture.incident.clone(), bench.fixture.storied.clone(), bench.fixture.hostile.clone()];
    all.extend(bench.fixture.others.iter().map(|(_, id)| id.clone()));
    for id in &all {
        let row = rows.iter().find(|row| row.id == *id).unwrap_or_else(|| panic!("{id} has no row"));
        let glance = adapter.glance(id).await.unwrap();
        let whole = adapter.whole(id).await.unwrap();
        assert_eq!((glance.revision, whole.revision), (row.revision, row.revision), "{id}");
        assert_eq!((glance.kind, glance.state, &glance.owner), (whole.kind, whole.state, &whole.owner), "{id}");
        assert_eq!(glance.fields, whole.fields, "{id}");
    }
    let before = adapter.glance(&bench.fixture.incident).await.unwrap().revision;
    bench.site.elsewhere(&bench.fixture.incident, Elsewhere::Title("Another".into())).await;
    let after = adapter.glance(&bench.fixture.incident).await.unwrap().revision;
    assert_ne!(before, after, "somebody wrote");
    desk.apply(&op(&bench.fixture.incident, None, vec![title("A third")])).await.unwrap();
    assert_ne!(after, adapter.glance(&bench.fixture.incident).await.unwrap().revision, "I wrote");
}

pub async fn a_ticket_that_is_not_there_is_not_found<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let none = like(&bench.fixture.incident);
    assert_eq!(desk.get(&none).await, Err(Error::NotFound(none.clone())));
    assert_eq!(desk.apply(&op(&none, None, vec![title("?")])).await, Err(Error::NotFound(none)));
    for odd in ["0", "-1", "../1", "1/../2", "1?x=1", "", "🖨️"] {
        let id = TicketId::new(odd);
        assert!(matches!(desk.get(&id).await, Err(Error::NotFound(_))), "{odd:?}");
    }
}

pub async fn a_ticket_that_vanished_is_not_found<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let seen = desk.get(&id).await.unwrap();
    bench.site.elsewhere(&id, Elsewhere::Delete).await;
    assert_eq!(desk.get(&id).await, Err(Error::NotFound(id.clone())));
    let late = op(&id, Some(seen.revision), vec![title("Too late")]);
    assert_eq!(desk.apply(&late).await, Err(Error::NotFound(id.clone())));
    let words = op(&id, None, vec![reply("Too late")]);
    assert_eq!(desk.apply(&words).await, Err(Error::NotFound(id)));
}

// Writing when others write, too.

pub async fn a_stale_write_is_a_conflict_with_theirs_and_who<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let seen = desk.get(&id).await.unwrap().revision;
    bench.site.elsewhere(&id, Elsewhere::Title("Theirs".into())).await;
    let answer = desk.apply(&op(&id, Some(seen), vec![title("Mine")])).await;
    if can(&desk).await.guard == Guard::None {
        assert_eq!(answer.unwrap().ticket.title(), "Mine", "it says itself that nothing is caught");
        return;
    }
    let Err(Error::Conflict { theirs, who }) = answer else { panic!("{answer:?}") };
    assert_eq!((theirs.ticket.title(), theirs.summary.title.as_str()), ("Theirs", "Theirs"));
    assert_eq!(who, bench.fixture.colleague.as_str());
    assert_eq!(bench.site.truth(&id).await.unwrap().title, "Theirs");
    // Having seen theirs, one may go on.
    let now = theirs.summary.revision;
    let stored = desk.apply(&op(&id, Some(now), vec![title("Mine after all")])).await.unwrap();
    assert_eq!(stored.ticket.title(), "Mine after all");
}

pub async fn of_two_who_take_it_one_wins<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let seen = desk.get(&id).await.unwrap().revision;
    bench.site.elsewhere(&id, Elsewhere::Take).await;
    let answer = desk.apply(&op(&id, Some(seen), vec![take(&bench.fixture.agent)])).await;
    let Err(Error::Conflict { theirs, who }) = answer else { panic!("{answer:?}") };
    assert_eq!((theirs.ticket.owner, theirs.ticket.accepted), (bench.fixture.colleague.clone(), true));
    assert_eq!(who, bench.fixture.colleague.as_str());
    assert_eq!(bench.site.truth(&id).await.unwrap().owner.as_deref(), Some(bench.fixture.colleague.as_str()));
}

/// Consoles count together, each reading, adding one and writing, again after a conflict. Where the tracker itself
/// refuses a stale write nothing may be lost; elsewhere there is a window, and that is what its guard says.
pub async fn racing_writers_lose_nothing<S: Site>(bench: Bench<S>) {
    if can(&bench.desk(Who::Agent)).await.guard != Guard::Atomic {
        return;
    }
    let id = bench.fixture.incident.clone();
    bench.site.elsewhere(&id, Elsewhere::Title("0".into())).await;
    let bench = std::sync::Arc::new(bench);
    let tasks: Vec<_> = [Who::Agent, Who::Colleague, Who::Agent]
        .into_iter()
        .map(|who| {
            let (bench, id) = (std::sync::Arc::clone(&bench), id.clone());
            tokio::spawn(async move {
                let desk = bench.desk(who);
                let mut added = 0;
                while added < 5 {
                    let ticket = desk.get(&id).await.unwrap();
                    let n: u32 = ticket.title().parse().unwrap();
                    match desk.apply(&op(&id, Some(ticket.revision), vec![title(&(n + 1).to_string())])).await {
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
    assert_eq!(bench.site.truth(&id).await.unwrap().title, "15");
}

pub async fn racing_words_are_all_kept<S: Site>(bench: Bench<S>) {
    let id = bench.fixture.incident.clone();
    let bench = std::sync::Arc::new(bench);
    let marks: Vec<Vec<String>> = (0..3).map(|_| (0..4).map(|_| fresh("Racing")).collect()).collect();
    let tasks: Vec<_> = marks
        .iter()
        .cloned()
        .enumerate()
        .map(|(n, marks)| {
            let (bench, id) = (std::sync::Arc::clone(&bench), id.clone());
            tokio::spawn(async move {
                let desk = bench.desk(if n == 1 { Who::Colleague } else { Who::Agent });
                for mark in marks {
                    desk.apply(&op(&id, None, vec![reply(&mark)])).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for mark in marks.iter().flatten() {
        assert_eq!(bench.said(&id, mark).await.0, 1, "{mark}");
    }
}

pub async fn the_same_act_again_is_stored_once<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let seen = desk.get(&id).await.unwrap().revision;
    let mark = fresh("Once");
    let act = op(&id, Some(seen), vec![title("Once"), reply(&mark)]);
    desk.apply(&act).await.unwrap();
    for console in [desk, bench.desk(Who::Agent)] {
        let stored = console.apply(&super::bench::again(&act)).await.unwrap();
        assert_eq!((stored.ticket.title(), stored.dropped), ("Once", vec![]));
    }
    assert_eq!(bench.said(&id, &mark).await.0, 1);
}

// Words, and who reads them.

pub async fn a_public_reply_is_public_by_the_trackers_own_truth<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let (id, mark) = (bench.fixture.incident.clone(), fresh("Public"));
    let stored = desk.apply(&op(&id, None, vec![reply(&mark)])).await.unwrap();
    assert_eq!((stored.dropped, bench.said(&id, &mark).await), (vec![], (1, 0)));
    let there = told(&bench.desk(Who::Colleague).get(&id).await.unwrap(), &mark);
    assert_eq!(there, [(Audience::Public, bench.fixture.agent.clone())]);
    assert_eq!(told(&stored.ticket, &mark), there, "the answer tells of it, too");
}

pub async fn an_internal_note_is_internal_by_the_trackers_own_truth<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let (id, mark) = (bench.fixture.incident.clone(), fresh("Internal"));
    let answer = desk.apply(&op(&id, None, vec![note(&mark)])).await;
    if !can(&desk).await.internal_notes {
        assert!(matches!(answer, Err(Error::Unsupported(_))), "{answer:?}");
        assert_eq!(bench.said(&id, &mark).await, (0, 0));
        return;
    }
    assert_eq!((answer.unwrap().dropped, bench.said(&id, &mark).await), (vec![], (0, 1)));
    let there = told(&bench.desk(Who::Colleague).get(&id).await.unwrap(), &mark);
    assert_eq!(there, [(Audience::Internal, bench.fixture.agent.clone())]);
}

pub async fn a_note_beside_a_reply_stays_internal<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    if !can(&desk).await.internal_notes {
        return;
    }
    let (id, inside, outside) = (bench.fixture.incident.clone(), fresh("Inside"), fresh("Outside"));
    let act = vec![reply(&outside), title("Both"), note(&inside), take(&bench.fixture.agent)];
    let stored = desk.apply(&op(&id, None, act)).await.unwrap();
    assert_eq!(stored.dropped, []);
    assert_eq!((bench.said(&id, &inside).await, bench.said(&id, &outside).await), ((0, 1), (1, 0)));
    let truth = bench.site.truth(&id).await.unwrap();
    assert_eq!((truth.title.as_str(), truth.owner.as_deref()), ("Both", Some(bench.fixture.agent.as_str())));
}

pub async fn history_becomes_a_timeline<S: Site>(bench: Bench<S>) {
    let ticket = bench.desk(Who::Agent).get(&bench.fixture.storied).await.unwrap();
    assert!(matches!(ticket.timeline.first().map(|event| &event.change), Some(Change::Create { .. })));
    let said: Vec<Audience> = ticket
        .timeline
        .iter()
        .filter_map(|event| if let Change::Say { audience, .. } = &event.change { Some(*audience) } else { None })
        .collect();
    assert!(said.contains(&Audience::Public), "{:?}", ticket.timeline);
    assert!(said.contains(&Audience::Internal) || is_left_out::<S>("internal notes"), "{:?}", ticket.timeline);
    assert!(ticket.timeline.iter().any(|event| event.actor == bench.fixture.colleague), "who did it");
    let steps = |event: &&deskside::domain::change::Event| {
        matches!(event.change, Change::Move { .. } | Change::Handover { .. } | Change::Set { .. })
            && event.at > ticket.opened
    };
    assert!(ticket.timeline.iter().any(|event| steps(&event)), "a step: {:?}", ticket.timeline);
    assert_eq!((&ticket.owner, ticket.accepted), (&bench.fixture.colleague, true));
    assert!(ticket.timeline.is_sorted_by_key(|event| event.seq));
    let truth = bench.site.truth(&bench.fixture.storied).await.unwrap();
    for text in &truth.public {
        assert!(!told(&ticket, text).iter().any(|(audience, _)| *audience == Audience::Internal), "{text}");
    }
    for text in &truth.internal {
        assert_eq!(told(&ticket, text).first().map(|(audience, _)| *audience), Some(Audience::Internal), "{text}");
    }
}

pub async fn what_colleagues_do_is_seen<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let (outside, inside) = (fresh("Outside"), fresh("Inside"));
    desk.get(&id).await.unwrap();
    bench.site.elsewhere(&id, Elsewhere::Reply(outside.clone())).await;
    bench.site.elsewhere(&id, Elsewhere::Note(inside.clone())).await;
    bench.site.elsewhere(&id, Elsewhere::Take).await;
    bench.site.elsewhere(&id, Elsewhere::Resolve).await;
    let ticket = desk.get(&id).await.unwrap();
    let by = bench.fixture.colleague.clone();
    assert_eq!(told(&ticket, &outside), [(Audience::Public, by.clone())]);
    assert_eq!(told(&ticket, &inside), [(Audience::Internal, by.clone())]);
    assert_eq!((ticket.state.is_open(), &ticket.owner), (false, &by), "{}", ticket.state);
    assert!(ticket.resolved.is_some() && ticket.resolved >= Some(ticket.opened));
}

pub async fn hostile_text_comes_out_clean<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let (rows, _) = everything(&desk, None).await;
    let row = rows.into_iter().find(|row| row.id == bench.fixture.hostile).unwrap();
    let ticket = desk.get(&bench.fixture.hostile).await.unwrap();
    let all = [ticket.title(), row.title.as_str(), &serde_json::to_string(&ticket).unwrap()].join("");
    let hidden = "\u{202e}\u{202d}\u{2066}\u{200b}\u{feff}";
    assert!(!all.contains(|c: char| c.is_control() || hidden.contains(c)), "{all:?}");
    assert!(!all.contains("\\u00") && !all.contains("\\u202e"), "{all:?}");
    assert!(!ticket.title().is_empty(), "something is left of it");
}

/// What looks like markup is somebody's words: it comes back as it was written, and hurts nobody.
pub async fn markup_in_words_survives<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let mark = fresh("if a < b && c > d then <b>bold</b> &amp; \"quoted\" 'x' {{y}} %(z)s \\n $1 #12 @user");
    let stored = desk.apply(&op(&id, None, vec![title("a < b & \"c\""), reply(&mark)])).await.unwrap();
    assert_eq!(stored.dropped, []);
    assert_eq!(stored.ticket.title(), "a < b & \"c\"");
    let ticket = bench.desk(Who::Colleague).get(&id).await.unwrap();
    assert_eq!(ticket.title(), "a < b & \"c\"");
    assert_eq!(told(&ticket, &mark).len(), 1, "{:?}", ticket.timeline.last());
}

/// Where the tracker itself takes less, as much as it takes survives, and more is refused before anything is stored.
pub async fn a_note_of_a_megabyte_survives<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let mark = fresh("Long");
    let long = format!("{mark}\n\n{}", "Ein langer Brief. 長い手紙。 🖨️ \n".repeat(30_000));
    assert!(long.len() > 1_000_000);
    let Some(longest) = S::LONGEST_TEXT else { return survives(&bench, &desk, &id, &long).await };
    for letters in [long.chars().count(), longest + 1] {
        let text: String = long.chars().take(letters).collect();
        let error = desk.apply(&op(&id, None, vec![title(&fresh("Before")), reply(&text)])).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { reason, .. } if reason.contains("file")), "{error:?}");
        assert_eq!(bench.said(&id, &mark).await, (0, 0));
    }
    survives(&bench, &desk, &id, &long.chars().take(longest).collect::<String>()).await;
}

pub async fn all_of_unicode_survives<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let wanted = |c: &char| !Clean::body(&c.to_string()).is_empty();
    let low = ('\u{20}'..='\u{ffff}').filter(wanted);
    let high = ('\u{10000}'..=char::MAX).step_by(61).filter(wanted);
    let all: Vec<char> = low.chain(high).collect();
    let at_once = S::LONGEST_TEXT.map_or(all.len(), |longest| longest - 100);
    for some in all.chunks(at_once) {
        let some: String = some.iter().collect();
        survives(&bench, &desk, &id, &format!("{} {some}", fresh("Unicode"))).await;
    }
}

async fn survives<S: Site>(bench: &Bench<S>, desk: &super::bench::Desk, id: &TicketId, text: &str) {
    let stored = desk.apply(&op(id, None, vec![reply(text)])).await.unwrap();
    assert_eq!(stored.dropped, []);
    let ticket = bench.desk(Who::Colleague).get(id).await.unwrap();
    let held = ticket.timeline.iter().rev().find_map(|event| match &event.change {
        Change::Say { text, .. } => Some(words(text)),
        _ => None,
    });
    let (held, wanted) = (held.expect("the words are there"), words(&Clean::body(text)));
    let at = held.char_indices().zip(wanted.chars()).find(|((_, a), b)| a != b);
    assert!(held == wanted, "{} of {} bytes; first other: {at:?}", held.len(), wanted.len());
}

// Fields.

pub async fn owner_and_group_are_stored<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let (id, fixture) = (bench.fixture.incident.clone(), &bench.fixture);
    let seen = desk.get(&id).await.unwrap().revision;
    let both = vec![group(&fixture.other_group), take(&fixture.agent)];
    let stored = match desk.apply(&op(&id, Some(seen), both)).await {
        Ok(stored) => {
            assert_eq!(stored.summary.group.as_ref(), Some(&fixture.other_group));
            let truth = bench.site.truth(&id).await.unwrap();
            assert_eq!(truth.group.as_deref(), Some(fixture.other_group.as_str()));
            stored
        }
        // A ticket is a group's or a person's there.
        Err(Error::Unsupported(_)) => {
            let moved = desk.apply(&op(&id, Some(seen), vec![group(&fixture.other_group)])).await.unwrap();
            assert_eq!((&moved.dropped, &moved.summary.group), (&vec![], &Some(fixture.other_group.clone())));
            let truth = bench.site.truth(&id).await.unwrap();
            assert_eq!(truth.group.as_deref(), Some(fixture.other_group.as_str()));
            desk.apply(&op(&id, Some(moved.summary.revision), vec![take(&fixture.agent)])).await.unwrap()
        }
        Err(error) => panic!("{error}"),
    };
    assert_eq!(stored.dropped, []);
    assert_eq!((&stored.ticket.owner, stored.ticket.accepted), (&fixture.agent, true));
    let truth = bench.site.truth(&id).await.unwrap();
    assert_eq!(truth.owner.as_deref(), Some(fixture.agent.as_str()));
    let (by, to, reason) = (fixture.agent.clone(), fixture.colleague.clone(), Clean::line("Knows it"));
    let give = Change::Handover { step: Handover::Force { by, to, reason } };
    let stored = desk.apply(&op(&id, Some(stored.summary.revision), vec![give])).await.unwrap();
    assert_eq!((stored.dropped, &stored.ticket.owner), (vec![], &fixture.colleague));
    assert_eq!(bench.site.truth(&id).await.unwrap().owner.as_deref(), Some(fixture.colleague.as_str()));
}

pub async fn priority_impact_and_urgency_are_stored_or_refused<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let tried = [
        vec![(Field::PriorityOverride, 1)],
        vec![(Field::PriorityOverride, 3)],
        vec![(Field::Impact, 1), (Field::Urgency, 1)],
        vec![(Field::Impact, 3), (Field::Urgency, 2)],
    ];
    let mut kept = 0;
    for fields in tried {
        let before = desk.get(&id).await.unwrap();
        let changes = fields.iter().map(|(field, n)| set(field.clone(), Value::Number(*n))).collect();
        match desk.apply(&op(&id, Some(before.revision), changes)).await {
            Ok(stored) => {
                assert_eq!(stored.dropped, [], "{fields:?}");
                let there = bench.desk(Who::Colleague).get(&id).await.unwrap();
                for (field, n) in &fields {
                    let held = match field {
                        Field::Impact => i64::from(there.impact()),
                        Field::Urgency => i64::from(there.urgency()),
                        _ => i64::from(stored.summary.priority),
                    };
                    assert_eq!(held, *n, "{field:?}");
                }
                kept += 1;
            }
            Err(Error::Unsupported(_) | Error::Invalid { .. }) => {
                assert_eq!(desk.get(&id).await.unwrap(), before, "refused before anything is written");
            }
            Err(other) => panic!("{fields:?}: {other}"),
        }
    }
    assert!(kept > 0, "there is no priority of any sort");
}

pub async fn times_keep_their_instant<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let minute = SignedDuration::from_secs(61);
    let made = bench.incident(&desk, &fresh("When")).await;
    let now = Timestamp::now();
    assert!(close_to(made.ticket.opened, now, minute * 2), "opened {} at {now}", made.ticket.opened);
    assert!(close_to(made.ticket.updated, now, minute * 2), "updated {} at {now}", made.ticket.updated);
    // Before and after a change of the clocks, and a leap day.
    for wanted in ["2031-03-30T01:59:00+01:00", "2031-10-26T01:30:00Z", "2028-02-29T23:59:00Z"] {
        let wanted: Timestamp = wanted.parse().unwrap();
        for field in [Field::PromisedUpdate, Field::PlannedStart, Field::NeededBy, Field::WakeAt] {
            let (id, _) = (&made.ticket.id, ());
            match desk.apply(&op(id, None, vec![set(field.clone(), Value::Time(wanted))])).await {
                Ok(stored) if stored.dropped.is_empty() => {
                    let there = bench.desk(Who::Colleague).get(id).await.unwrap();
                    let held = there.time(&field).unwrap_or_else(|| panic!("{field:?} is not there"));
                    assert!(close_to(held, wanted, minute), "{field:?}: {held} for {wanted}");
                }
                // It said so.
                Ok(_) | Err(Error::Unsupported(_) | Error::Invalid { .. }) => {}
                Err(other) => panic!("{field:?}: {other}"),
            }
        }
    }
}

pub async fn what_is_stored_is_returned<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let (_, cursor) = everything(&desk, None).await;
    desk.get(&id).await.unwrap();
    let stored = desk.apply(&op(&id, None, vec![title("As stored"), reply(&fresh("Coming"))])).await.unwrap();
    let there = bench.desk(Who::Colleague).get(&id).await.unwrap();
    let seen = |ticket: &Ticket| {
        let fields = ticket.fields.clone();
        (ticket.state, ticket.revision, ticket.owner.clone(), fields, ticket.links.clone())
    };
    assert_eq!(seen(&stored.ticket), seen(&there));
    let (delta, _) = everything(&desk, Some(&cursor)).await;
    let row = delta.into_iter().rev().find(|row| row.id == id).unwrap();
    assert_eq!((row.revision, row.title.as_str()), (stored.summary.revision, "As stored"));
}

// Every kind and every step that is offered.

pub async fn every_kind_is_read<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let can = can(&desk).await;
    for (kind, id) in &bench.fixture.others {
        let ticket = desk.get(id).await.unwrap();
        assert_eq!(ticket.kind, *kind, "{id}");
        assert!(!ticket.title().is_empty());
    }
    let held = |kind: Kind| bench.fixture.others.iter().any(|(other, _)| *other == kind);
    assert_eq!((can.problems, can.changes), (held(Kind::Problem), held(Kind::Change)));
}

pub async fn every_kind_is_made_and_every_offered_step_is_taken<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let schema = desk.schema().await.unwrap();
    let flow = schema.workflow.clone().expect("a tracker tells what it offers");
    if !can(&desk).await.create {
        let answer = desk.apply(&bench.new_op(Kind::Incident, "No")).await;
        assert!(matches!(answer, Err(Error::Unsupported(_))), "{answer:?}");
        return;
    }
    let beyond = bench.site.beyond_reach();
    let kinds: std::collections::BTreeSet<Kind> = flow.ways.iter().map(|way| way.kind).collect();
    assert!(kinds.contains(&Kind::Incident));
    for kind in kinds {
        let mut open: Vec<(deskside::domain::state::State, Verb)> = Vec::new();
        for way in flow.ways.iter().filter(|way| way.kind == kind) {
            open.extend(way.from.iter().filter(|from| !beyond.contains(&(kind, **from))).map(|from| (*from, way.verb)));
        }
        let mut tickets = 0;
        while !open.is_empty() {
            tickets += 1;
            assert!(tickets < 24, "{kind}: no ticket gets to {open:?}");
            let name = fresh("Walk");
            let mut now = bench.create(&desk, kind, &name).await;
            assert_eq!((now.ticket.kind, now.ticket.title()), (kind, name.as_str()));
            assert_eq!(now.dropped, [], "a new {kind}");
            assert_eq!(bench.site.titled(&name).await, [now.ticket.id.clone()]);
            // The nearest step that was not taken yet, until there is none to get to.
            while let Some(verb) = towards(&flow, kind, now.ticket.state, &open) {
                let from = now.ticket.state;
                let way = flow.way(kind, from, verb).unwrap();
                let mut act: Vec<Change> =
                    way.needs.iter().map(|field| set(field.clone(), bench.site.value(field, &schema))).collect();
                act.push(step(verb, from, way.to));
                let answer = desk.apply(&op(&now.ticket.id, Some(now.summary.revision), act)).await;
                now = answer.unwrap_or_else(|error| panic!("{kind}: {verb} from {from}: {error}"));
                assert_eq!(now.dropped, [], "{kind}: {verb} from {from}");
                assert_eq!(now.ticket.state, way.to, "{kind}: {verb} from {from}");
                open.retain(|done| *done != (from, verb));
            }
            let there = bench.desk(Who::Colleague).get(&now.ticket.id).await.unwrap();
            assert_eq!(there.state, now.ticket.state);
        }
    }
}

/// The verb that leads from there the shortest way to a step that is still open.
fn towards(
    flow: &deskside::domain::workflow::Workflow,
    kind: Kind,
    from: deskside::domain::state::State,
    open: &[(deskside::domain::state::State, Verb)],
) -> Option<Verb> {
    let mut queue = std::collections::VecDeque::from([(from, None)]);
    let mut met = vec![from];
    while let Some((at, first)) = queue.pop_front() {
        if let Some((_, verb)) = open.iter().find(|(state, verb)| *state == at && flow.way(kind, at, *verb).is_some()) {
            return Some(first.unwrap_or(*verb));
        }
        for way in flow.from(kind, at) {
            if !met.contains(&way.to) {
                met.push(way.to);
                queue.push_back((way.to, Some(first.unwrap_or(way.verb))));
            }
        }
    }
    None
}

pub async fn what_is_not_offered_is_refused_and_changes_nothing<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let schema = desk.schema().await.unwrap();
    let flow = schema.workflow.clone().unwrap();
    let id = bench.fixture.incident.clone();
    let ticket = desk.get(&id).await.unwrap();
    let can = can(&desk).await;
    let reason = || Clean::line("Not mine");
    let offer = Handover::Offer { to: Party::Person(bench.fixture.colleague.clone()), reason: reason(), expires: None };
    let to = Party::Person(bench.fixture.colleague.clone());
    let kind = EscalationKind::Hierarchical;
    let escalation = Escalation { kind, to, reason: reason(), detail: reason(), step: None };
    let link = Link { how: LinkKind::RelatesTo, other: bench.fixture.storied.clone() };
    let mut tried = vec![
        (can.internal_notes, note("Not offered")),
        (can.links, Change::Link { link }),
        (can.handover, Change::Handover { step: offer }),
        (can.escalations, Change::Escalate { escalation }),
        (false, Change::Stamp { mark: deskside::domain::change::Mark::Reopens, to: Some(Value::Number(3)) }),
        (false, set(Field::Custom("x.no_such_field".into()), Value::name("there is none"))),
    ];
    let unknown = Verb::ALL.iter().find(|verb| flow.way(Kind::Incident, ticket.state, **verb).is_none()).unwrap();
    tried.push((false, step(*unknown, ticket.state, deskside::domain::state::State::Scheduled)));
    let before = bench.site.truth(&id).await.unwrap();
    for (_, change) in tried.into_iter().filter(|(offered, _)| !offered) {
        let act = op(&id, Some(ticket.revision), vec![title("Changed"), reply("Changed"), change.clone()]);
        let answer = desk.apply(&act).await;
        let refused = matches!(answer, Err(Error::Unsupported(_) | Error::Invalid { .. }));
        assert!(refused, "{change:?}: {answer:?}");
        assert_eq!(bench.site.truth(&id).await.unwrap(), before, "{change:?} changed something");
    }
    assert_eq!(desk.get(&id).await.unwrap().revision, ticket.revision);
}

pub async fn a_wrong_value_is_refused_by_name<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let before = bench.site.truth(&id).await.unwrap();
    for change in [group(&"No such group anywhere".into()), take(&"nobody.of.that.name".into())] {
        match desk.apply(&op(&id, None, vec![change.clone()])).await {
            Err(Error::Invalid { reason, .. } | Error::Unsupported(reason) | Error::Forbidden(reason)) => {
                assert!(!reason.is_empty());
            }
            Ok(stored) => assert!(!stored.dropped.is_empty(), "{change:?} is not there and nobody said so"),
            Err(other) => panic!("{change:?}: {other:?}"),
        }
        assert_eq!(bench.site.truth(&id).await.unwrap(), before, "{change:?}");
    }
}

pub async fn links_show_at_both_ends<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    if !can(&desk).await.links {
        return;
    }
    let (id, other) = (bench.fixture.incident.clone(), bench.fixture.storied.clone());
    let links = |ticket: &Ticket| ticket.links.clone();
    for how in [LinkKind::RelatesTo, LinkKind::ChildOf, LinkKind::DuplicateOf] {
        let link = Link { how, other: other.clone() };
        let back = Link { how: how.inverse(), other: id.clone() };
        match desk.apply(&op(&id, None, vec![Change::Link { link: link.clone() }])).await {
            Ok(stored) => {
                assert_eq!(stored.dropped, [], "{how}");
                let also: Vec<_> = stored.also.iter().map(|row| (&row.id, row.links > 0)).collect();
                assert_eq!(also, [(&other, true)], "{how}: the row at the other end comes along");
            }
            // Not every tracker has every sort.
            Err(Error::Unsupported(_) | Error::Invalid { .. }) if how != LinkKind::RelatesTo => continue,
            Err(error) => panic!("{how}: {error}"),
        }
        let colleague = bench.desk(Who::Colleague);
        assert!(links(&colleague.get(&id).await.unwrap()).contains(&link), "{how}");
        assert!(links(&colleague.get(&other).await.unwrap()).contains(&back), "{how} from its other end");
        let stored = desk.apply(&op(&id, None, vec![Change::Unlink { link: link.clone() }])).await.unwrap();
        assert_eq!(stored.dropped, [], "{how} undone");
        assert!(!links(&colleague.get(&id).await.unwrap()).contains(&link), "{how} undone");
        assert!(!links(&colleague.get(&other).await.unwrap()).contains(&back), "{how} undone at its other end");
    }
}

// People, files, and what lies beyond.

pub async fn people_and_groups_are_complete<S: Site>(bench: Bench<S>) {
    let schema = bench.desk(Who::Agent).schema().await.unwrap();
    let fixture = &bench.fixture;
    assert_eq!(schema.me, fixture.agent);
    for who in [&fixture.agent, &fixture.colleague] {
        assert!(schema.directory.person(who).is_some(), "{who} is not among the people");
    }
    for group in [&fixture.group, &fixture.other_group] {
        assert!(schema.directory.group(group).is_some(), "{group} is not among the groups");
    }
    if let Some(category) = &fixture.category {
        assert!(schema.directory.categories.iter().any(|held| held.name == *category), "{category} is not offered");
    }
    let logins: std::collections::BTreeSet<_> = schema.directory.people.iter().map(|person| &person.login).collect();
    assert_eq!(logins.len(), schema.directory.people.len(), "nobody is there twice");
    assert_eq!(bench.desk(Who::Colleague).schema().await.unwrap().me, fixture.colleague);
}

pub async fn files_are_kept_byte_by_byte<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let id = bench.fixture.incident.clone();
    let name = "größe 1 \"x\".bin";
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(70_000).collect();
    let file = Upload { name: Clean::line(name), media_type: "application/octet-stream".into(), bytes: bytes.clone() };
    let answer = desk.attach(&id, &file).await;
    if !can(&desk).await.attachments {
        assert!(matches!(answer, Err(Error::Unsupported(_))), "{answer:?}");
        return;
    }
    answer.unwrap();
    let listed = bench.desk(Who::Colleague).attachments(&id).await.unwrap();
    let held = listed.iter().find(|held| held.name.contains("größe")).unwrap_or_else(|| panic!("{listed:?}"));
    assert!(held.size.is_none_or(|size| size == 70_000), "{held:?}");
    assert!(bench.desk(Who::Colleague).download(&id, &held.key).await.unwrap() == bytes, "the bytes are others");
    let truth = bench.site.truth(&id).await.unwrap();
    assert_eq!(truth.attachments.len(), 1, "{:?}", truth.attachments);
    let none = desk.download(&id, &"99999999".into()).await;
    assert!(matches!(none, Err(Error::NotFound(_) | Error::Invalid { .. })), "{none:?}");
}

pub async fn what_can_be_searched_is_found<S: Site>(bench: Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let can = can(&desk).await;
    let title = bench.site.truth(&bench.fixture.storied).await.unwrap().title;
    let all = [
        (can.people_search, Sort::People, bench.fixture.caller.to_string(), Some(bench.fixture.caller.to_string())),
        (can.ticket_search, Sort::Tickets, title, Some(bench.fixture.storied.to_string())),
        (can.asset_search, Sort::Assets, "printer".to_owned(), None),
        (can.knowledge_search, Sort::Knowledge, "printer".to_owned(), None),
    ];
    for (offered, sort, words, wanted) in all {
        let lookup = Lookup { sort, words: Clean::line(&words), limit: 20 };
        let answer = desk.search(&lookup).await;
        if !offered {
            assert!(matches!(answer, Err(Error::Unsupported(_))), "{sort:?}: {answer:?}");
            continue;
        }
        let found = answer.unwrap_or_else(|error| panic!("{sort:?}: {error}"));
        assert!(found.len() <= 20, "{sort:?}");
        if let Some(wanted) = wanted {
            assert!(found.iter().any(|one| one.name.as_str() == wanted), "{sort:?} {words:?}: {found:?}");
        }
        for odd in ["", "\"'\\%_*?()[]{}&|;<>`$", "' OR 1=1 --", "🖨️"] {
            desk.search(&Lookup { sort, words: Clean::line(odd), limit: 5 }).await.unwrap();
        }
    }
}

// Who may what.

pub async fn forbidden_is_not_offline<S: Site>(bench: Bench<S>) {
    let reader = bench.desk(Who::Reader);
    let id = bench.fixture.incident.clone();
    let seen = reader.get(&id).await.unwrap();
    let before = bench.site.truth(&id).await.unwrap();
    for changes in [vec![title("Mine")], vec![reply("Mine")], vec![title("Mine"), reply("Mine")]] {
        let answer = reader.apply(&op(&id, Some(seen.revision), changes)).await;
        assert!(matches!(answer, Err(Error::Forbidden(_) | Error::Unsupported(_))), "{answer:?}");
        assert_eq!(bench.site.truth(&id).await.unwrap(), before);
    }
    let none = bench.desk(Who::Nobody);
    let answer = none.get(&id).await;
    assert!(matches!(answer, Err(Error::Forbidden(_) | Error::NotFound(_))), "{answer:?}");
    match none.pull(None).await {
        Ok(_) => assert_eq!(everything(&none, None).await.0, []),
        Err(error) => assert!(matches!(error, Error::Forbidden(_)), "{error:?}"),
    }
}

pub async fn a_wrong_credential_is_not_signed_in<S: Site>(bench: Bench<S>) {
    let wrong = bench.desk(Who::Wrong);
    let id = &bench.fixture.incident;
    let answers = [
        wrong.schema().await.err(),
        wrong.pull(None).await.err(),
        wrong.get(id).await.err(),
        wrong.apply(&op(id, None, vec![title("Mine")])).await.err(),
    ];
    for answer in answers {
        let Some(Error::Unauthenticated(why)) = &answer else { panic!("{answer:?}") };
        bench.assert_no_secret(why);
    }
}

pub async fn no_secret_is_printed<S: Site>(bench: Bench<S>) {
    for who in [Who::Agent, Who::Colleague, Who::Reader, Who::Nobody, Who::Wrong] {
        let desk = bench.desk(who);
        let before = format!("{desk:?} {:#?}", bench.adapter(who));
        bench.assert_no_secret(&before);
        let said = [
            format!("{:?}", desk.schema().await.err()),
            format!("{:?}", desk.get(&like(&bench.fixture.incident)).await.err()),
            format!("{:?}", desk.apply(&op(&bench.fixture.incident, None, vec![group(&"none".into())])).await.err()),
        ];
        bench.assert_no_secret(&said.join(" "));
        bench.assert_no_secret(&format!("{desk:?}"));
    }
}

// How much is asked.

/// As a console opens it: out of a list that was read.
pub async fn opening_a_ticket_takes_at_most_three_requests<S: Site>(bench: Bench<S>) {
    let mut all = vec![bench.fixture.storied.clone(), bench.fixture.incident.clone()];
    all.extend(bench.fixture.others.iter().map(|(_, id)| id.clone()));
    for has_read_lists in [false, true] {
        let desk = bench.warm(Who::Agent).await;
        if has_read_lists {
            everything(&desk, None).await;
        }
        for id in &all {
            bench.forget();
            desk.get(id).await.unwrap();
            assert!(bench.requests() <= 3, "{id} took {}:{}", bench.requests(), bench.asked());
        }
    }
}

pub async fn a_triage_act_is_two_writes_and_one_look<S: Site>(bench: Bench<S>) {
    let desk = bench.warm(Who::Agent).await;
    let looks = if can(&desk).await.guard == Guard::Atomic { 1 } else { 2 };
    let flow = desk.schema().await.unwrap().workflow.unwrap();
    for act in 0..3 {
        let id = bench.incident(&desk, &fresh("Triage")).await.ticket.id;
        let ticket = desk.get(&id).await.unwrap();
        let mut changes = vec![title("Looked at"), take(&bench.fixture.agent)];
        if act == 0 {
            // Routed.
            changes = vec![title("Looked at"), group(&bench.fixture.other_group)];
        } else {
            changes.push(reply(&fresh("We look at it")));
        }
        let start = flow.from(Kind::Incident, ticket.state).find(|way| way.needs.is_empty());
        if let (true, Some(way)) = (act > 1, start) {
            changes.push(step(way.verb, ticket.state, way.to));
        }
        bench.forget();
        let mut more = changes.clone();
        if act > 0 {
            more.push(group(&bench.fixture.other_group));
        }
        let mut answer = desk.apply(&op(&id, Some(ticket.revision), more)).await;
        if matches!(answer, Err(Error::Unsupported(_))) {
            // A ticket is a group's or a person's there.
            bench.forget();
            answer = desk.apply(&op(&id, Some(ticket.revision), changes)).await;
        }
        let stored = answer.unwrap();
        assert_eq!(stored.dropped, []);
        let (all, writes) = (bench.requests(), bench.writes());
        assert!(writes <= 2, "{writes} writes:{}", bench.asked());
        assert!(all - writes <= looks, "{all} requests, {writes} of them writes:{}", bench.asked());
    }
}
