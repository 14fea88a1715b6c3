//! Where requests are sent on to, and what goes along.

use axum::Router;
use axum::routing::get;
use deskside::backend::Error;
use deskside::backend::http::client::{Client, Credential, Request, Secret, Source};

use super::{Ticket, bench, site, tracker};
use crate::fake::proxy::Fault;
use crate::fake::server::Server;

const TOKEN: &str = "s3cr3t-token";

fn signed(url: &str) -> Client {
    let mut site = site(url);
    site.credential =
        Credential::Header { name: "X-Key".into(), prefix: String::new(), value: Source::Given(Secret::new(TOKEN)) };
    Client::new(site).unwrap()
}

#[tokio::test]
async fn to_the_same_host_the_credentials_go_along() {
    let bench = bench();
    let client = signed(&bench.proxy.url());
    bench.proxy.next(Fault::RedirectTo("/ticket/7".into()));
    client.json::<Ticket>(Request::get("old")).await.unwrap();
    assert_eq!(bench.server.seen()[0].header("x-key"), Some(TOKEN));
    assert_eq!(client.counts().requests, 2);
    // Not every path with these letters is one to sign in.
    bench.proxy.next(Fault::RedirectTo("/blogintro/../ticket/7?blogin=login".into()));
    client.json::<Ticket>(Request::get("old")).await.unwrap();
}

#[tokio::test]
async fn to_another_host_nothing_goes_along() {
    let (bench, other) = (bench(), Server::start(tracker()));
    let client = signed(&bench.proxy.url());
    bench.proxy.next(Fault::RedirectTo(format!("{}/ticket/7", other.url())));
    let request = Request::get("ticket/7").header("cookie", "mine=1").header("x-also", "mine");
    assert_eq!(client.json::<Ticket>(request).await.unwrap().body.id, 7);
    let seen = &other.seen()[0];
    other.assert_never_saw(TOKEN);
    assert_eq!((seen.header("cookie"), seen.header("x-also"), seen.header("referer")), (None, None, None));
}

/// The other host sends us back: it does not get to say where our credentials go.
#[tokio::test]
async fn once_away_the_credentials_stay_away() {
    let bench = bench();
    let back = bench.server.url();
    let hop = move || async move { axum::response::Redirect::temporary(&format!("{back}/ticket/7")) };
    let other = Server::start(Router::new().route("/hop", get(hop)));
    let client = signed(&bench.server.url());
    client.json::<Ticket>(Request::get(format!("{}/hop", other.url()))).await.unwrap();
    other.assert_never_saw(TOKEN);
    bench.server.assert_never_saw(TOKEN);
}

#[tokio::test]
async fn a_body_never_goes_to_another_host() {
    let (bench, other) = (bench(), Server::start(tracker()));
    let client = signed(&bench.server.url());
    let request = Request::post(format!("{}/ticket/7", other.url())).json(&"mine").unwrap();
    assert!(matches!(client.send(request).await, Err(Error::Unexpected(_))));
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_loop_ends() {
    let bench = bench();
    let client = signed(&bench.proxy.url());
    bench.proxy.always(Fault::RedirectLoop);
    let error: Error = client.json::<Ticket>(Request::get("ticket/7")).await.unwrap_err().into();
    assert!(matches!(&error, Error::Unexpected(why) if why.contains("without an end")), "{error}");
    assert_eq!(bench.proxy.seen().len(), 6);
}

#[tokio::test]
async fn a_write_is_not_sent_on() {
    let (bench, other) = (bench(), Server::start(tracker()));
    let client = signed(&bench.proxy.url());
    for status in [301, 302, 303, 307, 308] {
        let to = format!("{}/ticket/7?key=hidden", other.url());
        bench.proxy.next(Fault::answer(status, &[("location", &to)], ""));
        let request = Request::post("ticket/7").json(&"mine").unwrap();
        let error: Error = client.json::<Ticket>(request).await.unwrap_err().into();
        let said = error.to_string();
        assert!(
            matches!(error, Error::Unexpected(_)) && said.contains("profile") && !said.contains("hidden"),
            "{said}"
        );
    }
    assert!(other.seen().is_empty());
    assert!(bench.server.seen().is_empty());
}

#[tokio::test]
async fn only_addresses_of_the_web_are_followed() {
    let bench = bench();
    let client = signed(&bench.proxy.url());
    for to in ["file:///etc/passwd", "http://198.51.100.7/plain", "::", ""] {
        bench.proxy.next(Fault::RedirectTo(to.into()));
        let error: Error = client.json::<Ticket>(Request::get("x")).await.unwrap_err().into();
        assert!(matches!(error, Error::Unexpected(_)), "{to}: {error}");
        bench.proxy.heal();
    }
}
