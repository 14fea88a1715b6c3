//! What the documents say is so: README's picture, and the tests that the map in `src/lib.rs` names.

use std::fs;
use std::path::Path;

use crate::screens::desk::World;

const BEGIN: &str = "<!-- picture: begin -->\n```text\n";
const END: &str = "\n```\n<!-- picture: end -->";

/// To draw the picture anew: `DESKSIDE_WRITE_DOCS=1 cargo test --test tests -- docs::`
const WRITE: &str = "DESKSIDE_WRITE_DOCS";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_picture_in_the_readme_is_the_screen() {
    let world = World::sample();
    let mut desk = world.me().sized(100, 30);
    desk.press("j j");
    desk.wait(1);
    let picture = desk.screen();
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
    for parts in names {
        let (test, place) = parts.split_last().unwrap();
        let folder = format!("tests/{}", place.join("/"));
        let file = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = file.iter().find_map(|file| fs::read_to_string(root.join(file)).ok());
        let text = text.unwrap_or_else(|| panic!("src/lib.rs names {parts:?}, and there is no {}", file[0]));
        assert!(text.contains(&format!("fn {test}")), "src/lib.rs names {parts:?}, which is not in {}", file[0]);
    }
}
