//! The promises of a desk together: definitions joined with their calendars, checked against each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::definition::{Definition, Metric, Since, Target};
use crate::domain::calendar::{Calendar, Fault};
use crate::domain::kind::Kind;

/// Every promise of the desk and every calendar by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    calendars: BTreeMap<String, Arc<Calendar>>,
    rules: Vec<Arc<Rule>>,
    pub(super) slots: Vec<Slot>,
}

/// A definition with its calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The promise.
    pub definition: Definition,
    /// When its time counts.
    pub calendar: Arc<Calendar>,
    /// Milliseconds; 0 for a promise by agreement, which makes no clock.
    pub(super) target: i64,
}

/// One clock of a ticket: the definitions that are alternatives to each other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) metric: Metric,
    pub(super) since: Since,
    rules: Vec<Arc<Rule>>,
}

impl Policy {
    /// Joins and checks. The fault's key is `definition "NAME".KEY`.
    pub fn new(definitions: Vec<Definition>, calendars: BTreeMap<String, Calendar>) -> Result<Policy, Fault> {
        let calendars: BTreeMap<_, _> = calendars.into_iter().map(|(name, c)| (name, Arc::new(c))).collect();
        let mut policy = Policy { calendars, rules: Vec::new(), slots: Vec::new() };
        for definition in definitions {
            policy.insert(definition)?;
        }
        Ok(policy)
    }

    /// A policy of a single promise, for clocks without a ticket.
    pub fn single(definition: Definition, calendar: Calendar) -> Result<Policy, Fault> {
        let calendars = BTreeMap::from([(definition.calendar.clone(), calendar)]);
        Policy::new(vec![definition], calendars)
    }

    /// Every promise, in order.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// Every calendar by name.
    pub fn calendars(&self) -> &BTreeMap<String, Arc<Calendar>> {
        &self.calendars
    }

    /// The same promises, all measured in this calendar.
    pub fn in_calendar(&self, name: &str, calendar: &Calendar) -> Policy {
        let calendar = Arc::new(calendar.clone());
        let swap = |rule: &Arc<Rule>| {
            let definition = Definition { calendar: name.to_owned(), ..rule.definition.clone() };
            Arc::new(Rule { definition, calendar: Arc::clone(&calendar), target: rule.target })
        };
        let slots = self.slots.iter().map(|slot| Slot { rules: slot.rules.iter().map(swap).collect(), ..slot.clone() });
        let slots: Vec<Slot> = slots.collect();
        let rules = slots.iter().flat_map(|slot| slot.rules.iter().cloned()).collect();
        let mut calendars = self.calendars.clone();
        calendars.insert(name.to_owned(), calendar);
        Policy { calendars, rules, slots }
    }

    fn insert(&mut self, definition: Definition) -> Result<(), Fault> {
        let within =
            |fault: Fault| Fault::new(format!("definition {:?}.{}", definition.name, fault.key), fault.problem);
        definition.validate().map_err(within)?;
        if self.rules.iter().any(|rule| rule.definition.name == definition.name) {
            return Err(within(Fault::new("name", "another definition has it already")));
        }
        let Some(calendar) = self.calendars.get(&definition.calendar).cloned() else {
            let known: Vec<&str> = self.calendars.keys().map(String::as_str).collect();
            let problem = format!("{:?} is not a calendar; known are: {}", definition.calendar, known.join(", "));
            return Err(within(Fault::new("calendar", problem)));
        };
        let name = definition.clock_name();
        match self.slots.iter().find(|slot| slot.name == name) {
            Some(slot) => slot.accepts(&definition).map_err(within)?,
            None => self.slots.push(Slot {
                name: name.to_owned(),
                metric: definition.metric,
                since: definition.since,
                rules: Vec::new(),
            }),
        }
        let target = match definition.target {
            Target::Within(ms) => ms,
            Target::ByAgreement => 0,
        };
        let rule = Arc::new(Rule { definition, calendar, target });
        self.rules.push(Arc::clone(&rule));
        let name = rule.definition.clock_name();
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.name == name) {
            slot.rules.push(Arc::clone(&rule));
        }
        Ok(())
    }
}

impl Slot {
    /// The promise for such a ticket; none where nothing was promised, or only by agreement.
    pub(super) fn rule(&self, kind: Kind, priority: Option<u8>) -> Option<&Arc<Rule>> {
        let rule = self.rules.iter().find(|rule| rule.definition.applies(kind, priority))?;
        (rule.definition.target != Target::ByAgreement).then_some(rule)
    }

    fn accepts(&self, new: &Definition) -> Result<(), Fault> {
        if self.metric != new.metric || self.since != new.since {
            let problem = format!("all definitions of the clock {:?} have one metric and one since", self.name);
            return Err(Fault::new("clock", problem));
        }
        for held in self.rules.iter().map(|rule| &rule.definition) {
            if overlap(&held.kinds, &new.kinds) && overlap(&held.priorities, &new.priorities) {
                let problem =
                    format!("holds for tickets for which {:?} holds; give each its own kinds or priorities", held.name);
                return Err(Fault::new("priorities", problem));
            }
        }
        Ok(())
    }
}

/// Whether two lists have a value in common; an empty one has all.
fn overlap<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.is_empty() || b.is_empty() || a.iter().any(|value| b.contains(value))
}
