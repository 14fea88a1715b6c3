//! What is put around a desk: what it refuses, how often it tries, how much it lets through at once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use deskside::backend::embedded::Clock;
use deskside::backend::layers::{Guarded, Limited, Patience, Retrying, wrap};
use deskside::backend::memory::Memory;
use deskside::backend::registry::{self, View};
use deskside::backend::sample;
use deskside::backend::sqlite::Sqlite;
use deskside::backend::{Backend, Capabilities, Cursor, Delta, Error, Presence, Result, Schema, Stored};
use deskside::domain::change::{Audience, Change, Op};
use deskside::domain::name::TicketId;
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;

use super::bench::{Bench, InMemory, NOW, id, op, options, rules, staff, tickets, title};
use super::promises::everything;

fn desk() -> Memory {
    Memory::new("ana".into(), staff(), tickets(5), rules(), Clock::fixed(NOW))
}

/// A desk behind a bad line: its first answers are errors, and it counts what reaches it.
#[derive(Debug)]
struct Flaky {
    desk: Memory,
    fails: AtomicU32,
    error: Error,
    asked: Arc<AtomicU32>,
    busy: AtomicU32,
    most: Arc<AtomicU32>,
    offers: Capabilities,
}

impl Flaky {
    fn new(fails: u32, error: Error) -> Self {
        Self {
            desk: desk(),
            fails: fails.into(),
            error,
            asked: Arc::default(),
            busy: 0.into(),
            most: Arc::default(),
            offers: Capabilities::FULL,
        }
    }

    async fn ask(&self) -> Result<()> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let busy = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(busy, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.busy.fetch_sub(1, Ordering::SeqCst);
        let fail = self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        if fail { Err(self.error.clone()) } else { Ok(()) }
    }
}

#[async_trait]
impl Backend for Flaky {
    fn capabilities(&self) -> Capabilities {
        self.offers
    }

    async fn schema(&self) -> Result<Schema> {
        self.ask().await?;
        self.desk.schema().await
    }

    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        self.ask().await?;
        self.desk.pull(since).await
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        self.ask().await?;
        self.desk.get(id).await
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        // The answer is lost after the act was done: the worst moment.
        let stored = self.desk.apply(op).await;
        self.ask().await?;
        stored
    }

    async fn changed(&self) -> Result<()> {
        self.desk.changed().await
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        self.ask().await?;
        self.desk.presence(open).await
    }
}

fn slow_down() -> Error {
    Error::RateLimited { after: Some(Duration::from_millis(20)) }
}

fn offline() -> Error {
    Error::Offline("The line is cut.".into())
}

fn patience() -> Patience {
    Patience { attempts: 3, longest: Duration::from_secs(10), jitter: || 0.5 }
}

#[tokio::test]
async fn a_request_is_sent_again_and_the_act_is_done_once() {
    let flaky = Flaky::new(2, slow_down());
    let asked = Arc::clone(&flaky.asked);
    let desk = Retrying::new(flaky, patience());
    let start = std::time::Instant::now();
    let say = Change::Say { audience: Audience::Public, text: Clean::line("We are on it.") };
    let stored = desk.apply(&op(1, None, vec![say])).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    assert_eq!(stored.ticket.timeline.len(), 7, "six events of the fixture and one word");
    assert!(start.elapsed() >= Duration::from_millis(50), "twice 20 ms and a quarter");
}

#[tokio::test]
async fn patience_ends() {
    let flaky = Flaky::new(100, slow_down());
    let asked = Arc::clone(&flaky.asked);
    assert_eq!(Retrying::new(flaky, patience()).get(&id(1)).await, Err(slow_down()));
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    let slow = Flaky::new(1, Error::RateLimited { after: Some(Duration::from_secs(60)) });
    let asked = Arc::clone(&slow.asked);
    let answer = Retrying::new(slow, patience()).get(&id(1)).await;
    assert_eq!(
        answer,
        Err(Error::RateLimited { after: Some(Duration::from_secs(60)) }),
        "the caller hears of long waits"
    );
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_only_a_person_can_change_is_not_tried_again() {
    for error in [Error::Forbidden("No.".into()), Error::invalid("impact", "No."), Error::CursorExpired] {
        let flaky = Flaky::new(1, error.clone());
        let asked = Arc::clone(&flaky.asked);
        assert_eq!(Retrying::new(flaky, patience()).get(&id(1)).await, Err(error));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn only_so_much_is_under_way_at_once() {
    let flaky = Flaky::new(0, offline());
    let (asked, most) = (Arc::clone(&flaky.asked), Arc::clone(&flaky.most));
    let desk = Arc::new(Limited::new(flaky, 3));
    let waiting = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { desk.changed().await }
    });
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move { desk.get(&id(1)).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!((asked.load(Ordering::SeqCst), most.load(Ordering::SeqCst)), (20, 3));
    waiting.abort();
}

#[tokio::test]
async fn what_is_not_offered_does_not_reach_the_desk() {
    let mut flaky = Flaky::new(0, offline());
    flaky.offers = Capabilities { internal_notes: false, presence: false, ..Capabilities::FULL };
    let asked = Arc::clone(&flaky.asked);
    let desk = wrap(flaky, false, patience());
    let note = Change::Say { audience: Audience::Internal, text: Clean::line("Between us") };
    assert!(matches!(desk.apply(&op(1, None, vec![note])).await, Err(Error::Unsupported(_))));
    assert!(matches!(desk.presence(None).await, Err(Error::Unsupported(_))));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    desk.get(&id(1)).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn read_only_refuses_every_write() {
    let bench = InMemory::new();
    let desk = Guarded::new(desk(), true);
    assert!(!desk.capabilities().write && !desk.capabilities().create);
    assert!(matches!(desk.apply(&op(1, None, vec![title("No")])).await, Err(Error::Forbidden(_))));
    assert_eq!(desk.get(&id(1)).await.unwrap().title(), "Printer 1 prints stripes");
    drop(bench);
}

#[tokio::test]
async fn the_registry_opens_the_sample_desk_now_and_in_the_past() {
    let now: jiff::Timestamp = "2025-03-12T10:30:00Z".parse().unwrap();
    let open = |as_of| {
        let view = View { read_only: false, as_of };
        registry::demo((7, now, sample::TICKETS), view, rules(), Clock::fixed(now)).unwrap()
    };
    let desk = open(None);
    let (rows, _) = everything(desk.as_ref(), None).await;
    let mut ids: Vec<_> = rows.iter().map(|row| row.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), sample::TICKETS);
    let week_ago = now - jiff::SignedDuration::from_hours(24 * 7);
    let past = open(Some(week_ago));
    let (then, _) = everything(past.as_ref(), None).await;
    assert!(!then.is_empty() && then.len() < rows.len());
    assert!(then.iter().all(|row| row.updated < week_ago));
    assert!(!past.capabilities().write);
    // Offers and waits that ran out since then stand as they stood.
    assert!(tokio::time::timeout(Duration::from_millis(300), past.changed()).await.is_err());
}

#[test]
fn a_desk_that_is_not_there_says_how_to_make_one() {
    let said = Sqlite::open(Path::new("/nonexistent/desk.db"), options("ana")).unwrap_err().to_string();
    assert!(said.contains("/nonexistent/desk.db") && said.contains("deskside"), "{said}");
    assert!(!Path::new("/nonexistent").exists());
}
