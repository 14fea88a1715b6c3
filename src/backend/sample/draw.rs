//! Draws the plans of single tickets: which scenario, whose call, when it came and when it was done.

use jiff::civil::Weekday;

use crate::backend::sample::days::{DAY, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Fate, HOME, Plan, Planner, Twist};
use crate::backend::sample::text::{Gear, Scenario};
use crate::domain::change::EscalationKind;
use crate::domain::kind::Kind;

impl Planner<'_> {
    pub(super) fn scenarios(&self, kind: Kind) -> &[Scenario] {
        if kind == Kind::Request { &self.texts.requests } else { &self.texts.incidents }
    }

    /// The place of the incident of that key.
    pub(super) fn incident(&self, key: &str) -> Option<usize> {
        self.texts.incidents.iter().position(|scenario| scenario.key == key)
    }

    /// A scenario by weight, the rarer the more often it was used lately when `spread`.
    pub(super) fn draw(&mut self, kind: Kind, spread: bool) -> usize {
        let used = &self.used[usize::from(kind == Kind::Request)];
        let scenarios = if kind == Kind::Request { &self.texts.requests } else { &self.texts.incidents };
        let weights =
            scenarios.iter().zip(used).map(|(s, n)| if spread { s.weight * 64 / (1 + 3 * n) } else { s.weight });
        self.rng.weighted(weights)
    }

    /// A new incident or request of that scenario: its caller, asset, impact and title.
    pub(super) fn sketch(&mut self, kind: Kind, text: usize, fate: Fate) -> Plan {
        let used = &mut self.used[usize::from(kind == Kind::Request)];
        let variant = used.get_mut(text).map_or(0, |n| {
            *n += 1;
            *n as usize
        });
        let scenarios = if kind == Kind::Request { &self.texts.requests } else { &self.texts.incidents };
        let needs = scenarios.get(text).map_or(Gear::None, |s| s.needs);
        let rate = scenarios.get(text).and_then(|s| s.rates.get(self.rng.weighted(s.rates.iter().map(|r| r[2]))));
        let [impact, urgency, _] = rate.copied().unwrap_or([3, 3, 1]);
        let office = self.at_office[usize::from(kind == Kind::Request)].get(text) == Some(&true);
        let (mut caller, mut item) = self.caller(needs);
        for _ in 0..12 {
            if !(office && self.is_home(caller)) {
                break;
            }
            (caller, item) = self.caller(needs);
        }
        Plan {
            kind,
            text,
            variant,
            opened: self.now,
            impact,
            urgency,
            caller: Some(caller),
            item,
            fate,
            owner: None,
            twists: Vec::new(),
            ties: Vec::new(),
        }
    }

    fn is_home(&self, caller: usize) -> bool {
        self.world.customers.get(caller).is_some_and(|customer| &*customer.place == HOME)
    }

    /// Who calls about that sort of gear, and which piece of it is meant.
    pub(super) fn caller(&mut self, needs: Gear) -> (usize, Option<(Gear, usize)>) {
        let caller = self.world.caller(&mut self.rng);
        let Some(items) = self.world.gear.get(&needs) else { return (caller, None) };
        if matches!(needs, Gear::Laptop | Gear::Dock | Gear::Phone) {
            let index = self.rng.below(items.len());
            return (items.get(index).and_then(|item| item.customer).unwrap_or(caller), Some((needs, index)));
        }
        for _ in 0..12 {
            let caller = self.world.caller(&mut self.rng);
            let site = self.world.customers.get(caller).map_or(0, |customer| customer.site);
            let here: Vec<usize> = (0..items.len()).filter(|i| items[*i].site == site).collect();
            if let Some(index) = self.rng.pick(&here) {
                return (caller, Some((needs, *index)));
            }
        }
        (caller, None)
    }

    /// Fills up with tickets that are over.
    pub(super) fn history(&mut self, kind: Kind, wanted: usize) {
        let have = self.plans.iter().filter(|plan| plan.kind == kind).count();
        for _ in have..wanted {
            let text = self.draw(kind, false);
            let opened = self.arrival();
            let mut plan = self.sketch(kind, text, Fate::Fresh);
            plan.opened = opened;
            // Over time some cases come far more often than others; what is open at once is spread evenly instead.
            let cases = self.scenarios(kind).get(text).map_or(1, |scenario| scenario.cases.len());
            plan.variant = (self.rng.fraction().powi(2) * cases as f64) as usize;
            let end = self.ending(kind, &plan);
            plan.fate = if self.rng.percent(4) { Fate::Dropped(end) } else { Fate::Done(end) };
            if kind == Kind::Incident && !matches!(plan.fate, Fate::Dropped(_)) {
                if self.rng.percent(7) {
                    plan.twists.push(Twist::Bounced);
                }
                if self.rng.percent(3) && end < self.now - 12 * HOUR {
                    plan.twists.push(Twist::Reopened);
                }
                if self.rng.percent(3) {
                    plan.twists.push(Twist::Escalated(self.kind_of_escalation()));
                }
            }
            self.plans.push(plan);
        }
    }

    pub(super) fn kind_of_escalation(&mut self) -> EscalationKind {
        const USUAL: &[EscalationKind] = &[
            EscalationKind::Functional,
            EscalationKind::Functional,
            EscalationKind::Hierarchical,
            EscalationKind::TimeBased,
            EscalationKind::Supplier,
            EscalationKind::Exception,
        ];
        self.rng.pick(USUAL).copied().unwrap_or(EscalationKind::Functional)
    }

    /// When a ticket comes in: in working hours mostly, mornings and Mondays more than other times.
    pub(super) fn arrival(&mut self) -> Seconds {
        const BY_HOUR: [u32; 10] = [9, 18, 16, 12, 7, 9, 11, 9, 6, 3];
        let weights = self.mornings.iter().map(|(_, day)| match day {
            Weekday::Monday => 27,
            Weekday::Tuesday => 22,
            Weekday::Friday => 16,
            _ => 20,
        });
        let morning = self.mornings.get(self.rng.weighted(weights)).map_or(self.now - DAY, |(from, _)| *from);
        let hour = i64::try_from(self.rng.weighted(BY_HOUR.iter().copied())).unwrap_or(0);
        let at = morning + hour * HOUR + self.rng.within(0, 59) * MINUTE + self.rng.within(0, 59);
        // A few come in by mail in the evening or over the weekend.
        let late = if self.rng.percent(4) { self.rng.within(11, 30) * HOUR } else { 0 };
        if at + late < self.now - HOUR { at + late } else { at.min(self.now - HOUR) }
    }

    /// When such a ticket is done: by its usual length, and before now.
    fn ending(&mut self, kind: Kind, plan: &Plan) -> Seconds {
        let hours = self.scenarios(kind).get(plan.text).map_or([1.0, 8.0], |scenario| scenario.hours);
        let mut length = (self.rng.skewed(hours[0], hours[1]) * HOUR as f64) as Seconds;
        if self.rng.percent(6) {
            length *= 3;
        }
        let end = if plan.impact + plan.urgency == 2 {
            plan.opened + length.min(9 * HOUR)
        } else {
            self.days.shift(plan.opened, length).max(plan.opened + 6 * MINUTE)
        };
        if end < self.now - 5 * MINUTE {
            return end;
        }
        let left = (self.now - plan.opened).max(20 * MINUTE);
        plan.opened + 10 * MINUTE + self.rng.within(0, (left - 16 * MINUTE).max(0))
    }
}
