//! What trackers are reached through: faults of lines and servers, credentials, TLS, pace.

mod answers;
mod files;
mod keyring;
mod keys;
mod lines;
mod oauth;
mod pace;
mod proxies;
mod redirects;
mod requests;
mod sources;
mod tls;

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use deskside::backend::http::client::{Client, Limits, Proxies, Site};
use serde::{Deserialize, Serialize};

use crate::fake::proxy::Proxy;
use crate::fake::server::Server;

/// A record of the fake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: u64,
    pub title: String,
}

/// A tracker of one ticket, with a proxy before it.
#[derive(Debug)]
pub struct Bench {
    pub server: Server,
    pub proxy: Proxy,
}

/// Reads and writes `/ticket/7`.
pub fn tracker() -> Router {
    let ticket = || async { axum::Json(Ticket { id: 7, title: "Printer on fire".into() }) };
    Router::new()
        .route("/ticket/7", get(ticket).post(ticket).put(ticket))
        .route("/nothing", post(|| async { axum::http::StatusCode::NO_CONTENT }))
}

pub fn bench() -> Bench {
    let server = Server::start(tracker());
    let proxy = Proxy::before(server.address);
    Bench { server, proxy }
}

/// A site with time limits that a test can wait for, and no proxy of the machine's own.
pub fn site(url: &str) -> Site {
    let mut site = Site::new(url).unwrap();
    site.proxies = Proxies::None;
    site.limits = Limits {
        connect: Duration::from_millis(500),
        request: Duration::from_millis(300),
        max_body: 1 << 20,
        per_second: 1000.0,
        patience: Duration::from_millis(50),
        ..Limits::default()
    };
    site
}

impl Bench {
    /// Through the proxy.
    pub fn client(&self) -> Client {
        Client::new(site(&self.proxy.url())).unwrap()
    }
}
