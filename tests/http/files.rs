//! Attachments: up in parts, as they are and from a file; down into a file, whole or not at all.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use deskside::backend::Error;
use deskside::backend::http::client::{Body, Client, Part, Request};

use super::site;
use crate::fake::proxy::{Fault, Proxy};
use crate::fake::server::Server;

const LENGTH: usize = 3 << 20;

fn server() -> Server {
    let file = || async { ([("content-type", "application/octet-stream")], vec![7_u8; LENGTH]) };
    Server::start(Router::new().route("/file", get(file).post(|| async { "{}" })))
}

fn client(url: &str) -> Client {
    let mut site = site(url);
    site.limits.request = Duration::from_secs(5);
    Client::new(site).unwrap()
}

#[tokio::test]
async fn a_download_is_larger_than_an_answer_may_be() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.bin");
    let client = client(&server.url());
    assert_eq!(client.download(Request::get("file"), &path, 10 << 20).await.unwrap(), LENGTH as u64);
    assert_eq!(std::fs::read(&path).unwrap(), vec![7_u8; LENGTH]);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(server.seen()[0].header("accept"), Some("*/*"));
    // What is there stays as it is.
    let again = client.download(Request::get("file"), &path, 10 << 20).await.unwrap_err();
    assert!(matches!(again.error, Error::Invalid { .. }));
    assert_eq!(std::fs::metadata(&path).unwrap().len(), LENGTH as u64);
}

#[tokio::test]
async fn a_download_is_whole_or_not_there() {
    let server = server();
    let proxy = Proxy::before(server.address);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.bin");
    let client = client(&proxy.url());
    for (fault, limit) in [
        (Some(Fault::CutBody(LENGTH / 2)), 10 << 20),
        (Some(Fault::status(404)), 10 << 20),
        (Some(Fault::CutAfter), 10 << 20),
        (None, 1 << 20),
    ] {
        fault.clone().into_iter().for_each(|fault| proxy.next(fault));
        let failure = client.download(Request::get("file"), &path, limit).await.unwrap_err();
        assert!(matches!(failure.error, Error::Offline(_) | Error::Unexpected(_)), "{fault:?}: {failure}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{fault:?}");
    }
}

#[tokio::test]
async fn files_go_up_in_every_way() {
    let server = server();
    let client = client(&server.url());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("up.bin");
    std::fs::write(&path, vec![9_u8; 200_000]).unwrap();
    let media = || "application/octet-stream".to_owned();
    client.good(Request::post("file").body(Body::File { media: media(), path: path.clone() })).await.unwrap();
    client.good(Request::post("file").body(Body::Bytes { media: media(), bytes: b"abc".to_vec() })).await.unwrap();
    let parts = vec![
        Part::Text { name: "comment".into(), text: "Grüße".into() },
        Part::Bytes {
            name: "file".into(),
            file: "a\"b\r\nX-Mine: é.txt".into(),
            media: "text/plain".into(),
            bytes: b"xyz".to_vec(),
        },
    ];
    client.good(Request::post("file").body(Body::Multipart(parts))).await.unwrap();
    let seen = server.seen();
    assert_eq!((seen[0].body.len(), seen[0].header("content-length")), (200_000, Some("200000")));
    assert_eq!(seen[1].body, b"abc");
    let (type_of_it, text) = (seen[2].header("content-type").unwrap(), seen[2].text());
    assert!(type_of_it.starts_with("multipart/form-data; boundary="), "{type_of_it}");
    assert!(text.contains("name=\"comment\"\r\n\r\nGrüße") && text.contains("text/plain\r\n\r\nxyz"), "{text}");
    assert!(text.contains("filename=\"a\\\"b__X-Mine: é.txt\""), "{text}");
    assert_eq!(client.counts().sent, 200_000 + 3 + "Grüße".len() as u64 + 3);
    std::fs::remove_file(&path).unwrap();
    let gone = client.good(Request::post("file").body(Body::File { media: media(), path })).await.unwrap_err();
    assert!(matches!(&gone.error, Error::Invalid { field, .. } if field == "attachment"), "{gone}");
}
