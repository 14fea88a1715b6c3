//! A proxy that stands before a fake tracker and does to its answers what lines and servers do to them.
//!
//! A test says what goes wrong with the next requests; all others are passed on as they are. Each connection carries
//! one request.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};

use super::pipe;

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The answer comes that much later.
    Delay(Duration),
    /// The request is taken and never answered; the tracker does not see it.
    Silence,
    /// The tracker does what it was asked, and its answer never comes.
    SilenceAfter,
    /// The line is cut when the request was taken; the tracker does not see it.
    CutBefore,
    /// The tracker does what it was asked; the line is cut before a byte of its answer.
    CutAfter,
    /// The line is cut after so many bytes of the answer's body.
    CutBody(usize),
    /// This instead of what the tracker would say; it does not see the request.
    Answer { status: u16, headers: Vec<(String, String)>, body: String },
    /// The tracker does what it was asked, and this is said instead.
    AnswerAfter { status: u16, headers: Vec<(String, String)>, body: String },
    /// The tracker's answer with half of its body, as if it were whole.
    HalfJson,
    /// The tracker's answer with a comma too many.
    MalformedJson,
    /// The tracker's answer, where numbers are words, words are numbers, and lists are none.
    WrongTypes,
    /// An answer of so many bytes that begins like JSON.
    Huge(u64),
    /// To itself, for ever.
    RedirectLoop,
    /// 302 to that address.
    RedirectTo(String),
    /// The tracker's answer with a clock that is ahead by this.
    Skew(SignedDuration),
}

impl Fault {
    /// A status with an envelope in JSON that no tracker has.
    pub fn status(status: u16) -> Self {
        let body = format!(r#"{{"fault":{{"code":{status},"detail":"the proxy says no"}}}}"#);
        Self::answer(status, &[("content-type", "application/json")], &body)
    }

    pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Self::Answer { status, headers, body: body.into() }
    }

    /// 429, or 503, with or without its `Retry-After`.
    pub fn slow_down(status: u16, retry_after: Option<&str>) -> Self {
        let headers: Vec<_> = retry_after.map(|words| ("retry-after", words)).into_iter().collect();
        Self::answer(status, &headers, "")
    }

    /// 500 as a page.
    pub fn page() -> Self {
        let body = "<!DOCTYPE html><html><head><title>Oops</title><style>b{}</style></head>\
                    <body><h1>Internal error</h1><p>Something broke &amp; fell.</p></body></html>";
        Self::answer(500, &[("content-type", "text/html; charset=utf-8")], body)
    }
}

/// A fault for some of the requests.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    left: usize,
    method: String,
    path: String,
    fault: Fault,
}

/// A request that came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    pub method: String,
    /// With its parameters.
    pub path: String,
    /// Something was done to it.
    pub broken: bool,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    rules: Vec<Rule>,
    seen: Vec<Passed>,
    poured: u64,
    /// Lines that are open.
    pub(super) busy: usize,
}

impl Plan {
    pub fn note(&mut self, method: &str, path: &str) -> Option<Fault> {
        let fits = |rule: &&mut Rule| {
            rule.left > 0 && (rule.method.is_empty() || rule.method == method) && path.contains(&rule.path)
        };
        let fault = self.rules.iter_mut().find(fits).map(|rule| {
            rule.left = rule.left.saturating_sub(usize::from(rule.left < usize::MAX));
            rule.fault.clone()
        });
        self.seen.push(Passed { method: method.into(), path: path.into(), broken: fault.is_some() });
        fault
    }

    pub fn pour(&mut self, bytes: usize) {
        self.poured += bytes as u64;
    }
}

/// Whether the line is up.
pub(super) enum Order {
    Down(oneshot::Sender<()>),
    Up(oneshot::Sender<()>),
}

/// A proxy that runs. It ends when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    pub address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
    orders: Option<mpsc::UnboundedSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Before a server without TLS.
    pub fn before(server: SocketAddr) -> Self {
        let plan = Arc::default();
        let (orders, taken) = mpsc::unbounded_channel();
        let (ready, address) = std::sync::mpsc::channel();
        let shared = Arc::clone(&plan);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(pipe::run(server, shared, ready, taken));
        });
        Self { address: address.recv().unwrap(), plan, orders: Some(orders), thread: Some(thread) }
    }

    /// Without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// This goes wrong with the next request.
    pub fn next(&self, fault: Fault) {
        self.on("", "", 1, fault);
    }

    /// This goes wrong with all requests until [`Proxy::heal`].
    pub fn always(&self, fault: Fault) {
        self.on("", "", usize::MAX, fault);
    }

    /// This goes wrong with the next so many requests of this method (or "") whose path holds this. The earliest rule
    /// that fits is taken.
    pub fn on(&self, method: &str, path: &str, times: usize, fault: Fault) {
        let rule = Rule { left: times, method: method.into(), path: path.into(), fault };
        self.plan.lock().unwrap().rules.push(rule);
    }

    pub fn heal(&self) {
        self.plan.lock().unwrap().rules.clear();
    }

    /// Nobody listens any more, and connections that stood are cut.
    pub fn down(&self) {
        self.order(Order::Down);
    }

    /// Listens again at the same address.
    pub fn up(&self) {
        self.order(Order::Up);
    }

    pub fn seen(&self) -> Vec<Passed> {
        self.plan.lock().unwrap().seen.clone()
    }

    pub fn forget(&self) {
        self.plan.lock().unwrap().seen.clear();
    }

    /// Bytes of huge answers that found a taker.
    pub fn poured(&self) -> u64 {
        self.plan.lock().unwrap().poured
    }

    /// Waits until nothing that was sent is still under way; faults that never end must be gone.
    pub async fn quiet(&self) {
        // Lines are taken in turn: when this one is, those before it are.
        if let Ok(mut mark) = tokio::net::TcpStream::connect(self.address).await {
            let _ = mark.shutdown().await;
            let _ = mark.read_to_end(&mut Vec::new()).await;
        }
        while self.plan.lock().unwrap().busy > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn order(&self, order: fn(oneshot::Sender<()>) -> Order) {
        let (done, wait) = oneshot::channel();
        self.orders.as_ref().unwrap().send(order(done)).unwrap();
        // From tests with a runtime too, where a blocking receive is not allowed.
        let mut wait = wait;
        while wait.try_recv().is_err() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
