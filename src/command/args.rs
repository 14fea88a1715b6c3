//! The arguments of a command: what it asks for, and how they are read from a line such as
//! `resolve code:fixed notes:"new dock"`.

use crate::command::table::Command;
use crate::domain::field::Field;

/// One thing that a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arg {
    pub name: &'static str,
    pub kind: ArgKind,
    pub need: Need,
    /// The question as a form puts it.
    pub ask: &'static str,
}

/// Whether a command runs without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Required,
    /// A form asks for it too, but takes an empty answer.
    Asked,
    /// Only who writes it out gets it.
    Optional,
}

/// What sort of answer is wanted, and where the choices come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgKind {
    /// One line.
    Text,
    /// Several lines, for the eyes of colleagues.
    Lines,
    Number {
        min: i64,
        max: i64,
    },
    Choice(&'static [&'static str]),
    From(Source),
    /// A moment: `2h`, `tomorrow 9:00`, `fri 14:00`.
    When,
    Query,
    /// Any field of the ticket, as `field:value`.
    Fields,
    /// Answers to questions that are not known beforehand, as `name:value`.
    Answers,
}

impl ArgKind {
    /// Words that follow belong to it.
    const fn takes_rest(self) -> bool {
        matches!(self, Self::Text | Self::Lines | Self::Query | Self::When)
    }
}

/// Lists of the desk that one picks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    People,
    Staff,
    Groups,
    Parties,
    Categories,
    Services,
    Assets,
    Locations,
    Suppliers,
    Channels,
    ResolutionCodes,
    CancelReasons,
    Tickets,
    /// What the ticket is linked to.
    Links,
    Problems,
    Templates,
    /// What standard changes are made from.
    ChangeTemplates,
    Playbooks,
    Views,
    Columns,
    Sorts,
    Fields,
    Commands,
    Verbs,
    /// The desks that take new tickets.
    Desks,
    /// Who is kept informed of a major incident.
    Audiences,
    /// What can be asked for.
    Items,
}

impl Arg {
    pub const fn required(name: &'static str, kind: ArgKind, ask: &'static str) -> Self {
        Self { name, kind, need: Need::Required, ask }
    }

    pub const fn asked(name: &'static str, kind: ArgKind, ask: &'static str) -> Self {
        Self { name, kind, need: Need::Asked, ask }
    }

    pub const fn optional(name: &'static str, kind: ArgKind, ask: &'static str) -> Self {
        Self { name, kind, need: Need::Optional, ask }
    }
}

/// The answers, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Args(Vec<(String, String)>);

