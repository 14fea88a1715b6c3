//! The sources read as text: what depends on what, headers, leftovers, and that nothing lies about unused.

mod code;
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rules::faults;

/// The folder of the project.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` as (path from the project's folder, text); files that are not text are left out.
fn files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

fn sources(folder: &str) -> Vec<(String, String)> {
    files(folder).into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
}

fn manifest() -> toml::Table {
    fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap()
}

/// The dependencies of Cargo.toml, by the name under which code calls them.
fn crates() -> Vec<String> {
    let manifest = manifest();
    let sections = ["dependencies", "dev-dependencies"].map(|name| manifest[name].as_table().unwrap());
    let mut names: BTreeSet<String> =
        sections.iter().flat_map(|table| table.keys()).map(|name| name.replace('-', "_")).collect();
    // Called through ratatui.
    names.insert("crossterm".to_owned());
    names.into_iter().collect()
}

#[test]
fn no_folder_depends_on_what_it_must_not() {
    let crates = crates();
    let broken: Vec<String> = [sources("src"), sources("tests")]
        .concat()
        .iter()
        .flat_map(|(path, text)| faults(path, text, &crates))
        .collect();
    assert!(broken.is_empty(), "{} faults:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn every_folder_has_its_row_and_every_row_its_folder() {
    let there: BTreeSet<String> = sources("src")
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("src/")?.split_once('/').map(|(folder, _)| folder.to_owned()))
        .collect();
    assert_eq!(rules::folders().map(str::to_owned).collect::<BTreeSet<_>>(), there);
}

/// Files reached from these roots by `mod name;` and `#[path]`.
fn reached(roots: &[&str], all: &[(String, String)]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
    while let Some(path) = open.pop() {
        let Some((name, text)) = all.iter().find(|(name, _)| Path::new(name) == path) else { continue };
        if !seen.insert(name.clone()) {
            continue;
        }
        let own = path.file_stem().unwrap();
        let is_root = roots.contains(&name.as_str()) || own == "mod";
        let beside = path.parent().unwrap();
        let folder = if is_root { beside.to_owned() } else { beside.join(own) };
        let mut given: Option<&str> = None;
        for line in text.lines().map(str::trim) {
            if let Some(path) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")) {
                given = Some(path);
                continue;
            }
            let Some(module) = module(line) else { continue };
            match given.take() {
                Some(path) => open.push(flat(&beside.join(path))),
                None => open.extend([folder.join(format!("{module}.rs")), folder.join(module).join("mod.rs")]),
            }
        }
    }
    seen
}

/// The name in `mod name;`, whatever its visibility.
fn module(line: &str) -> Option<&str> {
    let line = line.strip_suffix(';')?;
    let line = ["pub(crate) ", "pub(super) ", "pub "].iter().find_map(|pre| line.strip_prefix(pre)).unwrap_or(line);
    line.strip_prefix("mod ")
}

