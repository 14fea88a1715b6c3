//! `deskside config`: check, path, schema.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cli::exit::Exit;
use crate::cli::settings::Places;
use crate::cli::{ConfigCommand, connect, place, print, schema, settings};
use crate::config::{Faults, Source, profiles};
use crate::text::Clean;

pub fn run(which: ConfigCommand, places: &Places) -> Result<Exit> {
    match which {
        ConfigCommand::Check => check(places),
        ConfigCommand::Path => {
            print::text(&paths(places))?;
            Ok(Exit::Done)
        }
        ConfigCommand::Schema => {
            print::text(&schema::text())?;
            Ok(Exit::Done)
        }
    }
}

fn check(places: &Places) -> Result<Exit> {
    let files = files(&places.config);
    let faults = faults(places);
    if faults.is_empty() {
        let own = match files.len() {
            0 => "there is none of your own".to_owned(),
            1 => "one of your own among them".to_owned(),
            many => format!("{many} of your own among them"),
        };
        print::text(&format!("No fault in any file of settings; {own}."))?;
        return Ok(Exit::Done);
    }
    faults.iter().for_each(|fault| print::fault(&Clean::body(fault)));
    Ok(Exit::Failed)
}

/// Everything wrong with the settings, one sentence each.
pub fn faults(places: &Places) -> Vec<String> {
    let mut faults = Vec::new();
    if let Err(error) = settings::load(&places.config) {
        faults.extend(format!("{error:#}").lines().map(str::to_owned));
    }
    let folder = places.config.join("profiles");
    for name in place::names(&folder) {
        let path = folder.join(format!("{name}.toml"));
        let file = path.display().to_string();
        let found = match fs::read_to_string(&path) {
            Ok(text) => profiles::load(Source::new(&file, &text), &folder, &places.home).map(drop),
            Err(error) => {
                Err(Faults::from(Source::new(&file, "").fault(0, "", &format!("It cannot be read: {error}."))))
            }
        };
        faults.extend(found.err().into_iter().flat_map(|found| found.0).map(|fault| fault.to_string()));
    }
    for path in files(&places.config) {
        let below = path.strip_prefix(&places.config).unwrap_or(&path);
        if !is_known(below) {
            let known: Vec<&str> = schema::FILES.iter().map(|file| file.name).collect();
            faults.push(format!("{}: This file is never read; there are {}.", path.display(), known.join(", ")));
        }
    }
    faults
}

/// A file of settings, or a secret that `connect` keeps among them.
fn is_known(file: &Path) -> bool {
    if file.starts_with(connect::SECRETS) {
        return true;
    }
    schema::FILES.iter().map(|known| Path::new(known.name)).any(|known| {
        let named = known.file_stem().is_some_and(|stem| stem == "NAME");
        if named { known.parent() == file.parent() && known.extension() == file.extension() } else { known == file }
    })
}

/// The user's own files, those in folders too.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !hidden => left.push(entry.path()),
                Ok(_) if !hidden => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn paths(places: &Places) -> String {
    let mut text = format!(
        "settings     {}\nlocal state  {}\ndesks        {}\n",
        places.config.display(),
        places.state.display(),
        places.data.display()
    );
    text.push_str("\nFiles of settings that are read, if they are there:\n");
    let own = files(&places.config);
    for file in schema::FILES {
        let mine = |path: &&PathBuf| {
            let below = path.strip_prefix(&places.config).unwrap_or(path);
            Path::new(file.name) == below
                || (file.name.contains("NAME") && below.parent() == Path::new(file.name).parent())
        };
        let names: Vec<String> = own.iter().filter(mine).map(|path| path.display().to_string()).collect();
        let there = if names.is_empty() { "-".to_owned() } else { names.join(", ") };
        text.push_str(&format!("  {:<22}{there}\n", file.name));
    }
    text
}
