//! A ServiceNow that is none: what its documentation says and what clients met, down to what it does without a word.

mod api;
mod query;
mod rules;
mod seed;
pub mod world;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;

use super::server::Server;
use api::{Asked, pairs};
pub use seed::{INCIDENTS, stock};
pub use world::{PASSWORD, World};

/// One instance that listens.
#[derive(Debug)]
pub struct Fake {
    pub server: Server,
    world: Arc<Mutex<World>>,
}

impl Fake {
    pub fn new() -> Self {
        Self::of(stock())
    }

    pub fn of(world: World) -> Self {
        let world = Arc::new(Mutex::new(world));
        Self { server: Server::start(router(Arc::clone(&world))), world }
    }

    /// What it holds, to be looked at and changed behind everybody's back.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

fn router(world: Arc<Mutex<World>>) -> Router {
    Router::new().fallback(serve_one).with_state(world)
}

async fn serve_one(State(world): State<Arc<Mutex<World>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: pairs(parts.uri.query().unwrap_or_default()),
        headers: headers.collect(),
        body: to_bytes(body, 256 << 20).await.unwrap_or_default().to_vec(),
    };
    let said = world.lock().unwrap().answer(&asked);
    let date =
        jiff::fmt::rfc2822::to_string(&jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default();
    let mut response = Response::builder().status(said.status).header("date", date.replace("+0000", "GMT"));
    for (name, value) in said.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(said.body)).unwrap()
}

/// The fake alone, for other programs: on `SERVICENOW_FAKE_PORT` (any free one where it is 0; not at all where it is not set), until its
/// standard input ends. Prints `SERVICENOW_URL=…` and what else `tests/live/servicenow/clients` reads.
#[test]
fn serve() {
    let Ok(port) = std::env::var("SERVICENOW_FAKE_PORT") else {
        println!("skipped: SERVICENOW_FAKE_PORT names no port to serve on");
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
        println!("SERVICENOW_URL=http://{}", listener.local_addr().unwrap());
        println!("SERVICENOW_USER=sam.desk\nSERVICENOW_PASSWORD={PASSWORD}\nSERVICENOW_CLIENT_ID=cid\nSERVICENOW_CLIENT_SECRET=csecret");
        let ended = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        let served = axum::serve(listener, router(Arc::new(Mutex::new(stock())))).with_graceful_shutdown(async move {
            let _ = ended.await;
        });
        served.await.unwrap();
    });
}
