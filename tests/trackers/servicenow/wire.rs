//! What goes over the wire: samples as documented, and values of any shape.

use deskside::backend::Error;
use deskside::backend::http::client::Said;
use deskside::backend::http::servicenow::query::{Query, escape};
use deskside::backend::http::servicenow::wire::{Cell, NextStates, One, Rows, length, refusal, said, utc};
use proptest::prelude::*;

fn cell(text: &str) -> Cell {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_value_is_read_in_every_shape_that_it_has() {
    let pair = |value: &str, shown: &str| Cell { value: value.into(), shown: shown.into() };
    assert_eq!(cell(r#""2""#), pair("2", "2"));
    assert_eq!(cell(r#"{"display_value":"In Progress","value":"2"}"#), pair("2", "In Progress"));
    assert_eq!(cell(r#"{"display_value":"Assess","value":-4.0}"#), pair("-4", "Assess"));
    assert_eq!(cell(r#"{"display_value":"0","value":-0.0}"#), pair("0", "0"));
    assert_eq!(cell(r#"{"display_value":"false","value":false}"#), pair("false", "false"));
    assert_eq!(cell("null"), pair("", ""));
    assert_eq!(cell(r#"{"link":"https://x/api/now/table/sys_user/abc","display_value":"Abel"}"#), pair("abc", "Abel"));
    assert_eq!(
        cell(r#"{"link":"https://x/api/now/table/sys_user/glide.maint","value":"glide.maint"}"#).value,
        "glide.maint"
    );
}

#[test]
fn times_are_read_in_utc_and_durations_from_1970() {
    assert_eq!(utc("2026-06-02 07:10:40").unwrap().to_string(), "2026-06-02T07:10:40Z");
    assert_eq!(utc("UNKNOWN"), None);
    assert_eq!(length("1970-01-01 15:00:00"), Some(15 * 3_600_000));
}

#[test]
fn refusals_are_told_so_that_a_person_can_do_something() {
    let body = |detail: &str| {
        format!(r#"{{"error":{{"message":"Operation Failed","detail":"{detail}"}},"status":"failure"}}"#)
    };
    let policy = refusal(
        403,
        body("Data Policy Exception: The following fields are mandatory: Resolution code, Resolution notes").as_bytes(),
    );
    assert!(
        matches!(&policy, Error::Invalid { field, .. } if field == "Resolution code, Resolution notes"),
        "{policy}"
    );
    let rule = refusal(403, body("Operation against file 'incident' was aborted by Business Rule 'Check close^5a1b'. Business Rule Stack:Check close").as_bytes());
    assert!(matches!(&rule, Error::Invalid { reason, .. } if reason.contains("\"Check close\"")), "{rule}");
    let rights = refusal(403, body("ACL Exception Update Failed due to security constraints").as_bytes());
    assert!(matches!(&rights, Error::Forbidden(_)), "{rights}");
    assert_eq!(said(200, br#"{"result":[]}"#), Said::Nothing);
    let late = br#"{"result":[{}],"error":{"message":"Transaction cancelled: maximum execution time exceeded","detail":null},"status":"failure"}"#;
    assert!(matches!(said(200, late), Said::Error(Error::Offline(_))));
    assert_eq!(said(500, b"<html>Instance is hibernating</html>"), Said::Nothing);
}

#[test]
fn a_site_query_is_laid_over_each_of_its_alternatives() {
    let query = Query::new().and("active=true").is("number", "a^b").order("^ORDERBYsys_id");
    assert_eq!(
        query.within(Some("x=1^NQy=2^EQ")),
        "x=1^active=true^number=a^^b^NQy=2^active=true^number=a^^b^ORDERBYsys_id"
    );
    assert_eq!(query.within(None), "active=true^number=a^^b^ORDERBYsys_id");
}

proptest! {
    #[test]
    fn no_value_ends_its_condition_or_becomes_a_script(raw in "(javascript:)?[a-z^=\\njJ: ]{0,30}(JavaScript:)?[a-z^]{0,9}") {
        let escaped = escape(&raw);
        prop_assert!(!escaped.replace("^^", "").contains('^'));
        prop_assert!(!escaped.trim_start().to_lowercase().starts_with("javascript:"));
    }
}

/// Whether each row of a documented answer holds this field with words in it.
fn body_has(sample: &serde_json::Value, name: &str) -> bool {
    let filled = |row: &serde_json::Value| match &row[name] {
        serde_json::Value::Null => false,
        serde_json::Value::String(word) => !word.is_empty(),
        _ => true,
    };
    sample["body"]["result"].as_array().is_some_and(|rows| rows.iter().all(filled))
}

#[test]
fn documented_answers_are_read() {
    let Ok(folder) = std::fs::read_dir("../shared/trackers/servicenow/samples") else {
        eprintln!("left out: the documented answers are not here");
        return;
    };
    let mut read = 0;
    for file in folder {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let sample: serde_json::Value = serde_json::from_str(&text).unwrap();
        let asked = sample["request"].as_str().unwrap_or_default();
        let body = sample["body"].clone();
        if asked.contains("nextstates") {
            let next: NextStates = serde_json::from_value(body["result"].clone()).unwrap();
            assert_eq!(
                next.available_states.iter().map(|state| state.value.as_str()).collect::<Vec<_>>(),
                ["-4", "-3", "4"]
            );
            assert_eq!(next.state_transitions[0][0].conditions[0].condition.name.value, "Approved by group");
        } else if asked.contains("/table/") && body["result"].is_array() {
            let rows: Rows = serde_json::from_value(body).unwrap();
            let asks = |name: &str| !asked.contains("sysparm_fields=") || asked.contains(name);
            for name in ["sys_id", "number", "value"].into_iter().filter(|name| asks(name)) {
                let given = body_has(&sample, name);
                assert!(!given || rows.result.iter().all(|row| !row.value(name).is_empty()), "{name}: {asked}");
            }
        } else if body["result"].is_object()
            && (asked.contains("/table/") || asked.contains("sn_chg_rest/change/0f4ac6c4b750230096c3e4f6ee11a9fe"))
        {
            let one: Result<One, _> = serde_json::from_value(body);
            assert!(one.is_ok(), "{asked}: {one:?}");
        } else {
            continue;
        }
        read += 1;
    }
    assert!(read > 8, "{read}");
}
