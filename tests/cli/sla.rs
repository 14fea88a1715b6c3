//! `deskside sla explain`, with and without a ticket.

use clap::Parser;
use deskside::cli::sla::{ExplainArgs, run, run_ticket};
use deskside::config;
use deskside::domain::sla::{Facts, Mark, MarkKind};
use deskside::domain::state::HoldReason;
use jiff::Timestamp;
use serde_json::Value;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    explain: ExplainArgs,
}

const NOW: &str = "2026-03-11T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn args(words: &[&str]) -> Result<ExplainArgs, clap::Error> {
    Cli::try_parse_from(std::iter::once("explain").chain(words.iter().copied())).map(|cli| cli.explain)
}

fn explain(words: &[&str]) -> Result<String, String> {
    let policy = config::sla::load(None).unwrap();
    run(&args(words).unwrap(), &policy, now()).map_err(|e| e.to_string())
}

fn json(words: &[&str]) -> Value {
    let words = [words, &["--json"]].concat();
    serde_json::from_str(&explain(&words).unwrap()).unwrap()
}

#[test]
fn a_pause_over_the_night_as_text() {
    let words = [
        "--calendar=uk",
        "--target=8h",
        "--from=2026-03-10T09:00",
        "--pause=2026-03-10T11:00..2026-03-11 10:00",
        "--at=2026-03-11T12:00",
    ];
    insta::assert_snapshot!(explain(&words).unwrap(), @r#"
    command line (resolution): 8h 00m in uk, times in Europe/London

    From                  To                     Length  Counted  Rule
    Tue 2026-03-10 09:00  Tue 2026-03-10 11:00   2h 00m  yes      open in uk
    Tue 2026-03-10 11:00  Tue 2026-03-10 18:00   7h 00m  no       open in uk, but on hold (scheduled), which pauses this clock
    Tue 2026-03-10 18:00  Wed 2026-03-11 08:00  14h 00m  no       closed in uk
    Wed 2026-03-11 08:00  Wed 2026-03-11 10:00   2h 00m  no       open in uk, but on hold (scheduled), which pauses this clock
    Wed 2026-03-11 10:00  Wed 2026-03-11 12:00   2h 00m  yes      open in uk

    At         Wed 2026-03-11 12:00 +00:00
    State      running
    Used       4h 00m (50.0 % of 8h 00m)
    Paused     9h 00m
    Remaining  4h 00m
    Elapsed    27h 00m on the wall
    Due        Wed 2026-03-11 16:00 +00:00
    "#);
}

#[test]
fn the_json_is_what_the_text_says() {
    let words = ["--calendar=uk", "--target=8h", "--from=2026-03-10T17:00", "--pause=2026-03-10T17:30..", "--json"];
    insta::assert_snapshot!(explain(&words).unwrap(), @r#"
    {
      "definition": "command line",
      "metric": "resolution",
      "calendar": "uk",
      "zone": "Europe/London",
      "state": "paused",
      "at": "2026-03-11T12:00:00+00:00",
      "started_at": "2026-03-10T17:00:00+00:00",
      "stopped_at": null,
      "due": null,
      "breached_since": null,
      "target_ms": 28800000,
      "used_ms": 1800000,
      "paused_ms": 16200000,
      "remaining_ms": 27000000,
      "elapsed_ms": 68400000,
      "percent": 6.2,
      "cycle": 1,
      "retroactive": false,
      "warnings": [],
      "notes": [],
      "intervals": [
        {
          "from": "2026-03-10T17:00:00+00:00",
          "to": "2026-03-10T17:30:00+00:00",
          "ms": 1800000,
          "counted": "counted",
          "reason": null,
          "rule": "open in uk"
        },
        {
          "from": "2026-03-10T17:30:00+00:00",
          "to": "2026-03-10T18:00:00+00:00",
          "ms": 1800000,
          "counted": "paused",
          "reason": "scheduled",
          "rule": "open in uk, but on hold (scheduled), which pauses this clock"
        },
        {
          "from": "2026-03-10T18:00:00+00:00",
          "to": "2026-03-11T08:00:00+00:00",
          "ms": 50400000,
          "counted": "closed",
          "reason": null,
          "rule": "closed in uk"
        },
        {
          "from": "2026-03-11T08:00:00+00:00",
          "to": "2026-03-11T12:00:00+00:00",
          "ms": 14400000,
          "counted": "paused",
          "reason": "scheduled",
          "rule": "open in uk, but on hold (scheduled), which pauses this clock"
        }
      ]
    }
    "#);
}

#[test]
fn overdue_and_said_since_when() {
    let text = explain(&["--calendar=uk", "--target=2h", "--from=2026-03-10T09:00"]).unwrap();
    assert!(text.contains("State      breached since Tue 2026-03-10 11:00 +00:00\n"), "{text}");
    assert!(text.contains("Remaining  -11h 00m (overdue)\n"), "{text}");
}

/// Ten years of days would be told by thousands of lines.
#[test]
fn what_was_decided_long_ago_is_told_without_the_years_after_it() {
    let words = ["--calendar=uk", "--target=8h", "--from=2016-03-01T09:00"];
    let text = explain(&words).unwrap();
    assert!(text.lines().count() < 20, "{text}");
    for line in [
        "Tue 2016-03-01 09:00  Tue 2016-03-01 18:00   9h 00m  yes      open in uk",
        "more intervals; --at TIME tells all until then, --json all until now ...\nWed 2026-03-11 08:00  Wed 2026-03-11 12:00",
        "State      breached since Tue 2016-03-01 17:00 +00:00",
        "At         Wed 2026-03-11 12:00 +00:00",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    // Whoever says until when gets every interval.
    let all = explain(&[&words[..], &["--at=2017-03-01T09:00"]].concat()).unwrap();
    assert!(all.lines().count() > 500 && !all.contains("more intervals"), "{}", all.lines().count());
    let counted: i64 = json(&words)["intervals"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["counted"] == "counted")
        .map(|row| row["ms"].as_i64().unwrap())
        .sum();
    assert_eq!(json(&words)["used_ms"], counted, "JSON tells all");
}

#[test]
fn after_the_stop_nothing_is_told() {
    let policy = config::sla::load(None).unwrap();
    let at = |t: &str| -> Timestamp { t.parse().unwrap() };
    let marks = [
        ("2016-03-10T09:00:00Z", MarkKind::Priority(3)),
        ("2016-03-10T09:30:00Z", MarkKind::Responded),
        ("2016-03-10T12:00:00Z", MarkKind::Resolved),
    ];
    let marks = marks.iter().enumerate().map(|(seq, (t, what))| Mark { at: at(t), seq: seq as u64, what: *what });
    let opened = at("2016-03-10T09:00:00Z");
    let facts = Facts { opened, created: opened, marks: marks.collect() };
    let ask = |words: &[&str]| run_ticket(&args(words).unwrap(), "INC-7", &facts, &policy, now()).unwrap();
    let text = ask(&["INC-7"]);
    assert!(!text.contains("after the clock stopped") && text.contains("State      met\n"), "{text}");
    assert!(text.contains("Thu 2016-03-10 09:00  Thu 2016-03-10 12:00  3h 00m  yes      open in uk\n"), "{text}");
    assert!(ask(&["INC-7", "--at=2016-03-11T09:00"]).contains("after the clock stopped"));
}

#[test]
fn local_times_are_those_of_the_calendar() {
    let due = |from: &str| json(&["--calendar=uk", "--target=1h", "--from", from])["due"].as_str().unwrap().to_owned();
    assert_eq!(due("2026-04-07T09:00"), "2026-04-07T10:00:00+01:00");
    assert_eq!(due("2026-04-07 09:00"), "2026-04-07T10:00:00+01:00");
    assert_eq!(due("2026-04-07T09:00Z"), "2026-04-07T11:00:00+01:00");
    assert_eq!(due("2026-04-07T09:00:30.5+02:00"), "2026-04-07T09:00:30.5+01:00");
    assert_eq!(due("2026-04-07"), "2026-04-07T09:00:00+01:00");
}

#[test]
fn times_that_do_not_exist_or_exist_twice_are_resolved_and_said() {
    let always = |from: &str| json(&["--calendar=always", "--target=1h", "--from", from]);
    let gap = always("2026-03-29T01:30");
    assert_eq!(gap["started_at"], "2026-03-29T02:30:00+01:00");
    let said = "--from: the clocks of Europe/London skip 2026-03-29 01:30; it was read as 2026-03-29 02:30 +01:00.";
    assert_eq!(gap["notes"][0], said);
    let fold = always("2026-10-25T01:30");
    assert_eq!(fold["started_at"], "2026-10-25T01:30:00+01:00");
    assert!(fold["notes"][0].as_str().unwrap().contains("show 2026-10-25 01:30 twice; it was read as the first"));
    assert_eq!(always("2026-10-25T01:30+00:00")["notes"], serde_json::json!([]));
}

#[test]
fn the_spring_night_in_the_table_shows_both_offsets() {
    let text = explain(&["--calendar=always", "--target=8h", "--from=2026-03-28T22:00"]).unwrap();
    assert!(text.contains("Sat 2026-03-28 22:00 +00:00  Sun 2026-03-29 07:00 +01:00  8h 00m  yes"), "{text}");
    assert!(text.contains("Due        Sun 2026-03-29 07:00 +01:00\n"), "{text}");
}

#[test]
fn pauses_may_overlap_and_may_last() {
    let base = ["--calendar=uk", "--target=8h", "--from=2026-03-10T09:00"];
    let with = |pauses: &[&str]| json(&[&base[..], pauses].concat());
    let two = with(&["--pause=2026-03-10T10:00..2026-03-10T12:00", "--pause=2026-03-10T11:00..2026-03-10T13:00"]);
    assert_eq!(two["paused_ms"], 3 * 3_600_000);
    let lasting = with(&["--pause=2026-03-10T11:00.."]);
    assert_eq!(
        (&lasting["state"], &lasting["due"], &lasting["used_ms"]),
        (&"paused".into(), &Value::Null, &7_200_000.into())
    );
    let text = explain(&[&base[..], &["--pause=2026-03-10T11:00.."]].concat()).unwrap();
    assert!(
        text.contains("State      paused (scheduled)") && text.contains("Due        not while it is paused"),
        "{text}"
    );
}

#[test]
fn a_calendar_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("night.toml");
    std::fs::write(&path, "zone = 'UTC'\n[hours]\nmon = ['22:00-06:00']\n").unwrap();
    let file = path.to_str().unwrap();
    let answer = json(&["--calendar", file, "--target=1h", "--from=2026-03-09T12:00"]);
    assert_eq!((&answer["due"], &answer["calendar"]), (&"2026-03-09T23:00:00+00:00".into(), &"night".into()));
    std::fs::write(&path, "zone = 'UTC'\n").unwrap();
    let text = explain(&["--calendar", file, "--target=1h", "--from=2026-03-09T12:00"]).unwrap();
    assert!(text.contains("State      not_started\n") && text.contains("\"night\" never opens"), "{text}");
    std::fs::write(&path, "zone = 'UTC'\n[hours]\nmo = []\n").unwrap();
    let refused = explain(&["--calendar", file, "--target=1h", "--from=2026-03-09T12:00"]).unwrap_err();
    assert!(refused.contains("night.toml:3: hours.mo: unknown field `mo`, expected one of `mon`"), "{refused}");
}

#[test]
fn what_cannot_be_read_is_refused_with_what_to_write() {
    let refused = |words: &[&str]| explain(words).unwrap_err();
    let ok = ["--calendar=uk", "--target=8h", "--from=2026-03-10T09:00"];
    let with = |at: usize, word: &'static str| {
        let mut words = ok;
        words[at] = word;
        refused(&words)
    };
    assert_eq!(with(0, "--calendar=mars"), "--calendar: \"mars\" is neither a calendar (always, uk) nor a file.");
    assert!(with(1, "--target=1d").starts_with("--target: \"1d\" is not a length of time;"));
    assert!(with(1, "--target=none").contains("write a length"));
    assert!(with(2, "--from=yesterday").starts_with("--from: \"yesterday\" is not a time; write 2026-03-10T09:00"));
    let more = |word: &str| refused(&[&ok[..], &[word]].concat());
    assert!(more("--pause=2026-03-10").contains("is not an interval"));
    assert!(more("--pause=2026-03-11T09:00..2026-03-10T09:00").contains("ends before it begins"));
    assert!(more("--at=soon").starts_with("--at: "));
}

#[test]
fn without_a_ticket_three_things_are_needed() {
    for words in [&["--calendar=uk", "--target=8h"][..], &["--target=8h", "--from=x"], &[]] {
        assert!(args(words).unwrap_err().to_string().contains("required"), "{words:?}");
    }
    assert!(args(&["INC-1"]).is_ok());
    assert!(args(&["INC-1", "--target=8h"]).is_err());
    assert!(args(&["INC-1", "--priority=10"]).is_err());
}

#[test]
fn for_a_ticket_every_clock_is_explained_and_something_may_be_supposed() {
    let policy = config::sla::load(None).unwrap();
    let at = |t: &str| -> Timestamp { t.parse().unwrap() };
    let marks = [
        ("2026-03-10T09:00:00Z", MarkKind::Priority(3)),
        ("2026-03-10T09:30:00Z", MarkKind::Responded),
        ("2026-03-10T10:00:00Z", MarkKind::Hold(HoldReason::Vendor)),
    ];
    let marks = marks.iter().enumerate().map(|(seq, (t, what))| Mark { at: at(t), seq: seq as u64, what: *what });
    let opened = at("2026-03-10T09:00:00Z");
    let facts = Facts { opened, created: opened, marks: marks.collect() };
    let ask = |words: &[&str]| run_ticket(&args(words).unwrap(), "INC-7", &facts, &policy, now()).unwrap();
    let text = ask(&["INC-7"]);
    for line in [
        "P3 response (response): 1h 00m in uk",
        "P3 resolution (resolution): 24h 00m in uk",
        "on hold (vendor) does not pause",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let answer = |words: &[&str]| -> Value { serde_json::from_str(&ask(&[words, &["--json"]].concat())).unwrap() };
    let resolution = |answer: &Value| answer["clocks"][1].clone();
    assert_eq!(answer(&["INC-7"])["ticket"], "INC-7");
    assert_eq!(resolution(&answer(&["INC-7"]))["due"], "2026-03-12T13:00:00+00:00");
    let raised = resolution(&answer(&["INC-7", "--priority=1"]));
    assert_eq!((&raised["due"], &raised["retroactive"]), (&"2026-03-10T13:00:00+00:00".into(), &true.into()));
    let paused = resolution(&answer(&["INC-7", "--pause=2026-03-10T11:00..2026-03-10T12:00"]));
    assert_eq!(paused["due"], "2026-03-12T14:00:00+00:00");
    let round = resolution(&answer(&["INC-7", "--calendar=always"]));
    assert_eq!(round["due"], "2026-03-11T09:00:00+00:00");
    let earlier = answer(&["INC-7", "--at=2026-03-10T09:10"]);
    assert_eq!(earlier["clocks"][0]["state"], "running", "not yet answered then");
    let nothing = Facts { marks: vec![], ..facts.clone() };
    let none = run_ticket(&args(&["INC-7"]).unwrap(), "INC-7", &nothing, &policy, now()).unwrap();
    assert_eq!(none, "INC-7 has no clock: nothing is promised for its kind and priority.\n");
}
