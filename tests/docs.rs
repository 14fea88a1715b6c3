//! What the documents say is so: README's picture, and the tests that the map in `src/lib.rs` names.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use crate::screens::commonest;
use crate::screens::desk::World;

const BEGIN: &str = "<!-- picture: begin -->\n```text\n";
const END: &str = "\n```\n<!-- picture: end -->";

/// To draw the picture anew: `DESKSIDE_WRITE_DOCS=1 cargo test --test tests -- docs::`
const WRITE: &str = "DESKSIDE_WRITE_DOCS";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// One test at a time writes into README.
static PEN: Mutex<()> = Mutex::new(());

/// Where README's table of the commonest acts stands.
const ACTS: [&str; 2] = ["<!-- acts: begin -->\n", "<!-- acts: end -->"];

#[test]
fn the_table_of_the_commonest_acts_is_what_was_pressed() {
    let table = commonest::table();
    let _pen = PEN.lock();
    let readme = read("README.md");
    let (before, rest) = readme.split_once(ACTS[0]).expect("README.md holds the mark where the table begins");
    let (shown, after) = rest.split_once(ACTS[1]).expect("README.md holds the mark where the table ends");
    if std::env::var_os(WRITE).is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        return fs::write(path, format!("{before}{}{table}{}{after}", ACTS[0], ACTS[1])).unwrap();
    }
    assert!(shown == table, "README.md shows other counts; set {WRITE}=1 to write them anew.\n{table}");
}

#[test]
fn the_picture_in_the_readme_is_the_screen() {
    let world = World::sample();
    let mut desk = world.me().sized(100, 30);
    desk.press("j j");
    desk.wait(1);
    let picture = desk.screen();
    let _pen = PEN.lock();
    let readme = read("README.md");
    let (before, rest) = readme.split_once(BEGIN).expect("README.md holds the mark where the picture begins");
    let (shown, after) = rest.split_once(END).expect("README.md holds the mark where the picture ends");
    if std::env::var_os(WRITE).is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        fs::write(path, format!("{before}{BEGIN}{picture}{END}{after}")).unwrap();
        return;
    }
    assert!(shown == picture, "README.md shows another screen; set {WRITE}=1 to draw it anew.\n{picture}");
}

/// Names of the form `area::file::test` in back quotes.
fn named(text: &str) -> Vec<Vec<&str>> {
    let spans = text.split('`').skip(1).step_by(2);
    spans
        .filter(|span| span.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == ':'))
        .map(|span| span.split("::").collect::<Vec<_>>())
        .filter(|parts| parts.len() > 1)
        .collect()
}

#[test]
fn every_test_named_in_the_map_is_there() {
    let map = read("src/lib.rs");
    let (_, map) = map.split_once("//! # What always holds").unwrap();
    let (map, _) = map.split_once("//! # Where").unwrap();
    let names = named(map);
    assert!(names.len() > 15, "{names:?}");
    assert_are_tests("src/lib.rs", &names);
}

/// Each of these names, of that document, is a test.
fn assert_are_tests(document: &str, names: &[Vec<&str>]) {
    for parts in names {
        let (test, place) = parts.split_last().unwrap();
        let folder = format!("tests/{}", place.join("/"));
        let file = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = file.iter().find_map(|file| fs::read_to_string(root.join(file)).ok());
        let text = text.unwrap_or_else(|| panic!("{document} names {parts:?}, and there is no {}", file[0]));
        let is_there = [format!("fn {test}("), format!("fn {test}<")].iter().any(|start| text.contains(start));
        assert!(is_there, "{document} names {parts:?}, which is not in {}", file[0]);
    }
}

#[test]
fn the_page_on_adapters_names_the_whole_suite() {
    let page = read("src/backend/http/README.md");
    let (_, checklist) = page.split_once("## The checklist").unwrap();
    let (checklist, _) = checklist.split_once("\n## ").unwrap();
    let names = named(checklist);
    assert_are_tests("src/backend/http/README.md", &names);
    // What the suite tries is what its macros list, by the file that holds it.
    let suite = read("tests/trackers/mod.rs");
    let mut tried = 0;
    for list in suite.split("tried_on!($site, ").skip(1) {
        let (file, tests) = list.split_once(')').unwrap().0.split_once(':').unwrap();
        for test in tests.split(',').map(str::trim).filter(|test| !test.is_empty()) {
            tried += 1;
            let is_named = names.iter().any(|parts| parts.as_slice() == ["trackers", file, test]);
            assert!(is_named, "src/backend/http/README.md does not name trackers::{file}::{test}");
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn what_the_page_on_adapters_points_at_is_there() {
    let page = read("src/backend/http/README.md");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/backend/http");
    let targets: Vec<&str> = page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(targets.len() > 5, "{targets:?}");
    for target in targets {
        assert!(folder.join(target).is_file(), "src/backend/http/README.md points at {target}");
    }
}
