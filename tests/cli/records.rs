//! The records of a desk and its rules: read, put back, who changed what.

use super::Home;

/// Another user's settings, on the same desk.
fn with_other_settings() -> Home {
    let home = Home::new();
    home.config("priority.toml", "matrix = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]\n");
    let sla = "[[definition]]\nname = \"P4 resolution\"\nmetric = \"resolution\"\nkinds = [\"incident\"]\n\
               priorities = [4]\ntarget = \"1h\"\ncalendar = \"always\"\n";
    home.config("sla.toml", sla);
    home
}

#[test]
fn two_users_with_other_settings_read_the_same_clocks() {
    let (home, other) = (Home::with_desk(), with_other_settings());
    let id = home.incident("Dock has no picture");
    let db = home.file("desk.db");
    let ask = |home: &Home, words: &[&str]| home.done(&[&["--db", &db], words].concat());
    let at = "2099-01-05T10:00";
    for words in
        [&["list", "--json"][..], &["sla", "explain", &id, "--at", at], &["rules"], &["--as-of", "2099-01-01", "list"]]
    {
        assert_eq!(ask(&other, words), ask(&home, words), "{words:?}");
    }
    assert!(ask(&other, &["list", "--columns", "priority"]).contains("P4"));
    let report = ask(&other, &["doctor"]);
    let differ = "version 1; your own settings differ in definition P4 resolution, matrix priority.";
    assert!(report.contains(differ) && report.contains("nothing is wrong"), "{report}");
    assert!(ask(&home, &["doctor"]).contains("version 1; your own settings say the same"));
    assert!(!ask(&home, &["records", "--history"]).contains("->"), "nobody has changed a record");
}

#[test]
fn a_manager_puts_rules_in_place_and_the_trail_tells() {
    let (home, other) = (Home::with_desk(), with_other_settings());
    home.incident("Dock has no picture");
    let db = home.file("desk.db");
    let put = other.done(&["--db", &db, "rules", "--mine"]);
    assert!(put.contains("has rules of version 2; new are: definition P4 resolution, matrix priority."), "{put}");
    assert!(other.done(&["--db", &db, "rules", "--mine"]).contains("has these rules already"));
    assert!(home.done(&["list", "--columns", "priority"]).contains("P1"));
    // Read, changed in an editor, put back.
    let text = home
        .done(&["rules"])
        .replace("target = \"1h 00m\"\ncalendar = \"always\"", "target = \"90m\"\ncalendar = \"always\"");
    let file = home.path().join("rules.toml");
    std::fs::write(&file, &text).unwrap();
    let put = home.done(&["rules", "rules.toml"]);
    assert!(put.contains("version 3; new are: definition P4 resolution."), "{put}");
    let history = home.done(&["records", "--history"]);
    assert!(history.contains("definition: P4 resolution target 1h 00m -> 1h 30m"), "{history}");
    let json = home.json(&["records", "--history"]);
    let last = json.as_array().unwrap().last().unwrap();
    assert_eq!((&last["part"], &last["record"]), (&"definition".into(), &"P4 resolution".into()));
    assert_eq!((&last["from"]["target"], &last["to"]["target"]), (&"1h 00m".into(), &"1h 30m".into()));
    // What cannot be kept is refused with its place, and changes nothing.
    std::fs::write(&file, text.replace("metric = \"response\"", "metrik = \"response\"")).unwrap();
    let refused = home.refused(1, &["rules", "rules.toml"]);
    assert!(refused.contains("rules.toml:") && refused.contains("metrik"), "{refused}");
    std::fs::write(&file, text.replace("calendar = \"always\"", "calendar = \"mars\"")).unwrap();
    assert!(home.refused(1, &["rules", "rules.toml"]).contains("\"mars\" is not a calendar"));
    assert!(home.done(&["rules"]).starts_with("# The rules of this desk, version 3.\n"));
}

#[test]
fn a_changed_record_is_listed_with_who_when_from_and_to() {
    let home = Home::with_desk();
    let mut records = home.done(&["records"]);
    let me = records.lines().find_map(|line| line.strip_prefix("login = ")).unwrap().trim_matches('"').to_owned();
    records = records.replace("level = \"lead\"", "level = \"principal\"");
    records.push_str("\n[[people]]\nlogin = \"kim\"\nname = \"Kim Lee\"\n");
    std::fs::write(home.path().join("desk.toml"), &records).unwrap();
    home.done(&["records", "desk.toml"]);
    let history = home.done(&["records", "--history"]);
    assert!(history.contains(&format!("  {me}  people: {me} level lead -> principal\n")), "{history}");
    assert!(history.contains(&format!("  {me}  people: kim added\n")), "{history}");
    let first = history.lines().next().unwrap();
    assert!(first.starts_with("20") && first.contains(" added"), "{history}");
    assert!(history.lines().count() < 20, "what came in one act is told in one line:\n{history}");
    std::fs::write(home.path().join("desk.toml"), records.replace("login = \"kim\"", "login = \"kay\"")).unwrap();
    home.done(&["records", "desk.toml"]);
    let history = home.done(&["records", "--history"]);
    assert!(history.contains("people: kim removed") && history.contains("people: kay added"), "{history}");
}
