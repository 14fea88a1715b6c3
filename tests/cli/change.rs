//! `deskside change`: what is in the way, the free times, the calendar, the agenda and the minutes, as a script reads
//! them.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};

use super::Home;

/// The windows of the desk: nothing may be changed on the fifth day from now.
fn windows() -> String {
    let (from, to) = (day(5), day(6));
    format!(
        "[[window]]\nname = \"Stocktaking\"\nkind = \"freeze\"\nforce = \"hard\"\nzone = \"UTC\"\n\
         from = \"{from}T00:00:00\"\nto = \"{to}T00:00:00\"\n"
    )
}

/// A practice of one stage: who manages changes says yes.
const PRACTICE: &str = r#"
warns = []
horizon = 14

[[policy]]
name = "Normal"
types = ["normal"]
expires = 20160
stages = [{ name = "CAB", of = ["role:change_manager"], enough = "any", on_reject = "stop", patience = 10080 }]
"#;

/// The day so many days from today.
fn day(ahead: i64) -> Date {
    Zoned::now().with_time_zone(TimeZone::UTC).date().saturating_add(ahead.days())
}

/// When on that day, as it is typed and as it is printed.
fn at(ahead: i64, hour: i8) -> (String, String) {
    let at = day(ahead).to_datetime(Time::constant(hour, 0, 0, 0));
    (format!("{at}Z"), at.strftime("%a %Y-%m-%d %H:%M").to_string())
}

fn desk() -> Home {
    let home = Home::new();
    home.config("windows.toml", &windows());
    home.config("changes.toml", PRACTICE);
    home.done(&["new-desk", &home.file("desk.db")]);
    home
}

