//! Encoded queries as an instance reads them: what it does not understand, it leaves out without a word.

use jiff::{SignedDuration, Timestamp};

use super::world::{Row, World, stamp};

#[derive(Debug, Default)]
pub struct Query {
    /// Any of them.
    groups: Vec<Vec<Vec<Condition>>>,
    order: Vec<(String, bool)>,
}

#[derive(Debug)]
struct Condition {
    field: String,
    operator: &'static str,
    value: String,
}

const OPERATORS: [&str; 18] = [
    "NOT IN",
    "IN",
    "NOT LIKE",
    "LIKE",
    "STARTSWITH",
    "ENDSWITH",
    "ISNOTEMPTY",
    "ISEMPTY",
    "EMPTYSTRING",
    "ANYTHING",
    "!=",
    ">=",
    "<=",
    "=",
    ">",
    "<",
    "*",
    "BETWEEN",
];

impl Query {
    pub fn parse(text: &str) -> Self {
        let text = text.replace("^^", "\u{1}");
        let mut query = Self::default();
        for group in text.split("^NQ") {
            let mut all: Vec<Vec<Condition>> = Vec::new();
            for part in group.split('^') {
                if let Some(field) = part.strip_prefix("ORDERBYDESC") {
                    query.order.push((field.to_owned(), true));
                } else if let Some(field) = part.strip_prefix("ORDERBY") {
                    query.order.push((field.to_owned(), false));
                } else if let Some(other) = part.strip_prefix("OR").and_then(condition) {
                    match all.last_mut() {
                        Some(any) => any.push(other),
                        None => all.push(vec![other]),
                    }
                } else if let Some(one) = condition(part) {
                    all.push(vec![one]);
                }
            }
            query.groups.push(all);
        }
        query
    }

    /// Another condition that everything must meet.
    pub fn also(&mut self, field: &str, value: &str) {
        for group in &mut self.groups {
            group.push(vec![Condition { field: field.into(), operator: "=", value: value.into() }]);
        }
    }

    pub fn run<'w>(&self, world: &'w World, table: &str, me: &str) -> Vec<&'w Row> {
        let mut rows: Vec<&Row> = world
            .rows(table)
            .into_iter()
            .filter(|row| self.groups.iter().any(|group| self.fits(world, row, group, me)))
            .collect();
        for (field, down) in self.order.iter().rev() {
            rows.sort_by(|a, b| {
                let order = world.walk(a, field).unwrap_or_default().cmp(&world.walk(b, field).unwrap_or_default());
                if *down { order.reverse() } else { order }
            });
        }
        rows
    }

    fn fits(&self, world: &World, row: &Row, group: &[Vec<Condition>], me: &str) -> bool {
        group.iter().all(|any| {
            // A field that the table has not: the condition is dropped, and more rows come back.
            let known: Vec<_> = any.iter().filter_map(|one| Some((one, world.walk(row, &one.field)?))).collect();
            if known.is_empty() {
                return !world.strict_queries;
            }
            known.iter().any(|(one, held)| one.holds(world, held, me))
        })
    }
}

fn condition(part: &str) -> Option<Condition> {
    let end = part.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.'))?;
    let (field, rest) = part.split_at(end);
    let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator))?;
    let value = rest[operator.len()..].replace('\u{1}', "^");
    (!field.is_empty()).then(|| Condition { field: field.into(), operator, value })
}

impl Condition {
    fn holds(&self, world: &World, held: &str, me: &str) -> bool {
        let value = script(&self.value, me);
        let (low, other) = (held.to_lowercase(), value.to_lowercase());
        let order = || match (held.parse::<i64>(), value.parse::<i64>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => held.cmp(&value),
        };
        match self.operator {
            "=" => held == value || world.shows(&self.field, held, &value),
            "!=" => held != value,
            "IN" => value.split(',').any(|one| one.trim() == held),
            "NOT IN" => value.split(',').all(|one| one.trim() != held),
            "LIKE" | "*" => low.contains(&other),
            "NOT LIKE" => !low.contains(&other),
            "STARTSWITH" => low.starts_with(&other),
            "ENDSWITH" => low.ends_with(&other),
            "ISEMPTY" | "EMPTYSTRING" => held.is_empty(),
            "ISNOTEMPTY" => !held.is_empty(),
            ">=" => !held.is_empty() && order().is_ge(),
            "<=" => !held.is_empty() && order().is_le(),
            ">" => !held.is_empty() && order().is_gt(),
            "<" => !held.is_empty() && order().is_lt(),
            "BETWEEN" => value.split_once('@').is_some_and(|(a, b)| a <= held && held <= b),
            _ => true,
        }
    }
}

fn script(value: &str, me: &str) -> String {
    let Some(call) = value.strip_prefix("javascript:gs.") else { return value.to_owned() };
    let (name, rest) = call.split_once('(').unwrap_or((call, ""));
    let inside = rest.trim_end_matches(')');
    let number: i64 = inside.parse().unwrap_or(0);
    let ago = |hours: i64| stamp(Timestamp::now() - SignedDuration::from_hours(hours));
    match name {
        "getUserID" => me.to_owned(),
        "daysAgoStart" => format!("{} 00:00:00", &ago(24 * number)[..10]),
        "hoursAgoStart" => ago(number),
        "dateGenerate" => inside.replace("','", " ").replace('\'', ""),
        // Blocked: it finds nothing.
        _ => "\u{2}".to_owned(),
    }
}
