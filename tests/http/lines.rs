//! Lines that break: before, while and after a request goes out.

use std::time::{Duration, Instant};

use deskside::backend::http::client::{Client, Request};
use deskside::backend::{Error, Retry};

use super::{Ticket, bench, site};
use crate::fake::proxy::Fault;

fn read() -> Request {
    Request::get("ticket/7")
}

fn write() -> Request {
    Request::put("ticket/7").json(&Ticket { id: 7, title: "Out".into() }).unwrap()
}

async fn error(client: &Client, request: Request) -> Error {
    client.json::<Ticket>(request).await.unwrap_err().into()
}

#[tokio::test]
async fn what_was_not_sent_is_offline_for_writes_too() {
    let bench = bench();
    let client = bench.client();
    bench.proxy.down();
    for request in [read(), write()] {
        let error = error(&client, request).await;
        assert!(matches!(&error, Error::Offline(why) if why.contains("refused")), "{error}");
        assert!(matches!(error.retry(), Retry::After(_)));
    }
    assert!(bench.server.seen().is_empty());
    bench.proxy.up();
    assert_eq!(client.json::<Ticket>(read()).await.unwrap().body.id, 7);
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_offline() {
    let client = Client::new(site("https://no-such-host.invalid")).unwrap();
    let error = error(&client, write()).await;
    assert!(matches!(&error, Error::Offline(why) if why.contains("no-such-host.invalid")), "{error}");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_doubtful_and_not_tried_again() {
    let bench = bench();
    let client = bench.client();
    let broke = Fault::AnswerAfter { status: 500, headers: Vec::new(), body: "broke after it was stored".into() };
    for fault in [Fault::CutAfter, Fault::SilenceAfter, Fault::CutBody(5), Fault::HalfJson, Fault::MalformedJson, broke]
    {
        bench.server.forget();
        bench.proxy.next(fault.clone());
        let error = error(&client, write()).await;
        assert!(matches!(error, Error::Doubtful(_)), "{fault:?}: {error}");
        assert_eq!(error.retry(), Retry::Never);
        assert_eq!(bench.server.asked("PUT", "/ticket").len(), 1, "{fault:?}: stored once");
    }
}

/// Nobody here can tell that the tracker never saw it.
#[tokio::test]
async fn a_write_that_was_taken_and_cut_is_doubtful() {
    let bench = bench();
    let client = bench.client();
    for fault in [Fault::CutBefore, Fault::Silence] {
        bench.proxy.next(fault.clone());
        let error = error(&client, write()).await;
        assert!(matches!(error, Error::Doubtful(_)), "{fault:?}: {error}");
    }
    assert!(bench.server.seen().is_empty());
}

/// Servers close lines on which nothing was said for a while.
#[tokio::test]
async fn a_line_that_the_server_closed_meanwhile_is_no_doubt() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(site(&format!("http://{}", listener.local_addr().unwrap()))).unwrap();
    let server = tokio::spawn(async move {
        for _ in 0..4 {
            let (mut line, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            assert!(line.read(&mut head).await.unwrap() > 0);
            line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        }
    });
    for _ in 0..4 {
        client.good(Request::post("x")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.await.unwrap();
}

#[tokio::test]
async fn a_read_whose_answer_was_lost_is_offline() {
    let bench = bench();
    let client = bench.client();
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::Silence, Fault::SilenceAfter, Fault::CutBody(5)] {
        bench.proxy.next(fault.clone());
        let error = error(&client, read()).await;
        assert!(matches!(error, Error::Offline(_)), "{fault:?}: {error}");
    }
    assert_eq!(client.json::<Ticket>(read()).await.unwrap().body.title, "Printer on fire");
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_until_the_limit() {
    let bench = bench();
    let client = bench.client();
    bench.proxy.next(Fault::Delay(Duration::from_millis(100)));
    assert_eq!(client.json::<Ticket>(read()).await.unwrap().body.id, 7);
    bench.proxy.next(Fault::Delay(Duration::from_secs(30)));
    let start = Instant::now();
    let error = error(&client, read()).await;
    assert!(matches!(&error, Error::Offline(why) if why.contains("in time")), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_huge_answer_is_cut_and_not_held() {
    let bench = bench();
    let mut site = site(&bench.proxy.url());
    site.limits.request = Duration::from_secs(10);
    let client = Client::new(site).unwrap();
    bench.proxy.on("", "", 2, Fault::Huge(200_000_000));
    let said = error(&client, read()).await;
    assert!(matches!(&said, Error::Unexpected(why) if why.contains("larger than")), "{said}");
    let said = error(&client, write()).await;
    assert!(matches!(said, Error::Doubtful(_)), "{said}");
    assert!(client.counts().received < 3 << 20, "{:?}", client.counts());
    assert!(bench.proxy.poured() < 60_000_000, "{}", bench.proxy.poured());
    assert_eq!(client.json::<Ticket>(read()).await.unwrap().body.id, 7);
}

#[tokio::test]
async fn an_answer_that_unpacks_to_much_is_cut_too() {
    use axum::response::IntoResponse as _;
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b' '; 64 << 20]).unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < 100_000);
    let answer = move || {
        let packed = packed.clone();
        async move { ([("content-type", "application/json"), ("content-encoding", "gzip")], packed).into_response() }
    };
    let server = crate::fake::server::Server::start(axum::Router::new().route("/bomb", axum::routing::get(answer)));
    let mut site = site(&server.url());
    site.limits.request = Duration::from_secs(10);
    let client = Client::new(site).unwrap();
    let said = error(&client, Request::get("bomb")).await;
    assert!(matches!(&said, Error::Unexpected(why) if why.contains("larger than")), "{said}");
    assert_eq!(server.seen()[0].header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn what_goes_over_the_line_is_counted() {
    let bench = bench();
    let client = bench.client();
    client.json::<Ticket>(read()).await.unwrap();
    client.clone().json::<Ticket>(write()).await.unwrap();
    let counts = client.counts();
    assert_eq!((counts.requests, counts.writes), (2, 1));
    assert_eq!(counts.sent, bench.server.asked("PUT", "")[0].body.len() as u64);
    assert_eq!(counts.received, 2 * r#"{"id":7,"title":"Printer on fire"}"#.len() as u64);
    assert_eq!(bench.proxy.seen().len(), 2);
    bench.proxy.forget();
    assert!(bench.proxy.seen().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_off_is_noticed() {
    let bench = bench();
    let client = bench.client();
    assert_eq!(client.skew(), None);
    client.json::<Ticket>(read()).await.unwrap();
    assert!(client.skew().unwrap().abs() < jiff::SignedDuration::from_secs(3));
    for hours in [5, -5] {
        bench.proxy.next(Fault::Skew(jiff::SignedDuration::from_hours(hours)));
        client.json::<Ticket>(read()).await.unwrap();
        let off = client.skew().unwrap() - jiff::SignedDuration::from_hours(hours);
        assert!(off.abs() < jiff::SignedDuration::from_secs(3), "{off}");
    }
}
