//! Runs a fake tracker on loopback for as long as a test holds it, and keeps what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

/// More than any test sends.
const LONGEST: usize = 256 << 20;

/// A fake that runs. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    scheme: &'static str,
    log: Arc<Mutex<Vec<Seen>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Server {
    /// On a thread of its own, so that tests without a runtime can have one too.
    pub fn start(router: Router) -> Self {
        Self::run(router, None)
    }

    /// The same behind TLS.
    pub fn start_tls(router: Router, tls: ServerConfig) -> Self {
        Self::run(router, Some(tls))
    }

    fn run(router: Router, tls: Option<ServerConfig>) -> Self {
        let log = Arc::default();
        let router = router.layer(middleware::from_fn_with_state(Arc::clone(&log), note));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    _ = stopped => {}
                    () = serve(listener, router, tls) => {}
                }
            });
        });
        let address = address.recv().unwrap();
        Self { address, scheme, log, stop: Some(stop), thread: Some(thread) }
    }

    /// Without a slash at its end.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.log.lock().unwrap().clone()
    }

    /// The requests with this method (or "" for any) whose path holds this.
    pub fn asked(&self, method: &str, path: &str) -> Vec<Seen> {
        let fits = |seen: &Seen| (method.is_empty() || seen.method == method) && seen.path.contains(path);
        self.seen().into_iter().filter(fits).collect()
    }

    pub fn forget(&self) {
        self.log.lock().unwrap().clear();
    }

    /// Fails when a request carried these words anywhere.
    pub fn assert_never_saw(&self, secret: &str) {
        for seen in self.seen() {
            let carried = format!("{} {} {:?} {}", seen.path, seen.query, seen.headers, seen.text());
            assert!(!carried.contains(secret), "{} {} carried a secret", seen.method, seen.path);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn note(State(log): State<Arc<Mutex<Vec<Seen>>>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST).await.unwrap_or_default();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    log.lock().unwrap().push(Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.to_vec(),
    });
    next.run(Request::from_parts(parts, Body::from(body))).await
}

async fn serve(listener: TcpListener, router: Router, tls: Option<ServerConfig>) {
    match tls {
        None => axum::serve(listener, router).await.unwrap(),
        Some(tls) => {
            let tls = Tls { listener, acceptor: TlsAcceptor::from(Arc::new(tls)) };
            axum::serve(tls, router).await.unwrap();
        }
    }
}

/// Hands over the connections whose handshake went well.
struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, from)) = self.listener.accept().await else { continue };
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
