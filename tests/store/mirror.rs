//! A copy of a desk: there at once, offline too, asked politely, and in the end like the desk.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use deskside::backend::{Backend, Capabilities, Error, Line};
use deskside::domain::field::Field;
use deskside::domain::summary::Summary;
use deskside::store::mirror::{Mirror, Options, Pace};
use tokio::time::timeout;

use super::desk::{Calls, Desk, open, pace, patient, rows, until, until_fresh, until_quiet, until_same};
use crate::backends::bench::{Bench, NOW, SqliteFile, id, op, tickets, title};

fn titles<'a>(rows: impl IntoIterator<Item = &'a Summary>) -> BTreeSet<&'a str> {
    rows.into_iter().map(|row| row.title.as_str()).collect()
}

#[tokio::test]
async fn a_start_without_the_desk_shows_what_was_there() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(25));
    let path = place.path().join("copy.db");
    let mirror = open(&path, &desk, patient());
    let schema = mirror.schema().await.unwrap();
    mirror.catch_up().await.unwrap();
    mirror.get(&id(3)).await.unwrap();
    drop(mirror);

    desk.away();
    desk.inside().can = Capabilities { write: false, ..Capabilities::FULL };
    let mirror = open(&path, &desk, patient());
    assert_eq!(mirror.health().line, Line::Refreshing);
    assert_eq!(mirror.health().as_of, Some(NOW));
    assert_eq!(rows(&mirror).await, desk.listed());
    assert_eq!(mirror.schema().await.unwrap(), schema, "the pickers are filled");
    assert!(mirror.capabilities().write, "it could write when it last answered");
    assert_eq!(mirror.get(&id(3)).await.unwrap().text(&Field::Description), "All of it");
    let from_row = mirror.get(&id(4)).await.unwrap();
    assert_eq!((from_row.title(), from_row.text(&Field::Description)), ("Printer 4 prints stripes", ""));
    assert!(matches!(mirror.get(&id(99)).await, Err(Error::Offline(_))), "nothing is known of it");
    until(&mirror, "offline", |mirror| {
        mirror.health().line == Line::Offline { since: NOW, why: "The line is cut.".into() }
    })
    .await;
    desk.back();
    desk.retitle(7, "Back again");
    until_same(&mirror, &desk).await;
    assert!(!mirror.capabilities().write, "now it has answered");
}

#[tokio::test]
async fn the_first_page_shows_before_the_last_is_there_and_a_kill_does_not_start_anew() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(95));
    let path = place.path().join("copy.db");
    desk.inside().cut_after = Some(3);
    let mirror = open(&path, &desk, pace());
    assert_eq!(mirror.health().line, Line::Loading { rows: 0 });
    until(&mirror, "loading", |mirror| mirror.health().line == Line::Loading { rows: 10 }).await;
    assert_eq!(rows(&mirror).await.len(), 10);
    until(&mirror, "cut", |mirror| matches!(mirror.health().line, Line::Offline { .. })).await;
    assert_eq!(rows(&mirror).await.len(), 30);
    drop(mirror);

    desk.back();
    let before = desk.calls().pulls;
    let mirror = open(&path, &desk, patient());
    assert_eq!(mirror.health().line, Line::Loading { rows: 30 });
    mirror.catch_up().await.unwrap();
    assert_eq!(rows(&mirror).await, desk.listed());
    assert_eq!(desk.calls().walks, 1, "page 1 was asked for once");
    assert_eq!(desk.calls().pulls - before, 7 + 1, "the other pages, and what happened meanwhile");
}

#[tokio::test]
async fn a_look_without_news_is_one_call_and_wakes_nobody() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(30));
    let mirror = open(&place.path().join("copy.db"), &desk, pace());
    desk.retitle(3, "Told twice");
    mirror.catch_up().await.unwrap();
    desk.retitle(3, "Told twice, by the overlap");
    until_same(&mirror, &desk).await;
    until_fresh(&mirror).await;
    until_quiet(&mirror).await;
    let before = desk.calls();
    assert!(timeout(Duration::from_millis(150), mirror.changed()).await.is_err(), "there was no news");
    let looks = desk.calls().pulls - before.pulls;
    assert!((2..=8).contains(&looks), "{looks} looks in 150 ms, one each 20 ms");
    assert_eq!(Calls { pulls: before.pulls, ..desk.calls() }, before, "nothing else was asked");
    let before = desk.calls().pulls;
    let mirror = {
        drop(mirror);
        open(&place.path().join("copy.db"), &desk, patient())
    };
    mirror.catch_up().await.unwrap();
    assert_eq!(desk.calls().pulls - before, 1);
}

