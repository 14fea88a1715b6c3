//! A working hour at the keys on Redmine: the fake, and a real one where `REDMINE_URL` names it.

use std::env::var;

use super::Fake;
use crate::trackers::api::{Api, redmine};
use crate::trackers::practices::{self, Practices};
use crate::trackers::session::{Place, Words, whole};

const STOCK: Words = Words {
    agent: "Sam Okafor",
    heir: ("ines.incident", "Inés Marchetti"),
    group: "Network",
    category: ("Network", "category", "Network"),
    impact: ("Impact", ["1 - High", "2 - Medium", "3 - Low"]),
    urgency: ("Urgency", ["1 - High", "2 - Medium", "3 - Low"]),
    code: ("Close code", "Solved"),
    at_work: "In Progress",
    resolved: "Resolved",
};

fn place(url: &str, secret: &str, other: &str) -> Place {
    let (one, two) = (Api::redmine(url, other), Api::redmine(url, other));
    Place {
        kind: "redmine",
        address: one.address,
        secret: secret.to_owned(),
        mapping: None,
        register: Box::new(move |title| redmine::register(&one, "service-desk", 1, title)),
        seen: Box::new(move |id| redmine::seen(&two, id).expect("the issue is there")),
        words: STOCK,
    }
}

fn spelt(url: &str, other: &str) -> Practices {
    let (one, two) = (Api::redmine(url, other), Api::redmine(url, other));
    Practices {
        titled: Box::new(move |title| redmine::titled(&one, title)),
        linked: Box::new(move |id| redmine::linked(&two, id)),
        workaround: "Workaround",
        known: &[("confirm", "Known error")],
        change: &[("assess", "Planning"), ("authorize", "Awaiting approval")],
        request: &[("authorize", "Awaiting approval"), ("approve", "Approved"), ("start", "In Progress")],
        no_incident: &[
            ("major-propose \"All phones are dead\" 1", "does not offer it"),
            ("major-log fact \"All phones are dead\"", "does not offer it"),
        ],
        no_problem: &[("known-error \"Another one\"", "no place for known_error")],
        no_change: &[
            ("ask-approval", "does not offer it"),
            ("plan \"1. Take it out.\"", "no place for plan"),
            ("step schedule", "cannot be moved"),
        ],
    }
}

#[test]
fn on_the_fake() {
    let fake = Fake::start();
    whole(&place(&fake.server.url(), "key-of-sam.desk", "key-of-ines.incident"));
}

#[test]
fn practices_on_the_fake() {
    let fake = Fake::start();
    let (url, ines) = (fake.server.url(), "key-of-ines.incident");
    practices::whole(&place(&url, "key-of-sam.desk", ines), &spelt(&url, ines));
}

/// A server that the environment names, and what Sam and Ines sign with there.
fn named() -> Option<(String, String, String)> {
    let Ok(url) = var("REDMINE_URL") else {
        println!("skipped: REDMINE_URL names no Redmine; see tests/live/README.md");
        return None;
    };
    Some((url, var("REDMINE_KEY_SAM_DESK").unwrap(), var("REDMINE_KEY_INES_INCIDENT").unwrap()))
}

#[test]
fn live_on_a_real_server() {
    let Some((url, sam, ines)) = named() else { return };
    whole(&place(&url, &sam, &ines));
}

#[test]
fn live_practices_on_a_real_server() {
    let Some((url, sam, ines)) = named() else { return };
    practices::whole(&place(&url, &sam, &ines), &spelt(&url, &ines));
}
