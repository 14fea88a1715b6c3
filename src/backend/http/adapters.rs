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
    /// What stands behind its own address where people copy it out of a browser or its manual, the longest first.
    pub pages: &'static [&'static str],
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
        pages: &["/REST/2.0/", "/index.html/"],
        make: |client, setup| Box::new(rt::Rt::new(client, setup)),
    },
    Adapter {
        kind: "redmine",
        mapping: include_str!("../../../config/trackers/redmine.toml"),
        envelope: redmine::envelope,
        at_once: usize::MAX,
        key_header: Some("X-Redmine-API-Key"),
        pages: &["/login/", "/my/page/"],
        make: |client, setup| Box::new(redmine::Redmine::new(client, setup)),
    },
    Adapter {
        kind: "itop",
        mapping: include_str!("../../../config/trackers/itop.toml"),
        envelope: itop::envelope,
        at_once: itop::AT_ONCE,
        key_header: Some("Auth-Token"),
        pages: &["/webservices/rest.php/", "/webservices/", "/pages/UI.php/", "/pages/"],
        make: |client, setup| Box::new(itop::Itop::new(client, setup)),
    },
    Adapter {
        kind: "servicenow",
        mapping: include_str!("../../../config/trackers/servicenow.toml"),
        envelope: servicenow::envelope,
        at_once: usize::MAX,
        key_header: Some("x-sn-apikey"),
        pages: &["/api/now/", "/nav_to.do/", "/login.do/"],
        make: |client, setup| Box::new(servicenow::ServiceNow::new(client, setup)),
    },
    Adapter {
        kind: "jira",
        mapping: include_str!("../../../config/trackers/jira.toml"),
        envelope: jira::envelope,
        at_once: usize::MAX,
        key_header: None,
        pages: &["/rest/api/2/", "/rest/api/3/", "/rest/", "/secure/Dashboard.jspa/"],
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
        site.base.set_path(home(site.base.path(), self.pages).as_str());
    }
}

/// A path without what only leads to a page: `/itop/pages/UI.php/` is below `/itop/`.
fn home(path: &str, pages: &[&str]) -> String {
    let below = pages.iter().find_map(|page| path.strip_suffix(page));
    below.map_or_else(|| path.to_owned(), |below| format!("{below}/"))
}