#[tokio::test]
async fn a_wait_that_is_given_up_loses_no_request() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(5));
    let mirror = open(&place.path().join("copy.db"), &desk, patient());
    mirror.catch_up().await.unwrap();
    rows(&mirror).await;
    desk.retitle(2, "Slowly");
    desk.inside().slow = Duration::from_millis(120);
    let before = desk.calls().pulls;
    mirror.refresh().await.unwrap();
    for _ in 0..100 {
        if timeout(Duration::from_millis(10), mirror.changed()).await.is_ok() && rows(&mirror).await == desk.listed() {
            break;
        }
    }
    assert_eq!(rows(&mirror).await, desk.listed());
    assert_eq!(desk.calls().pulls - before, 1, "the request went on from wait to wait");
}

#[tokio::test]
async fn a_forgotten_place_is_read_again_without_an_empty_list() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(40));
    let mirror = open(&place.path().join("copy.db"), &desk, patient());
    mirror.catch_up().await.unwrap();
    desk.forget();
    desk.inside().rows.remove(&7);
    desk.inside().slow = Duration::from_millis(10);
    mirror.refresh().await.unwrap();
    while mirror.health().line != Line::Fresh {
        let _ = timeout(Duration::from_millis(5), mirror.changed()).await;
        assert!(rows(&mirror).await.len() >= 39);
    }
    until_same(&mirror, &desk).await;
    assert_eq!(desk.calls().walks, 2);
    assert_eq!(desk.calls().gets, 1, "only what was not met is looked at");
}

#[tokio::test]
async fn a_look_at_everything_finds_what_no_delta_tells() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(40));
    let mirror = open(&place.path().join("copy.db"), &desk, patient());
    mirror.catch_up().await.unwrap();
    let mut at = None;
    loop {
        let delta = mirror.pull(at.as_ref()).await.unwrap();
        at = Some(delta.next);
        if !delta.more {
            break;
        }
    }
    desk.inside().rows.remove(&3);
    desk.inside().out_of_scope.extend([4, 5, 6]);
    desk.link_quietly(8);
    mirror.get(&id(5)).await.unwrap();
    mirror.hold([id(6)]);
    mirror.catch_up().await.unwrap();
    assert_eq!(mirror.len().await.unwrap(), 40, "a delta shows none of it");
    mirror.look_at_everything();
    until(&mirror, "four looks", |_| desk.calls().gets == 1 + 4).await;
    until_quiet(&mirror).await;
    let delta = mirror.pull(at.as_ref()).await.unwrap();
    assert_eq!(delta.removed, [id(3), id(4)], "removed once; what is open and what is held stays");
    assert_eq!(delta.changed.iter().map(|row| (row.id.clone(), row.links)).collect::<Vec<_>>(), [(id(8), 1)]);
    assert_eq!(mirror.pull(Some(&delta.next)).await.unwrap().removed, []);
    assert_eq!(mirror.len().await.unwrap(), 38);
}

#[tokio::test]
async fn a_look_that_waited_for_the_line_takes_in_what_was_done_meanwhile() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(5));
    let hour = Duration::from_secs(3600);
    let pace = Pace { away: (hour, hour), lifetime: Duration::ZERO, ..patient() };
    let mirror = open(&place.path().join("copy.db"), &desk, pace);
    mirror.catch_up().await.unwrap();
    // It says that it has forgotten where this copy was, and is gone before it can be asked for everything.
    desk.forget();
    desk.inside().cut_after = Some(1);
    mirror.catch_up().await.unwrap_err();
    desk.back();
    desk.inside().out_of_scope.insert(3);
    mirror.apply(&op(3, None, vec![title("Done here")])).await.unwrap();
    mirror.look_at_everything();
    until_same(&mirror, &desk).await;
}

#[tokio::test]
async fn a_ticket_is_fetched_when_it_is_new_or_old() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(5));
    let path = place.path().join("copy.db");
    let mirror = open(&path, &desk, patient());
    mirror.catch_up().await.unwrap();
    for _ in 0..3 {
        mirror.get(&id(1)).await.unwrap();
    }
    assert_eq!(desk.calls().gets, 1);
    desk.retitle(1, "Another");
    mirror.catch_up().await.unwrap();
    assert_eq!(mirror.get(&id(1)).await.unwrap().title(), "Another");
    assert_eq!(desk.calls().gets, 2, "its row had changed");
    desk.link_quietly(1);
    mirror.look_at_everything();
    until_same(&mirror, &desk).await;
    mirror.get(&id(1)).await.unwrap();
    assert_eq!(desk.calls().gets, 3, "its row had changed at the same revision");
    desk.inside().rows.remove(&1);
    drop(mirror);
    let mirror = open(&path, &desk, Pace { lifetime: Duration::ZERO, ..patient() });
    assert_eq!(mirror.get(&id(1)).await, Err(Error::NotFound(id(1))), "it was old, and is gone");
    assert_eq!(rows(&mirror).await, desk.listed(), "and is off the list");
}

