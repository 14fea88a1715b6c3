//! The promises that ship, the user's on top, and what is said of files that are wrong.

use std::path::Path;

use deskside::config::fault::Source;
use deskside::config::sla;
use deskside::domain::kind::Kind;
use deskside::domain::sla::{Clock, Facts, Mark, MarkKind, Metric, Policy, evaluate};
use jiff::Timestamp;

fn monday() -> Timestamp {
    "2026-03-09T09:00:00Z".parse().unwrap()
}

fn clocks(policy: &Policy, kind: Kind, priority: u8) -> Vec<Clock> {
    let mark = |seq, what| Mark { at: monday(), seq, what };
    let marks = vec![mark(0, MarkKind::Kind(kind)), mark(1, MarkKind::Priority(priority))];
    evaluate(policy, &Facts { opened: monday(), created: monday(), marks })
}

/// Due of each clock in London.
fn due(policy: &Policy, kind: Kind, priority: u8) -> Vec<(Metric, String)> {
    let shown = |c: &Clock| c.due.unwrap().to_zoned(c.calendar().zone().clone()).strftime("%a %H:%M").to_string();
    clocks(policy, kind, priority).iter().map(|c| (c.metric(), shown(c))).collect()
}

fn write(dir: &Path, file: &str, text: &str) {
    let path = dir.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn what_ships_is_the_table_of_targets() {
    use Metric::{Resolution, Response, Update};
    let policy = sla::load(None).unwrap();
    let of = |priority| {
        let list = due(&policy, Kind::Incident, priority);
        list.into_iter().map(|(m, d)| format!("{m} {d}")).collect::<Vec<_>>()
    };
    let rows = |rows: &[(Metric, &str)]| rows.iter().map(|(m, d)| format!("{m} {d}")).collect::<Vec<_>>();
    assert_eq!(of(1), rows(&[(Response, "Mon 09:15"), (Resolution, "Mon 13:00"), (Update, "Mon 09:30")]));
    assert_eq!(of(2), rows(&[(Response, "Mon 09:30"), (Resolution, "Mon 17:00"), (Update, "Mon 11:00")]));
    assert_eq!(of(3), rows(&[(Response, "Mon 10:00"), (Resolution, "Wed 13:00"), (Update, "Mon 17:00")]));
    assert_eq!(of(4), rows(&[(Response, "Mon 13:00"), (Resolution, "Fri 09:00"), (Update, "Tue 15:00")]));
    assert_eq!(of(5), rows(&[(Response, "Mon 17:00")]), "resolution by agreement, no updates promised");
    assert_eq!(due(&policy, Kind::Request, 3).len(), 2);
    assert!(clocks(&policy, Kind::Problem, 1).is_empty(), "no promise on problems");
    assert!(clocks(&policy, Kind::Change, 1).is_empty());
}

#[test]
fn the_users_files_go_over_what_ships() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(sla::load(Some(dir.path())).unwrap(), sla::load(None).unwrap(), "an empty directory changes nothing");
    write(dir.path(), "calendars/night.toml", "zone = 'UTC'\n[hours]\nmon = ['22:00-06:00']\n");
    write(dir.path(), "calendars/uk.toml", "zone = 'Europe/London'\n[hours]\nmon = ['08:00-12:00']\n");
    let own = "[[definition]]\nname = 'P1 response'\nmetric = 'response'\nkinds = ['incident']\npriorities = [1]\ntarget = '1h'\ncalendar = 'night'\n";
    write(dir.path(), "sla.toml", own);
    let policy = sla::load(Some(dir.path())).unwrap();
    assert_eq!(policy.calendars().keys().collect::<Vec<_>>(), ["always", "night", "uk"]);
    assert_eq!(due(&policy, Kind::Incident, 1)[0].1, "Mon 23:00");
    assert_eq!(due(&policy, Kind::Incident, 3)[1].1, "Mon 09:00", "24 h of a desk open four hours a week");
}

