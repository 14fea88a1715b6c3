//! The connections to a site: time limits, proxies, and who is trusted.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use super::fault;
use super::keys::Cookies;
use super::site::{Proxies, Site, Tls};
use crate::backend::{Error, Result};

/// Whether the files of its TLS can be used.
pub(super) fn check(tls: &Tls) -> Result<()> {
    trusting(reqwest::Client::builder(), tls).map(drop)
}

/// What sends requests to this site. It follows nothing and repeats nothing by itself. Reads whom the system trusts, some
/// hundred files in a few milliseconds: not before a list stands.
pub(super) fn client(site: &Site, cookies: Option<Arc<Cookies>>) -> Result<reqwest::Client> {
    // Only the first of several sites can do so; the others find the same provider in place.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("deskside/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(site.limits.connect)
        .read_timeout(site.limits.request)
        .pool_idle_timeout(Duration::from_secs(50))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if matches!(site.proxies, Proxies::None) {
        builder = builder.no_proxy();
    }
    if let Some(cookies) = cookies {
        builder = builder.cookie_provider(cookies);
    }
    trusting(builder, &site.tls)?
        .build()
        .map_err(|error| Error::invalid("tls", format!("The connection cannot be set up: {}.", fault::cause(&error))))
}

fn trusting(mut builder: reqwest::ClientBuilder, tls: &Tls) -> Result<reqwest::ClientBuilder> {
    let read = |field: &str, path: &std::path::Path| {
        fs::read(path).map_err(|error| Error::invalid(field, format!("{} cannot be read: {error}.", path.display())))
    };
    if let Some(path) = &tls.ca {
        let wrong = || Error::invalid("ca", format!("{} holds no certificate in PEM.", path.display()));
        let more = reqwest::Certificate::from_pem_bundle(&read("ca", path)?).map_err(|_| wrong())?;
        if more.is_empty() {
            return Err(wrong());
        }
        builder = builder.tls_certs_merge(more);
    }
    if let Some(path) = &tls.client_cert {
        let mut pem = zeroize::Zeroizing::new(read("client_cert", path)?);
        if let Some(key) = &tls.client_key {
            pem.push(b'\n');
            pem.extend_from_slice(&zeroize::Zeroizing::new(read("client_key", key)?));
        }
        let identity = reqwest::Identity::from_pem(&pem).map_err(|_| {
            Error::invalid("client_cert", format!("{} holds no certificate with its key in PEM.", path.display()))
        })?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}
