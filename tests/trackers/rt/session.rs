//! A working hour at the keys on Request Tracker: the fake, and a real one where `RT5_URL` names it.

use std::env::var;

use super::site::Fake;
use crate::fake::rt::token;
use crate::fake::rt::world::{INES, SAM};
use crate::trackers::api::{Api, rt};
use crate::trackers::practices::{self, Practices};
use crate::trackers::session::{Place, Words, whole};

const STOCK: Words = Words {
    agent: "sam.desk",
    heir: ("ines.incident", "ines.incident"),
    group: "Network",
    category: ("Network", "Category", "Network"),
    impact: ("Impact", ["High", "Medium", "Low"]),
    urgency: ("Urgency", ["High", "Medium", "Low"]),
    code: ("Close Code", "Solved"),
    at_work: "in progress",
    resolved: "resolved",
};

fn place(url: &str, secret: &str, other: &str) -> Place {
    let (one, two) = (Api::rt(url, other), Api::rt(url, other));
    Place {
        kind: "rt",
        address: one.address,
        secret: secret.to_owned(),
        mapping: None,
        register: Box::new(move |title| rt::register(&one, "Incidents", title)),
        seen: Box::new(move |id| rt::seen(&two, id).expect("the ticket is there")),
        words: STOCK,
    }
}

fn spelt(url: &str, other: &str) -> Practices {
    let (one, two) = (Api::rt(url, other), Api::rt(url, other));
    Practices {
        titled: Box::new(move |title| rt::titled(&one, title)),
        linked: Box::new(move |id| rt::linked(&two, id)),
        workaround: "Workaround",
        known: &[("confirm", "investigating"), ("plan_fix", "known error")],
        change: &[("assess", "assess"), ("authorize", "authorize")],
        request: &[("approve", "assigned"), ("start", "in progress")],
        no_incident: &[
            ("major-propose \"All phones are dead\" 1", "does not offer it"),
            ("major-log fact \"All phones are dead\"", "does not offer it"),
        ],
        no_problem: &[("known-error \"Another one\"", "known_error follows from the state")],
        no_change: &[("ask-approval", "does not offer it"), ("plan \"1. Take it out.\"", "plan is kept nowhere")],
    }
}

/// Who may approve is known to a real server; everybody may on the fake.
const NOT_HIS: &[(&str, &str)] = &[
    ("ask-approval", "does not offer it"),
    ("plan \"1. Take it out.\"", "plan is kept nowhere"),
    ("step schedule", "Permission Denied"),
];

#[test]
fn on_the_fake() {
    let fake = Fake::start();
    whole(&place(&fake.server.url(), &token(SAM), &token(INES)));
}

#[test]
fn practices_on_the_fake() {
    let fake = Fake::start();
    let url = fake.server.url();
    practices::whole(&place(&url, &token(SAM), &token(INES)), &spelt(&url, &token(INES)));
}

/// A server that the environment names, and what Sam and Ines sign with there.
fn named() -> Option<(String, String, String)> {
    let Ok(url) = var("RT5_URL") else {
        println!("skipped: RT5_URL names no Request Tracker; see tests/live/README.md");
        return None;
    };
    if var("RT5_SITE").as_deref() == Ok("custom") {
        println!("skipped: the sessions are spelt for the stock site");
        return None;
    }
    Some((url, var("RT5_TOKEN_SAM_DESK").unwrap(), var("RT5_TOKEN_INES_INCIDENT").unwrap()))
}

#[test]
fn live_on_a_real_server() {
    let Some((url, sam, ines)) = named() else { return };
    whole(&place(&url, &sam, &ines));
}

#[test]
fn live_practices_on_a_real_server() {
    let Some((url, sam, ines)) = named() else { return };
    practices::whole(&place(&url, &sam, &ines), &Practices { no_change: NOT_HIS, ..spelt(&url, &ines) });
}
