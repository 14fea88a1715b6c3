//! Which tickets there are, when they came and how they stand: the plan that the stories are told from. Times are
//! chosen so that clocks stand at every stage at `now`, whatever the hour.

use jiff::Timestamp;
use jiff::civil::Weekday;

use crate::backend::sample::days::{DAY, Days, HOUR, MINUTE, Seconds};
use crate::backend::sample::rng::Rng;
use crate::backend::sample::teller::FIRST_LINE;
use crate::backend::sample::text::{Gear, Scenario, Texts};
use crate::backend::sample::world::World;
use crate::backend::sample::{open, special};
use crate::domain::change::{EscalationKind, LinkKind};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::{HoldReason, State};

/// One ticket before it is told.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) kind: Kind,
    /// Which scenario, problem or change text, and which of its cases or titles.
    pub(super) text: usize,
    pub(super) variant: usize,
    pub(super) opened: Seconds,
    pub(super) impact: u32,
    pub(super) urgency: u32,
    pub(super) caller: Option<usize>,
    pub(super) item: Option<(Gear, usize)>,
    pub(super) fate: Fate,
    /// Instead of one whom chance picks.
    pub(super) owner: Option<Name>,
    pub(super) twists: Vec<Twist>,
    pub(super) ties: Vec<Bond>,
}

/// How a ticket stands at `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Resolved, fulfilled or implemented at that time, and closed since where that was long ago.
    Done(Seconds),
    /// Cancelled or rejected at that time.
    Dropped(Seconds),
    /// Nobody has looked at it.
    Fresh,
    /// Sorted into a group's queue; nobody has accepted it.
    Queued,
    Working,
    Held(HoldReason, Seconds),
    /// The states that only requests, problems and changes know.
    At(State),
}

/// Something out of the ordinary in a ticket's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twist {
    /// Went to a wrong group first.
    Bounced,
    /// Came back after it was resolved.
    Reopened,
    /// The caller wrote last and has no answer yet.
    Unanswered,
    /// The caller asked again before anybody had looked.
    Chased,
    /// The caller was promised a word at that time.
    Promised(Seconds),
    OfferedToMe,
    OfferedToGroup,
    Escalated(EscalationKind),
    Major,
    /// Its priority was set by hand.
    Overridden(u32),
    /// A change is planned for that time, over so many seconds.
    Window(Seconds, Seconds),
}

/// A link to another plan of the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bond {
    pub(super) how: LinkKind,
    pub(super) other: usize,
    pub(super) at: Seconds,
}

/// The group that such a ticket ends up with: the scenario's, the category's, or the caller's deskside team.
pub(super) fn group_of(texts: &Texts, world: &World, plan: &Plan, scenario: &Scenario) -> Name {
    let named = scenario.group.as_deref().or_else(|| {
        texts.desk.categories.get(&scenario.category).map(String::as_str).filter(|group| !group.is_empty())
    });
    if let Some(group) = named {
        return Name::new(group);
    }
    let site = plan.caller.and_then(|caller| world.customers.get(caller)).map_or(0, |customer| customer.site);
    world.sites.get(site).map_or_else(|| Name::new(FIRST_LINE), |site| site.desk.clone())
}

/// What the planners share.
#[derive(Debug)]
pub(super) struct Planner<'a> {
    pub(super) texts: &'a Texts,
    pub(super) world: &'a World,
    pub(super) days: &'a Days,
    pub(super) now: Seconds,
    pub(super) rng: Rng,
    pub(super) plans: Vec<Plan>,
    /// How many calendar days back the tickets reach.
    pub(super) period: i64,
    mornings: Vec<(Seconds, Weekday)>,
    used: [Vec<u32>; 2],
    /// The scenarios whose words speak of a floor or a desk: nobody calls about one from home.
    at_office: [Vec<bool>; 2],
}

/// How many tickets of each kind there are, and how many of them are open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) incidents: usize,
    pub(super) requests: usize,
    pub(super) problems: usize,
    pub(super) changes: usize,
    /// As many as 1000 per mille of the default desk's open tickets.
    pub(super) open_per_mille: usize,
}

impl Counts {
    pub(super) fn of(tickets: usize) -> Self {
        let (problems, changes, requests) = (tickets * 13 / 1000, tickets * 60 / 1000, tickets * 240 / 1000);
        let incidents = tickets - problems - changes - requests;
        // What is open grows with what comes per day, not with how far back the desk remembers.
        let daily = tickets as f64 / days_back(tickets) as f64;
        let open_per_mille = (daily * 45.0).round() as usize;
        Self { incidents, requests, problems, changes, open_per_mille }
    }

    /// So many of the default desk's, scaled.
    pub(super) fn open(&self, of_default: usize) -> usize {
        (of_default * self.open_per_mille).div_ceil(1000)
    }
}

/// The place of those who work at home.
const HOME: &str = "Home";

fn speaks_of_office(scenario: &Scenario) -> bool {
    const WORDS: &[&str] = &["{place}", "{spot}", "{tagplace}", "{site}", "floor"];
    scenario.cases.iter().any(|case| WORDS.iter().any(|word| case.title.contains(word) || case.says.contains(word)))
}

/// 90 days for the default 2,000 tickets; larger desks are both older and busier.
pub(super) fn days_back(tickets: usize) -> i64 {
    let days = 90.0 * (tickets.max(1) as f64 / 2000.0).powf(0.45);
    (days.round() as i64).clamp(30, 6000)
}

/// The plans of all the tickets, in no order. Links point into this list.
pub(super) fn make(texts: &Texts, world: &World, days: &Days, now: Timestamp, seed: u64, tickets: usize) -> Vec<Plan> {
    let counts = Counts::of(tickets);
    let (now, period) = (now.as_second(), days_back(tickets));
    let mut planner = Planner {
        texts,
        world,
        days,
        now,
        rng: Rng::new(seed, 0x91A7),
        plans: Vec::with_capacity(tickets),
        period,
        mornings: days.mornings(now - period * DAY, now - 4 * HOUR),
        used: [vec![0; texts.incidents.len()], vec![0; texts.requests.len()]],
        at_office: [&texts.incidents, &texts.requests].map(|list| list.iter().map(speaks_of_office).collect()),
    };
    special::changes(&mut planner, &counts);
    special::problems(&mut planner, &counts);
    special::storms(&mut planner);
    open::incidents(&mut planner, &counts);
    open::requests(&mut planner, &counts);
    planner.history(Kind::Incident, counts.incidents);
    planner.history(Kind::Request, counts.requests);
    special::evidence(&mut planner);
    special::duplicates(&mut planner);
    planner.plans.truncate(tickets);
    let all = planner.plans.len();
    for plan in &mut planner.plans {
        plan.ties.retain(|tie| tie.other < all);
    }
    planner.plans
}

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
    fn history(&mut self, kind: Kind, wanted: usize) {
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
