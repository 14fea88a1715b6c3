//! A working hour at the keys on Redmine: the fake, and a real one where `REDMINE_URL` names it.

use std::env::var;

use super::Fake;
use crate::trackers::api::{Api, redmine};
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

#[test]
fn on_the_fake() {
    let fake = Fake::start();
    whole(&place(&fake.server.url(), "key-of-sam.desk", "key-of-ines.incident"));
}

#[test]
fn live_on_a_real_server() {
    let Ok(url) = var("REDMINE_URL") else {
        println!("skipped: REDMINE_URL names no Redmine; see tests/live/README.md");
        return;
    };
    whole(&place(&url, &var("REDMINE_KEY_SAM_DESK").unwrap(), &var("REDMINE_KEY_INES_INCIDENT").unwrap()));
}
