//! Looking at a desk: `list`, `show`, `--as-of`, formats, and what hostile text becomes.

use std::io::Read;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Home, said};
use crate::import::data;

#[test]
fn from_a_new_desk_to_a_resolved_incident() {
    let home = Home::with_desk();
    let words =
        ["new", "incident", "--title", "Dock has no picture", "--caller", "ana", "--impact", "3", "--urgency", "2"];
    assert_eq!(home.done(&words), "INC-1: incident registered.\n");
    assert_eq!(home.done(&["do", "INC-1", "take"]), "INC-1: taken.\n");
    let resolve = ["do", "inc-1", "resolve", "code:Fixed", "verified:yes", "notes:New dock, works"];
    assert_eq!(home.done(&resolve), "INC-1: resolved.\n");
    let shown = home.done(&["show", "INC-1"]);
    for part in [
        "INC-1 P4 (impact 3 x urgency 2) resolved",
        "Dock has no picture",
        "TIMELINE",
        "in progress to resolved",
        "CLOCKS",
        "New dock, works",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(home.done(&["list", "--query", "state:resolved", "--count"]), "1\n");
    assert_eq!(home.done(&["list", "--query", "state:open", "--count"]), "0\n");
}

/// Every instant and every key of an act is another one each time.
fn still(json: &mut Value) {
    match json {
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => *text = "[time]".into(),
        Value::Array(list) => list.iter_mut().for_each(still),
        Value::Object(map) => {
            for (name, value) in map {
                let me = matches!(name.as_str(), "owner" | "by" | "person") && value.is_string();
                match name.as_str() {
                    "act" => *value = json!("[act]"),
                    _ if me => *value = json!("[me]"),
                    _ => still(value),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_json_of_a_list_and_of_a_ticket_is_as_promised() {
    let home = Home::with_desk();
    let id = home.incident("Dock has no picture");
    home.done(&["do", &id, "set", "x.room", "4.12"]);
    home.done(&["do", &id, "take"]);
    let mut list = home.json(&["list"]);
    still(&mut list);
    insta::assert_snapshot!("list_json", serde_json::to_string_pretty(&list).unwrap());
    let mut ticket = home.json(&["show", &id]);
    still(&mut ticket);
    // What is left and used depends on the hour.
    for clock in ticket["clocks"].as_array_mut().unwrap() {
        clock["used_ms"] = json!(0);
        clock["remaining_ms"] = json!(0);
    }
    insta::assert_snapshot!("show_json", serde_json::to_string_pretty(&ticket).unwrap());
}

#[test]
fn a_list_is_one_object_to_a_line_and_empty_is_an_empty_array() {
    let home = Home::with_desk();
    assert_eq!(home.done(&["list", "--json"]), "[]\n");
    for n in 0..3 {
        home.incident(&format!("number {n}"));
    }
    let lines = home.done(&["list", "--json"]);
    assert_eq!(lines.lines().count(), 5);
    let one: Value = serde_json::from_str(lines.lines().nth(2).unwrap().trim_end_matches(',')).unwrap();
    assert_eq!(one["kind"], "incident");
}

#[test]
fn hostile_text_comes_out_clean_everywhere() {
    let home = Home::with_desk();
    let id = home.incident("=cmd|'/C calc'!A0 \u{1b}]0;evil\u{7} \u{202e}txt\u{9b}31m");
    home.done(&["do", &id, "note", "over\u{1b}[2Jwritten\u{7f}"]);
    let csv = ["list", "--csv"];
    for words in [&["list"][..], &["list", "--json"], &csv, &["show", &id], &["show", &id, "--json"]] {
        let text = home.done(words);
        let bad: Vec<char> = text.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
        assert!(bad.is_empty(), "{words:?}: {bad:?} in {text:?}");
        assert!(text.contains("=cmd"), "{text}");
    }
    assert!(home.done(&csv).contains(",'=cmd|"), "a spreadsheet would run it: {}", home.done(&csv));
    let said = home.run(&["do", "INC-1\u{1b}[31m", "take"]);
    assert!(said.code == 1 && !said.err.contains('\u{1b}'), "{said:?}");
    let said = home.run(&["frobnicate\u{1b}[31m"]);
    assert!(said.code == 2 && !said.err.contains('\u{1b}'), "{said:?}");
}

#[test]
fn csv_has_the_fields_of_the_json_and_those_one_asks_for() {
    let home = Home::with_desk();
    home.incident("one, \"quoted\"");
    home.done(&["do", "INC-1", "set", "x.room", "4.12"]);
    let csv = home.done(&["list", "--csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[head.iter().position(|held| held == name).unwrap()];
    assert_eq!((cell("id"), cell("title"), cell("x.room")), ("INC-1", "one, \"quoted\"", "4.12"));
    assert_eq!((cell("accepted"), cell("category"), cell("sla_state")), ("false", "", "running"));
    let json = home.json(&["list"]);
    for name in json[0].as_object().unwrap().keys().filter(|name| !matches!(name.as_str(), "sla" | "custom")) {
        assert!(head.contains(name), "{name}");
    }
    assert_eq!(home.done(&["list", "--csv", "--columns", "id,priority,x.room"]), "id,priority,x.room\nINC-1,4,4.12\n");
    assert!(home.refused(2, &["list", "--csv", "--columns", "colour"]).contains("`colour` is no column of the CSV"));
}

#[test]
fn text_is_whole_when_it_is_piped() {
    let home = Home::with_desk();
    let long = "A title that goes on ".repeat(12);
    home.incident(&long);
    let text = home.done(&["list"]);
    assert!(text.contains(long.trim()), "{text}");
    assert!(text.starts_with("SLA"), "{text}");
    let some = home.done(&["list", "--columns", "id,state"]);
    assert_eq!(some, "Id     State\nINC-1  new\n");
    assert!(
        home.refused(2, &["list", "--columns", "id,colour"]).contains("no column of the screen; there are sla, id")
    );
    let none = home.run(&["list", "--query", "nothing-is-called-so"]);
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", "No ticket matches.\n"));
}

#[test]
fn views_and_queries_narrow_together() {
    let home = Home::new();
    let count = |words: &[&str]| -> usize {
        home.done(&[&["--demo", "list", "--count"], words].concat()).trim().parse().unwrap()
    };
    let (all, open) = (count(&[]), count(&["--query", "state:open"]));
    assert!(all > 1500 && open > 50 && open < all, "{all} {open}");
    assert_eq!(count(&["--view", "unowned"]), count(&["--query", "state:open unowned"]));
    let both = count(&["--view", "unowned", "--query", "kind:incident"]);
    assert_eq!(both, count(&["--view", "unowned", "--kind", "incident"]));
    assert!(home.refused(2, &["--demo", "list", "--view", "vew"]).contains("There is no view `vew`; there are now,"));
    let wrong = home.refused(2, &["--demo", "list", "--query", "priorty:1"]);
    assert!(wrong.contains("priorty") && wrong.contains("priority"), "{wrong}");
    assert!(home.refused(2, &["--demo", "list", "--kind", "epic"]).contains("incident, request, problem, change"));
}

#[test]
fn the_order_is_that_of_the_query() {
    let home = Home::with_desk();
    for title in ["b", "c", "a"] {
        home.incident(title);
    }
    let ids = |query: &str| {
        let rows = home.json(&["list", "--query", query]);
        rows.as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect::<String>()
    };
    assert_eq!((ids("sort:title"), ids("sort:-title")), ("abc".into(), "cba".into()));
}

#[test]
fn nobody_is_told_when_the_reader_has_gone() {
    let home = Home::new();
    let mut child =
        home.command(&["--demo", "list", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut some = [0; 10];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut some).unwrap();
    drop(out);
    let said = said(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn a_desk_that_is_not_there_is_not_made_by_looking() {
    let home = Home::new();
    let missing = home.file("none.db");
    let said = home.refused(1, &["--db", &missing, "list"]);
    assert!(said.contains("There is no desk at") && said.contains("deskside new-desk"), "{said}");
    assert!(!home.path().join("none.db").exists());
    assert!(home.refused(2, &["list"]).contains("Say which desk"));
    assert!(home.refused(2, &["--demo", "--db", &missing, "list"]).contains("One desk at a time"));
    let twice = Home::with_desk();
    assert!(twice.refused(1, &["new-desk", &twice.file("desk.db")]).contains("exists already"));
}

#[test]
fn the_past_is_read_only_and_as_it_was() {
    let home = Home::with_desk();
    home.incident("now");
    assert_eq!(home.done(&["--as-of", "2020-01-01", "list", "--count"]), "0\n");
    assert_eq!(home.done(&["--as-of", "2100-01-01T00:00Z", "list", "--count"]), "1\n");
    let refused = home.run(&["--as-of", "2100-01-01", "do", "INC-1", "take"]);
    assert!(refused.code == 1 && refused.err.contains("--as-of"), "{refused:?}");
    assert!(
        home.refused(2, &["--as-of", "yesterday", "list"]).contains("`yesterday` is no moment; write 2016-04-01T00:00")
    );
}

#[test]
fn read_only_changes_nothing() {
    let home = Home::with_desk();
    let id = home.incident("stays");
    let refused = home.run(&["--read-only", "do", &id, "take"]);
    assert!(refused.code == 1 && refused.err.contains("read-only; start it without --read-only"), "{refused:?}");
    let new = ["--read-only", "new", "incident", "--title", "t", "--caller", "c"];
    assert!(home.run(&new).code == 1);
    assert_eq!(home.json(&["list"])[0]["accepted"], false);
    assert_eq!(home.done(&["list", "--count"]), "1\n");
}

/// The number counted independently in the log, asked as the order of this stage asks it.
#[test]
fn the_backlog_of_april_in_the_real_log() {
    let Some(log) = data("uci498_full_141712.zip") else { return };
    let home = Home::new();
    let (log, db) = (log.display().to_string(), home.file("uci.db"));
    let told = home.done(&["import", &log, "--mapping", "uci498", "--db", &db]);
    assert!(told.contains("new on the desk: 24918 tickets"), "{told}");
    let backlog = |at: &str, zone: &str| {
        let query =
            ["--db", &db, "--as-of", at, "list", "--kind", "incident", "--query", "not state:closed", "--count"];
        said(home.command(&query).env("TZ", zone).output().unwrap()).out
    };
    assert_eq!(backlog("2016-04-01T00:00", "UTC"), "3353\n");
    // The log's own hours count, wherever one reads it.
    assert_eq!(backlog("2016-04-01T00:00", "America/New_York"), "3353\n");
    assert_eq!(backlog("2016-05-01T00:00Z", "UTC"), "2961\n");
    let again = home.done(&["--db", &db, "import", &log, "--mapping", "uci498"]);
    assert!(again.contains("new on the desk: 0 tickets, 0 events"), "{again}");
}

#[test]
fn the_sample_desk_fits_into_a_file_of_any_size() {
    let home = Home::new();
    let db = home.file("sample.db");
    let make = ["sample", "--tickets", "300", "--seed", "7", "--now", "2026-03-10T09:00:00Z", "--db", &db];
    assert!(home.done(&make).contains("300 tickets"));
    assert_eq!(home.done(&["--db", &db, "list", "--count"]), "300\n");
    // Whoever makes it sits in the place of the desk's own engineer.
    let count = |query: &str| -> usize {
        home.done(&["--db", &db, "list", "--query", query, "--count"]).trim().parse().unwrap()
    };
    assert!(count("mine") >= 5, "{} are mine", count("mine"));
    assert_eq!(count("owner:jmorgan"), 0);
    assert!(home.refused(1, &make).contains("exists already"));
    assert!(!home.done(&["--help"]).contains("  sample "));
}
