//! Opening desks that profiles describe: trackers on the network, each behind its copy, and several desks as one.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};

use crate::app::settings::Settings;
use crate::backend::embedded::Clock;
use crate::backend::http::client::{self, Client, Credential, Grant, Limits, OAuth, Site, Source};
use crate::backend::http::itop;
use crate::backend::http::tracker::{Scope, Setup};
use crate::backend::several::Several;
use crate::backend::{Backend, registry};
use crate::cli::open;
use crate::config::trackers::{Scheme, SecretAt, Tracker};
use crate::domain::directory::Directory;
use crate::domain::mapping::Mapping;
use crate::domain::name::Name;
use crate::domain::summary::Summary;
use crate::store::mirror::{Mirror, Options, Pace};

/// A tracker under its profile's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profiled {
    pub name: String,
    pub tracker: Tracker,
    pub read_only: bool,
}

/// Trackers that stand open.
#[derive(Debug)]
pub struct Trackers {
    pub desk: Arc<dyn Backend>,
    /// The copy of each, by profile.
    pub copies: Vec<(String, Arc<Mirror>)>,
}

/// Opens the trackers, each from its copy below this folder; nothing is asked of the network yet.
pub fn open(profiles: &[Profiled], settings: &Settings, state: &Path, read_only: bool) -> Result<Trackers> {
    let mut copies = Vec::new();
    for profile in profiles {
        let desk = direct(profile, settings, read_only)?;
        let file = state.join("copies").join(format!("{}.db", profile.name));
        let options = Options {
            of: identity(&profile.tracker),
            clock: Clock::system(),
            pace: Pace { poll: profile.tracker.poll, ..Pace::default() },
            read_only: read_only || profile.read_only,
        };
        let copy = Mirror::open(&file, desk, options)
            .with_context(|| format!("The copy of {} in {} cannot be used", profile.name, file.display()))?;
        copies.push((profile.name.clone(), Arc::new(copy)));
    }
    let desks = copies.iter().map(|(name, copy)| (Name::new(name), Arc::clone(copy) as Arc<dyn Backend>)).collect();
    Ok(Trackers { desk: Arc::new(Several::new(desks)), copies })
}

/// The tracker itself, without a copy between it and the console.
pub fn direct(profile: &Profiled, settings: &Settings, read_only: bool) -> Result<Arc<dyn Backend>> {
    let (client, setup) = reach(&profile.tracker)?;
    let rules = open::rules(settings, Directory::default());
    let kind = profile.tracker.kind.as_str();
    let read_only = read_only || profile.read_only;
    registry::tracker(kind, client, setup, rules, read_only)
        .with_context(|| format!("The profile {} cannot be opened", profile.name))
}

/// The client and what the adapter is made with.
pub fn reach(tracker: &Tracker) -> Result<(Client, Setup)> {
    let mut site = Site::new(&tracker.address)?;
    site.plain_http = tracker.plain_http;
    site.credential = credential(tracker)?;
    site.tls.ca.clone_from(&tracker.tls.ca);
    site.tls.client_cert.clone_from(&tracker.tls.client_cert);
    site.tls.client_key.clone_from(&tracker.tls.client_key);
    site.limits = Limits { request: tracker.patience, ..Limits::default() };
    registry::adapter(tracker.kind.as_str())?.prepare(&mut site);
    let mapping = mapping(tracker)?;
    let scope = Scope {
        closed_days: tracker.scope.closed_days,
        groups: tracker.scope.groups.clone(),
        query: tracker.scope.query.clone(),
        ..Scope::default()
    };
    let setup = Setup { mapping: Arc::new(mapping), scope, zone: tracker.zone.clone() };
    Ok((Client::new(site)?, setup))
}

