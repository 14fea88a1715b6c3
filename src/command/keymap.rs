//! From keys to commands: per scope a set of sequences, the defaults of the table with the user's own laid over them.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::args::Args;
use crate::command::key::{Key, Keys};
use crate::command::table::{self, Command, Scope};

/// What a sequence of keys does: a command and the rest of its line.
#[derive(Debug, Clone)]
pub struct Binding {
    pub keys: Keys,
    pub command: &'static Command,
    pub args: Args,
    /// Where it is written; none for the keys that a command has of itself.
    pub place: Option<String>,
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
    /// It came with the program: what it hides from the layers behind it, it hides on purpose.
    pub ships: bool,
}

/// The layers whose keys are heard together, the innermost first. What lies over the panes is heard alone.
pub const TOGETHER: &[&[Scope]] = &[
    &[Scope::List, Scope::Ticket, Scope::Global],
    &[Scope::Detail, Scope::Ticket, Scope::Global],
    &[Scope::Triage, Scope::Global],
];

impl Keymap {
    /// The table's defaults with the user's own over them. All faults are reported together.
    pub fn build(own: &[Own]) -> Result<Self, Vec<String>> {
        let (mut map, mut faults) = (Self::default(), Vec::new());
        for command in table::all() {
            for keys in command.keys {
                match keys.parse() {
                    Ok(keys) => map.bind(command.scope, Binding { keys, command, args: Args::default(), place: None }),
                    Err(e) => faults.push(format!("{}: {e}.", command.id)),
                }
            }
        }
        for row in own.iter().filter(|row| row.ships) {
            faults.extend(map.lay(row).err().map(|fault| format!("{}: {fault}", row.place)));
        }
        let meant: BTreeSet<Hiding> = map.hidings().map(|(hiding, ..)| hiding).collect();
        for row in own.iter().filter(|row| !row.ships) {
            faults.extend(map.lay(row).err().map(|fault| format!("{}: {fault}", row.place)));
        }
        faults.extend(map.shadows());
        faults.extend(
            map.hidings().filter(|(hiding, ..)| !meant.contains(hiding)).map(|(_, near, far)| hides(near, far)),
        );
        faults.dedup();
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
        self.bind(scope, Binding { keys, command, args, place: Some(row.place.clone()) });
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
                        let place = [b, a].into_iter().find_map(|binding| binding.place.clone());
                        faults.push(format!(
                            "{}: `{}` ({}) and `{}` ({}) are in each other's way; give one of them other keys, or take \
                             it away with \"none\".",
                            place.unwrap_or_else(|| format!("keys [{}]", scope.as_str())),
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

    /// Bindings of layers that are heard together where the keys of the inner one begin those of the outer one, or the
    /// reverse: the outer one is never reached there. The same keys in two layers are meant so and are not among them.
    fn hidings(&self) -> impl Iterator<Item = (Hiding, (Scope, &Binding), (Scope, &Binding))> {
        let layers = TOGETHER.iter().flat_map(|stack| {
            let below = |at: usize| stack[at + 1..].iter().copied();
            stack.iter().copied().enumerate().flat_map(move |(at, inner)| below(at).map(move |outer| (inner, outer)))
        });
        let pairs: BTreeSet<(Scope, Scope)> = layers.collect();
        pairs.into_iter().flat_map(move |(inner, outer)| {
            let near = self.of(inner).iter();
            near.flat_map(move |near| self.of(outer).iter().map(move |far| (near, far)))
                .filter(|(near, far)| in_the_way(&near.keys, &far.keys))
                .map(move |(near, far)| {
                    let hiding = (inner, near.keys.to_string(), outer, far.keys.to_string());
                    (hiding, (inner, near), (outer, far))
                })
        })
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

    /// What these keys begin and more of them reach; what they hide is not among it.
    fn continuing(&self, pressed: &[Key], scopes: &[Scope]) -> Vec<&Binding> {
        let begun = scopes.iter().flat_map(|s| self.of(*s)).filter(|b| b.keys.0.starts_with(pressed));
        begun.filter(|b| b.keys.0.len() > pressed.len() && self.reaches(b, scopes)).collect()
    }

    /// Its keys run it here: no layer before its own has them, or begins or ends earlier on the way to them.
    fn reaches(&self, binding: &Binding, scopes: &[Scope]) -> bool {
        let run = self.heard_first(&binding.keys.0, scopes);
        run.is_some_and(|run| std::ptr::eq(run, binding))
    }

    /// The binding that pressing these keys one by one runs; none where it is another number of keys.
    fn heard_first(&self, keys: &[Key], scopes: &[Scope]) -> Option<&Binding> {
        for count in 1..=keys.len() {
            let found = scopes.iter().find_map(|scope| {
                let begun: Vec<&Binding> =
                    self.of(*scope).iter().filter(|b| b.keys.0.starts_with(&keys[..count])).collect();
                (!begun.is_empty()).then(|| begun.into_iter().find(|b| b.keys.0.len() == count))
            });
            match found {
                Some(Some(run)) => return (count == keys.len()).then_some(run),
                Some(None) => {}
                None => return None,
            }
        }
        None
    }

    /// What the keys pressed so far hide here: commands that have just these keys in a layer further out.
    pub fn hidden(&self, pressed: &[Key], scopes: &[Scope]) -> Vec<&Binding> {
        let whole = scopes.iter().flat_map(|s| self.of(*s)).filter(|b| b.keys.0 == pressed);
        whole.filter(|b| !self.reaches(b, scopes)).collect()
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

/// Which keys hide which: the inner layer and its keys, the outer layer and its own.
type Hiding = (Scope, String, Scope, String);

/// One sequence begins the other and is not all of it.
fn in_the_way(a: &Keys, b: &Keys) -> bool {
    let begins = |short: &[Key], long: &[Key]| short.len() < long.len() && long.starts_with(short);
    begins(&a.0, &b.0) || begins(&b.0, &a.0)
}

/// The fault, at the line that was written by hand.
fn hides((inner, near): (Scope, &Binding), (outer, far): (Scope, &Binding)) -> String {
    let place = near.place.as_ref().or(far.place.as_ref());
    let place = place.cloned().unwrap_or_else(|| format!("keys [{}]", inner.as_str()));
    format!(
        "{place}: `{}` ({}) in [{}] keeps `{}` ({}) in [{}] from being reached; give one of them other keys, or take it \
         away with \"none\".",
        near.keys,
        near.command.id,
        inner.as_str(),
        far.keys,
        far.command.id,
        outer.as_str()
    )
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