/// Everything said about a directory with this file in it.
fn said(file: &str, text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), file, text);
    let said = sla::load(Some(dir.path())).unwrap_err().to_string();
    said.replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn a_fault_names_file_line_key_and_what_is_allowed() {
    let calendar = |text: &str| said("calendars/mine.toml", text);
    assert_eq!(
        calendar("zone = 'UTC'\nhoilday = []\n"),
        "calendars/mine.toml:2: hoilday: unknown field `hoilday`, expected one of `zone`, `hours`, `holidays`, `always`"
    );
    assert_eq!(
        calendar("zone = 'UTC'\n\n[hours]\nmon = ['08:00-12:00']\ntue = ['09:00-17:00', '16:00-18:00']\n"),
        "calendars/mine.toml:5: hours.tue: 16:00-18:00 overlaps 09:00-17:00 of tue."
    );
    let span = calendar("zone = 'UTC'\n[hours]\nwed = ['8-18']\n");
    assert!(span.starts_with("calendars/mine.toml:3: hours.wed: \"8-18\" is not two times of day;"), "{span}");
    let zone = calendar("# mine\nzone = 'Europe/Lundun'\n");
    assert!(zone.starts_with("calendars/mine.toml:2: zone: \"Europe/Lundun\" is not a known IANA time zone"), "{zone}");

    let definition = |more: &str| {
        let head = "[[definition]]\nname = 'Mine'\nmetric = 'ola'\ncalendar = 'uk'\n";
        said("sla.toml", &format!("{head}{more}\n"))
    };
    let reason = definition("target = '1h'\npause = ['weather']");
    assert_eq!(
        reason,
        "sla.toml:6: definition \"Mine\".pause: `weather` is not one of: caller, vendor, change, problem, parts, scheduled"
    );
    let target = definition("target = '1d'");
    assert!(target.starts_with("sla.toml:5: definition \"Mine\".target: \"1d\" is not a length of time;"), "{target}");
    let missing = definition("");
    assert!(missing.starts_with("sla.toml:1: definition \"Mine\": missing field `target`"), "{missing}");
    let mars = said("sla.toml", "\n[[definition]]\nname = 'Mine'\nmetric = 'ola'\ntarget = '1h'\ncalendar = 'mars'\n");
    assert_eq!(mars, "sla.toml:6: definition \"Mine\".calendar: \"mars\" is not a calendar; known are: always, uk.");
    let twice = "[[definition]]\nname = 'A'\nmetric = 'ola'\ntarget = '1h'\ncalendar = 'uk'\npriorities = [1]\n";
    let twice = said("sla.toml", &format!("{twice}{}", twice.replace("[1]", "[2]")));
    assert!(twice.starts_with("sla.toml:8: definition \"A\".name: another definition has it already"), "{twice}");
    let clash =
        "[[definition]]\nname = 'Mine'\nmetric = 'response'\ntarget = '1h'\ncalendar = 'uk'\npriorities = [1]\n";
    let clash = said("sla.toml", clash);
    assert!(
        clash.starts_with("sla.toml:6: definition \"Mine\".priorities: holds for tickets for which \"P1 response\""),
        "{clash}"
    );
}

#[test]
fn every_file_is_read_before_anything_is_said() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "calendars/a.toml", "zone = 'A'");
    write(dir.path(), "calendars/b.toml", "zone = 'B'");
    write(dir.path(), "sla.toml", "x = 1");
    assert_eq!(sla::load(Some(dir.path())).unwrap_err().0.len(), 3);
}

#[test]
fn a_calendar_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "desk.toml", "zone = 'Europe/Paris'\nalways = true\n");
    assert!(sla::calendar_file(&dir.path().join("desk.toml")).unwrap().is_always());
    let gone = sla::calendar_file(&dir.path().join("gone.toml")).unwrap_err().to_string();
    assert!(gone.contains("gone.toml: It cannot be read: "), "{gone}");
    assert!(sla::calendar(Source::new("x", "zone = 3")).is_err());
}
