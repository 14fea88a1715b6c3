//! Templates of words: checked when they are loaded, filled in when they are used. The only place that knows the
//! template engine.
//!
//! A template may speak of what `domain::reply` knows and of its own prompts, and of nothing else. A value that is
//! missing when it is filled in is an error, never a hole in a letter; `{% if ticket.asset %}` asks for it.

use std::collections::{BTreeMap, HashSet};

use minijinja::{Environment, UndefinedBehavior, Value};

use crate::domain::reply::{Facts, KNOWN};
use crate::text::Clean;

/// What is wrong in a template, and in which of its lines, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub line: usize,
    pub message: String,
}

/// Why a template could not be filled in for this ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// The ticket does not have what the words speak of.
    #[error("These words need {}, which is not known here; fill it in, or choose other words.", .0.join(", "))]
    Missing(Vec<String>),
    #[error("These words cannot be made: {0}")]
    Broken(String),
}

/// Everything wrong with a template whose prompts have these names. Empty when it is fine.
pub fn check(template: &str, prompts: &[&str]) -> Vec<Mistake> {
    let environment = environment();
    let parsed = match environment.template_from_str(template) {
        Ok(parsed) => parsed,
        Err(error) => return vec![mistake(&error)],
    };
    let known: HashSet<String> = KNOWN.iter().map(|(name, _)| (*name).to_owned()).chain(asked(prompts)).collect();
    let mut unknown: Vec<String> =
        parsed.undeclared_variables(true).into_iter().filter(|n| !known.contains(n)).collect();
    unknown.sort();
    if !unknown.is_empty() {
        let say = |name: String| Mistake {
            line: line_of(template, &name),
            message: format!("`{name}` is not known; known are {}.", names(prompts)),
        };
        return unknown.into_iter().map(say).collect();
    }
    // What only shows when it runs: filters that do not exist, names in brackets.
    let mut facts = Facts::sample();
    asked(prompts).for_each(|name| facts.set(&name, "an answer"));
    let tried = parsed.render(context(&facts));
    tried.err().iter().map(mistake).collect()
}

/// The words for one ticket, through the gate.
pub fn render(template: &str, facts: &Facts) -> Result<Clean, Unfilled> {
    let environment = environment();
    let broken = |error: minijinja::Error| Unfilled::Broken(Clean::line(&error.to_string()).to_string());
    let parsed = environment.template_from_str(template).map_err(broken)?;
    match parsed.render(context(facts)) {
        Ok(text) => Ok(Clean::body(text.trim_end())),
        Err(error) if error.kind() == minijinja::ErrorKind::UndefinedError => {
            let mut absent: Vec<String> = parsed.undeclared_variables(true).into_iter().collect();
            absent.retain(|name| facts.get(name).is_none());
            absent.sort();
            // Some are only asked about: needed is what is still missed when all the others are there.
            let needed = |name: &&String| {
                let mut others = facts.clone();
                absent.iter().filter(|other| other != name).for_each(|other| others.set(other, "?"));
                parsed.render(context(&others)).is_err()
            };
            let missing: Vec<String> = absent.iter().filter(needed).cloned().collect();
            Err(if missing.is_empty() { broken(error) } else { Unfilled::Missing(missing) })
        }
        Err(error) => Err(broken(error)),
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // Strict where a value is shown; asking whether there is one is what `if` is for.
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment
}

/// `caller.name` becomes `name` within `caller`.
fn context(facts: &Facts) -> Value {
    let mut top: BTreeMap<String, Value> = BTreeMap::new();
    let mut groups: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    // Every group is there, so that what is missing is one of its values.
    groups.entry("prompt".to_owned()).or_default();
    for (name, _) in KNOWN {
        if let Some((group, _)) = name.split_once('.') {
            groups.entry(group.to_owned()).or_default();
        }
    }
    for (name, value) in facts.iter() {
        match name.split_once('.') {
            Some((group, name)) => groups.entry(group.to_owned()).or_default().insert(name.to_owned(), value.into()),
            None => top.insert(name.to_owned(), value.into()),
        };
    }
    top.extend(groups.into_iter().map(|(name, held)| (name, Value::from(held))));
    Value::from(top)
}

fn asked<'a>(prompts: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    prompts.iter().map(|name| format!("prompt.{name}"))
}

fn names(prompts: &[&str]) -> String {
    KNOWN.iter().map(|(name, _)| (*name).to_owned()).chain(asked(prompts)).collect::<Vec<_>>().join(", ")
}

fn line_of(template: &str, name: &str) -> usize {
    let last = name.rsplit('.').next().unwrap_or(name);
    let at = template.find(name).or_else(|| template.find(last)).unwrap_or(0);
    1 + template[..at].matches('\n').count()
}

fn mistake(error: &minijinja::Error) -> Mistake {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    Mistake { line: error.line().unwrap_or(1), message: format!("The template is wrong: {detail}.") }
}
