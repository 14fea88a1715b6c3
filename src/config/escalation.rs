//! `escalation.toml`: the rules that propose escalations.

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::domain::change::EscalationKind;
use crate::domain::directory::Role;
use crate::domain::escalation::{At, Rule, Rules, Rung, When, Whom};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::sla::{Metric, duration};

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/escalation.toml", text: include_str!("../../config/escalation.toml") };

const TARGETS: &str = "owner, next_line, manager_of_group, group:NAME, person:LOGIN, role:ROLE";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    kind: EscalationKind,
    reason: Spanned<String>,
    #[serde(default)]
    when: Conditions,
    at: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    #[serde(default)]
    ladder: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    at: Spanned<String>,
    to: Spanned<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Conditions {
    #[serde(default)]
    kinds: Vec<Kind>,
    #[serde(default)]
    priorities: Vec<u8>,
    #[serde(default)]
    groups: Vec<Name>,
    #[serde(default)]
    lines: Vec<u8>,
    vip: Option<bool>,
    critical_service: Option<bool>,
    major: Option<bool>,
    reopens: Option<u32>,
    ping_pong: Option<u32>,
    bounces: Option<u32>,
    children: Option<u32>,
}

/// The rules of these files, later ones over earlier ones by name, with every fault in them.
pub fn load(sources: &[Source]) -> Result<Rules, Faults> {
    let mut faults = Faults::default();
    let mut rules: Vec<Rule> = Vec::new();
    for source in sources {
        let Some(file) = faults.good(source.toml::<File>()) else { continue };
        let mut names: Vec<Name> = Vec::new();
        for entry in file.rule {
            let place = Reader { source, faults: &mut faults, rule: entry.get_ref().name.get_ref().clone() };
            let span = entry.span();
            let Some(rule) = place.rule(entry.into_inner(), &span, &mut names) else { continue };
            match rules.iter_mut().find(|held| held.name == rule.name) {
                Some(held) => *held = rule,
                None => rules.push(rule),
            }
        }
    }
    faults.or(Rules(rules))
}

/// Reads one rule and notes what is wrong with it.
struct Reader<'a> {
    source: &'a Source<'a>,
    faults: &'a mut Faults,
    rule: String,
}

