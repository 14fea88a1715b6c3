//! From keys to commands: per scope a set of sequences, the defaults of the table with the user's own laid over them.

use std::collections::BTreeMap;

use crate::command::args::Args;
use crate::command::key::{Key, Keys};
use crate::command::table::{self, Command, Scope};

/// What a sequence of keys does: a command and the rest of its line.
#[derive(Debug, Clone)]
pub struct Binding {
    pub keys: Keys,
    pub command: &'static Command,
    pub args: Args,
}

/// All bindings, by scope.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    scopes: BTreeMap<Scope, Vec<Binding>>,
}

/// What the keys pressed so far mean.
#[derive(Debug, Clone)]
pub enum Resolution<'a> {
    Run(&'a Binding),
    /// More keys must follow; these are the candidates.
    Pending(Vec<&'a Binding>),
    /// Nothing is bound to them.
    None,
}

/// The user's own bindings: scope, keys, command line; an empty line or `none` takes a key away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub scope: String,
    pub keys: String,
    pub line: String,
    /// Where it is written, for messages.
    pub place: String,
}

impl Keymap {
    /// The table's defaults with the user's own over them. All faults are reported together.
    pub fn build(own: &[Own]) -> Result<Self, Vec<String>> {
        let (mut map, mut faults) = (Self::default(), Vec::new());
        for command in table::all() {
            for keys in command.keys {
                match keys.parse() {
                    Ok(keys) => map.bind(command.scope, Binding { keys, command, args: Args::default() }),
                    Err(e) => faults.push(format!("{}: {e}.", command.id)),
                }
            }
        }
        for row in own {
            if let Err(fault) = map.lay(row) {
                faults.push(format!("{}: {fault}", row.place));
            }
        }
        faults.extend(map.shadows());
        if faults.is_empty() { Ok(map) } else { Err(faults) }
    }

    fn lay(&mut self, row: &Own) -> Result<(), String> {
        let scope = Scope::ALL.iter().copied().find(|scope| scope.as_str() == row.scope).ok_or_else(|| {
            let known: Vec<&str> = Scope::ALL.iter().map(|s| s.as_str()).collect();
            format!("`{}` is no place for keys; use one of {}.", row.scope, known.join(", "))
        })?;
        let keys: Keys = row.keys.parse().map_err(|e| format!("{e}."))?;
        self.scopes.entry(scope).or_default().retain(|held| held.keys != keys);
        let line = row.line.trim();
        if line.is_empty() || line == "none" {
            return Ok(());
        }
        let (command, args) = parse_line(line)?;
        self.bind(scope, Binding { keys, command, args });
        Ok(())
    }

    fn bind(&mut self, scope: Scope, binding: Binding) {
        self.scopes.entry(scope).or_default().push(binding);
    }

    /// Two bindings of one scope where one sequence begins the other: the longer could never be reached.
    fn shadows(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (scope, bindings) in &self.scopes {
            for (i, a) in bindings.iter().enumerate() {
                for b in &bindings[i + 1..] {
                    let (short, long) = if a.keys.0.len() <= b.keys.0.len() { (a, b) } else { (b, a) };
                    if long.keys.0.starts_with(&short.keys.0) {
                        faults.push(format!(
                            "keys [{}]: `{}` ({}) and `{}` ({}) are in each other's way.",
                            scope.as_str(),
                            short.keys,
                            short.command.id,
                            long.keys,
                            long.command.id
                        ));
                    }
                }
            }
        }
        faults
    }

    /// What these keys mean in these scopes, the innermost first.
    pub fn resolve(&self, pressed: &[Key], scopes: &[Scope]) -> Resolution<'_> {
        for scope in scopes {
            let bindings = self.scopes.get(scope).map(Vec::as_slice).unwrap_or_default();
            if let Some(hit) = bindings.iter().find(|b| b.keys.0 == pressed) {
                return Resolution::Run(hit);
            }
            if bindings.iter().any(|b| b.keys.0.starts_with(pressed)) {
                return Resolution::Pending(self.continuing(pressed, scopes));
            }
        }
        Resolution::None
    }

    fn continuing(&self, pressed: &[Key], scopes: &[Scope]) -> Vec<&Binding> {
        scopes.iter().flat_map(|s| self.of(*s)).filter(|b| b.keys.0.starts_with(pressed)).collect()
    }

    pub fn of(&self, scope: Scope) -> &[Binding] {
        self.scopes.get(&scope).map(Vec::as_slice).unwrap_or_default()
    }

    /// The shortest keys that run a command where these scopes are heard, else its line.
    pub fn key_of(&self, id: &str, scopes: &[Scope]) -> String {
        self.heard(id, scopes).unwrap_or_else(|| format!(":{id}"))
    }

    /// The shortest keys that run a command where these scopes are heard.
    pub fn heard(&self, id: &str, scopes: &[Scope]) -> Option<String> {
        let runs =
            |b: &&Binding| matches!(self.resolve(&b.keys.0, scopes), Resolution::Run(hit) if hit.command.id == id);
        let all = scopes.iter().flat_map(|scope| self.of(*scope));
        let own = all.filter(|b| b.command.id == id && b.args == Args::default()).filter(runs);
        own.min_by_key(|b| b.keys.0.len()).map(|binding| binding.keys.to_string())
    }

    /// The shortest keys of a command, as people read them.
    pub fn keys_of(&self, id: &str) -> Option<String> {
        let all = self.scopes.values().flatten().filter(|b| b.command.id == id && b.args == Args::default());
        all.min_by_key(|b| b.keys.0.len()).map(|b| b.keys.to_string())
    }
}

/// Reads a `:` line into a command and its arguments.
pub fn parse_line(line: &str) -> Result<(&'static Command, Args), String> {
    let line = line.trim();
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    let command = table::find(name).ok_or_else(|| unknown(name))?;
    let args = Args::parse(command, rest).map_err(|e| e.to_string())?;
    Ok((command, args))
}

/// Reads a command that came in words, as a shell hands them over: a word with spaces in it is one answer. A single
/// word with spaces is a whole line.
pub fn parse_words(words: &[String]) -> Result<(&'static Command, Args), String> {
    match words {
        [] => Err("A command is needed; `deskside commands` lists them.".into()),
        [line] => parse_line(line),
        [name, rest @ ..] => {
            let command = table::find(name).ok_or_else(|| unknown(name))?;
            let args = Args::from_words(command, rest).map_err(|e| e.to_string())?;
            Ok((command, args))
        }
    }
}

fn unknown(name: &str) -> String {
    let near = table::all().map(|c| c.id).min_by_key(|id| distance(id, name)).filter(|id| distance(id, name) <= 3);
    match near {
        Some(near) => format!("There is no command `{name}`; did you mean `{near}`?"),
        None => format!("There is no command `{name}`; `deskside commands` lists them."),
    }
}

/// How many letters must change to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}