/// Changes from the future: the tracker writes its times in another zone than the profile says, or its clock is wrong.
/// The other way round nothing tells.
pub fn wrong_zone(tracker: &Tracker, rows: &[Summary], now: Timestamp) -> Option<String> {
    const CLOCKS: SignedDuration = SignedDuration::from_mins(10);
    let ahead = rows.iter().map(|row| row.updated).max()?.duration_since(now);
    let zone = tracker.zone.iana_name().unwrap_or("the profile's");
    (ahead > CLOCKS).then(|| {
        format!(
            "its newest change lies {} min ahead: it writes times in another zone than {zone}, or its clock is wrong",
            ahead.as_mins()
        )
    })
}

/// What ships for this kind of tracker, with the site's own words over it.
fn mapping(tracker: &Tracker) -> Result<Mapping> {
    let kind = tracker.kind.as_str();
    let mut mapping: Mapping = toml::from_str(registry::adapter(kind)?.mapping)
        .with_context(|| format!("The shipped mapping of {kind} cannot be read"))?;
    mapping.lay(tracker.mapping.clone());
    Ok(mapping)
}

/// Which copy belongs to a profile: that of another site, user or scope is another copy.
pub fn identity(tracker: &Tracker) -> String {
    let Tracker { kind, address, credential, scope, mapping, .. } = tracker;
    format!("{kind} {address} {:?} {scope:?} {mapping:?}", credential.user)
}

fn credential(tracker: &Tracker) -> Result<Credential> {
    let kind = tracker.kind.as_str();
    let held = &tracker.credential;
    let scheme = match held.scheme {
        Some(scheme) => scheme,
        None => usual(kind, held.user.is_some()),
    };
    let source = || match &held.source {
        Some(SecretAt::Command(command)) => Ok(Source::Command(command.clone())),
        Some(SecretAt::Environment(name)) => Ok(Source::Environment(name.clone())),
        Some(SecretAt::Keyring(name)) => Ok(Source::Keyring(name.clone())),
        Some(SecretAt::File(path)) => Ok(Source::File(path.clone())),
        None => bail!("The profile does not say where the secret is: token_cmd, env, keyring or file in [credential]."),
    };
    let user = || held.user.clone().context("The profile needs `user` in [credential] for this scheme.");
    Ok(match scheme {
        Scheme::None => Credential::None,
        Scheme::Basic => Credential::Basic { user: user()?, password: source()? },
        Scheme::Bearer => Credential::Bearer(source()?),
        Scheme::Token => Credential::Header { name: "Authorization".into(), prefix: "token ".into(), value: source()? },
        Scheme::Header => {
            let name = held.header.clone().or_else(|| registry::adapter(kind).ok()?.key_header.map(str::to_owned));
            let name = name.context("The profile needs `header` in [credential] for this scheme.")?;
            Credential::Header { name, prefix: String::new(), value: source()? }
        }
        Scheme::Form => itop::sign_in(&user()?, source()?),
        Scheme::ClientCredentials => oauth(tracker, Grant::ClientCredentials, Some(source()?))?,
        Scheme::Refresh => oauth(tracker, Grant::Refresh(source()?), None)?,
        Scheme::Password => oauth(tracker, Grant::Password { user: user()?, password: source()? }, None)?,
    })
}

fn oauth(tracker: &Tracker, grant: Grant, client_secret: Option<Source>) -> Result<Credential> {
    let held = &tracker.credential;
    let address = held.token_url.as_deref().context("OAuth needs `token_url` in [credential].")?;
    let token_url = client::elsewhere(address)?;
    let client_id = held.client_id.clone().context("OAuth needs `client_id` in [credential].")?;
    let scope = held.oauth_scope.clone().unwrap_or_default();
    Ok(Credential::OAuth(Box::new(OAuth {
        token_url,
        client_id,
        client_secret,
        client_in_header: false,
        scope,
        grant,
    })))
}

/// How a tracker of this kind is usually signed in to.
fn usual(kind: &str, has_user: bool) -> Scheme {
    match kind {
        "rt" if !has_user => Scheme::Token,
        "redmine" | "itop" if !has_user => Scheme::Header,
        // A Basic header loses what follows a colon there, and means another log-in behind some servers.
        "itop" => Scheme::Form,
        _ if has_user => Scheme::Basic,
        _ => Scheme::Bearer,
    }
}
