//! What was documented, read: answers, documents, clocks and refusals.

use deskside::backend::http::jira::view::glance;
use deskside::backend::http::jira::{document, document_of, wire};
use deskside::domain::sla::Metric;
use deskside::domain::summary::GlanceState;

#[test]
fn both_forms_of_refusals_are_read() {
    let one = br#"{"errorMessages":[],"errors":{"summary":"You must specify a summary of the issue."}}"#;
    assert_eq!(wire::refusal(one).unwrap().0, "summary");
    let other = br#"{"errorMessage":"Not here","i18nErrorMessage":{"i18nKey":"sd.x"}}"#;
    assert_eq!(wire::refusal(other).unwrap().1, "Not here");
    assert!(wire::refusal(b"Client must be authenticated").is_none());
}

#[test]
fn a_clock_that_stands_shows_what_is_left_and_no_instant() {
    let sla = serde_json::json!({ "name": "Time to resolution", "ongoingCycle": {
        "breachTime": { "epochMillis": 1 }, "paused": true, "remainingTime": { "millis": -5 } } });
    let shown = glance(&serde_json::from_value(sla).unwrap(), Metric::Resolution).unwrap();
    assert_eq!((shown.state, shown.due, shown.left), (GlanceState::Paused, None, Some(-5)));
    assert!(glance(&wire::Sla::default(), Metric::Resolution).is_none());
}

#[test]
fn a_clock_outside_its_hours_stands() {
    let sla = serde_json::json!({ "ongoingCycle": { "breachTime": { "epochMillis": 1 }, "paused": false,
        "withinCalendarHours": false, "remainingTime": { "millis": 7 } } });
    let shown = glance(&serde_json::from_value(sla).unwrap(), Metric::Resolution).unwrap();
    assert_eq!((shown.state, shown.due, shown.left), (GlanceState::Paused, None, Some(7)));
}

#[test]
fn a_document_reads_as_plain_text() {
    let adf = serde_json::json!({ "type": "doc", "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": "One" }, { "type": "hardBreak" }, { "type": "text", "text": "two" }] },
        { "type": "bulletList", "content": [{ "type": "listItem", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "point" }] }] }] },
        { "type": "mediaSingle", "content": [{ "type": "media", "attrs": { "alt": "shot.png" } }] },
        { "type": "table", "content": [{ "type": "tableRow", "content": [
            { "type": "tableCell", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "a" }] }] },
            { "type": "tableCell", "content": [{ "type": "paragraph", "content": [{ "type": "mention", "attrs": { "text": "@Fay" } }] }] } ] }] },
        { "type": "unheardOf", "content": [{ "type": "text", "text": "rest" }] },
    ] });
    assert_eq!(document(&adf), "One\ntwo\n- point\n[shot.png]\na | @Fay\nrest");
}

#[test]
fn words_become_a_document_without_empty_leaves_and_come_back() {
    fn leaves(node: &serde_json::Value) -> usize {
        let own = node.get("text").and_then(serde_json::Value::as_str);
        assert!(own.is_none_or(|text| !text.is_empty() && !text.contains('\n')), "{own:?}");
        usize::from(own.is_some()) + node["content"].as_array().into_iter().flatten().map(leaves).sum::<usize>()
    }
    for words in ["", "one", "one\ntwo", "one\n\n\ntwo\n", "\n\n", "a\r\nb", "  indented\n*not bold* {{x}} [y|z] :)"] {
        let written = document_of(words);
        assert_eq!((written["type"].as_str(), written["version"].as_u64()), (Some("doc"), Some(1)));
        leaves(&written);
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(plain(&document(&written)), plain(words), "{words:?}");
    }
    assert_eq!(leaves(&document_of("one\ntwo\n\nthree")), 3);
}

#[test]
fn a_comment_for_a_role_is_no_comment_for_customers() {
    let said = serde_json::json!({ "visibility": { "type": "role", "value": "Administrators" }, "jsdPublic": true });
    assert!(!serde_json::from_value::<wire::Comment>(said).unwrap().is_public());
    assert!(serde_json::from_value::<wire::Comment>(serde_json::json!({})).unwrap().is_public());
}

#[test]
fn instants_without_a_colon_in_their_offset_are_read() {
    let at = wire::instant("2026-06-02T10:00:00.123+0200").unwrap();
    assert_eq!(at.to_string(), "2026-06-02T08:00:00.123Z");
    assert!(wire::instant("Heute 10:45").is_none());
}

#[test]
fn texts_are_read_whether_they_come_as_words_documents_or_nothing() {
    let doc = serde_json::json!({ "type": "doc", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "x" }] }] });
    assert_eq!(wire::plain(&doc).trim(), "x");
    assert_eq!((wire::plain(&"x".into()), wire::plain(&serde_json::Value::Null)), ("x".into(), String::new()));
    let nested = serde_json::json!({ "value": "Hardware", "child": { "value": "Laptop" } });
    assert_eq!(wire::plain(&nested), "Hardware / Laptop");
}

#[test]
fn the_documented_answers_are_read() {
    let Ok(files) = std::fs::read_dir("../shared/trackers/jira/samples") else {
        eprintln!("left out: there are no samples beside this project");
        return;
    };
    let mut read = 0;
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let sample: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let body = sample["body"].clone();
        let known = match &name[..2] {
            "01" | "14" | "19" => serde_json::from_value::<wire::Issues>(body).map(|page| !page.issues.is_empty()),
            "02" | "16" => serde_json::from_value::<wire::Issue>(body).map(|issue| issue.time("updated").is_some()),
            "03" | "17" | "20" => {
                serde_json::from_value::<wire::Transitions>(body).map(|all| !all.transitions.is_empty())
            }
            "04" | "21" => serde_json::from_value::<wire::Comments>(body)
                .map(|all| all.comments[0].is_public() || name.starts_with("21")),
            "10" => serde_json::from_value::<wire::Values<wire::Approval>>(body).map(|all| !all.values.is_empty()),
            "09" => serde_json::from_value::<wire::Values<wire::Sla>>(body).map(|all| !all.values.is_empty()),
            _ => continue,
        };
        assert!(known.unwrap_or_else(|error| panic!("{name}: {error}")), "{name}");
        read += 1;
    }
    assert!(read >= 10);
}
