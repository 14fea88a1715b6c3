//! Small made-up files of the shapes of real ones, one for each way in which those mislead.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use deskside::domain::change::{Change, Event, Handover, Link, LinkKind, Mark};
use deskside::domain::directory::Level;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::priority::Matrix;
use deskside::domain::state::State;
use deskside::domain::ticket::Ticket;
use deskside::import::mapping::Mapping;
use deskside::import::{DryRun, Error, Progress, Settings, run};
use flate2::{Compression, write::GzEncoder};

use super::{Imported, custom, data, fixture, import, time};

fn shipped(name: &str, file: &str) -> Imported {
    import(&fixture(file), &Mapping::find(name).unwrap()).unwrap()
}

fn own(name: &str, file: &Path) -> Imported {
    let mapping = fixture(&format!("{name}.toml"));
    import(file, &Mapping::find(mapping.to_str().unwrap()).unwrap()).unwrap()
}

/// A file of these bytes that is gone with the directory.
fn file(dir: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn moves(ticket: &Ticket) -> Vec<(String, State)> {
    let step = |event: &Event| match event.change {
        Change::Move { to, .. } => Some((event.at.to_string(), to)),
        _ => None,
    };
    ticket.timeline.iter().filter_map(step).collect()
}

fn as_of(log: &Imported, id: &str, at: &str) -> Option<Ticket> {
    let (id, events) = log.gathered.history.iter().find(|(held, _)| held.as_str() == id).unwrap();
    Ticket::as_of(id.clone(), events.clone(), time(at))
}

#[test]
fn rows_are_folded_by_ticket_and_the_last_one_wins() {
    let log = shipped("uci498", "uci-like.csv");
    assert_eq!((log.report.rows, log.report.cases, log.report.bad_rows), (16, 3, 0));
    let ticket = log.ticket("INC-0000001");
    assert_eq!((ticket.kind, ticket.state), (Kind::Incident, State::Closed));
    assert_eq!(ticket.opened, time("2016-03-01T08:00:00Z"));
    assert_eq!(
        (ticket.text(&Field::Category), ticket.text(&custom("x.symptom"))),
        ("42/223", "534"),
        "the second `category`"
    );
    assert_eq!(ticket.title(), "Symptom 534 in category 42/223");
    assert_eq!((ticket.impact(), ticket.urgency(), ticket.number(&Field::PriorityOverride)), (1, 1, None));
    assert_eq!(ticket.text(&custom("x.made_sla")), "false");
    assert_eq!(ticket.get(&Field::Supplier), None, "`?` is no value, and empties what stood there");
    assert_eq!(ticket.links, [Link { how: LinkKind::ProblemIs, other: "PRB-2".into() }]);
    assert_eq!((ticket.reassignments, ticket.reopens), (1, 0));
    assert_eq!((&*ticket.owner, ticket.accepted), ("resolver-31", true));
    assert_eq!(&*log.directory.person("resolver-31").unwrap().name, "Resolver 31");
    assert_eq!(log.directory.person("resolver-31").unwrap().level, Some(Level::Engineer));
    assert_eq!(log.directory.person("caller-7").unwrap().level, None);
    let groups: Vec<&str> = log.directory.groups.iter().map(|group| &*group.name).collect();
    assert_eq!(groups, ["Group 24", "Group 56"]);
}

#[test]
fn the_past_is_as_the_rows_tell_it() {
    let log = shipped("uci498", "uci-like.csv");
    assert_eq!(as_of(&log, "INC-0000001", "2016-03-01T08:00:00Z"), None, "an instant is not over when it begins");
    let new = as_of(&log, "INC-0000001", "2016-03-01T08:01:00Z").unwrap();
    assert_eq!((new.state, &*new.owner, new.accepted), (State::New, "opener-8", false));
    assert_eq!(new.number(&Field::PriorityOverride), Some(4), "the log's 4 stands beside our 5");
    assert_eq!(new.get(&Field::ResolutionCode), None, "nobody knew yet how it would end");
    let held = as_of(&log, "INC-0000001", "2016-03-01T09:30:00Z").unwrap();
    assert_eq!((held.state, held.text(&Field::HoldReason)), (State::OnHold, "caller"));
    assert_eq!((held.text(&Field::Supplier), held.text(&Field::Group)), ("Vendor 1", "Group 24"));
    let end = log.ticket("INC-0000001");
    assert_eq!(end.text(&Field::ResolutionCode), "Code 5");
    assert_eq!((end.get(&Field::HoldReason), end.responded), (None, Some(time("2016-03-01T08:30:00Z"))));
}

#[test]
fn times_of_resolving_and_closing_win_over_rows() {
    let log = shipped("uci498", "uci-like.csv");
    assert_eq!(
        log.ticket("INC-0000001").resolved,
        Some(time("2016-03-01T11:29:00Z")),
        "not the first row that says so"
    );
    let never = log.ticket("INC-0000002");
    assert_eq!((never.resolved, never.closed), (None, Some(time("2016-03-09T18:00:00Z"))));
    let early = log.ticket("INC-0000003");
    assert_eq!(
        (early.closed, early.resolved),
        (Some(time("2016-03-21T18:58:00Z")), Some(time("2016-03-03T16:00:00Z")))
    );
    assert_eq!(as_of(&log, "INC-0000003", "2016-03-10T00:00:00Z").unwrap().state, State::Resolved, "closed too early");
    assert_eq!(moves(early).last().unwrap(), &("2016-03-21T18:58:00Z".to_owned(), State::Closed));
}

#[test]
fn unknown_states_change_nothing_and_are_counted() {
    let log = shipped("uci498", "uci-like.csv");
    assert_eq!((log.report.states["-100"], log.report.unknown["-100"]), (1, 1));
    let ticket = log.ticket("INC-0000002");
    let then = as_of(&log, "INC-0000002", "2016-03-02T09:15:00Z").unwrap();
    assert_eq!((then.state, then.text(&custom("x.state"))), (State::New, "-100"));
    assert_eq!(ticket.responded, Some(time("2016-03-02T09:10:00Z")), "somebody had done something");
    assert_eq!(ticket.get(&Field::Category), None);
    assert_eq!(ticket.title(), "", "all of its parts are missing");
    assert!(log.report.to_string().contains("-100  (not in the mapping; the state before it stays)"));
}

#[test]
fn the_logs_own_counts_win() {
    let log = shipped("uci498", "uci-like.csv");
    let ticket = log.ticket("INC-0000003");
    assert_eq!((ticket.reopens, ticket.reassignments), (1, 3));
    let stamped = |event: &&Event| matches!(event.change, Change::Stamp { mark: Mark::Reassignments, .. });
    assert_eq!(ticket.timeline.iter().filter(stamped).count(), 1, "said once, not by every row");
    assert_eq!(log.report.backwards, ["0000003"]);
    assert!(ticket.responded.unwrap() < ticket.opened, "kept as the log has it");
}

#[test]
fn dates_saved_again_by_a_spreadsheet_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture("uci-like.csv")).unwrap();
    let again: String = text
        .split(',')
        .map(|cell| match cell.split_once(' ').map(|(date, time)| (date.split('/').collect::<Vec<_>>(), time)) {
            Some((date, time)) if date.len() == 3 => format!("{:0>2}-{:0>2}-{} {time}", date[0], date[1], date[2]),
            _ => cell.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(",");
    assert!(again.contains("01-03-2016 08:05"));
    let path = file(&dir, "resaved.csv", again.as_bytes());
    let resaved = import(&path, &Mapping::find("uci498").unwrap()).unwrap();
    assert!(resaved.gathered.history == shipped("uci498", "uci-like.csv").gathered.history);
}

#[test]
fn packed_files_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let plain = shipped("uci498", "uci-like.csv");
    let bytes = fs::read(fixture("uci-like.csv")).unwrap();
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(&bytes).unwrap();
    let gz = gz.finish().unwrap();
    let zipped = |members: &[(&str, &[u8])]| {
        let path = dir.path().join(format!("{}.zip", members.len()));
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for (name, bytes) in members {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    };
    let mapping = Mapping::find("uci498").unwrap();
    let gz_file = file(&dir, "no-ending", &gz);
    let one = zipped(&[("log/events.csv", &bytes)]);
    let packed_twice = zipped(&[("log/events.csv.gz", &gz), ("readme.txt", b"hello")]);
    for path in [gz_file, one, packed_twice] {
        assert!(import(&path, &mapping).unwrap().gathered.history == plain.gathered.history, "{}", path.display());
    }
    let three = zipped(&[("a.csv", &bytes), ("b.csv", &bytes), ("c.txt", b"")]);
    let error = import(&three, &mapping).err().unwrap().to_string();
    assert!(error.contains("more than one such file (the only .csv); it has a.csv, b.csv, c.txt"), "{error}");
    let text = fs::read_to_string(root("config/import/uci498.toml")).unwrap();
    let named = Mapping::read("m.toml", &text.replace("[file]", "[file]\nmember = \"b.csv\"")).unwrap();
    assert!(import(&three, &named).unwrap().gathered.history == plain.gathered.history);
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn event_logs_keep_their_instants_and_teams() {
    let log = shipped("vinst-problems", "vinst-like.xes");
    let ticket = log.ticket("PRB-1-100");
    assert_eq!((ticket.kind, ticket.opened), (Kind::Problem, time("2012-03-15T10:00:00Z")));
    let root_cause = ("2012-03-15T12:00:00Z".to_owned(), State::RootCause);
    assert!(moves(ticket).contains(&root_cause), "+02:00 is no other instant: {:?}", moves(ticket));
    assert_eq!(ticket.closed, Some(time("2012-03-15T13:30:00Z")), "the second time it was completed");
    assert_eq!((ticket.text(&Field::Group), ticket.text(&custom("x.line"))), ("G10 2nd", ""));
    assert_eq!((ticket.text(&Field::Service), ticket.title()), ("PROD1 & more", "Problem in PROD1 & more"));
    assert_eq!((ticket.impact(), ticket.get(&Field::Major)), (1, Some(&Value::Flag(true))));
    assert_eq!(log.directory.group("G10 2nd").unwrap().line, 2);
    let anns: Vec<&str> = log.directory.people.iter().map(|person| &*person.login).collect();
    assert_eq!(anns, ["Ann@INDIA", "Ann@SWEDEN", "import"]);
    let owners: Vec<&str> = ticket
        .timeline
        .iter()
        .filter_map(|event| match &event.change {
            Change::Handover { step: Handover::Force { to, .. } } => Some(&**to),
            _ => None,
        })
        .collect();
    assert_eq!(owners, ["Ann@INDIA", "Ann@SWEDEN", "Ann@INDIA"]);
}

#[test]
fn a_trace_without_events_and_a_value_of_nobodys_do_not_stop_the_rest() {
    let log = shipped("vinst-problems", "vinst-like.xes");
    assert_eq!((log.report.cases, log.report.bad_rows), (1, 2));
    let reasons: Vec<&str> = log.report.bad.iter().map(|bad| bad.reason.as_str()).collect();
    assert_eq!(reasons, ["the trace has no events", "fields.impact: `Enormous` is none of: High, Low, Major, Medium"]);
    assert_eq!(log.report.bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [62, 65]);
}

#[test]
fn epochs_of_local_times_and_one_row_for_each_ticket() {
    let log = own("rabobank-like", &fixture("rabobank-like.csv"));
    assert_eq!(log.report.bad, []);
    let ticket = log.ticket("IM0000013");
    assert_eq!(ticket.opened, time("2012-08-10T11:27:59+02:00"), "10/08/2012 11:27 on the wall in Utrecht");
    assert_eq!(ticket.resolved, Some(time("2013-11-07T12:59:47+01:00")));
    assert_eq!((ticket.state, ticket.kind, ticket.reassignments), (State::Closed, Kind::Incident, 26));
    let steps: Vec<State> = moves(ticket).into_iter().map(|(_, state)| state).collect();
    assert_eq!(steps, [State::Resolved, State::Closed], "it was resolved before it was closed");
    assert_eq!(ticket.text(&Field::Description), "one\ntwo, three");
    assert_eq!(ticket.text(&custom("x.handle_time")), "3,87,16,91,111");
    assert_eq!(ticket.number(&Field::PriorityOverride), Some(4));
    let other = log.ticket("IM0000044");
    assert_eq!((other.kind, other.state, other.resolved), (Kind::Request, State::InProgress, None));
    assert_eq!(other.opened, time("2012-08-10T12:00:00.5+02:00"));
}

#[test]
fn semicolons_latin_1_and_two_ways_to_write_a_date() {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture("bpic14-like.csv")).unwrap();
    let bytes: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let log = own("bpic14-like", &file(&dir, "incidents.csv", &bytes));
    let ticket = log.ticket("IM1");
    assert_eq!(ticket.opened, time("2012-02-05T13:32:57+01:00"), "the day comes first");
    assert_eq!(ticket.resolved, Some(time("2013-11-04T13:51:18+01:00")));
    assert_eq!(ticket.closed, ticket.resolved);
    assert_eq!((ticket.text(&Field::Location), ticket.state), ("Zürich", State::Closed));
    assert_eq!((ticket.impact(), ticket.urgency(), ticket.number(&Field::PriorityOverride)), (1, 1, None));
    assert_eq!((log.ticket("IM2").state, log.ticket("IM2").reassignments), (State::New, 0));
    // The same bytes read as UTF-8 are bad rows, not wrong letters.
    let text = fs::read_to_string(fixture("bpic14-like.toml")).unwrap();
    let utf8 = Mapping::read("m.toml", &text.replace("encoding = \"latin-1\"\n", "").replace("\"Café\"", "8")).unwrap();
    let log = import(&file(&dir, "again.csv", &bytes), &utf8).unwrap();
    assert_eq!((log.report.cases, log.report.bad_rows), (1, 1));
    assert_eq!(log.report.bad[0].line, 2);
    assert!(log.report.bad[0].reason.contains("not UTF-8"), "{}", log.report.bad[0].reason);
}

#[test]
fn a_byte_order_mark_tabs_and_rows_that_say_nothing_of_themselves() {
    let log = own("labelled", &fixture("labelled.tsv"));
    assert_eq!(log.report.cases, 2);
    let ticket = log.ticket("INC-2");
    assert_eq!((ticket.title(), ticket.text(&Field::Description)), ("two lines", "two\nlines"));
    assert_eq!((ticket.text(&Field::Category), ticket.text(&Field::Channel)), ("Hardware", "mail"));
}

#[test]
fn labelled_texts_by_the_hundred() {
    let Some(path) = data("ticket_text_3000_5cat.csv.gz") else { return };
    let text = fs::read_to_string(fixture("labelled.toml")).unwrap().replace("\"tab\"", "\",\"");
    let log = import(&path, &Mapping::read("m.toml", &text).unwrap()).unwrap();
    assert_eq!((log.report.cases, log.report.bad_rows), (3_000, 0));
    assert_eq!(log.directory.categories.len(), 5);
    for category in &log.directory.categories {
        let of_it = log.tickets.iter().filter(|ticket| ticket.text(&Field::Category) == &*category.name);
        assert_eq!(of_it.count(), 600, "{}", category.name);
    }
}

#[test]
fn rows_in_any_order_and_which_one_wins() {
    let log = own("scattered", &fixture("scattered.csv"));
    let order: Vec<&str> = log.tickets.iter().map(|ticket| ticket.id.as_str()).collect();
    assert_eq!(order, ["REQ-B", "REQ-A"]);
    let (a, b) = (log.ticket("REQ-A"), log.ticket("REQ-B"));
    assert_eq!((a.opened, b.opened), (time("2020-05-01T10:00:00-04:00"), time("2020-05-01T09:00:00-04:00")));
    assert_eq!((a.state, b.state), (State::Closed, State::Closed));
    assert_eq!(log.report.backwards, Vec::<String>::new(), "2 comes before 10");
    assert_eq!((a.text(&custom("x.score")), b.text(&custom("x.score"))), ("9", "5"));
    assert_eq!((a.text(&custom("x.first")), b.text(&custom("x.first"))), ("b", "now"));
    assert_eq!((a.text(&custom("x.kept")), b.text(&custom("x.kept"))), ("c", "later"));
    assert_eq!((a.reassignments, a.title()), (1, "Scattered"));
    assert_eq!(&*b.timeline[0].actor, "robot");
    assert_eq!(&*b.timeline.last().unwrap().actor, "eve");
}

#[test]
fn bad_rows_are_told_with_their_lines_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let text = "ticket,version,when,who,state,team,score,first\n\
        A,1,2020-05-01 10:00,adam,open,\"De\nsk\",1,\n\
        A,2,yesterday,adam,open,Net,1,\n\
        ,2,2020-05-01 11:00,adam,open,Net,1,\n\
        A,3\n\
        A,4,2020-05-01 12:00,adam,limbo,Net,1,\n\
        B,1,,adam,open,Net,1,\n\
        A,5,2020-05-01 13:00,adam,closed,Net,1,\n";
    let log = own("scattered", &file(&dir, "bad.csv", text.as_bytes()));
    let mut bad: Vec<(u64, &str)> = log.report.bad.iter().map(|bad| (bad.line, bad.reason.as_str())).collect();
    bad.sort_unstable();
    let expected = [
        (4, "times.at: `yesterday` is no time as the mapping has it (%Y-%m-%d %H:%M)"),
        (5, "case.id: it does not say which case it belongs to"),
        (6, "it has 2 columns, the first row has 8"),
        (7, "state.column: the state `limbo` is none of: closed, open"),
        (8, "times.at: it has no time"),
    ];
    assert_eq!(bad, expected);
    assert_eq!((log.report.rows, log.report.bad_rows, log.report.cases), (7, 5, 1));
    assert_eq!((log.ticket("REQ-A").state, log.ticket("REQ-A").text(&Field::Group)), (State::Closed, "Net"));
    assert!(log.report.to_string().contains("  line 7: state.column: the state `limbo`"));
}

