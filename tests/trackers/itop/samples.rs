//! The bodies that a real iTop 3.2.0 sent, each read as the adapter reads it.

use deskside::backend::Error;
use deskside::backend::http::adapters;
use deskside::backend::http::client::{Client, Proxies, Request, Site};
use deskside::backend::http::itop::map::{Native, Reading, forward};
use deskside::backend::http::itop::names::Names;
use deskside::backend::http::itop::wire;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::state::State;
use deskside::domain::summary::GlanceState;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::stock;
use crate::fake::server::Server;

fn file(number: &str) -> std::path::PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trackers/itop/samples");
    let mut files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.find(|path| path.file_name().unwrap().to_string_lossy().starts_with(number)).unwrap()
}

/// A sample by its number, with the text that came.
fn sample(number: &str) -> (u16, String, String) {
    let json: Json = serde_json::from_str(&std::fs::read_to_string(file(number)).unwrap()).unwrap();
    let raw = json["response"]["raw_body"].as_str().map(str::to_owned);
    let body = raw.unwrap_or_else(|| json["response"].to_string());
    let status = u16::try_from(json["http_status"].as_u64().unwrap()).unwrap();
    (status, json["content_type"].as_str().unwrap_or("application/json").to_owned(), body)
}

fn answer(number: &str) -> wire::Answer {
    #[derive(serde::Deserialize)]
    struct Sample {
        response: wire::Answer,
    }
    let text = std::fs::read_to_string(file(number)).unwrap();
    serde_json::from_str::<Sample>(&text).unwrap().response
}

/// What the client makes of it.
async fn judged(number: &str, writes: bool) -> Result<(), Error> {
    made_of(sample(number), writes).await
}

/// The same for an answer of this status, sort and body.
pub async fn made_of((status, media, body): (u16, String, String), writes: bool) -> Result<(), Error> {
    let page = move || {
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        let (media, body) = (media.clone(), body.clone());
        async move { (status, [("content-type", media)], body) }
    };
    let server = Server::start(axum::Router::new().fallback(page));
    let mut site = Site::new(&server.url()).unwrap();
    site.proxies = Proxies::None;
    adapters::find("itop").unwrap().prepare(&mut site);
    let request = Request::post("webservices/rest.php");
    let request = if writes { request } else { request.reading() };
    Ok(Client::new(site).unwrap().json::<wire::Answer>(request).await.map(|_| ())?)
}

#[tokio::test]
async fn every_good_body_is_read() {
    for (number, found) in [
        ("02", 2),
        ("03", 1),
        ("04", 0),
        ("05", 1),
        ("07", 1),
        ("09", 1),
        ("10", 1),
        ("16", 2),
        ("17", 1),
        ("18", 1),
        ("19", 1),
    ] {
        judged(number, true).await.unwrap();
        let answer = answer(number);
        assert_eq!((answer.code, answer.objects.0.len()), (0, found), "{number}");
    }
    judged("01", false).await.unwrap();
    assert_eq!(answer("02").found(), Some(175));
}

#[tokio::test]
async fn every_refusal_is_told_as_what_it_is() {
    for (number, words) in [
        ("06", "iTop does not take this step: Invalid stimulus: 'ev_resolve' on the object I-000334 in state 'new'."),
        ("08", "iTop does not take this step without pending_reason."),
        ("14", "Query failed to execute"),
        ("15", "No item found for query"),
    ] {
        let error = judged(number, true).await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }) && error.to_string().contains(words), "{number}: {error}");
    }
    assert!(matches!(judged("11", true).await, Err(Error::Unauthenticated(_))));
    assert!(matches!(judged("12", true).await, Err(Error::Forbidden(why)) if why.contains("REST Services User")));
    assert!(matches!(judged("13", true).await, Err(Error::Forbidden(_))));
    assert!(matches!(judged("20", true).await, Err(Error::Doubtful(_))));
    assert!(matches!(judged("20", false).await, Err(Error::Unexpected(_))));
    for writes in [true, false] {
        assert!(matches!(judged("21", writes).await, Err(Error::Offline(why)) if why.contains("under maintenance")));
    }
}

#[test]
fn an_incident_is_read_as_it_stands() {
    let mapping = stock();
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let reading = Reading { mapping: &mapping, zone: &zone };
    let record = reading.record(&answer("03").objects.0[0], Kind::Incident, &mut Names::default());
    assert_eq!(
        (record.id.as_str(), record.state, record.native_state.as_str()),
        ("I-000008", State::OnHold, "pending")
    );
    assert_eq!(record.opened.to_string(), "2026-11-21T22:18:23Z");
    assert_eq!(record.owner.as_deref(), Some("Barbara Liskov"));
    assert_eq!((record.priority, record.responded.is_some(), record.resolved), (Some(3), true, None));
    let field = |field: Field| record.fields.get(&field).map(ToString::to_string);
    assert_eq!(field(Field::Title).as_deref(), Some("Screen flickers #7"));
    assert_eq!(field(Field::Description).as_deref(), Some("Line one of Incident 7\n\n- step a\n- step b"));
    assert_eq!(field(Field::Caller).as_deref(), Some("Ann Caller24"));
    assert_eq!(field(Field::Group).as_deref(), Some("Applications L3"));
    assert_eq!(field(Field::Service).as_deref(), Some("Network access"));
    assert_eq!(field(Field::Category).as_deref(), Some("Network access incident A"));
    assert_eq!(field(Field::Channel).as_deref(), Some("phone"));
    assert_eq!(field(Field::HoldReason).as_deref(), Some("waiting for user"));
    assert_eq!(field(Field::ResolutionCode), None, "nobody has resolved it");
    assert_eq!(record.clock.unwrap().state, GlanceState::Paused);
    assert_eq!(record.history.as_ref().map(|all| all.len()), Some(2));
    assert_eq!(forward(&record), []);
}

#[test]
fn a_page_a_stimulus_and_logs_are_read() {
    let mapping = stock();
    let reading = Reading { mapping: &mapping, zone: &TimeZone::UTC };
    let mut names = Names::default();
    let rows: Vec<_> =
        answer("02").objects.0.iter().map(|row| reading.record(row, Kind::Incident, &mut names)).collect();
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["I-000333", "I-000332"]);
    assert_eq!(rows[0].fields.get(&Field::Urgency), Some(&Value::Number(4)), "the fourth level as it stands");
    assert!(rows[1].owner.is_none() && !rows[1].fields.contains_key(&Field::Caller), "an empty name is nobody's");
    let logs = reading.record(&answer("09").objects.0[0], Kind::Incident, &mut names);
    let said = format!("{:?}", logs.history.unwrap());
    assert!(
        said.contains("We are looking at it.\\nSecond line < 5 & ␛[31mred␛[0m")
            && said.contains("internal note same paragraph")
    );
    let made = reading.record(&answer("05").objects.0[0], Kind::Incident, &mut names);
    assert_eq!(Native::of(&made).items, [("39".into(), "HH-PC-007".into(), "manual".into())]);
    assert_eq!(made.fields.get(&Field::Asset), Some(&Value::name("HH-PC-007")));
    let change = reading.record(&answer("17").objects.0[0], Kind::Change, &mut names);
    assert_eq!((change.state, change.id.as_str()), (State::Scheduled, "C-000335"));
}
