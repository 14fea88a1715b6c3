//! The numbers counted independently in the real logs, asked of the built program: `list --count`, `list --csv`,
//! `--as-of`, `show` and `sla explain`, as a user would ask.
//!
//! What the desk has no question for is tried on its tickets instead, in `uci` and `vinst`: how many events there were of
//! each state, which links and suppliers there are, who waited for the caller, which keys came back.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::Value;

use super::{data, percentile};
use crate::cli::Home;

/// A log in a desk of its own.
struct Desk {
    home: Home,
    told: String,
}

impl Desk {
    fn of(file: &str, mapping: &str) -> Option<Self> {
        let log = data(file)?.display().to_string();
        let home = Home::new();
        let told = home.done(&["import", &log, "--mapping", mapping, "--db", &home.file("desk.db")]);
        Some(Self { home, told })
    }

    fn ask(&self, words: &[&str]) -> String {
        self.home.done(words)
    }

    fn count(&self, query: &str) -> usize {
        self.ask(&["list", "--query", query, "--count"]).trim().parse().unwrap()
    }

    #[track_caller]
    fn counts(&self, expected: &[(&str, usize)]) {
        for (query, count) in expected {
            assert_eq!(self.count(query), *count, "{query}");
        }
    }

    /// Some fields of every ticket of the query.
    fn fields(&self, query: &str, columns: &str) -> Vec<Vec<String>> {
        let text = self.ask(&["list", "--query", query, "--csv", "--columns", columns]);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    /// The milliseconds between two fields of every ticket that has both, in order.
    fn between(&self, from: &str, to: &str) -> Vec<i64> {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let rows = self.fields("", &format!("{from},{to}"));
        let mut all: Vec<i64> = rows
            .iter()
            .filter(|row| row.iter().all(|time| !time.is_empty()))
            .map(|row| at(&row[1]) - at(&row[0]))
            .collect();
        all.sort_unstable();
        all
    }
}

static UCI: LazyLock<Option<Desk>> = LazyLock::new(|| Desk::of("uci498_full_141712.zip", "uci498"));
static VINST: LazyLock<Option<Desk>> =
    LazyLock::new(|| Desk::of("bpic2013_vinst_closed_problems.xes.gz", "vinst-problems"));

const MINUTE: i64 = 60_000;

fn mean(all: &[i64], unit: i64) -> f64 {
    all.iter().sum::<i64>() as f64 / all.len() as f64 / unit as f64
}

#[test]
fn what_the_import_of_the_uci_log_told() {
    let Some(desk) = &*UCI else { return };
    for line in [
        "rows    141712",
        "cases   24918",
        "      36407  New",
        "      38716  Active",
        "      25751  Resolved",
        "      24985  Closed",
        "      14642  Awaiting User Info",
        "        707  Awaiting Vendor",
        "        461  Awaiting Problem",
        "         38  Awaiting Evidence",
        "          5  -100",
        "cases whose times go back: 1,",
        "bad rows 0",
    ] {
        assert!(desk.told.contains(line), "{line}: {}", desk.told);
    }
}

#[test]
fn counts_of_the_uci_log() {
    let Some(desk) = &*UCI else { return };
    desk.counts(&[
        ("", 24_918),
        ("state:closed", 24_918),
        ("state:open", 0),
        ("priority:1", 270),
        ("priority:2", 408),
        ("priority:3", 23_466),
        ("priority:4", 774),
        ("impact:1", 421),
        ("impact:2", 23_746),
        ("impact:3", 751),
        ("urgency:1", 531),
        ("urgency:2", 23_689),
        ("urgency:3", 698),
        ("x.made_sla:true", 15_803),
        ("x.made_sla:true priority:1", 5),
        ("x.made_sla:true priority:2", 2),
        ("x.made_sla:true priority:3", 15_145),
        ("x.made_sla:true priority:4", 651),
        ("channel:Phone", 24_688),
        ("channel:\"Self service\"", 158),
        ("channel:Email", 59),
        ("channel:IVR", 9),
        ("channel:\"Direct opening\"", 4),
        ("reopens>=1", 275),
        ("reassignments>=1", 11_369),
        ("reassignments:27", 1),
        ("reassignments>27", 0),
        ("reassignments:0 reopens:0", 13_487),
        ("not asset:none", 54),
        ("resolved:none", 1_556),
        ("not resolved:none", 23_362),
        ("closed:none", 0),
        ("category:42/223 x.symptom:534", 1_596),
    ]);
}

#[test]
fn months_and_backlogs_of_the_uci_log() {
    let Some(desk) = &*UCI else { return };
    let months = [
        ("2016-02", 207),
        ("2016-03", 8_995),
        ("2016-04", 7_934),
        ("2016-05", 7_508),
        ("2016-06", 5),
        ("2016-07", 14),
        ("2016-08", 15),
        ("2016-09", 12),
        ("2016-10", 16),
        ("2016-11", 26),
        ("2016-12", 37),
        ("2017-01", 94),
        ("2017-02", 55),
    ];
    for (month, count) in months {
        assert_eq!(desk.count(&format!("opened:{month}")), count, "{month}");
    }
    for (month, backlog) in [("03", 206), ("04", 3_353), ("05", 2_961), ("06", 2_044)] {
        let at = format!("2016-{month}-01T00:00");
        let words = ["--as-of", &at, "list", "--kind", "incident", "--query", "not state:closed", "--count"];
        assert_eq!(desk.ask(&words).trim(), backlog.to_string(), "{at}");
    }
}

#[test]
fn sums_and_times_of_the_uci_log() {
    let Some(desk) = &*UCI else { return };
    let sum = |column: &str| -> u64 { desk.fields("", column).iter().map(|row| row[0].parse::<u64>().unwrap()).sum() };
    assert_eq!((sum("reopens"), sum("reassignments")), (331, 23_414));
    let resolved = desk.between("opened", "resolved");
    assert_eq!((resolved.len(), resolved.iter().sum::<i64>()), (23_362, 249_746_670 * MINUTE));
    assert_eq!(format!("{:.3}", mean(&resolved, MINUTE)), "10690.295");
    let of = |percent| percentile(&resolved, percent) / MINUTE;
    assert_eq!((of(50), of(90), of(95), of(100)), (1_326, 22_893, 42_651, 484_210));
    assert_eq!(resolved.iter().filter(|ms| **ms == 0).count(), 39);
    assert_eq!(resolved.iter().filter(|ms| **ms < 0).count(), 0);
    let closed = desk.between("opened", "closed");
    assert_eq!(
        (format!("{:.3}", mean(&closed, MINUTE)), percentile(&closed, 50)),
        ("18919.718".to_owned(), 8_752 * MINUTE)
    );
    let first = desk.between("opened", "responded");
    assert_eq!((percentile(&first, 50), format!("{:.2}", mean(&first, MINUTE))), (21 * MINUTE, "2616.35".to_owned()));
    assert_eq!(first.iter().filter(|ms| **ms < 0).count(), 2);
}

/// The longest one by `list`, `show` and `sla explain`: the wall clock is the same in all three.
#[test]
fn one_ticket_of_the_uci_log_by_three_ways() {
    let Some(desk) = &*UCI else { return };
    let rows = desk.fields("not resolved:none", "id,opened,resolved");
    let took = |row: &Vec<String>| {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        at(&row[2]) - at(&row[1])
    };
    let longest = rows.iter().max_by_key(|row| took(row)).unwrap();
    let shown: Value = serde_json::from_str(&desk.ask(&["show", &longest[0], "--json"])).unwrap();
    assert_eq!((&shown["opened"], &shown["resolved"]), (&longest[1].as_str().into(), &longest[2].as_str().into()));
    let told: Value = serde_json::from_str(&desk.ask(&["sla", "explain", &longest[0], "--json"])).unwrap();
    let clock = told["clocks"].as_array().unwrap().iter().find(|clock| clock["metric"] == "resolution").unwrap();
    assert_eq!(clock["elapsed_ms"], 484_210 * MINUTE);
    let sum = |verdict: &str| -> i64 {
        let rows = clock["intervals"].as_array().unwrap().iter().filter(|row| row["counted"] == verdict);
        rows.map(|row| row["ms"].as_i64().unwrap()).sum()
    };
    assert_eq!((&clock["used_ms"], &clock["paused_ms"]), (&sum("counted").into(), &sum("paused").into()));
}

#[test]
fn the_problems_of_the_vinst_log() {
    let Some(desk) = &*VINST else { return };
    for line in ["rows    6660", "cases   1487", "bad rows 0"] {
        assert!(desk.told.contains(line), "{line}: {}", desk.told);
    }
    desk.counts(&[
        ("", 1_487),
        ("state:closed", 1_487),
        ("is:major", 135),
        ("impact:1 not is:major", 306),
        ("impact:2", 811),
        ("impact:3", 235),
        ("reopens>0", 61),
    ]);
    let kinds = desk.ask(&["list", "--kind", "problem", "--count"]);
    assert_eq!(kinds.trim(), "1487");
    let products: BTreeSet<String> = desk.fields("", "service").into_iter().flatten().collect();
    assert_eq!(products.len(), 337);
    let open = desk.between("opened", "closed");
    assert_eq!(format!("{:.3}", mean(&open, 60 * MINUTE)), "4293.237");
    assert_eq!(format!("{:.3}", percentile(&open, 50) as f64 / (60 * MINUTE) as f64), "1968.533");
}

/// The whole of a real desk comes through a copy.
#[test]
fn a_copy_of_the_uci_desk_answers_the_same() {
    let Some(desk) = &*UCI else { return };
    let copy = desk.home.file("copy.db");
    let told = desk.ask(&["backup", &copy]);
    assert!(told.contains("24918 tickets"), "{told}");
    assert!(desk.ask(&["backup", "--check", &copy]).contains("is sound"));
    let of_copy = |words: &[&str]| {
        let output = Command::output(desk.home.command(words).env("DESKSIDE_DB", &copy)).unwrap();
        crate::cli::said(output).out
    };
    for words in [&["list", "--csv", "--query", "priority:1 sort:opened"][..], &["show", "INC-0000137", "--json"]] {
        assert!(of_copy(words) == desk.ask(words), "{words:?}");
    }
}