#[test]
fn a_grouped_case_that_comes_back_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture("uci-like.csv")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.push(lines[2]);
    let log = import(&file(&dir, "back.csv", lines.join("\n").as_bytes()), &Mapping::find("uci498").unwrap()).unwrap();
    assert_eq!((log.report.cases, log.report.bad_rows), (3, 1));
    assert!(log.report.bad[0].reason.contains("case.grouped = false"), "{}", log.report.bad[0].reason);
}

#[test]
fn a_file_without_a_usable_row_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mapping = Mapping::find(fixture("scattered.toml").to_str().unwrap()).unwrap();
    let header = "ticket,version,when,who,state,team,score,first\n";
    assert!(matches!(import(&file(&dir, "empty.csv", b""), &mapping), Err(Error::File { .. })));
    assert!(matches!(import(&file(&dir, "head.csv", header.as_bytes()), &mapping), Err(Error::Empty { .. })));
    let bad = format!("{header}A,1,never,,open,,,\n");
    match import(&file(&dir, "bad.csv", bad.as_bytes()), &mapping) {
        Err(Error::Nothing { bad: 1, line: 2, .. }) => {}
        other => panic!("{:?}", other.err()),
    }
    let error = import(&dir.path().join("none.csv"), &mapping).err().unwrap().to_string();
    assert!(error.contains("none.csv cannot be read"), "{error}");
}