/// A change of that asset from 1 to 3 in the night of that day.
fn change(home: &Home, asset: &str, ahead: i64) -> String {
    let (from, to) = (at(ahead, 1).0, at(ahead, 3).0);
    let words = ["--asset", asset, "--planned-start", &from, "--planned-end", &to];
    let title = format!("Firmware of {asset}");
    let made = home.json(&[&["new", "change", "--title", &title, "--caller", "ana"], &words[..]].concat());
    made["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_in_the_way_is_told_and_the_exit_code_says_whether_it_blocks() {
    let home = desk();
    let (first, second) = (change(&home, "SW-1", 2), change(&home, "SW-1", 2));
    let (alone, frozen) = (change(&home, "SW-2", 2), change(&home, "SW-3", 5));
    let said = home.run(&["change", "conflicts", &first]);
    let when = format!("{} to {}", at(2, 1).1, at(2, 3).1);
    assert_eq!(said.out, format!(" 1 blocks the same asset is being changed ({second}), {when}\n"));
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    assert_eq!(home.done(&["change", "conflicts", &alone]), format!("Nothing is in the way of {alone}.\n"));
    let said = home.run(&["change", "conflicts", &frozen]);
    assert!(said.code == 1 && said.out.contains("blocks") && said.out.contains("Stocktaking"), "{said:?}");
}

#[test]
fn free_times_are_as_long_as_asked_and_none_lies_in_another_change_or_a_freeze() {
    let home = desk();
    let (moved, other) = (change(&home, "SW-1", 2), change(&home, "SW-1", 2));
    let text = home.done(&["change", "slots", &moved, "--most", "100"]);
    let spans: Vec<(Zoned, Zoned)> = text
        .lines()
        .map(|line| {
            let (from, to) = line.split_once(" to ").unwrap();
            let read = |text: &str| {
                let time = jiff::civil::DateTime::strptime("%a %Y-%m-%d %H:%M", text).unwrap();
                time.to_zoned(TimeZone::UTC).unwrap()
            };
            (read(from), read(to))
        })
        .collect();
    assert_eq!(spans.len(), 100, "{text}");
    let busy =
        |ahead: i64, hour: i8| day(ahead).to_datetime(Time::constant(hour, 0, 0, 0)).to_zoned(TimeZone::UTC).unwrap();
    let taken = [(busy(2, 1), busy(2, 3)), (busy(5, 0), busy(6, 0))];
    for (from, to) in &spans {
        assert_eq!(from.until(to).unwrap().total(jiff::Unit::Hour).unwrap(), 2.0);
        assert!(*from >= Zoned::now(), "{from} is over");
        for (start, end) in &taken {
            assert!(to <= start || from >= end, "{from} to {to} lies in what is taken; {other}");
        }
    }
    assert_eq!(home.done(&["change", "slots", &moved, "--most", "3"]).lines().count(), 3);
}

#[test]
fn the_calendar_has_each_change_and_freeze_on_its_day() {
    let home = desk();
    let id = change(&home, "SW-1", 2);
    let text = home.done(&["change", "calendar"]);
    let lines: Vec<&str> = text.lines().collect();
    let days: Vec<&&str> = lines.iter().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(days.len(), 14, "{text}");
    assert!(days[0].starts_with("Mon "), "{text}");
    let under = |ahead: i64| {
        let head = day(ahead).strftime("%a %Y-%m-%d").to_string();
        let start = lines.iter().position(|line| *line == head).unwrap();
        lines[start + 1..].iter().take_while(|line| line.starts_with(' ')).copied().collect::<Vec<_>>()
    };
    assert_eq!(under(2), [format!("  {} to {}  {id} new  Firmware of SW-1", at(2, 1).1, at(2, 3).1)]);
    assert_eq!(under(5), ["  freeze: Stocktaking (hard)"]);
    assert!(under(3).is_empty() && under(6).is_empty(), "{text}");
    assert_eq!(home.done(&["change", "calendar", "--weeks", "1"]).lines().filter(|l| !l.starts_with(' ')).count(), 7);
}

#[test]
fn what_waits_for_the_board_is_on_the_agenda_and_in_the_minutes() {
    let home = desk();
    let (id, quiet) = (change(&home, "SW-1", 2), change(&home, "SW-2", 3));
    assert_eq!(home.done(&["change", "agenda"]), "No change waits for the board.\n");
    assert!(home.done(&["change", "minutes"]).ends_with("Nothing was on the agenda.\n"));
    let mut records = home.done(&["records"]);
    records.push_str(
        "\n[[people]]\nlogin = \"kim\"\nname = \"Kim Lee\"\nlevel = \"lead\"\ngroups = [\"Network\"]\nroles = [\"change_manager\"]\n",
    );
    std::fs::write(home.path().join("desk.toml"), records).unwrap();
    home.done(&["records", "desk.toml"]);
    home.done(&["do", &id, "take"]);
    for words in ["plan", "back-out", "test-plan"] {
        home.done(&["do", &id, words, "As written"]);
    }
    home.done(&["do", &id, "set", "risk", "low"]);
    home.done(&["do", &id, "step", "assess", "description:It hangs", "reason:Known fault"]);
    home.done(&["do", &id, "ask-approval"]);
    home.done(&["do", &id, "step", "authorize"]);
    assert_eq!(home.done(&["change", "agenda"]), format!("{id}  Firmware of SW-1\n"), "{}", home.done(&["show", &id]));
    let minutes = home.done(&["change", "minutes"]);
    let today = day(0).strftime("# Change meeting, %Y-%m-%d\n").to_string();
    assert!(minutes.starts_with(&today) && minutes.contains(&format!("## {id} Firmware of SW-1")), "{minutes}");
    assert!(
        minutes.contains("- Risk: low") && minutes.contains(": now authorize") && !minutes.contains(&quiet),
        "{minutes}"
    );
}

#[test]
fn what_cannot_be_told_is_refused_with_why() {
    let home = desk();
    let incident = home.incident("Not a change");
    let plain = home.json(&["new", "change", "--title", "No window", "--caller", "ana"]);
    let plain = plain["id"].as_str().unwrap();
    for about in ["conflicts", "slots"] {
        assert!(home.refused(1, &["change", about, &incident]).contains(&format!("{incident} is no change.")));
        assert!(home.refused(1, &["change", about, "CHG-99"]).contains("There is no CHG-99 on this desk."));
    }
    assert!(home.refused(1, &["change", "slots", plain]).contains("has no window"));
    assert_eq!(home.done(&["change", "conflicts", plain]), format!("Nothing is in the way of {plain}.\n"));
}
