//! Who is trusted, and what we show of ourselves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use deskside::backend::Error;
use deskside::backend::http::client::{Client, Request};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

use super::{Ticket, site, tracker};
use crate::fake::server::Server;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn config(names: &[&str], issuer: &Authority, clients: Option<&Authority>) -> ServerConfig {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, issuer).unwrap();
    let provider = Arc::new(ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from(authority.der().to_vec())).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    builder.with_single_cert(vec![certificate.der().clone()], key).unwrap()
}

fn file(folder: &Path, name: &str, text: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    Some(path)
}

async fn ask(client: &Client) -> Result<Ticket, Error> {
    Ok(client.json::<Ticket>(Request::put("ticket/7")).await?.body)
}

#[tokio::test]
async fn a_stranger_is_refused_and_the_sites_authority_is_believed() {
    let issuer = authority();
    let server = Server::start_tls(tracker(), config(&["127.0.0.1"], &issuer, None));
    let mut site = site(&server.url());
    let error = ask(&Client::new(site.clone()).unwrap()).await.unwrap_err();
    assert!(matches!(&error, Error::Offline(why) if why.contains("certificate") && why.contains("`ca`")), "{error}");
    assert!(server.seen().is_empty());
    let folder = tempfile::tempdir().unwrap();
    site.tls.ca = file(folder.path(), "ca.pem", &issuer.pem());
    assert_eq!(ask(&Client::new(site).unwrap()).await.unwrap().id, 7);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let issuer = authority();
    let server = Server::start_tls(tracker(), config(&["elsewhere.example.org"], &issuer, None));
    let folder = tempfile::tempdir().unwrap();
    let mut site = site(&server.url());
    site.tls.ca = file(folder.path(), "ca.pem", &issuer.pem());
    let error = ask(&Client::new(site).unwrap()).await.unwrap_err();
    assert!(matches!(&error, Error::Offline(why) if why.contains("certificate")), "{error}");
}

#[tokio::test]
async fn we_show_our_certificate_where_one_is_asked_for() {
    let (issuer, ours) = (authority(), authority());
    let server = Server::start_tls(tracker(), config(&["127.0.0.1"], &issuer, Some(&ours)));
    let folder = tempfile::tempdir().unwrap();
    let mut site = site(&server.url());
    site.tls.ca = file(folder.path(), "ca.pem", &issuer.pem());
    assert!(ask(&Client::new(site.clone()).unwrap()).await.is_err());
    assert!(server.seen().is_empty());
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["me".into()]).unwrap().signed_by(&key, &ours).unwrap();
    site.tls.client_cert = file(folder.path(), "me.pem", &certificate.pem());
    site.tls.client_key = file(folder.path(), "me.key", &key.serialize_pem());
    assert_eq!(ask(&Client::new(site.clone()).unwrap()).await.unwrap().id, 7);
    site.tls.client_cert = file(folder.path(), "both.pem", &format!("{}{}", certificate.pem(), key.serialize_pem()));
    site.tls.client_key = None;
    assert_eq!(ask(&Client::new(site).unwrap()).await.unwrap().id, 7);
}

/// Not even a read without credentials is sent on where others can listen.
#[tokio::test]
async fn from_tls_nothing_is_sent_on_unencrypted() {
    let (issuer, plain) = (authority(), Server::start(tracker()));
    let to = plain.url();
    let away = move || async move { axum::response::Redirect::temporary(&format!("{to}/ticket/7")) };
    let router = axum::Router::new().route("/ticket/7", axum::routing::get(away));
    let server = Server::start_tls(router, config(&["127.0.0.1"], &issuer, None));
    let folder = tempfile::tempdir().unwrap();
    let mut site = site(&server.url());
    (site.tls.ca, site.plain_http) = (file(folder.path(), "ca.pem", &issuer.pem()), true);
    let error: Error = Client::new(site).unwrap().json::<Ticket>(Request::get("ticket/7")).await.unwrap_err().into();
    assert!(matches!(&error, Error::Unexpected(why) if why.contains("unencrypted")), "{error}");
    assert_eq!((server.seen().len(), plain.seen().len()), (1, 0));
}

#[tokio::test]
async fn files_that_hold_no_certificate_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = site("https://tracker.example.org");
    site.tls.ca = Some(folder.path().join("missing.pem"));
    let said = Client::new(site.clone()).unwrap_err().to_string();
    assert!(said.contains("missing.pem"), "{said}");
    site.tls.ca = file(folder.path(), "empty.pem", "nothing of that sort");
    let said = Client::new(site.clone()).unwrap_err().to_string();
    assert!(said.contains("empty.pem"), "{said}");
    site.tls.ca = None;
    site.tls.client_cert = file(folder.path(), "me.pem", "nothing either");
    let said = Client::new(site).unwrap_err().to_string();
    assert!(said.contains("me.pem"), "{said}");
}