/// It comes under another name, and no delta says that it left the old one; one that is only like it stays.
#[tokio::test]
async fn a_ticket_that_was_moved_is_listed_once() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(5));
    let mirror = open(&place.path().join("copy.db"), &desk, pace());
    until_same(&mirror, &desk).await;
    desk.add();
    until_same(&mirror, &desk).await;
    assert!(desk.listed().len() == 6 && desk.calls().gets <= 1, "the one that it is like was looked at");
    let moved = desk.add();
    for gone in [1, 6] {
        desk.inside().rows.remove(&gone);
    }
    until_same(&mirror, &desk).await;
    assert!(rows(&mirror).await.contains_key(&id(moved)));
}

#[tokio::test]
async fn what_an_act_stored_shows_before_the_next_look() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(5));
    let path = place.path().join("copy.db");
    let mirror = open(&path, &desk, patient());
    mirror.catch_up().await.unwrap();
    let before = desk.calls();
    mirror.apply(&op(2, None, vec![title("Done here")])).await.unwrap();
    assert!(titles(rows(&mirror).await.values()).contains("Done here"));
    assert_eq!(mirror.get(&id(2)).await.unwrap().title(), "Done here");
    assert_eq!(desk.calls(), before);
    let refused = mirror.apply(&op(99, None, vec![title("?")])).await;
    assert_eq!(refused, Err(Error::NotFound(id(99))));
    desk.away();
    let refused = mirror.apply(&op(2, None, vec![title("?")])).await;
    assert_eq!(refused, Err(Error::Offline("The line is cut.".into())), "the outbox keeps it");
}

/// The answer was on its way when the act was stored: it must not take the act back.
#[tokio::test]
async fn an_older_answer_does_not_undo_an_act() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(5));
    let mirror = open(&place.path().join("copy.db"), &desk, pace());
    until_fresh(&mirror).await;
    for n in 0..20 {
        desk.inside().slow = Duration::from_millis(n % 4);
        let said = format!("Act {n}");
        let other = format!("Other {n}");
        desk.retitle(1, &other);
        let _ = timeout(Duration::from_millis(n % 5), mirror.changed()).await;
        mirror.apply(&op(1, None, vec![title(&said)])).await.unwrap();
        let _ = timeout(Duration::from_millis(3), mirror.changed()).await;
        assert_eq!(rows(&mirror).await[&id(1)].title.as_str(), said);
    }
}

#[tokio::test]
async fn errors_are_waited_for_as_they_ask() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(5));
    let mirror = open(&place.path().join("copy.db"), &desk, pace());
    until_fresh(&mirror).await;

    desk.inside().fault = Some(Error::Unauthenticated("The token has run out.".into()));
    let out = Line::SignedOut { why: "The token has run out.".into() };
    until(&mirror, "signed out", |mirror| mirror.health().line == out).await;
    until_quiet(&mirror).await;
    let before = desk.calls().pulls;
    assert!(timeout(Duration::from_millis(120), mirror.changed()).await.is_err());
    assert_eq!(desk.calls().pulls, before, "only the user can mend it");
    desk.back();
    mirror.refresh().await.unwrap();
    until_fresh(&mirror).await;

    desk.inside().fault = Some(Error::RateLimited { after: Some(Duration::from_millis(200)) });
    until(&mirror, "slowed", |mirror| matches!(mirror.health().line, Line::Slowed { .. })).await;
    let before = desk.calls().pulls;
    desk.back();
    mirror.refresh().await.unwrap();
    let _ = timeout(Duration::from_millis(120), mirror.changed()).await;
    assert_eq!(desk.calls().pulls, before, "not even the user makes it ask sooner");
    until_fresh(&mirror).await;

    desk.inside().fault = Some(Error::Offline("No route.".into()));
    until(&mirror, "offline", |mirror| matches!(mirror.health().line, Line::Offline { .. })).await;
    until_quiet(&mirror).await;
    let before = desk.calls().pulls;
    assert!(timeout(Duration::from_millis(200), mirror.changed()).await.is_err(), "it says so once");
    let tries = desk.calls().pulls - before;
    assert!((2..=11).contains(&tries), "{tries} tries in 200 ms, one each 20 ms");
    assert!(matches!(mirror.catch_up().await, Err(Error::Offline(_))));
    desk.back();
    until_fresh(&mirror).await;
}

