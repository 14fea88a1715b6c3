//! The system's keyring: tried in a program of its own with a keyring of the test's in its path.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use deskside::backend::http::client::{Client, Credential, Request, Secret, Source};

use super::{site, tracker};
use crate::fake::server::Server;

const PART: &str = "DESKSIDE_TEST_KEYRING";
const TOKEN: &str = "s3cr3t with blanks";

/// Keeps each entry in a file, and what it was called with.
const SCRIPT: &str = r#"#!/bin/sh
echo "$@" >> "$KEYRING/called"
case "$1" in
    lookup) cat "$KEYRING/$5" ;;
    store) cat > "$KEYRING/$6" ;;
esac
"#;

/// What the program of its own does; by itself this test has nothing to ask.
#[tokio::test]
async fn as_a_child() {
    if std::env::var(PART).is_err() {
        return;
    }
    let server = Server::start(tracker());
    let source = Source::Keyring("rt.example.org".into());
    let mut site = site(&server.url());
    site.credential = Credential::Bearer(source.clone());
    let client = Client::new(site).unwrap();
    match client.send(Request::get("ticket/7")).await {
        Ok(_) => println!("before: found"),
        Err(error) => println!("before: {error}"),
    }
    println!("kept: {:?}", source.keep(&Secret::new(TOKEN)).await.is_ok());
    let found = client.send(Request::get("ticket/7")).await.is_ok();
    let told = server.seen().iter().any(|seen| seen.header("authorization") == Some(&format!("Bearer {TOKEN}")));
    println!("after: {found} {told}");
}

fn child(path: &str, keyring: &Path) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "http::keyring::as_a_child", "--nocapture"]);
    let output = child.env(PART, "1").env("PATH", path).env("KEYRING", keyring).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[cfg(target_os = "linux")]
fn an_entry_is_kept_and_found_and_never_an_argument() {
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join("secret-tool");
    std::fs::write(&tool, SCRIPT).unwrap();
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o700)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let said = child(&path, folder.path());
    assert!(said.contains("before: You are not signed in: the entry rt.example.org"), "{said}");
    assert!(said.contains("kept: true") && said.contains("after: true true"), "{said}");
    let called = std::fs::read_to_string(folder.path().join("called")).unwrap();
    assert!(called.contains("service deskside account rt.example.org") && !called.contains("s3cr3t"), "{called}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_system_without_a_keyring_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let said = child(&folder.path().display().to_string(), folder.path());
    assert!(said.contains("there is no `secret-tool`") && said.contains("kept: false"), "{said}");
}
