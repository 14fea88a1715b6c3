//! Settings: what ships, the user's files over it, everything checked together.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use etcetera::BaseStrategy;

use crate::app::pane::{Column, Pane, View};
use crate::app::settings::{Deferred, Settings, Words};
use crate::command::keymap::{Keymap, Own};
use crate::config::{
    self, Fault, Faults, Source, catalogue, changes, escalation, guard, keys, levels, major, playbooks, priority,
    problems, radar, replies, sla, views,
};

/// Where this user's files are.
#[derive(Debug, Clone)]
pub struct Places {
    /// Settings, read only.
    pub config: PathBuf,
    /// Drafts, outbox, logs.
    pub state: PathBuf,
    /// Desks that were not given a place.
    pub data: PathBuf,
    pub home: PathBuf,
}

impl Places {
    /// By the XDG rules.
    pub fn find() -> Result<Self> {
        let base = etcetera::choose_base_strategy().context("There is no home folder; set HOME.")?;
        let state = base.state_dir().unwrap_or_else(|| base.data_dir());
        Ok(Self {
            config: base.config_dir().join("deskside"),
            state: state.join("deskside"),
            data: base.data_dir().join("deskside"),
            home: base.home_dir().to_owned(),
        })
    }
}

/// The files of one name: what ships, then the user's own.
struct Layers {
    name: String,
    own: Option<String>,
}

impl Layers {
    fn read(dir: &Path, name: &str) -> Result<Self> {
        let path = dir.join(name);
        let own = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => bail!("{} cannot be read: {error}.", path.display()),
        };
        Ok(Self { name: path.display().to_string(), own })
    }

    fn sources<'a>(&'a self, shipped: Source<'a>) -> Vec<Source<'a>> {
        let own = self.own.as_deref().map(|text| Source::new(&self.name, text));
        std::iter::once(shipped).chain(own).collect()
    }
}

/// Loads every setting; all faults of all files are reported together. Where the user has no file of their own, what
/// only acts need is not read before it is asked for.
pub fn load(dir: &Path) -> Result<Settings> {
    let mut faults = Faults::default();
    let layers = |name: &str| Layers::read(dir, name);
    let (key_files, view_files) = (layers("keys.toml")?, layers("views.toml")?);
    let (escalation_files, priority_files, guard_files) =
        (layers("escalation.toml")?, layers("priority.toml")?, layers("guard.toml")?);
    let problem_files = layers("problems.toml")?;
    let (change_files, window_files) = (layers("changes.toml")?, layers("windows.toml")?);
    let (major_files, radar_files) = (layers("major.toml")?, layers("radar.toml")?);
    let (playbook_files, reply_files) = (layers("playbooks.toml")?, own(dir, "replies", "txt")?);
    let (level_files, item_files) = (layers("levels.toml")?, own(dir, "catalogue", "toml")?);

    let keymap = take(&mut faults, keymap(&key_files.sources(keys::SHIPPED)));
    let views = take(&mut faults, views(&view_files.sources(views::SHIPPED)));
    let policy = take(&mut faults, sla::load(Some(dir)));
    let matrix = last(&mut faults, &priority_files.sources(priority::SHIPPED), priority::load);
    let watch = last(&mut faults, &problem_files.sources(problems::SHIPPED), problems::load);
    let gates = take(&mut faults, levels::load(&level_files.sources(levels::SHIPPED)));
    let own_items: Vec<Source> = item_files.iter().map(|(name, text)| Source::new(name, text)).collect();
    let items = take(&mut faults, catalogue::load(&[catalogue::SHIPPED, &own_items]));
    let agreed = gates.zip(items);
    let guard = match guard_files.own {
        Some(_) => last(&mut faults, &guard_files.sources(guard::SHIPPED), guard::load).map(Deferred::from),
        None => Some(Deferred::new(|| shipped(guard::load(guard::SHIPPED)))),
    };
    let cadence = match major_files.own {
        Some(_) => last(&mut faults, &major_files.sources(major::SHIPPED), major::load).map(Deferred::from),
        None => Some(Deferred::new(|| shipped(major::load(major::SHIPPED)))),
    };
    let radar = match radar_files.own {
        Some(_) => last(&mut faults, &radar_files.sources(radar::SHIPPED), radar::load).map(Deferred::from),
        None => Some(Deferred::new(|| shipped(radar::load(radar::SHIPPED)))),
    };
    let escalation = match escalation_files.own {
        Some(_) => {
            take(&mut faults, escalation::load(&escalation_files.sources(escalation::SHIPPED))).map(Deferred::from)
        }
        None => Some(Deferred::new(|| shipped(escalation::load(&[escalation::SHIPPED])))),
    };
    let practice = {
        let (asked, windows) = (change_files.sources(changes::SHIPPED), window_files.sources(changes::WINDOWS));
        asked.last().zip(windows.last()).and_then(|(asked, windows)| take(&mut faults, changes::load(*asked, *windows)))
    };
    let words = if playbook_files.own.is_some() || !reply_files.is_empty() {
        let own: Vec<Source> = reply_files.iter().map(|(name, text)| Source::new(name, text)).collect();
        words(&mut faults, &own, &playbook_files).map(Deferred::from)
    } else {
        let none = Layers { own: None, ..playbook_files };
        Some(Deferred::new(move || {
            let mut faults = Faults::default();
            let words = words(&mut faults, &[], &none).ok_or(faults);
            shipped(words)
        }))
    };
    let written = guard.zip(escalation).zip(radar).zip(cadence.zip(watch)).zip(words.zip(practice)).zip(agreed);
    match (keymap, views, policy, matrix, written) {
        (
            Some(keymap),
            Some(views),
            Some(policy),
            Some(matrix),
            Some((((((guard, escalation), radar), (cadence, watch)), (words, practice)), (gates, catalogue))),
        ) => Ok(Settings {
            keymap,
            views,
            sla: Arc::new(policy),
            matrix,
            watch,
            escalation,
            cadence,
            changes: Arc::new(practice),
            words,
            guard,
            radar,
            catalogue,
            gates,
            recall: Duration::from_secs(10),
        }),
        _ => bail!("{faults}"),
    }
}

