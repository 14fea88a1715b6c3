//! Proxies from the environment: tried in a program of its own, because a test cannot change its environment.

use std::process::Command;

use deskside::backend::http::client::{Client, Proxies, Request};

use super::{site, tracker};
use crate::fake::server::Server;

const TARGET: &str = "DESKSIDE_TEST_PROXY_TARGET";

/// What the program of its own does; by itself this test has nothing to ask.
#[tokio::test]
async fn as_a_child() {
    let Ok(target) = std::env::var(TARGET) else { return };
    let mut site = site(&target);
    (site.proxies, site.plain_http) = (Proxies::Environment, true);
    let reply = Client::new(site).unwrap().send(Request::get("ticket/7")).await;
    println!("answer: {:?}", reply.map(|reply| reply.head.status.as_u16()).ok());
}

fn child(target: &str, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "http::proxies::as_a_child", "--nocapture"]).env(TARGET, target);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        child.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = child.envs(variables.iter().copied()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_environment_says_through_what_requests_go() {
    let proxy = Server::start(tracker());
    let url = proxy.url();
    // Nobody knows the name; the proxy is asked for it.
    let target = "http://tracker.invalid";
    let said = child(target, &[("http_proxy", &url)]);
    assert!(said.contains("answer: Some(200)"), "{said}");
    assert_eq!(proxy.seen()[0].header("host"), Some("tracker.invalid"));
    let said = child(target, &[("http_proxy", &url), ("no_proxy", "tracker.invalid")]);
    assert!(said.contains("answer: None"), "{said}");
    assert_eq!(proxy.seen().len(), 1);
}
