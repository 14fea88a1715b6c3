//! The part of a profile that describes a tracker on the network: where it is, who signs in, what is copied, and how
//! the site spells what the console knows.
//!
//! There is no place for a secret here: a profile says where one is to be had.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Fault, Source};
use crate::config::profiles::File;
use crate::domain::calendar;
use crate::domain::mapping::Mapping;
use crate::domain::name::Name;
use crate::named_enum;

named_enum! {
    /// The trackers that can be opened.
    pub enum TrackerKind {
        Rt = "rt",
        Redmine = "redmine",
        Itop = "itop",
        ServiceNow = "servicenow",
        Jira = "jira",
    }
}

/// A tracker as a profile describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracker {
    pub kind: TrackerKind,
    pub address: String,
    pub credential: Credential,
    pub tls: Tls,
    /// Plain http to another machine; without it, only to this one.
    pub plain_http: bool,
    /// Of times that the tracker writes without a zone.
    pub zone: TimeZone,
    pub poll: Duration,
    /// How long an answer is waited for.
    pub patience: Duration,
    pub scope: Scope,
    /// The site's own spellings, to be laid over the shipped ones.
    pub mapping: Mapping,
}

/// Who signs in, and where the secret is to be had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credential {
    /// None: as this kind of tracker usually wants it.
    pub scheme: Option<Scheme>,
    pub user: Option<String>,
    /// The header of scheme `header`.
    pub header: Option<String>,
    pub source: Option<SecretAt>,
    /// OAuth 2: where tokens are given, and to whom.
    pub token_url: Option<String>,
    pub client_id: Option<String>,
    pub oauth_scope: Option<String>,
}

named_enum! {
    /// How requests are signed.
    pub enum Scheme {
        None = "none",
        Basic = "basic",
        Bearer = "bearer",
        Token = "token",
        Header = "header",
        /// User and password in each form that is sent.
        Form = "form",
        ClientCredentials = "client_credentials",
        Refresh = "refresh",
        Password = "password",
    }
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretAt {
    Command(String),
    Environment(String),
    Keyring(String),
    File(PathBuf),
}

/// Whom one trusts, and what one shows of oneself. PEM files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    pub ca: Option<PathBuf>,
    pub client_cert: Option<PathBuf>,
    pub client_key: Option<PathBuf>,
}

/// Which tickets are copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub closed_days: u32,
    pub groups: Vec<Name>,
    pub query: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CredentialTable {
    scheme: Option<Spanned<String>>,
    user: Option<String>,
    header: Option<String>,
    token_cmd: Option<Spanned<String>>,
    env: Option<Spanned<String>>,
    keyring: Option<Spanned<String>>,
    file: Option<Spanned<String>>,
    token_url: Option<String>,
    client_id: Option<String>,
    oauth_scope: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TlsTable {
    ca: Option<String>,
    client_cert: Option<String>,
    client_key: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ScopeTable {
    closed_days: Option<u32>,
    groups: Vec<Name>,
    query: Option<String>,
}

const POLL: u64 = 30;
const PATIENCE: u64 = 60;
const CLOSED_DAYS: u32 = 30;

/// The tracker that this file describes. A relative path is taken from the profile's folder, `~/` is `home`.
pub(super) fn read(
    source: &Source,
    of: TrackerKind,
    tables: File,
    folder: &Path,
    home: &Path,
) -> Result<Tracker, Fault> {
    if let Some(path) = &tables.path {
        return Err(source.fault_at(&path.span(), "path", "A tracker has an `address` and no path; remove it."));
    }
    let Some(address) = tables.address else {
        return Err(source.fault_at(&tables.kind.span(), "address", "A tracker needs its `address`: https://…"));
    };
    let zone = match &tables.zone {
        None => TimeZone::UTC,
        Some(name) => calendar::zone(name.get_ref()).ok_or_else(|| {
            source.fault_at(&name.span(), "zone", &format!("`{}` is no time zone known here.", name.get_ref()))
        })?,
    };
    let path = |text: String| match text.strip_prefix("~/") {
        Some(below) => home.join(below),
        None => folder.join(text),
    };
    let tls = tables.tls.unwrap_or_default();
    let scope = tables.scope.unwrap_or_default();
    Ok(Tracker {
        kind: of,
        address: address.into_inner(),
        credential: credential(source, tables.credential.unwrap_or_default(), &path)?,
        tls: Tls { ca: tls.ca.map(path), client_cert: tls.client_cert.map(path), client_key: tls.client_key.map(path) },
        plain_http: tables.plain_http.unwrap_or(false),
        zone,
        poll: Duration::from_secs(tables.poll_seconds.unwrap_or(POLL).max(5)),
        patience: Duration::from_secs(tables.patience_seconds.unwrap_or(PATIENCE).max(1)),
        scope: Scope {
            closed_days: scope.closed_days.unwrap_or(CLOSED_DAYS),
            groups: scope.groups,
            query: scope.query,
        },
        mapping: tables.mapping.unwrap_or_default(),
    })
}

fn credential(source: &Source, table: CredentialTable, path: &impl Fn(String) -> PathBuf) -> Result<Credential, Fault> {
    let scheme = match &table.scheme {
        None => None,
        Some(name) => Some(Scheme::parse(name.get_ref()).ok_or_else(|| {
            let known = Scheme::choices();
            source.fault_at(&name.span(), "scheme", &format!("`{}` is not one of: {known}.", name.get_ref()))
        })?),
    };
    let named = [&table.token_cmd, &table.env, &table.keyring, &table.file];
    let mut given = named.iter().filter_map(|one| one.as_ref());
    given.next();
    if let Some(second) = given.next() {
        let message = "One place for the secret: token_cmd, env, keyring or file.";
        return Err(source.fault_at(&second.span(), "credential", message));
    }
    let from = table
        .token_cmd
        .map(|held| SecretAt::Command(held.into_inner()))
        .or_else(|| table.env.map(|held| SecretAt::Environment(held.into_inner())))
        .or_else(|| table.keyring.map(|held| SecretAt::Keyring(held.into_inner())))
        .or_else(|| table.file.map(|held| SecretAt::File(path(held.into_inner()))));
    Ok(Credential {
        scheme,
        user: table.user,
        header: table.header,
        source: from,
        token_url: table.token_url,
        client_id: table.client_id,
        oauth_scope: table.oauth_scope,
    })
}
