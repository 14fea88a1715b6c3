//! How risky a change is: a questionnaire of points, rules on top of it, and a hand; the highest of them counts.

use serde::{Deserialize, Serialize};

use crate::domain::directory::Directory;
use crate::domain::field::Field;
use crate::domain::lifecycle::ChangeType;
use crate::domain::name::Name;
use crate::domain::ticket::Ticket;
use crate::named_enum;

named_enum! {
    /// How risky a change is, in rising order.
    pub enum Risk {
        Low = "low",
        Moderate = "moderate",
        High = "high",
        VeryHigh = "very_high",
    }
}

/// The most points that one answer gives.
pub const MOST: u8 = 3;

/// One question; its answers give 0 to 3 points in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub name: Name,
    pub ask: String,
    pub answers: Vec<String>,
}

/// A risk that a change has at least, whatever the answers say. The first whose conditions hold counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub name: Name,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<ChangeType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Name>,
    /// Only for services that are, or are not, critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<bool>,
    pub risk: Risk,
}

/// What a sum of points means: 0 to 5 low, 6 to 11 moderate, 12 to 17 high, 18 and more very high.
pub const fn band(sum: u32) -> Risk {
    match sum {
        0..=5 => Risk::Low,
        6..=11 => Risk::Moderate,
        12..=17 => Risk::High,
        _ => Risk::VeryHigh,
    }
}

/// The points of a questionnaire as a field holds them: `users=1 service=3 …`, in the order of the questions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(pub Vec<(Name, u8)>);

impl Answers {
    /// The answers of that field, each question once; a clause for people where they cannot be read or do not fit the questions.
    pub fn read(text: &str, questions: &[Question]) -> Result<Self, String> {
        let mut found = Vec::new();
        for word in text.split_whitespace() {
            let (name, points) = word.split_once('=').ok_or_else(|| format!("`{word}` is no `question=points`"))?;
            let question = questions.iter().find(|q| &*q.name == name);
            let question = question.ok_or_else(|| format!("there is no question `{name}`"))?;
            let points: u8 = points
                .parse()
                .ok()
                .filter(|n| *n <= MOST)
                .ok_or_else(|| format!("`{name}` is answered with `{points}`, and answers are 0 to {MOST}"))?;
            if found.iter().any(|(held, _)| *held == question.name) {
                return Err(format!("`{name}` is answered twice"));
            }
            found.push((question.name.clone(), points));
        }
        match questions.iter().find(|q| found.iter().all(|(held, _)| *held != q.name)) {
            Some(missing) => Err(format!("`{}` is not answered: {}", missing.name, missing.ask)),
            None => Ok(Self(found)),
        }
    }

    pub fn text(&self) -> String {
        self.0.iter().map(|(name, points)| format!("{name}={points}")).collect::<Vec<_>>().join(" ")
    }

    pub fn sum(&self) -> u32 {
        self.0.iter().map(|(_, points)| u32::from(*points)).sum()
    }

    pub fn of(&self, question: &str) -> Option<u8> {
        self.0.iter().find(|(name, _)| &**name == question).map(|(_, points)| *points)
    }
}

/// The risk of a change with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// By the questionnaire: the sum of its points.
    pub answers: Option<(u32, Risk)>,
    /// By the first rule that applies.
    pub rule: Option<(Name, Risk)>,
}

impl Assessed {
    /// The highest of the methods; none where neither says anything.
    pub fn risk(&self) -> Option<Risk> {
        let answers = self.answers.map(|(_, risk)| risk);
        answers.max(self.rule.as_ref().map(|(_, risk)| *risk))
    }
}

/// What the methods make of this change.
pub fn assess(change: &Ticket, questions: &[Question], conditions: &[Condition], directory: &Directory) -> Assessed {
    let text = change.text(&Field::RiskAnswers);
    let answers = if text.is_empty() { None } else { Answers::read(text, questions).ok() };
    let rule = conditions.iter().find(|condition| condition.holds(change, directory));
    Assessed {
        answers: answers.map(|answers| (answers.sum(), band(answers.sum()))),
        rule: rule.map(|condition| (condition.name.clone(), condition.risk)),
    }
}

impl Condition {
    fn holds(&self, change: &Ticket, directory: &Directory) -> bool {
        let service = change.text(&Field::Service);
        let critical = || directory.services.iter().any(|held| &*held.name == service && held.critical);
        (self.types.is_empty() || self.types.contains(&ChangeType::of(change)))
            && (self.services.is_empty() || self.services.iter().any(|held| &**held == service))
            && self.critical.is_none_or(|wanted| wanted == critical())
    }
}
