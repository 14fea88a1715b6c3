//! A mistake in a mapping names file, line, key, and what would be allowed.

use std::fs;

use deskside::import::mapping::Mapping;

use super::{fixture, import};

/// What is said when `from` stands as `to` in a mapping that is right.
fn said(from: &str, to: &str) -> String {
    let text = fs::read_to_string(fixture("scattered.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    match Mapping::read("my.toml", &text.replacen(from, to, 1)) {
        Err(faults) => faults.to_string(),
        Ok(mapping) => import(&fixture("scattered.csv"), &mapping).err().unwrap().to_string(),
    }
}

fn line_of(text: &str) -> usize {
    let mapping = fs::read_to_string(fixture("scattered.toml")).unwrap();
    mapping.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[track_caller]
fn tells(from: &str, to: &str, key: &str, parts: &[&str]) {
    let said = said(from, to);
    let place = format!("my.toml:{}: {key}:", line_of(from.lines().next().unwrap()));
    assert!(said.starts_with(&place), "{said}\nshould start with {place}");
    for part in parts {
        assert!(said.contains(part), "{said}\nshould hold {part}");
    }
}

#[test]
fn mistakes_in_a_mapping() {
    tells("open = \"in_fulfilment\"", "open = \"doing\"", "state.names.open", &["`doing` is not one of: draft, new,"]);
    tells("open = \"in_fulfilment\"", "open = \"on_hold:bored\"", "state.names.open", &["caller, vendor"]);
    tells(
        "open = \"in_fulfilment\"",
        "open = \"in_progress\"",
        "state.names.open",
        &["no state of kind request", "in_fulfilment"],
    );
    tells("group = \"team\"", "grupo = \"team\"", "fields.grupo", &["`grupo` is no field", "group,", "x.NAME"]);
    tells("kind = \"request\"", "kind = \"wish\"", "case.kind", &["incident, request, problem, change"]);
    tells("America/New_York", "America/Atlantis", "time.zone", &["no time zone", "UTC"]);
    tells("%Y-%m-%d %H:%M", "american", "time.formats", &["`american` is no format", "epoch-local"]);
    tells("format = \"csv\"", "format = \"xls\"", "file.format", &["csv, xes"]);
    tells("unknown = \"report\"", "unknown = \"ignore\"", "state.unknown", &["keep, as_given, report"]);
    tells("take = \"max\"", "take = \"most\"", "fields.\"x.score\"", &["last, first, max, min"]);
    tells("take = \"max\"", "takes = \"max\"", "fields.\"x.score\"", &["takes", "expected one of", "missing"]);
    tells("actor = \"who\"", "actor = { level = \"lead\" }", "people.actor", &["no column is named", "from"]);
    tells("group = \"team\"", "group = 0", "fields.group", &["counted from 1"]);
}

#[test]
fn columns_that_the_file_does_not_have() {
    tells(
        "group = \"team\"",
        "group = \"squad\"",
        "fields.group",
        &["no column `squad`", "it has ticket, version, when"],
    );
    tells("group = \"team\"", "group = 9", "fields.group", &["no column `9`"]);
    tells("group = \"team\"", "group = \"team#2\"", "fields.group", &["no column `team#2`"]);
    let both = said("group = \"team\"", "group = \"squad\"\nlocation = \"place\"");
    assert_eq!(both.lines().count(), 2, "all of them at once: {both}");
}

#[test]
fn what_a_mapping_cannot_do_without() {
    let case = said("kind = \"request\"", "");
    assert!(
        case.starts_with(&format!("my.toml:{}: case: ", line_of("[case]"))) && case.contains("`kind_by`"),
        "{case}"
    );
    assert!(said("at = \"when\"", "").contains("neither `at` nor `opened`"));
    assert!(said("formats = [\"%Y-%m-%d %H:%M\"]", "formats = []").contains("no format of times"));
}

#[test]
fn a_mapping_that_is_not_there_names_those_that_ship() {
    let said = Mapping::find("uci-498").unwrap_err().to_string();
    assert!(said.contains("uci498, vinst-problems"), "{said}");
}

#[test]
fn every_mapping_that_ships_can_be_read() {
    for name in Mapping::shipped() {
        assert_eq!(Mapping::find(name).map(|mapping| mapping.log.name).unwrap(), name);
    }
}