impl Reader<'_> {
    fn rule(mut self, entry: Entry, span: &std::ops::Range<usize>, names: &mut Vec<Name>) -> Option<Rule> {
        let before = self.faults.0.len();
        let name = Name::new(entry.name.get_ref());
        if name.is_empty() {
            self.fault(&entry.name.span(), "name", "It is empty; give the rule a name.");
        }
        if names.contains(&name) {
            self.fault(&entry.name.span(), "name", "Another rule of this file has that name; choose another.");
        }
        names.push(name.clone());
        if entry.reason.get_ref().trim().is_empty() {
            self.fault(&entry.reason.span(), "reason", "It is empty; say why the rule escalates.");
        }
        let rungs = self.rungs(&entry, span);
        (self.faults.0.len() == before).then(|| Rule {
            name,
            kind: entry.kind,
            reason: entry.reason.into_inner(),
            when: entry.when.into(),
            rungs,
        })
    }

    fn rungs(&mut self, entry: &Entry, span: &std::ops::Range<usize>) -> Vec<Rung> {
        let mut rungs = Vec::new();
        match (&entry.to, entry.ladder.is_empty()) {
            (Some(_), false) => self.fault(span, "to", "A rule has `to` or `ladder`, not both."),
            (None, true) => self.fault(span, "to", &format!("It is missing; give {TARGETS}, or a `ladder`.")),
            (Some(to), true) if entry.kind == EscalationKind::TimeBased => {
                self.fault(&to.span(), "to", "A time_based rule has a `ladder` of { at, to }.");
            }
            (Some(to), true) => {
                let at = entry.at.as_ref().map_or(Some(At::Once), |at| self.at(at));
                rungs.extend(at.zip(self.to(to, entry.kind)).map(|(at, to)| Rung { at, to }));
            }
            (None, false) if entry.kind != EscalationKind::TimeBased => {
                self.fault(span, "ladder", "Only a time_based rule has a ladder; give `to`.");
            }
            (None, false) => {
                if entry.ladder.len() > usize::from(u8::MAX) {
                    self.fault(span, "ladder", "A ladder has at most 255 steps.");
                }
                for step in &entry.ladder {
                    let (at, to) = (self.at(&step.at), self.to(&step.to, entry.kind));
                    if let (Some(at), Some(Rung { at: below, .. })) = (at, rungs.last())
                        && !rises(*below, at)
                    {
                        let message = "Steps rise: this one is due no later than the one before it.";
                        self.fault(&step.at.span(), "ladder.at", message);
                    }
                    rungs.extend(at.zip(to).map(|(at, to)| Rung { at, to }));
                }
            }
        }
        rungs
    }

    fn at(&mut self, text: &Spanned<String>) -> Option<At> {
        let found = match text.get_ref().split_once(' ') {
            Some((metric, percent)) if percent.trim().ends_with('%') => Metric::parse(metric)
                .zip(percent.trim().trim_end_matches('%').trim().parse().ok().filter(|p| (1..=1000).contains(p)))
                .map(|(metric, percent)| At::Percent(metric, percent)),
            _ => duration::parse(text.get_ref()).ok().filter(|ms| *ms > 0).map(At::Unaccepted),
        };
        if found.is_none() {
            let message = format!(
                "`{}` is no step; write a clock and a share such as `resolution 75%` (clocks: {}; 1 to 1000 %), or a time without an owner such as `15m`.",
                text.get_ref(),
                Metric::choices()
            );
            self.fault(&text.span(), "at", &message);
        }
        found
    }

    fn to(&mut self, text: &Spanned<String>, kind: EscalationKind) -> Option<Whom> {
        let found = match text.get_ref().split_once(':') {
            None => match text.get_ref().as_str() {
                "owner" => Some(Whom::Owner),
                "next_line" => Some(Whom::NextLine),
                "manager_of_group" => Some(Whom::ManagerOfGroup),
                _ => None,
            },
            Some((_, name)) if name.trim().is_empty() => None,
            Some(("group", name)) => Some(Whom::Group(Name::new(name))),
            Some(("person", name)) => Some(Whom::Person(Name::new(name))),
            Some(("role", name)) => match Role::parse(name) {
                Some(role) => Some(Whom::Role(role)),
                None => {
                    let message = format!("`{name}` is no role; known are {}.", Role::choices());
                    self.fault(&text.span(), "to", &message);
                    return None;
                }
            },
            Some(_) => None,
        };
        let group = matches!(found, Some(Whom::Group(_) | Whom::NextLine));
        if found.is_none() {
            let message = format!("`{}` is nobody; write one of {TARGETS}.", text.get_ref());
            self.fault(&text.span(), "to", &message);
        } else if group && kind == EscalationKind::Hierarchical {
            self.fault(&text.span(), "to", "A hierarchical escalation goes to a person, not to a group.");
        }
        found
    }

    fn fault(&mut self, span: &std::ops::Range<usize>, key: &str, message: &str) {
        let key = format!("rule.{}.{key}", self.rule);
        self.faults.push(self.source.fault_at(span, &key, message));
    }
}

/// Steps of the same sort come in rising order; those of different sorts cannot be compared.
fn rises(below: At, above: At) -> bool {
    match (below, above) {
        (At::Percent(a, x), At::Percent(b, y)) => a != b || y > x,
        (At::Unaccepted(x), At::Unaccepted(y)) => y > x,
        _ => true,
    }
}

impl From<Conditions> for When {
    fn from(given: Conditions) -> Self {
        Self {
            kinds: given.kinds,
            priorities: given.priorities,
            groups: given.groups,
            lines: given.lines,
            vip: given.vip,
            critical_service: given.critical_service,
            major: given.major,
            reopens: given.reopens,
            ping_pong: given.ping_pong,
            bounces: given.bounces,
            children: given.children,
        }
    }
}
