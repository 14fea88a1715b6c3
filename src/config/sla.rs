//! `sla.toml` and `calendars/*.toml`: the promises of the desk and the hours in which they are measured.
//!
//! What ships is compiled in. A user's calendar of the same name takes the place of a shipped one, a definition of the
//! same name that of a shipped one; others are added.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::fault::{Fault, Faults, Source};
use super::locate::Keys;
use crate::domain::calendar::{self, Calendar, Rules};
use crate::domain::sla::{Definition, Policy};

const SHIPPED: Source<'static> = Source { file: "config/sla.toml", text: include_str!("../../config/sla.toml") };
const CALENDARS: [(&str, Source<'static>); 2] = [
    (
        "always",
        Source { file: "config/calendars/always.toml", text: include_str!("../../config/calendars/always.toml") },
    ),
    ("uk", Source { file: "config/calendars/uk.toml", text: include_str!("../../config/calendars/uk.toml") }),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    definition: Vec<Definition>,
}

/// The policy of the desk: what ships, under what the user's directory holds. Every fault found is in the error.
pub fn load(dir: Option<&Path>) -> Result<Policy, Faults> {
    let mut faults = Faults::default();
    let mut calendars = BTreeMap::new();
    for (name, source) in CALENDARS {
        keep(calendar(source), &mut faults, |calendar| calendars.insert(name.to_owned(), calendar));
    }
    for (name, file, text) in dir.map(|dir| calendar_files(&dir.join("calendars"), &mut faults)).unwrap_or_default() {
        keep(calendar(Source::new(&file, &text)), &mut faults, |calendar| calendars.insert(name, calendar));
    }
    let own = dir.map(|dir| dir.join("sla.toml")).filter(|path| path.exists());
    let own = own.and_then(|path| read(&path, &mut faults));
    let own = own.as_ref().map(|(file, text)| Source::new(file, text));
    let mut definitions: Vec<(Definition, Source)> = Vec::new();
    for source in std::iter::once(SHIPPED).chain(own) {
        keep(source.toml::<File>(), &mut faults, |file| lay_over(&mut definitions, file.definition, source, own));
    }
    if !faults.0.is_empty() {
        return Err(faults);
    }
    let origin: BTreeMap<String, Source> = definitions.iter().map(|(d, source)| (d.name.clone(), *source)).collect();
    Policy::new(definitions.into_iter().map(|(definition, _)| definition).collect(), calendars).map_err(|fault| {
        let named = |name: &&String| fault.key.starts_with(&format!("definition {name:?}"));
        let source = origin.keys().find(named).and_then(|name| origin.get(name)).copied().unwrap_or(SHIPPED);
        place(source, &fault).into()
    })
}

/// One calendar.
pub fn calendar(source: Source) -> Result<Calendar, Fault> {
    let rules: Rules = source.toml()?;
    Calendar::new(rules).map_err(|fault| place(source, &fault))
}

/// The calendar of a file that need not be in the user's directory.
pub fn calendar_file(path: &Path) -> Result<Calendar, Faults> {
    let mut faults = Faults::default();
    match read(path, &mut faults) {
        Some((file, text)) => Ok(calendar(Source::new(&file, &text))?),
        None => Err(faults),
    }
}

/// A definition takes the place of one of its name from another file; two of one name in one file are left for the
/// policy to refuse.
fn lay_over<'a>(
    held: &mut Vec<(Definition, Source<'a>)>,
    new: Vec<Definition>,
    source: Source<'a>,
    own: Option<Source<'a>>,
) {
    let is_own = own.is_some_and(|own| own.file == source.file);
    for definition in new {
        let same =
            |(d, from): &&mut (Definition, Source)| is_own && d.name == definition.name && from.file == SHIPPED.file;
        match held.iter_mut().find(same) {
            Some(slot) => *slot = (definition, source),
            None => held.push((definition, source)),
        }
    }
}

/// Name, file and text of every calendar in the directory, in the order of their names.
fn calendar_files(dir: &Path, faults: &mut Faults) -> Vec<(String, String, String)> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                faults.push(unreadable(dir, &error));
            }
            return Vec::new();
        }
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let named = paths.iter().filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)));
    named.filter_map(|(name, path)| read(path, faults).map(|(file, text)| (name, file, text))).collect()
}

fn read(path: &Path, faults: &mut Faults) -> Option<(String, String)> {
    let file = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Some((file, text)),
        Err(error) => {
            faults.push(unreadable(path, &error));
            None
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    Source::new(&path.display().to_string(), "").fault(0, "", &format!("It cannot be read: {error}."))
}

fn keep<T, R>(result: Result<T, Fault>, faults: &mut Faults, with: impl FnOnce(T) -> R) {
    match result {
        Ok(value) => {
            with(value);
        }
        Err(fault) => faults.push(fault),
    }
}

fn place(source: Source, fault: &calendar::Fault) -> Fault {
    let line = Keys::of(source.text).offset(&fault.key).map_or(0, |offset| source.line(offset));
    source.fault(line, &fault.key, &format!("{}.", fault.problem))
}
