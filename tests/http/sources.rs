//! Where secrets come from, and what is said when they do not.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deskside::backend::Error;
use deskside::backend::http::client::{Client, Credential, Request, Secret, Source};

use super::{site, tracker};
use crate::fake::server::Server;

const TOKEN: &str = "s3cr3t-token";

fn written(folder: &Path, mode: u32) -> PathBuf {
    let path = folder.join("token");
    std::fs::write(&path, format!("{TOKEN}\nsecond line\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn client(server: &Server, source: Source) -> Client {
    let mut site = site(&server.url());
    site.credential = Credential::Bearer(source);
    Client::new(site).unwrap()
}

/// What the server was told, or what went wrong.
async fn told(source: Source) -> Result<String, Error> {
    let server = Server::start(tracker());
    client(&server, source).send(Request::get("ticket/7")).await?;
    Ok(server.seen()[0].header("authorization").unwrap().to_owned())
}

#[tokio::test]
async fn each_source_gives_its_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(told(Source::Given(Secret::new(TOKEN))).await.unwrap(), bearer);
    assert_eq!(told(Source::Command(format!("printf '%s\\nmore' {TOKEN}"))).await.unwrap(), bearer);
    assert_eq!(told(Source::File(written(folder.path(), 0o600))).await.unwrap(), bearer);
    // One that is set wherever tests run.
    let path = std::env::var("PATH").unwrap();
    assert_eq!(told(Source::Environment("PATH".into())).await.unwrap(), format!("Bearer {path}"));
}

#[tokio::test]
async fn a_file_that_others_may_read_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o640, 0o604, 0o644, 0o620] {
        let error = told(Source::File(written(folder.path(), mode))).await.unwrap_err();
        assert!(matches!(&error, Error::Unauthenticated(why) if why.contains("chmod 600")), "{error}");
    }
    let error = told(Source::File(folder.path().to_owned())).await.unwrap_err();
    assert!(matches!(error, Error::Unauthenticated(_)), "{error}");
}

#[tokio::test]
async fn a_file_is_used_with_a_warning() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(tracker()));
    let client = client(&server, Source::File(written(folder.path(), 0o600)));
    assert!(client.warnings().is_empty());
    for _ in 0..2 {
        client.send(Request::get("ticket/7")).await.unwrap();
    }
    let warnings = client.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("unencrypted") && !warnings[0].contains(TOKEN), "{warnings:?}");
}

#[tokio::test]
async fn a_source_that_gives_nothing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (source, words) in [
        (Source::Command(format!("echo {TOKEN}; exit 3")), "exit code 3"),
        (Source::Command("true".into()), "nothing"),
        (Source::Command("printf '\\377'".into()), "text"),
        (Source::Environment("DESKSIDE_NO_SUCH_VARIABLE".into()), "DESKSIDE_NO_SUCH_VARIABLE"),
        (Source::File(folder.path().join("missing")), "missing"),
    ] {
        let error = told(source.clone()).await.unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, Error::Unauthenticated(_)) && said.contains(words), "{source:?}: {said}");
        assert!(!said.contains(TOKEN), "{said}");
    }
    let error = told(Source::Command("printf 'a\\001b'".into())).await.unwrap_err();
    assert!(error.to_string().contains("cannot be sent"), "{error}");
}

#[tokio::test]
async fn a_command_that_does_not_end_is_ended_with_what_it_started() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(tracker()));
    let late = folder.path().join("late");
    let mut site = site(&server.url());
    site.limits.secret = Duration::from_millis(200);
    site.credential = Credential::Bearer(Source::Command(format!("(sleep 1; touch {}) & sleep 60", late.display())));
    let start = Instant::now();
    let error = Client::new(site).unwrap().send(Request::get("ticket/7")).await.unwrap_err();
    assert!(matches!(&error, Error::Unauthenticated(why) if why.contains("did not end")), "{error}");
    assert!(start.elapsed() < Duration::from_secs(1));
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(!late.exists());
}

#[tokio::test]
async fn a_secret_is_kept_where_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let source = Source::File(path.clone());
    for words in [TOKEN, "another-one"] {
        source.keep(&Secret::new(words)).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(told(source.clone()).await.unwrap(), format!("Bearer {words}"));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let error = Source::Environment("X".into()).keep(&Secret::new(TOKEN)).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)));
    let error = Source::File(folder.path().join("no/such")).keep(&Secret::new(TOKEN)).await.unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)) && !error.to_string().contains(TOKEN));
}

/// Neither what a command starts nor a command that waits for words on a terminal holds us up.
#[tokio::test]
async fn a_command_has_no_terminal_to_ask_on() {
    let start = Instant::now();
    let error = told(Source::Command("read word; echo \"$word\"".into())).await.unwrap_err();
    assert!(matches!(error, Error::Unauthenticated(_)));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn nothing_prints_a_secret() {
    let secret = Secret::new(TOKEN);
    let source = Source::Command(format!("echo {TOKEN}"));
    let mut site = site("https://tracker.example.org");
    site.credential = Credential::Basic { user: "ada".into(), password: Source::Given(secret.clone()) };
    let client = Client::new(site.clone()).unwrap();
    for printed in [
        format!("{secret:?} {secret}"),
        format!("{source:?} {}", source.name()),
        format!("{site:?}"),
        format!("{site:#?}"),
        format!("{client:?}"),
    ] {
        assert!(!printed.contains(TOKEN), "{printed}");
    }
}
