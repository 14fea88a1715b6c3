//! Requests as they arrive, and addresses that are none.

use deskside::backend::Error;
use deskside::backend::http::client::{Body, Client, Part, Request, Site, segment};
use proptest::prelude::*;

use super::{bench, site};

#[test]
fn unencrypted_only_to_this_machine() {
    for address in ["http://127.0.0.1:1", "http://localhost/rt", "http://[::1]:8/", "https://tracker.example.org"] {
        Client::new(site(address)).unwrap();
    }
    for address in ["http://tracker.example.org", "http://10.0.0.7/", "http://localhost.example.org"] {
        let error = Client::new(site(address)).unwrap_err();
        assert!(matches!(&error, Error::Invalid { field, .. } if field == "address"), "{error}");
        let mut site = site(address);
        site.plain_http = true;
        Client::new(site).unwrap();
    }
}

#[test]
fn an_address_is_one_and_holds_no_password() {
    for address in ["tracker.example.org", "ftp://x", "file:///etc", "", "https://", "https://me:pw@x", "https://me@x"]
    {
        assert!(matches!(Site::new(address), Err(Error::Invalid { .. })), "{address}");
    }
    let said = Site::new("https://me:hunter22@x").unwrap_err().to_string();
    assert!(!said.contains("hunter22"), "{said}");
    assert_eq!(Site::new(" https://x/rt?q=1#top ").unwrap().base.as_str(), "https://x/rt/");
}

#[tokio::test]
async fn paths_stay_below_the_site() {
    let bench = bench();
    let client = Client::new(site(&format!("{}/rt", bench.server.url()))).unwrap();
    for path in ["REST/2.0", "/REST/2.0", "./REST/2.0"] {
        client.send(Request::get(path)).await.unwrap();
    }
    assert!(bench.server.seen().iter().all(|seen| seen.path == "/rt/REST/2.0"));
    for path in ["../admin", "a/../../admin", "%2e%2e/admin"] {
        assert!(client.send(Request::get(path)).await.is_err(), "{path}");
    }
    assert_eq!(bench.server.seen().len(), 3);
}

#[tokio::test]
async fn parameters_and_forms_arrive_as_they_were() {
    let bench = bench();
    let client = Client::new(site(&bench.server.url())).unwrap();
    let odd = "a b&c=d+é%\u{1F600}/?#\"";
    client.send(Request::get("x").query("q", odd).query("n", 7)).await.unwrap();
    let form = Body::Form(vec![("pass word".into(), odd.into()), ("n".into(), "7".into())]);
    client.send(Request::post("x").body(form)).await.unwrap();
    let seen = bench.server.seen();
    let pairs = |text: &str| {
        let url = deskside_url(&format!("http://x/?{text}"));
        url.query_pairs().into_owned().collect::<Vec<_>>()
    };
    assert_eq!(pairs(&seen[0].query), [("q".into(), odd.into()), ("n".into(), "7".into())]);
    assert_eq!(pairs(&seen[1].text()), [("pass word".into(), odd.into()), ("n".into(), "7".into())]);
    assert_eq!(seen[1].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert!(seen[0].header("user-agent").unwrap().starts_with("deskside/"));
    assert_eq!(seen[0].header("accept"), Some("application/json"));
}

fn deskside_url(text: &str) -> reqwest::Url {
    reqwest::Url::parse(text).unwrap()
}

#[test]
fn what_is_printed_of_a_request_is_not_what_it_says() {
    let part = Part::Text { name: "note".into(), text: "hunter22".into() };
    let bodies = [
        Body::Json("\"hunter22\"".into()),
        Body::Form(vec![("password".into(), "hunter22".into())]),
        Body::Multipart(vec![part]),
        Body::Bytes { media: "text/plain".into(), bytes: b"hunter22".to_vec() },
    ];
    for body in bodies {
        let request = Request::post("login?token=hunter22").query("key", "hunter22").header("x", "hunter22").body(body);
        let printed = format!("{request:?}");
        assert!(printed.contains("login") && !printed.contains("hunter22"), "{printed}");
    }
}

proptest! {
    /// An id of the tracker's own making stays one step of the path.
    #[test]
    fn a_segment_is_one_segment(words in "\\PC{1,12}") {
        prop_assume!(!matches!(words.as_str(), "." | ".."));
        let url = deskside_url(&format!("http://x/a/{}/b", segment(&words)));
        let steps: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(steps.len(), 3);
        prop_assert_eq!(url.query(), None);
        prop_assert_eq!(url.fragment(), None);
    }
}
