//! What answers mean: statuses, envelopes, bodies that are none.

use std::time::Duration;

use deskside::backend::http::client::{Client, Reply, Request, Said, StatusCode, gist, parse};
use deskside::backend::{Error, Retry};
use deskside::domain::name::TicketId;
use proptest::prelude::*;

use super::{Bench, Ticket, bench, site};
use crate::fake::proxy::Fault;

fn read() -> Request {
    Request::get("ticket/7").query("q", "a secret question")
}

async fn after(bench: &Bench, fault: Fault, request: Request) -> Error {
    bench.proxy.next(fault);
    // A client of its own: a pause that a site asked for is not this test's business.
    bench.client().json::<Ticket>(request).await.unwrap_err().into()
}

#[tokio::test]
async fn each_status_says_what_may_be_done_next() {
    let bench = bench();
    let status = |status| after(&bench, Fault::status(status), read());
    assert!(matches!(status(401).await, Error::Unauthenticated(_)));
    assert!(matches!(status(403).await, Error::Forbidden(_)));
    assert!(matches!(status(400).await, Error::Invalid { .. }));
    assert!(matches!(status(422).await, Error::Invalid { .. }));
    for code in [404, 409, 412, 500, 501] {
        assert!(matches!(status(code).await, Error::Unexpected(_)), "{code}");
    }
    for code in [408, 502, 503, 504] {
        assert!(matches!(status(code).await, Error::Offline(_)), "{code}");
    }
    let said = status(403).await.to_string();
    assert_eq!(said, "You may not do that: GET /ticket/7 was answered with 403 Forbidden: the proxy says no.");
}

#[tokio::test]
async fn a_server_that_breaks_in_a_write_may_have_stored_it() {
    let bench = bench();
    let write = || Request::post("ticket/7").json(&7).unwrap();
    for code in [500, 502, 504] {
        let error = after(&bench, Fault::status(code), write()).await;
        assert!(matches!(error, Error::Doubtful(_)), "{code}: {error}");
    }
    assert!(matches!(after(&bench, Fault::page(), write()).await, Error::Doubtful(_)));
    assert!(matches!(after(&bench, Fault::status(503), write()).await, Error::Offline(_)));
    assert!(matches!(after(&bench, Fault::status(422), write()).await, Error::Invalid { .. }));
}

#[tokio::test]
async fn a_pause_is_told_in_seconds_or_by_a_date() {
    let bench = bench();
    let error = after(&bench, Fault::slow_down(429, Some("17")), read()).await;
    assert_eq!(error, Error::RateLimited { after: Some(Duration::from_secs(17)) });
    let error = after(&bench, Fault::slow_down(503, Some("17")), read()).await;
    assert_eq!(error, Error::RateLimited { after: Some(Duration::from_secs(17)) });
    let error = after(&bench, Fault::slow_down(429, None), read()).await;
    assert_eq!(error, Error::RateLimited { after: None });
    assert!(matches!(error.retry(), Retry::After(_)));
    let error = after(&bench, Fault::slow_down(429, Some("soon")), read()).await;
    assert_eq!(error, Error::RateLimited { after: None });
    // The date counts by the clock of who says it.
    let headers = [("date", "Sun, 22 Nov 2020 06:00:00 GMT"), ("retry-after", "Sun, 22 Nov 2020 06:00:40 GMT")];
    let error = after(&bench, Fault::answer(429, &headers, ""), read()).await;
    assert_eq!(error, Error::RateLimited { after: Some(Duration::from_secs(40)) });
}

#[tokio::test]
async fn a_page_is_told_in_one_readable_line() {
    let bench = bench();
    let error = after(&bench, Fault::page(), read()).await;
    assert_eq!(
        error.to_string(),
        "GET /ticket/7 was answered with 500 Internal Server Error: Oops: Internal error Something broke & fell."
    );
}

