//! Which tickets there are, when they came and how they stand: the plan that the stories are told from. Times are
//! chosen so that clocks stand at every stage at `now`, whatever the hour.

use jiff::Timestamp;
use jiff::civil::Weekday;

use crate::backend::sample::days::{DAY, Days, HOUR, Seconds};
use crate::backend::sample::rng::Rng;
use crate::backend::sample::teller::FIRST_LINE;
use crate::backend::sample::text::{Gear, Scenario, Texts};
use crate::backend::sample::world::World;
use crate::backend::sample::{open, renewal, special};
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
    /// A change that nobody could try before; a gate of its release is overridden.
    Untried,
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
    pub(super) mornings: Vec<(Seconds, Weekday)>,
    pub(super) used: [Vec<u32>; 2],
    /// The scenarios whose words speak of a floor or a desk: nobody calls about one from home.
    pub(super) at_office: [Vec<bool>; 2],
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
        let (problems, changes, requests) = (tickets * 12 / 1000, tickets * 60 / 1000, tickets * 240 / 1000);
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
pub(super) const HOME: &str = "Home";

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
    renewal::changes(&mut planner, &counts);
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
