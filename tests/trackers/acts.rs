//! Acts and walks in few words, as the tests of every tracker need them.

use std::time::Duration;

use deskside::backend::Cursor;
use deskside::backend::http::remote::Remote;
use deskside::backend::http::tracker::{Record, Tracker};
use deskside::domain::change::{Audience, Change, Op, OpKey, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Revision;
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;
use jiff::Timestamp;

/// A desk made of that adapter, with the rules that ship.
pub fn desk(tracker: impl Tracker) -> Remote {
    Remote::new(Box::new(tracker), crate::backends::bench::rules(), Duration::from_secs(3600))
}

/// An act of this moment.
pub fn op(target: Target, expect: Option<Revision>, changes: Vec<Change>) -> Op {
    let key = OpKey(format!("{:?}", Timestamp::now()));
    Op { key, target, expect, at: Timestamp::now(), changes, again: false, desk: None }
}

pub fn say(audience: Audience, text: &str) -> Change {
    Change::Say { audience, text: Clean::body(text) }
}

pub fn set(field: Field, to: Value) -> Change {
    Change::Set { field, from: None, to: Some(to) }
}

pub fn step(verb: Verb, from: State, to: State) -> Change {
    Change::Move { verb, from, to }
}

/// Every record that a full walk gives, and the cursor at its end.
pub async fn walk(tracker: &dyn Tracker) -> (Vec<Record>, Cursor) {
    let (mut all, mut at) = (Vec::new(), None);
    loop {
        let page = tracker.page(at.as_ref()).await.unwrap();
        all.extend(page.records);
        if !page.more {
            return (all, page.next);
        }
        at = Some(page.next);
    }
}