/// Replies, and the playbooks that send them.
fn words(faults: &mut Faults, own: &[Source], playbook_files: &Layers) -> Option<Words> {
    let replies = take(faults, replies::load(&[replies::SHIPPED, own]));
    let none = replies::Replies::default();
    let known = replies.as_ref().unwrap_or(&none);
    let playbooks = take(faults, playbooks::load(&playbook_files.sources(playbooks::SHIPPED), known, None));
    let (replies, playbooks) = replies.zip(playbooks)?;
    Some(Words {
        replies: replies.iter().cloned().collect(),
        playbooks: playbooks.iter().cloned().collect(),
        writer: Arc::new(replies),
    })
}

impl Default for Words {
    /// Nothing to say.
    fn default() -> Self {
        Self { replies: Vec::new(), playbooks: Vec::new(), writer: Arc::new(replies::Replies::default()) }
    }
}

/// What ships is without fault, as the tests say; should it not be, the console goes on without it.
fn shipped<T: Default>(read: Result<T, Faults>) -> T {
    read.unwrap_or_else(|faults| {
        tracing::error!("what ships is at fault: {faults}");
        T::default()
    })
}

fn take<T, E: Into<Faults>>(faults: &mut Faults, result: Result<T, E>) -> Option<T> {
    result.map_err(|found| faults.0.extend(found.into().0)).ok()
}

/// The last layer alone counts: such a file is replaced as a whole.
fn last<T>(faults: &mut Faults, sources: &[Source], load: impl Fn(Source) -> Result<T, Faults>) -> Option<T> {
    sources.last().and_then(|source| take(faults, load(*source)))
}

fn keymap(sources: &[Source]) -> Result<Keymap, Faults> {
    let rows = keys::load(sources)?;
    let own: Vec<Own> = rows
        .into_iter()
        .map(|row| Own { scope: row.scope, keys: row.keys, line: row.line, place: row.place, ships: row.ships })
        .collect();
    Keymap::build(&own).map_err(|lines| {
        let fault = |line: String| Fault {
            file: crate::text::Clean::line("keys.toml"),
            line: 0,
            key: crate::text::Clean::line(""),
            message: crate::text::Clean::line(&line),
        };
        Faults(lines.into_iter().map(fault).collect())
    })
}

fn views(sources: &[Source]) -> Result<Vec<View>, Faults> {
    const USUAL: &[Column] = &[
        Column::Sla,
        Column::Id,
        Column::Title,
        Column::Priority,
        Column::State,
        Column::Group,
        Column::Owner,
        Column::Age,
    ];
    let mut faults = Faults::default();
    let mut made = Vec::new();
    for row in config::views::load(sources)? {
        let source = Source::new(&row.file, "");
        let mut wrong = |key: &str, given: &str, choices: String| {
            let message = format!("`{given}` is not one of: {choices}.");
            faults.push(source.fault(row.line, &format!("view.{}.{key}", row.name), &message));
        };
        let mut panes = Vec::new();
        for name in &row.panes {
            match Pane::parse(name) {
                Some(pane) => panes.push(pane),
                None => wrong("panes", name, Pane::choices()),
            }
        }
        let mut columns = Vec::new();
        for name in &row.columns {
            match Column::parse(name) {
                Some(column) => columns.push(column),
                None => wrong("columns", name, Column::choices()),
            }
        }
        if panes.is_empty() {
            panes = Pane::ALL.to_vec();
        }
        if columns.is_empty() {
            columns = USUAL.to_vec();
        }
        made.push(View { name: row.name, panes, text: row.text, query: row.query, columns });
    }
    faults.or(made)
}

/// The user's own files in a folder with that ending, by name.
fn own(dir: &Path, folder: &str, ending: &str) -> Result<Vec<(String, String)>> {
    let folder = dir.join(folder);
    let Ok(entries) = fs::read_dir(&folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|held| held == ending));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read.", path.display()))?;
            Ok((path.display().to_string(), text))
        })
        .collect()
}