/// Why a line is not a command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgsError {
    #[error("{command} takes no more than {max} arguments; `{extra}` is one too many.")]
    TooMany { command: &'static str, max: usize, extra: String },
    #[error("A quote is opened and not closed.")]
    OpenQuote,
    #[error("{command}: {name} must be a number from {min} to {max}, not `{given}`.")]
    Number { command: &'static str, name: String, min: i64, max: i64, given: String },
    #[error("{command}: {name} must be one of {choices}, not `{given}`.")]
    Choice { command: &'static str, name: String, choices: String, given: String },
    #[error("{command} needs {names}.")]
    Missing { command: &'static str, names: String },
}

impl ArgsError {
    /// The same of an answer that stands in a form under that label.
    pub fn under(&self, label: &str) -> String {
        match self {
            Self::Number { min, max, given, .. } => {
                format!("`{label}` is a number from {min} to {max}, not `{given}`.")
            }
            Self::Choice { choices, given, .. } => format!("`{label}` is one of {choices}, not `{given}`."),
            other => other.to_string(),
        }
    }
}

impl Args {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The answer, or nothing at all where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(held, _)| held == name)
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(held, _)| held != name);
        self.0.push((name.into(), value.into()));
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Reads what follows the command's name. Words fill the arguments in order; the last text takes all the rest.
    pub fn parse(command: &Command, rest: &str) -> Result<Self, ArgsError> {
        let mut args = Self::default();
        let mut rest = rest.trim_start();
        while !rest.is_empty() {
            if let Some((field, value)) = split_field(command, rest) {
                let (value, after) = word(value)?;
                args.set(field, value);
                rest = after.trim_start();
                continue;
            }
            let named = split_name(command, rest);
            let open = command
                .args
                .iter()
                .find(|arg| !args.has(arg.name) && !matches!(arg.kind, ArgKind::Fields | ArgKind::Answers));
            let (arg, from) = match (named, open) {
                (Some((arg, value)), _) => (arg, value),
                (None, Some(arg)) => (arg, rest),
                (None, None) => {
                    return Err(ArgsError::TooMany {
                        command: command.id,
                        max: command.args.len(),
                        extra: rest.into(),
                    });
                }
            };
            let takes_rest = named.is_none() && arg.kind.takes_rest();
            let (value, after) = if takes_rest && !from.starts_with('"') {
                let end = next_named(command, from);
                (from[..end].trim_end().to_owned(), &from[end..])
            } else {
                word(from)?
            };
            check(command, arg.name, arg.kind, &value)?;
            args.set(arg.name, value);
            rest = after.trim_start();
        }
        Ok(args)
    }

    /// The same from words that somebody has already taken apart, such as a shell: quotes mean nothing any more, a word
    /// with spaces in it is a whole answer, and a text that begins with a plain word takes those that follow.
    pub fn from_words(command: &Command, words: &[String]) -> Result<Self, ArgsError> {
        let mut args = Self::default();
        let mut open: Option<&Arg> = None;
        for word in words {
            if let Some((name, value)) = split_field(command, word) {
                args.set(name, value);
                open = None;
            } else if let Some((arg, value)) = split_name(command, word) {
                args.set(arg.name, value);
                open = None;
            } else if let Some(arg) = open {
                let longer = format!("{} {word}", args.text(arg.name));
                args.set(arg.name, longer);
            } else {
                let takes_words = |arg: &&Arg| !matches!(arg.kind, ArgKind::Fields | ArgKind::Answers);
                let next = command.args.iter().filter(takes_words).find(|arg| !args.has(arg.name));
                let arg = next.ok_or_else(|| ArgsError::TooMany {
                    command: command.id,
                    max: command.args.len(),
                    extra: word.clone(),
                })?;
                args.set(arg.name, word.as_str());
                open = Some(arg).filter(|arg| arg.kind.takes_rest() && !word.contains(char::is_whitespace));
            }
        }
        for arg in command.args {
            if let Some(value) = args.get(arg.name) {
                check(command, arg.name, arg.kind, value)?;
            }
        }
        Ok(args)
    }

    /// The arguments that the command cannot do without and does not have.
    pub fn missing(&self, command: &Command) -> Vec<&'static Arg> {
        command.args.iter().filter(|arg| arg.need == Need::Required && self.get(arg.name).is_none()).collect()
    }
}

/// Whether an answer fits its argument, for the choices that are known without a desk.
pub fn check(command: &Command, name: &str, kind: ArgKind, value: &str) -> Result<(), ArgsError> {
    match kind {
        ArgKind::Number { min, max } if !value.parse().is_ok_and(|n: i64| (min..=max).contains(&n)) => {
            Err(ArgsError::Number { command: command.id, name: name.into(), min, max, given: value.into() })
        }
        ArgKind::Choice(choices) if !choices.is_empty() && !choices.contains(&value) && !value.is_empty() => {
            Err(ArgsError::Choice {
                command: command.id,
                name: name.into(),
                choices: choices.join(", "),
                given: value.into(),
            })
        }
        _ => Ok(()),
    }
}

/// `code:fixed …` when the command has an argument of that name.
fn split_name<'a>(command: &Command, text: &'a str) -> Option<(&'static Arg, &'a str)> {
    let (name, value) = text.split_once(':')?;
    command.args.iter().find(|arg| arg.name == name).map(|arg| (arg, value))
}

/// `impact:2 …` when the command takes fields and has no argument of that name.
fn split_field<'a>(command: &Command, text: &'a str) -> Option<(&'a str, &'a str)> {
    let takes = |kind| command.args.iter().any(|arg| arg.kind == kind);
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let (name, value) = text.split_once(':')?;
    let known = (takes(ArgKind::Fields) && Field::parse(name).is_some()) || (takes(ArgKind::Answers) && is_name(name));
    (known && command.args.iter().all(|arg| arg.name != name)).then_some((name, value))
}

/// Where the next `name:` begins in a text that would take everything.
fn next_named(command: &Command, text: &str) -> usize {
    text.match_indices(' ')
        .map(|(at, _)| at + 1)
        .find(|at| split_name(command, &text[*at..]).is_some() || split_field(command, &text[*at..]).is_some())
        .unwrap_or(text.len())
}

/// The first word or quoted phrase, and what follows it. `\"` and `\n` are escapes inside quotes.
fn word(text: &str) -> Result<(String, &str), ArgsError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(' ').unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match (escaped, c) {
            (true, 'n') => value.push('\n'),
            (true, c) => value.push(c),
            (false, '\\') => {
                escaped = true;
                continue;
            }
            (false, '"') => return Ok((value, &quoted[at + 1..])),
            (false, c) => value.push(c),
        }
        escaped = false;
    }
    Err(ArgsError::OpenQuote)
}
