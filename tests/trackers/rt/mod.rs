//! Request Tracker 5: against a fake that reproduces its traps, and against a real server where one is named.

mod custom;
pub mod live;
mod real;
mod session;
pub mod site;
mod traps;

use std::sync::Arc;
use std::time::Duration;

use deskside::backend::Cursor;
use deskside::backend::http::client::{Client, Credential, Limits, Proxies, Secret, Site, Source};
use deskside::backend::http::rt::{Rt, envelope};
use deskside::backend::http::tracker::{Part, Record, Scope, Setup, Tracker, Wanted};
use deskside::domain::change::OpKey;
use deskside::domain::field::{Field, Value};
use deskside::domain::mapping::Mapping;
use deskside::domain::name::Name;
use jiff::Timestamp;
use jiff::tz::TimeZone;

const STOCK: &str = include_str!("../../../config/trackers/rt.toml");
const GERMAN: &str = include_str!("custom-german.toml");

/// What ships.
pub fn stock() -> Mapping {
    toml::from_str(STOCK).unwrap()
}

/// A site with names of its own laid over it.
pub fn german() -> Mapping {
    let mut mapping = stock();
    mapping.lay(toml::from_str(GERMAN).unwrap());
    mapping
}

/// The adapter as the owner of that token uses it.
pub fn adapter(url: &str, token: &str, mapping: Mapping, scope: Scope, zone: &str) -> Rt {
    within(Duration::from_secs(2), url, token, mapping, scope, zone)
}

/// The adapter, answered within that time: a real server on a busy machine takes longer than a fake.
pub fn within(request: Duration, url: &str, token: &str, mapping: Mapping, scope: Scope, zone: &str) -> Rt {
    let mut site = Site::new(url).unwrap();
    site.proxies = Proxies::None;
    site.envelope = envelope;
    let value = Source::Given(Secret::new(token));
    site.credential = Credential::Header { name: "Authorization".into(), prefix: "token ".into(), value };
    site.limits = Limits {
        connect: Duration::from_secs(1),
        request,
        per_second: 1000.0,
        patience: Duration::from_millis(50),
        ..Limits::default()
    };
    let zone = TimeZone::get(zone).unwrap();
    Rt::new(Client::new(site).unwrap(), Setup { mapping: Arc::new(mapping), scope, zone })
}

pub fn wanted(me: &str, parts: Vec<Part>) -> Wanted {
    Wanted { key: OpKey("rt-test".into()), me: Name::new(me), at: Timestamp::now(), parts }
}

pub fn name(field: Field, words: &str) -> Part {
    Part::Field(field, Some(Value::name(words)))
}

pub fn text(field: Field, words: &str) -> Part {
    Part::Field(field, Some(Value::text(words)))
}

pub fn number(field: Field, number: i64) -> Part {
    Part::Field(field, Some(Value::Number(number)))
}

/// Every record that a full walk gives, its pages, and the cursor at its end.
pub async fn walk(rt: &Rt) -> (Vec<Record>, usize, Cursor) {
    let (mut all, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page = rt.page(cursor.as_ref()).await.unwrap();
        all.extend(page.records);
        pages += 1;
        if !page.more {
            return (all, pages, page.next);
        }
        cursor = Some(page.next);
    }
}
