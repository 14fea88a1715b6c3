//! How fast a site is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use deskside::backend::Error;
use deskside::backend::http::client::{Bucket, Client, Request};
use proptest::prelude::*;

use super::{Ticket, bench, site};
use crate::fake::proxy::Fault;
use crate::fake::server::Server;

#[tokio::test]
async fn no_more_at_once_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (in_it, peak) = (Arc::clone(&now), Arc::clone(&most));
    let slow = move || async move {
        peak.fetch_max(in_it.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        in_it.fetch_sub(1, Ordering::SeqCst);
    };
    let server = Server::start(Router::new().route("/slow", get(slow)));
    let mut site = site(&server.url());
    (site.limits.concurrent, site.limits.request) = (3, Duration::from_secs(5));
    let client = Client::new(site).unwrap();
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let client = client.clone();
        all.spawn(async move { client.good(Request::get("slow")).await.unwrap() });
    }
    all.join_all().await;
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn no_more_per_second_than_allowed() {
    let bench = bench();
    let mut site = site(&bench.server.url());
    (site.limits.per_second, site.limits.burst) = (20.0, 2);
    let client = Client::new(site).unwrap();
    let start = Instant::now();
    for _ in 0..6 {
        client.json::<Ticket>(Request::get("ticket/7")).await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_millis(190), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_pause_that_a_site_asks_for_holds_for_all_its_requests() {
    let bench = bench();
    let client = bench.client();
    bench.proxy.next(Fault::slow_down(429, Some("30")));
    for _ in 0..3 {
        let error: Error = client.clone().json::<Ticket>(Request::get("ticket/7")).await.unwrap_err().into();
        let Error::RateLimited { after: Some(after) } = error else { panic!("{error}") };
        assert!(after > Duration::from_secs(28) && after <= Duration::from_secs(33), "{after:?}");
    }
    assert_eq!(bench.proxy.seen().len(), 1, "the others were not sent");
}

#[tokio::test]
async fn a_short_pause_is_waited_for() {
    let bench = bench();
    let mut site = site(&bench.proxy.url());
    site.limits.patience = Duration::from_secs(2);
    let client = Client::new(site).unwrap();
    bench.proxy.next(Fault::slow_down(503, Some("0.2")));
    let start = Instant::now();
    client.json::<Ticket>(Request::get("ticket/7")).await.unwrap_err();
    client.json::<Ticket>(Request::get("ticket/7")).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(200));
}

proptest! {
    /// In no stretch of time go more requests than the burst and what the rate gives.
    #[test]
    fn the_rate_holds_over_every_stretch(
        rate in 1.0..50.0_f64,
        burst in 1_u32..20,
        gaps in proptest::collection::vec(0_u64..500, 1..60),
    ) {
        let start = Instant::now();
        let mut bucket = Bucket::new(rate, burst, start);
        let (mut now, mut sent) = (start, Vec::new());
        for gap in gaps {
            now += Duration::from_millis(gap);
            sent.push((now + bucket.take(now)).duration_since(start).as_secs_f64());
        }
        for (at, first) in sent.iter().enumerate() {
            for (later, last) in sent.iter().enumerate().skip(at) {
                let count = f64::from(u32::try_from(later - at + 1).unwrap());
                prop_assert!(count <= f64::from(burst) + rate * (last - first) + 1e-3);
            }
        }
    }

    /// A pause is never shortened by a later and shorter word.
    #[test]
    fn a_pause_is_kept(pauses in proptest::collection::vec(0_u64..10_000, 1..10)) {
        let now = Instant::now();
        let mut bucket = Bucket::new(1.0, 1, now);
        pauses.iter().for_each(|ms| bucket.hold(now + Duration::from_millis(*ms)));
        prop_assert_eq!(bucket.pause(now), Duration::from_millis(pauses.into_iter().max().unwrap()));
    }
}