/// The path without `..`.
fn flat(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[test]
fn every_source_is_compiled_and_every_test_runs() {
    let all = [sources("src"), sources("tests")].concat();
    let manifest = manifest();
    let mut roots = vec!["src/lib.rs", "src/main.rs", "tests/main.rs"];
    roots.extend(manifest["bench"].as_array().unwrap().iter().map(|bench| bench["path"].as_str().unwrap()));
    let seen = reached(&roots, &all);
    let lost: Vec<&String> = all.iter().map(|(path, _)| path).filter(|path| !seen.contains(*path)).collect();
    assert!(lost.is_empty(), "no `mod` line reaches {lost:?}");
    // A file of tests that only a bench reaches would not run.
    let tests = reached(&["tests/main.rs"], &all);
    for (path, text) in all.iter().filter(|(path, _)| path.starts_with("tests/")) {
        let has_tests = code::plain(text).contains("#[test]");
        assert!(!has_tests || tests.contains(path), "{path} has tests that tests/main.rs does not reach");
    }
}

#[test]
fn every_shipped_file_is_loaded() {
    let sources = sources("src");
    for (path, _) in files("config") {
        let (folder, name) = path.rsplit_once('/').unwrap();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let loaded = sources.iter().any(|(_, text)| {
            let whole = text.contains(&format!("{path}\""));
            let by_name = text.contains(&format!("{folder}/\""))
                && (text.contains(&format!("\"{name}\"")) || text.contains(&format!("\"{stem}\"")));
            whole || by_name
        });
        assert!(loaded, "nothing in src loads {path}");
    }
}

/// What the checker says of one planted line in this file.
fn planted(path: &str, line: &str) -> Vec<String> {
    faults(path, &format!("//! A module.\n\n{line}\n"), &crates())
}

#[test]
fn planted_faults_are_found() {
    for (path, line, told) in [
        ("src/domain/ticket.rs", "use crate::backend::Op;", "domain must not use crate::backend"),
        ("src/domain/ticket.rs", "use rusqlite::Row;", "`rusqlite::` is not for domain"),
        ("src/domain/sla/run.rs", "let now = jiff::Timestamp::now();", "reads the clock"),
        ("src/domain/ticket.rs", "use std::fs;", "`std::fs` is not for domain"),
        ("src/text/gate.rs", "use crate::domain::Ticket;", "text must not use crate::domain"),
        ("src/backend/memory.rs", "fn a(m: &crate::app::Model) {}", "backend must not use crate::app"),
        ("src/backend/memory.rs", "use ratatui::text::Line;", "`ratatui::` is not for backend"),
        ("src/store/mod.rs", "use crate::ui::Theme;", "store must not use crate::ui"),
        ("src/command/key.rs", "use ratatui::crossterm::event::KeyCode;", "`ratatui::` is not for command"),
        ("src/app/update.rs", "use tokio::sync::mpsc;", "`tokio::` is not for app"),
        ("src/app/update.rs", "use ratatui::style::Style;", "`ratatui::` is not for app"),
        ("src/app/update.rs", "desk.apply(op).await;", "`.await` waits"),
        ("src/app/update.rs", "let now = Timestamp::now();", "reads the clock"),
        ("src/app/update.rs", "std::thread::spawn(work);", "starts something"),
        ("src/ui/list.rs", "fn draw(model: &mut Model) {}", "`&mut Model` is not for ui"),
        ("src/ui/list.rs", "use crate::backend::Backend;", "ui must not use crate::backend"),
        ("src/runtime/jobs.rs", "use crate::domain::lifecycle::Guard;", "is not for runtime"),
        ("src/runtime/jobs.rs", "println!();", "writes over the screen"),
        ("src/cli/mod.rs", "x.unwrap();", "panics"),
        ("src/cli/mod.rs", "x.expect(\"there\");", "panics"),
        ("src/cli/mod.rs", "todo!()", "is never left in"),
        ("src/new/mod.rs", "struct A;", "the folder `new` has no row"),
        ("src/ui/list.rs", "use crate::{app, backend};", "hides which folders are used"),
        ("tests/text.rs", "#[ignore = \"slow\"]", "is never left in"),
        ("tests/text.rs", "#[allow(dead_code)]", "is never left in"),
    ] {
        let found = planted(path, line);
        assert!(found.iter().any(|fault| fault.contains(told)), "{path}: {line}: {found:?} does not say {told:?}");
        assert!(found.iter().all(|fault| fault.starts_with(&format!("{path}:"))), "{found:?}");
    }
    assert_eq!(faults("src/text/a.rs", "struct A;\n", &[]).len(), 1, "a missing header is a fault");
}

#[test]
fn what_is_allowed_is_not_a_fault() {
    for (path, line) in [
        ("src/domain/ticket.rs", "// rusqlite::Row and Timestamp::now() are for others"),
        ("src/domain/ticket.rs", "const WORD: &str = \"tokio::spawn \\\" x.unwrap()\";"),
        ("src/domain/ticket.rs", "const RAW: &str = r#\"a \"todo!()\" b\"#;"),
        ("src/domain/ticket.rs", "let quote = '\"'; let s: &'static str = \"panic!\"; let e = '\\'';"),
        ("src/domain/ticket.rs", "fn a() { expr.depends_on_now(); x.awaits_reply; x.unwrap_or_default(); }"),
        ("src/app/text_form.rs", "use ratatui::style::Style;"),
        ("src/app/update.rs", "use crate::backend::Capabilities;"),
        ("src/import/read/mod.rs", "use super::toml::Row;"),
        ("src/cli/mod.rs", "println!();"),
        ("src/runtime/jobs.rs", "tokio::spawn(task);"),
        ("tests/text.rs", "x.unwrap();"),
    ] {
        assert_eq!(planted(path, line), Vec::<String>::new(), "{path}: {line}");
    }
}
