//! The trackers that there are adapters for. One more is a row here, a folder beside this file and a file of its words
//! under `config/trackers`.

use crate::backend::http::client::{Client, Envelope, Site};
use crate::backend::http::tracker::{Setup, Tracker};
use crate::backend::http::{itop, jira, redmine, rt, servicenow};

/// An adapter, and what must be known before it is made.
#[derive(Debug)]
pub struct Adapter {
    /// As profiles call it.
    pub kind: &'static str,
    /// How a stock instance spells what the console knows, as TOML.
    pub mapping: &'static str,
    /// How this tracker says no.
    pub envelope: Envelope,
    /// Requests under way at once, where it bears fewer than others.
    pub at_once: usize,
    /// The header in which it takes a key, where that is not `Authorization`.
    pub key_header: Option<&'static str>,
    pub make: fn(Client, Setup) -> Box<dyn Tracker>,
}

/// Every adapter.
pub const ADAPTERS: &[Adapter] = &[
    Adapter {
        kind: "rt",
        mapping: include_str!("../../../config/trackers/rt.toml"),
        envelope: rt::envelope,
        at_once: usize::MAX,
        key_header: None,
        make: |client, setup| Box::new(rt::Rt::new(client, setup)),
    },
    Adapter {
        kind: "redmine",
        mapping: include_str!("../../../config/trackers/redmine.toml"),
        envelope: redmine::envelope,
        at_once: usize::MAX,
        key_header: Some("X-Redmine-API-Key"),
        make: |client, setup| Box::new(redmine::Redmine::new(client, setup)),
    },
    Adapter {
        kind: "itop",
        mapping: include_str!("../../../config/trackers/itop.toml"),
        envelope: itop::envelope,
        at_once: itop::AT_ONCE,
        key_header: Some("Auth-Token"),
        make: |client, setup| Box::new(itop::Itop::new(client, setup)),
    },
    Adapter {
        kind: "servicenow",
        mapping: include_str!("../../../config/trackers/servicenow.toml"),
        envelope: servicenow::envelope,
        at_once: usize::MAX,
        key_header: Some("x-sn-apikey"),
        make: |client, setup| Box::new(servicenow::ServiceNow::new(client, setup)),
    },
    Adapter {
        kind: "jira",
        mapping: include_str!("../../../config/trackers/jira.toml"),
        envelope: jira::envelope,
        at_once: usize::MAX,
        key_header: None,
        make: |client, setup| Box::new(jira::Jira::new(client, setup)),
    },
];

/// The adapter for this kind of tracker.
pub fn find(kind: &str) -> Option<&'static Adapter> {
    ADAPTERS.iter().find(|adapter| adapter.kind == kind)
}

impl Adapter {
    /// Makes a site ready for this kind of tracker.
    pub fn prepare(&self, site: &mut Site) {
        site.envelope = self.envelope;
        site.limits.concurrent = site.limits.concurrent.min(self.at_once);
    }
}
