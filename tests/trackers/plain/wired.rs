//! The plain tracker behind a line: what is done and looked at costs one request each, which can be broken.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use deskside::backend::http::client::{self, Client, Limits, Proxies};
use deskside::backend::http::tracker::Tracker;
use deskside::domain::name::TicketId;
use serde::{Deserialize, Serialize};

use super::acts::Adapter;
use super::store::{Plain, mapping};
use crate::fake::server::Server;
use crate::trackers::site::{Elsewhere, Fixture, Site, Truth, Who};

/// The plain tracker and the server before it.
pub struct Wired {
    plain: Plain<false>,
    server: Server,
    jobs: Jobs,
}

/// What the server says of everything.
#[derive(Debug, Serialize, Deserialize)]
pub struct Done {
    pub done: u64,
    pub with: Vec<String>,
}

type Job = Box<dyn FnOnce() + Send>;

/// What is to be done when its request comes.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Mutex<(u64, HashMap<u64, Job>)>>);

impl Jobs {
    pub fn put(&self, job: Job) -> u64 {
        let mut held = self.0.lock().unwrap();
        held.0 += 1;
        let token = held.0;
        held.1.insert(token, job);
        token
    }

    fn run(&self, token: u64) -> Json<Done> {
        let job = self.0.lock().unwrap().1.remove(&token);
        if let Some(job) = job {
            job();
        }
        said(token)
    }
}

fn said(done: u64) -> Json<Done> {
    Json(Done { done, with: vec!["a good answer".into(), "of some length".into()] })
}

#[async_trait]
impl Site for Wired {
    async fn new() -> Self {
        let (plain, jobs) = (Plain::new().await, Jobs::default());
        let held = jobs.clone();
        let run = move |Path(token): Path<u64>| async move { held.run(token) };
        let router = Router::new().route("/do/{token}", post(run)).route("/look", get(|| async { said(0) }));
        Self { plain, server: Server::start(router), jobs }
    }

    fn address(&self) -> String {
        self.server.url()
    }

    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker> {
        let mut site = client::Site::new(address).unwrap();
        site.proxies = Proxies::None;
        site.limits = Limits {
            connect: Duration::from_secs(1),
            request: Duration::from_secs(1),
            max_body: 1 << 20,
            per_second: 10_000.0,
            patience: Duration::from_millis(50),
            ..Limits::default()
        };
        let line = Some((Client::new(site).unwrap(), self.jobs.clone()));
        let world = Arc::clone(&self.plain.world);
        Box::new(Adapter { world, who, atomic: false, mapping: mapping(), line })
    }

    fn fixture(&self) -> Fixture {
        self.plain.fixture()
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        self.plain.truth(id).await
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        self.plain.titled(title).await
    }

    async fn elsewhere(&self, id: &TicketId, what: Elsewhere) {
        self.plain.elsewhere(id, what).await;
    }
}
