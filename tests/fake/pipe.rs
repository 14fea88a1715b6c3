//! The proxy's inside: takes connections, passes a request on, and does its fault to the answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc as sync};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::message::Message;
use super::proxy::{Fault, Order, Plan};

type Shared = Arc<Mutex<Plan>>;

pub(super) async fn run(
    server: SocketAddr,
    plan: Shared,
    ready: sync::Sender<SocketAddr>,
    mut orders: mpsc::UnboundedReceiver<Order>,
) {
    let mut listener = Some(TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = listener.as_ref().unwrap().local_addr().unwrap();
    ready.send(address).unwrap();
    let mut lines = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                None => return,
                Some(Order::Down(done)) => {
                    listener = None;
                    lines.shutdown().await;
                    let _ = done.send(());
                }
                Some(Order::Up(done)) => {
                    listener = Some(again(address));
                    let _ = done.send(());
                }
            },
            taken = accept(listener.as_ref()) => {
                lines.spawn(line(taken, server, address, Arc::clone(&plan)));
            }
            Some(_) = lines.join_next() => {}
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    match listener {
        Some(listener) => listener.accept().await.unwrap().0,
        None => std::future::pending().await,
    }
}

fn again(address: SocketAddr) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket.listen(64).unwrap()
}

/// One connection. When it ends early, that is the fault at work.
async fn line(mut client: TcpStream, server: SocketAddr, here: SocketAddr, plan: Shared) {
    let _busy = Busy::begin(&plan);
    let Some(request) = Message::read(&mut client, false).await else { return };
    let (method, path) = request.asks();
    let fault = plan.lock().unwrap().note(&method, &path);
    let _ = match fault {
        None => pass(&mut client, request, server, |_| {}).await,
        Some(fault) => broken(&mut client, request, server, here, &plan, fault).await,
    };
    let _ = client.shutdown().await;
}

/// A line is counted for as long as something may still come of it.
struct Busy(Shared);

impl Busy {
    fn begin(plan: &Shared) -> Self {
        plan.lock().unwrap().busy += 1;
        Self(Arc::clone(plan))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Ok(mut plan) = self.0.lock() {
            plan.busy -= 1;
        }
    }
}

async fn broken(
    client: &mut TcpStream,
    request: Message,
    server: SocketAddr,
    here: SocketAddr,
    plan: &Shared,
    fault: Fault,
) -> std::io::Result<()> {
    let path = request.asks().1;
    match fault {
        Fault::Delay(wait) => {
            tokio::time::sleep(wait).await;
            pass(client, request, server, |_| {}).await
        }
        Fault::Silence => std::future::pending().await,
        Fault::SilenceAfter => {
            ask(request, server).await;
            std::future::pending().await
        }
        Fault::CutBefore => reset(client),
        Fault::CutAfter => {
            ask(request, server).await;
            reset(client)
        }
        Fault::CutBody(bytes) => {
            let Some(answer) = ask(request, server).await else { return Ok(()) };
            let answer = answer.framed();
            client.write_all(&answer.head()).await?;
            client.write_all(&answer.body[..bytes.min(answer.body.len())]).await
        }
        Fault::Answer { status, headers, body } => say(client, status, &headers, &body).await,
        Fault::AnswerAfter { status, headers, body } => {
            ask(request, server).await;
            say(client, status, &headers, &body).await
        }
        Fault::HalfJson => pass(client, request, server, |answer| answer.body.truncate(answer.body.len() / 2)).await,
        Fault::MalformedJson => {
            pass(client, request, server, |answer| answer.body.insert(answer.body.len().min(1), b',')).await
        }
        Fault::WrongTypes => pass(client, request, server, wrong_types).await,
        Fault::Huge(bytes) => pour(client, bytes, plan).await,
        Fault::RedirectLoop => say(client, 302, &[("location".into(), format!("http://{here}{path}"))], "").await,
        Fault::RedirectTo(to) => say(client, 302, &[("location".into(), to)], "").await,
        Fault::Skew(ahead) => pass(client, request, server, |answer| answer.set("date", &date(ahead))).await,
    }
}

/// A date as HTTP writes it, ahead of ours by this.
pub fn date(ahead: SignedDuration) -> String {
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&(Timestamp::now() + ahead)).unwrap()
}

async fn ask(mut request: Message, server: SocketAddr) -> Option<Message> {
    request.set("connection", "close");
    let mut line = TcpStream::connect(server).await.ok()?;
    let head = request.asks().0 == "HEAD";
    request.framed().write(&mut line).await.ok()?;
    Message::read(&mut line, !head).await
}

async fn pass(
    client: &mut TcpStream,
    request: Message,
    server: SocketAddr,
    change: impl FnOnce(&mut Message),
) -> std::io::Result<()> {
    let Some(mut answer) = ask(request, server).await else { return Ok(()) };
    change(&mut answer);
    answer.framed().write(client).await
}

async fn say(client: &mut TcpStream, status: u16, headers: &[(String, String)], body: &str) -> std::io::Result<()> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Message::answer(status, &headers, body.as_bytes()).framed().write(client).await
}

/// Not a polite end but a broken line.
fn reset(client: &mut TcpStream) -> std::io::Result<()> {
    client.set_zero_linger()
}

async fn pour(client: &mut TcpStream, bytes: u64, plan: &Shared) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\r\n[0");
    client.write_all(head.as_bytes()).await?;
    let piece = ",10000000".repeat(7000).into_bytes();
    let mut left = bytes - 2;
    while left > 0 {
        let some = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        client.write_all(&piece[..some]).await?;
        left -= some as u64;
        plan.lock().unwrap().pour(some);
        tokio::time::sleep(Duration::ZERO).await;
    }
    Ok(())
}

fn wrong_types(answer: &mut Message) {
    if let Ok(value) = serde_json::from_slice(&answer.body) {
        answer.body = serde_json::to_vec(&turned(value)).unwrap();
    }
}

fn turned(value: Value) -> Value {
    match value {
        Value::Null => Value::Bool(true),
        Value::Bool(_) => Value::from("perhaps"),
        Value::Number(number) => Value::from(format!("no {number}")),
        Value::String(_) => Value::from(7),
        Value::Array(_) => Value::from("none"),
        Value::Object(map) => map.into_iter().map(|(name, inner)| (name, turned(inner))).collect(),
    }
}
