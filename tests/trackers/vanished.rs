//! Records that are deleted, moved, merged or made another kind of on their tracker while they are listed here, also while
//! the console is closed: neither a ghost nor a twin stays, what waited says what became of it, and nothing of it ends
//! anywhere.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deskside::backend::embedded::Clock;
use deskside::backend::{Backend, Error};
use deskside::domain::change::Op;
use deskside::domain::name::TicketId;
use deskside::domain::summary::Summary;
use deskside::store::mirror::{Mirror, Options, Pace};
use tokio::time::timeout;

use super::bench::{Bench, again, fresh, op, reply, title};
use super::site::{Elsewhere, Site, Who};
use crate::store::desk::{pace, rows};

/// The copy of a console that has just been started.
fn copy<S: Site>(bench: &Bench<S>, place: &Path) -> Mirror {
    let pace = Pace { poll: Duration::from_millis(50), ..pace() };
    let options = Options { of: "it".into(), clock: Clock::system(), pace, read_only: false };
    Mirror::open(&place.join("copy.db"), Arc::new(bench.desk(Who::Agent)), options).unwrap()
}

/// Lets the copy work as a waiting console does, until its list is so.
async fn until(mirror: &Mirror, what: &str, holds: impl Fn(&BTreeMap<TicketId, Summary>) -> bool) {
    for _ in 0..400 {
        if holds(&rows(mirror).await) {
            return;
        }
        if let Ok(told) = timeout(Duration::from_millis(25), mirror.changed()).await {
            told.unwrap();
        }
    }
    panic!("it never came to this: {what}; {:?}", mirror.health());
}

/// Closes the console, lets something happen, and opens it again: it remembers what its file holds, its adapter nothing.
async fn meanwhile<S: Site, T>(bench: &Bench<S>, place: &Path, happens: impl Future<Output = T>) -> (Mirror, T) {
    let mirror = copy(bench, place);
    mirror.schema().await.unwrap();
    mirror.catch_up().await.unwrap();
    drop(mirror);
    // Trackers' clocks have whole seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let happened = happens.await;
    let mirror = copy(bench, place);
    mirror.schema().await.unwrap();
    (mirror, happened)
}

fn late(id: &TicketId, words: &str) -> Op {
    op(id, None, vec![reply(words)])
}

pub async fn a_deleted_ticket_is_said_and_leaves_the_list<S: Site>(bench: Bench<S>) {
    let place = tempfile::tempdir().unwrap();
    let (known, unknown) = (bench.fixture.incident.clone(), bench.fixture.storied.clone());
    let delete = async {
        bench.site.elsewhere(&known, Elsewhere::Delete).await;
        bench.site.elsewhere(&unknown, Elsewhere::Delete).await;
    };
    let (mirror, ()) = meanwhile(&bench, place.path(), delete).await;
    let waited = late(&known, "Too late");
    for act in [&waited, &again(&waited)] {
        assert_eq!(mirror.apply(act).await, Err(Error::NotFound(known.clone())));
    }
    until(&mirror, "what was acted on in vain is off the list", |rows| !rows.contains_key(&known)).await;
    mirror.look_at_everything();
    until(&mirror, "what nobody touched too", |rows| !rows.contains_key(&unknown)).await;
}

pub async fn a_ticket_that_moved_is_said_and_leaves_neither_ghost_nor_twin<S: Site>(bench: Bench<S>) {
    let place = tempfile::tempdir().unwrap();
    let id = bench.fixture.incident.clone();
    let (mirror, moved) = meanwhile(&bench, place.path(), bench.site.moves(&id)).await;
    let Some(to) = moved else {
        println!("left out: tickets of this tracker keep their names");
        return;
    };
    until(&mirror, "listed once, by its new name", |rows| rows.contains_key(&to) && !rows.contains_key(&id)).await;
    let words = fresh("Too late");
    let waited = late(&id, &words);
    let led_on = Error::Moved { id: id.clone(), to: to.clone() };
    let said = if S::LEADS_ON { led_on } else { Error::NotFound(id.clone()) };
    for act in [&waited, &again(&waited)] {
        assert_eq!(
            mirror.apply(act).await.as_ref(),
            Err(&said),
            "what waited is for the old one, and says where it is now"
        );
    }
    assert_eq!(mirror.get(&id).await.map(|ticket| ticket.id), Err(said));
    assert_eq!(
        bench.said(&to, &words).await,
        (0, 0),
        "words do not follow it by themselves: others may read them there"
    );
    assert_eq!(mirror.get(&to).await.unwrap().id, to);
}

pub async fn a_ticket_of_another_kind_is_the_same_ticket<S: Site>(bench: Bench<S>) {
    let place = tempfile::tempdir().unwrap();
    let id = bench.fixture.incident.clone();
    let (mirror, kind) = meanwhile(&bench, place.path(), bench.site.turns(&id)).await;
    let Some(kind) = kind else {
        println!("left out: tickets of this tracker stay of their kind");
        return;
    };
    until(&mirror, "listed as what it is now", |rows| rows.get(&id).is_some_and(|row| row.kind == kind)).await;
    let ticket = mirror.get(&id).await.unwrap();
    assert_eq!((ticket.kind, &ticket.id), (kind, &id));
    let words = fresh("Another kind");
    let stored = mirror.apply(&op(&id, Some(ticket.revision), vec![title(&words)])).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.ticket.kind), (&[][..], kind));
    assert_eq!(bench.site.titled(&words).await, std::slice::from_ref(&id));
    let listed = rows(&mirror).await;
    assert_eq!(listed.values().filter(|row| row.title.as_str() == words).count(), 1);
}