#[test]
fn a_file_that_breaks_off_keeps_what_came_whole() {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture("vinst-like.xes")).unwrap();
    let (first, rest) = text.split_once("</trace>").unwrap();
    let (_, trace) = first.split_once("<trace>").unwrap();
    let again = trace.replace("1-100", "1-101");
    let cut = format!("{first}</trace><trace>{again}</trace>{}", rest.split("1-300").next().unwrap());
    let mapping = Mapping::find("vinst-problems").unwrap();
    match import(&file(&dir, "cut.xes", cut.as_bytes()), &mapping) {
        Err(Error::Broken { cases: 1, line, .. }) => assert!(line > 100, "{line}"),
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn progress_is_told_now_and_then_and_rises() {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture("uci-like.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let many: String = (0..300)
        .map(|n| rows.replace("\n0000", &format!("\nX{n:03}")).replacen("0000", &format!("X{n:03}"), 1))
        .collect();
    let path = file(&dir, "many.csv", format!("{header}\n{many}").as_bytes());
    let mapping = Mapping::find("uci498").unwrap();
    let settings = Settings { mapping: &mapping, matrix: &Matrix::standard() };
    let mut told: Vec<Progress> = Vec::new();
    let report = run(&path, &settings, &mut DryRun, &mut |progress| told.push(progress)).unwrap();
    assert_eq!((report.rows, report.cases), (4_800, 900));
    assert_eq!(told.iter().map(|progress| progress.rows).collect::<Vec<_>>(), [1_000, 2_000, 3_000, 4_000]);
    assert!(told.is_sorted_by(|a, b| a.share <= b.share && a.cases < b.cases));
    assert!(told.iter().all(|progress| progress.share > 0.0 && progress.share <= 1.0));
}