#[tokio::test]
async fn the_file_is_for_this_user_alone() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(5));
    let path = place.path().join("deep/er/copy.db");
    let mirror = open(&path, &desk, patient());
    mirror.catch_up().await.unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn an_unfit_file_is_set_aside_and_filled_anew() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(12));
    let path = place.path().join("copy.db");
    let alien = |path: &std::path::Path| {
        let db = rusqlite::Connection::open(path).unwrap();
        db.execute_batch("CREATE TABLE recipe(name TEXT)").unwrap();
    };
    let garbage = |path: &std::path::Path| fs::write(path, "x".repeat(20_000)).unwrap();
    for spoil in [&alien as &dyn Fn(&std::path::Path), &garbage] {
        let _ = fs::remove_file(&path);
        spoil(&path);
        let mirror = open(&path, &desk, patient());
        let notice = mirror.notice().unwrap().to_owned();
        assert!(notice.contains("copy.db.unfit") && notice.contains("nothing of yours"), "{notice}");
        mirror.catch_up().await.unwrap();
        assert_eq!(rows(&mirror).await, desk.listed());
        drop(mirror);
        assert_eq!(open(&path, &desk, patient()).notice(), None);
    }
}

#[tokio::test]
async fn a_copy_of_another_desk_is_emptied() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(12));
    let path = place.path().join("copy.db");
    let mirror = open(&path, &desk, patient());
    mirror.catch_up().await.unwrap();
    let other = || Options {
        of: "ben at the tracker".into(),
        clock: deskside::backend::embedded::Clock::fixed(NOW),
        pace: patient(),
        read_only: false,
    };
    let refused = Mirror::open(&path, desk.clone(), other()).unwrap_err().to_string();
    assert!(refused.contains("another console uses it"), "{refused}");
    let cursor = mirror.pull(None).await.unwrap().next;
    drop(mirror);
    let mirror = Mirror::open(&path, desk.clone(), other()).unwrap();
    assert_eq!(mirror.pull(Some(&cursor)).await, Err(Error::CursorExpired));
    assert_eq!(rows(&mirror).await.len(), 0);
    mirror.catch_up().await.unwrap();
    assert_eq!(rows(&mirror).await, desk.listed());
}

#[tokio::test]
async fn of_two_consoles_one_asks_and_both_see() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(12));
    let path = place.path().join("copy.db");
    let first = open(&path, &desk, pace());
    let second = open(&path, &desk, pace());
    first.catch_up().await.unwrap();
    until_quiet(&first).await;
    until_same(&second, &desk).await;
    until_quiet(&second).await;
    desk.retitle(5, "Seen by both");
    let before = desk.calls().pulls;
    assert!(timeout(Duration::from_millis(100), second.changed()).await.is_err(), "the first one does not look");
    assert_eq!(desk.calls().pulls, before, "the second one asks nothing");
    let (_, told) = tokio::join!(until_same(&first, &desk), timeout(Duration::from_secs(5), second.changed()));
    told.expect("it hears of it").unwrap();
    assert_eq!(rows(&second).await, desk.listed());
    second.apply(&op(6, None, vec![title("By the second")])).await.unwrap();
    assert_eq!(rows(&first).await, desk.listed());
    assert_eq!(rows(&second).await, desk.listed());
    drop(first);
    desk.retitle(5, "After the first was closed");
    until_same(&second, &desk).await;
}

/// As many pages from the file as the embedded desk has, and not one call of the desk.
#[tokio::test]
async fn a_large_copy_is_read_like_a_desk_in_a_file() {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(9_000));
    desk.inside().page = 1_000;
    let path = place.path().join("copy.db");
    open(&path, &desk, patient()).catch_up().await.unwrap();
    assert_eq!(desk.calls().pulls, 10 + 1);
    desk.away();
    let before = desk.calls();
    let mirror = open(&path, &desk, patient());
    let embedded = SqliteFile::with(tickets(9_000));
    let pages = async |desk: &dyn Backend| {
        let (mut sizes, mut at) = (Vec::new(), None);
        loop {
            let delta = desk.pull(at.as_ref()).await.unwrap();
            sizes.push(delta.changed.len());
            at = Some(delta.next);
            if !delta.more {
                return sizes;
            }
        }
    };
    assert_eq!(pages(&mirror).await, pages(embedded.desk()).await);
    assert_eq!(desk.calls(), before);
}