#[tokio::test]
async fn a_page_to_sign_in_means_not_signed_in() {
    let bench = bench();
    let page = r#"<html><body><form><input name="pass" type="password"></form></body></html>"#;
    let html = [("content-type", "text/html")];
    for fault in [
        Fault::answer(200, &html, page),
        Fault::answer(403, &html, page),
        Fault::answer(302, &[("location", "/account/login?back_url=x")], ""),
        Fault::answer(302, &[("location", "https://id.example.org/adfs/ls?x")], ""),
        Fault::answer(302, &[("location", "/NoAuth/Login.html?next=1")], ""),
        Fault::answer(302, &[("location", "/users/sign_in")], ""),
    ] {
        for request in [read(), Request::post("ticket/7")] {
            let error = after(&bench, fault.clone(), request).await;
            assert!(matches!(error, Error::Unauthenticated(_)), "{fault:?}: {error}");
        }
    }
    // A page that asks for nothing is a tracker that speaks something else.
    let error = after(&bench, Fault::answer(200, &html, "<html><title>Welcome</title></html>"), read()).await;
    assert!(matches!(&error, Error::Unexpected(why) if why.contains("Welcome")), "{error}");
}

#[tokio::test]
async fn data_of_another_shape_is_told_by_its_place() {
    let bench = bench();
    let error = after(&bench, Fault::WrongTypes, read()).await;
    assert!(matches!(&error, Error::Unexpected(why) if why.contains("`id`")), "{error}");
    for fault in [Fault::MalformedJson, Fault::HalfJson] {
        let error = after(&bench, fault.clone(), read()).await;
        assert!(matches!(&error, Error::Unexpected(why) if why.contains("line 1")), "{fault:?}: {error}");
    }
    let error = after(&bench, Fault::answer(200, &[], r#"{"id":7,"title":"a"} and more"#), read()).await;
    assert!(matches!(error, Error::Unexpected(_)));
    bench.proxy.next(Fault::answer(200, &[], r#"[{"id":1,"title":"a"},{"id":"x","title":"b"}]"#));
    let error: Error = bench.client().json::<Vec<Ticket>>(read()).await.unwrap_err().into();
    assert!(error.to_string().contains("`[1].id`"), "{error}");
}

#[tokio::test]
async fn an_empty_answer_reads_as_nothing() {
    let bench = bench();
    let client = bench.client();
    let answer = client.json::<()>(Request::post("nothing")).await.unwrap();
    assert_eq!(answer.head.status, StatusCode::NO_CONTENT);
    assert!(client.json::<Option<Ticket>>(Request::post("nothing")).await.unwrap().body.is_none());
}

fn envelope(reply: &Reply) -> Said {
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&reply.body) else { return Said::Nothing };
    match (body["code"].as_u64(), body["errors"][0].as_str()) {
        (Some(3), _) => Said::Error(Error::Unsupported("it is frozen.".into())),
        (_, Some(reason)) => Said::Words { field: "subject".into(), reason: reason.into() },
        _ => Said::Nothing,
    }
}

#[tokio::test]
async fn a_trackers_own_way_of_refusing_is_heard() {
    let bench = bench();
    let mut site = site(&bench.proxy.url());
    site.envelope = envelope;
    let client = Client::new(site).unwrap();
    let write = || Request::post("ticket/7");
    let words = r#"{"errors":["Subject can't be blank"]}"#;
    bench.proxy.next(Fault::answer(422, &[], words));
    let error: Error = client.json::<Ticket>(write()).await.unwrap_err().into();
    assert_eq!(error, Error::Invalid { field: "subject".into(), reason: "Subject can't be blank.".into() });
    bench.proxy.next(Fault::answer(500, &[], words));
    let error: Error = client.json::<Ticket>(write()).await.unwrap_err().into();
    assert!(matches!(&error, Error::Unexpected(why) if why.contains("blank")), "{error}");
    // Refused with 200.
    bench.proxy.next(Fault::answer(200, &[], r#"{"code":3,"id":7,"title":"x"}"#));
    let error: Error = client.json::<Ticket>(write()).await.unwrap_err().into();
    assert!(matches!(error, Error::Unsupported(_)), "{error}");
}

#[tokio::test]
async fn what_is_the_adapters_to_decide_keeps_its_answer() {
    let bench = bench();
    let client = bench.client();
    for code in [409, 412] {
        bench.proxy.next(Fault::answer(code, &[("etag", "\"5\"")], "theirs"));
        let failure = client.json::<Ticket>(Request::put("ticket/7")).await.unwrap_err();
        assert_eq!(failure.status().unwrap().as_u16(), code);
        let reply = failure.reply.unwrap();
        assert_eq!((reply.head.etag(), reply.body.as_slice()), (Some("\"5\""), &b"theirs"[..]));
    }
    let id = TicketId::from("RT-9");
    let failure = client.good(Request::get("ticket/9")).await.unwrap_err();
    assert_eq!(failure.missing(&id), Error::NotFound(id.clone()));
    bench.proxy.next(Fault::status(403));
    let failure = client.good(Request::get("ticket/9")).await.unwrap_err();
    assert!(matches!(failure.missing(&id), Error::Forbidden(_)));
    bench.proxy.next(Fault::answer(304, &[], ""));
    assert_eq!(client.send(read()).await.unwrap().head.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn headers_that_adapters_need_are_read() {
    let bench = bench();
    let link = r#"<https://x/?a=1,2&page=1>; rel="prev", <https://x/?a=1,2&page=3>; title="on"; rel="next last""#;
    let headers = [("link", link), ("location", "/ticket/8"), ("content-type", "Application/JSON; charset=UTF-8")];
    bench.proxy.next(Fault::answer(200, &headers, r#"{"id":7,"title":"a"}"#));
    let head = bench.client().json::<Ticket>(read()).await.unwrap().head;
    assert_eq!(head.link("next").as_deref(), Some("https://x/?a=1,2&page=3"));
    assert_eq!(head.link("prev").as_deref(), Some("https://x/?a=1,2&page=1"));
    assert_eq!(head.link("first"), None);
    assert_eq!(head.location(), Some("/ticket/8"));
    assert_eq!(head.media(), "application/json");
}

#[test]
fn the_gist_is_found_in_many_shapes() {
    let json = "application/json";
    for (body, gist_of_it) in [
        (r#"{"message":"No."}"#, "No."),
        (r#"{"error":{"message":"Insufficient rights","detail":"x"},"status":"failure"}"#, "Insufficient rights"),
        (r#"{"errorMessages":[],"errors":{"summary":"Field is required"}}"#, "summary: Field is required"),
        (r#"{"errors":["A","B"]}"#, "A; B"),
        (r#"["Could not create"]"#, "Could not create"),
        (r#"{"a":1}"#, r#"{"a":1}"#),
        ("plain\n words\u{1b}[31m", "plain words\u{241b}[31m"),
        ("", ""),
    ] {
        assert_eq!(gist(json, body.as_bytes()), gist_of_it, "{body}");
    }
    assert_eq!(gist("", &[0xff, 0xfe, 0, 1]), "");
    assert_eq!(gist("text/html", b"<title>Not found"), "Not found");
    assert!(gist("text/plain", "long ".repeat(9999).as_bytes()).chars().count() <= 160);
}

proptest! {
    /// Whatever a server sends, it is one clean line of bounded length.
    #[test]
    fn no_body_is_too_wild(media in "(text/html|application/json|)", body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let line = gist(&media, &body);
        prop_assert!(!line.chars().any(char::is_control));
        prop_assert!(deskside::text::width(&line) <= 160);
    }

    #[test]
    fn no_page_is_too_wild(body in "(<(title|script|head|style|p|é)[^>]{0,3}>?|</(title|script|head)>|[a-zé&<>; ]){0,40}") {
        let line = gist("text/html", body.as_bytes());
        prop_assert!(!line.chars().any(char::is_control));
    }
}

#[test]
fn json_that_is_slightly_wrong_is_read_all_the_same() {
    for (text, words) in [
        (&b"\xef\xbb\xbf\"mark\""[..], "mark"),
        (b"\"a\tb\nc\x01\"", "a\tb\nc\u{1}"),
        (b"\"cut \\ud83d\"", "cut \u{fffd}"),
        (b"\"whole \\ud83d\\ude00 \\\\ud83d \\\"\"", "whole \u{1F600} \\ud83d \""),
        (b"\"caf\xe9\"", "caf\u{fffd}"),
    ] {
        assert_eq!(parse::<String>(text).unwrap(), words);
    }
    assert!(parse::<String>(b"\"open").is_err());
    assert!(parse::<Vec<u8>>(b"[1,,2]").is_err());
}

proptest! {
    /// Some servers count in halves of characters and cut between two of them.
    #[test]
    fn halves_of_characters_do_not_lose_a_page(units in proptest::collection::vec(
        prop_oneof![any::<u16>(), 0xd7f0_u16..0xe010], 0..12))
    {
        let text: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        prop_assert_eq!(parse::<String>(format!("\"{text}\"").as_bytes()).unwrap(), String::from_utf16_lossy(&units));
    }

    #[test]
    fn no_bytes_are_too_wild(text in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\\'), Just(b'"')], 0..60)) {
        let _ = parse::<serde_json::Value>(&text);
    }
}
