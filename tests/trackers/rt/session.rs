//! A working hour at the keys on Request Tracker: the fake, and a real one where `RT5_URL` names it.

use std::env::var;

use super::site::Fake;
use crate::fake::rt::token;
use crate::fake::rt::world::{INES, SAM};
use crate::trackers::api::{Api, rt};
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

#[test]
fn on_the_fake() {
    let fake = Fake::start();
    whole(&place(&fake.server.url(), &token(SAM), &token(INES)));
}

#[test]
fn live_on_a_real_server() {
    let Ok(url) = var("RT5_URL") else {
        println!("skipped: RT5_URL names no Request Tracker; see tests/live/README.md");
        return;
    };
    if var("RT5_SITE").as_deref() == Ok("custom") {
        println!("skipped: the session is spelt for the stock site");
        return;
    }
    whole(&place(&url, &var("RT5_TOKEN_SAM_DESK").unwrap(), &var("RT5_TOKEN_INES_INCIDENT").unwrap()));
}
