//! The sample desk: a made-up service desk of an end-user computing team, with people, equipment and tickets of all
//! kinds and ages, told from the text under `config/sample/`.
//!
//! Pure: the same seed, time and number give the same desk. Knows no clock; every time lies relative to `now`. Reads
//! nothing but the text that is compiled in, and only when it is asked for a desk.

mod change;
mod check;
mod days;
mod draw;
mod incident;
mod open;
mod plan;
mod problem;
mod renewal;
mod request;
mod rng;
mod slots;
mod special;
mod story;
mod teller;
mod text;
mod turns;
mod world;

use jiff::Timestamp;

use crate::domain::change::{Event, Link, OpKey};
use crate::domain::directory::Directory;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
pub use check::check;
use days::Days;
use plan::Plan;
use rng::Rng;
use story::Tie;
use teller::Teller;
pub use text::TextError;
use text::Texts;
use world::World;

/// The log-in of the engineer who sits at the keyboard: senior, in Service Desk and Deskside Leeds.
pub const ME: &str = "jmorgan";

/// How many tickets the desk has unless somebody asks for another number.
pub const TICKETS: usize = 2000;

/// A made-up desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub directory: Directory,
    /// By time of opening; each with its events in the order in which they happened. `seq` counts over the whole desk.
    pub tickets: Vec<(TicketId, Vec<Event>)>,
}

/// The desk of that seed as it stands at `now`, with so many tickets. Fails only when a text under `config/sample/`
/// is at fault, and names file and key.
pub fn generate(seed: u64, now: Timestamp, tickets: usize) -> Result<Sample, TextError> {
    let source = Source::build(seed, now, tickets, None)?;
    let mut told: Vec<(TicketId, Vec<Event>)> = (0..source.plans.len()).map(|index| source.tell(index)).collect();
    let mut order: Vec<(i64, u32, u32)> = Vec::new();
    for (ticket, (_, events)) in told.iter().enumerate() {
        order.extend((0_u32..).zip(events).map(|(place, event)| (event.at.as_second(), ticket as u32, place)));
    }
    order.sort_unstable();
    for (seq, (_, ticket, place)) in (1_u64..).zip(order) {
        if let Some(event) = told.get_mut(ticket as usize).and_then(|(_, events)| events.get_mut(place as usize)) {
            event.seq = seq;
        }
    }
    Ok(Sample { directory: source.world.directory, tickets: told })
}

/// The same desk ticket by ticket, for more of them than one wants to hold at once. `seq` counts within a ticket only:
/// whoever stores them numbers them. With `me`, a log-in and a name, that person sits in the place of [`ME`]. Fails as
/// `generate` does.
pub fn stream(
    seed: u64,
    now: Timestamp,
    tickets: usize,
    me: Option<(&str, &str)>,
) -> Result<(Directory, impl Iterator<Item = (TicketId, Vec<Event>)>), TextError> {
    let source = Source::build(seed, now, tickets, me)?;
    let directory = source.world.directory.clone();
    let told = (0..source.plans.len()).map(move |index| {
        let (id, mut events) = source.tell(index);
        for (event, seq) in events.iter_mut().zip(1..) {
            event.seq = seq;
        }
        (id, events)
    });
    Ok((directory, told))
}

/// All that is needed to tell any one ticket of the desk.
#[derive(Debug)]
struct Source {
    texts: Texts,
    world: World,
    days: Days,
    now: i64,
    seed: u64,
    /// By time of opening.
    plans: Vec<Plan>,
    ids: Vec<TicketId>,
    ties: Vec<Vec<Tie>>,
}

impl Source {
    fn build(seed: u64, now: Timestamp, tickets: usize, me: Option<(&str, &str)>) -> Result<Self, TextError> {
        let mut texts = Texts::load()?;
        if let Some((login, name)) = me {
            texts.desk.seat(login, name);
        }
        let world = World::build(&texts, seed, now);
        let days = Days::around(now, plan::days_back(tickets) + 60);
        let plans = in_order(plan::make(&texts, &world, &days, now, seed, tickets));
        let ids = number(&plans);
        let mut source = Self { texts, world, days, now: now.as_second(), seed, plans, ids, ties: Vec::new() };
        source.ties = source.tie();
        Ok(source)
    }

    /// Both ends of every link, each with the same time and act.
    fn tie(&self) -> Vec<Vec<Tie>> {
        let mut ties: Vec<Vec<Tie>> = vec![Vec::new(); self.plans.len()];
        for (from, plan) in self.plans.iter().enumerate() {
            for bond in &plan.ties {
                let Some(other) = self.plans.get(bond.other) else { continue };
                // Both are registered by then: nobody takes longer than that to type.
                let typed = other.opened.max(plan.opened) + 335;
                let at = bond.at.max(typed).min(self.now);
                let mut rng = Rng::new(self.seed, from as u64 ^ 0x71E5);
                let actor = rng.pick(&self.world.linkers).unwrap_or(&self.world.me).clone();
                let key = OpKey(format!("sample-link-{}-{}", self.ids[from], self.ids[bond.other]));
                let tie = |how, other: usize| Tie {
                    at,
                    actor: actor.clone(),
                    key: key.clone(),
                    link: Link { how, other: self.ids[other].clone() },
                };
                ties[from].push(tie(bond.how, bond.other));
                ties[bond.other].push(tie(bond.how.inverse(), from));
            }
        }
        ties
    }

    fn tell(&self, index: usize) -> (TicketId, Vec<Event>) {
        let (plan, id) = (&self.plans[index], self.ids[index].clone());
        let teller = Teller { texts: &self.texts, world: &self.world, days: &self.days, now: self.now, ids: &self.ids };
        let rng = Rng::new(self.seed, 0x5707 ^ ((index as u64) << 20));
        let blank = Vec::new();
        let ties = self.ties.get(index).unwrap_or(&blank);
        let story = match plan.kind {
            Kind::Incident | Kind::Request => teller.scenario(plan).map(|scenario| match plan.kind {
                Kind::Request => request::tell(&teller, plan, scenario, id.clone(), rng),
                _ => incident::tell(&teller, plan, scenario, id.clone(), rng),
            }),
            Kind::Problem => {
                self.texts.problems.get(plan.text).map(|text| problem::problem(&teller, plan, text, id.clone(), rng))
            }
            Kind::Change => {
                self.texts.changes.get(plan.text).map(|text| change::change(&teller, plan, text, id.clone(), rng))
            }
        };
        story.map_or((id, Vec::new()), |story| story.end(ties))
    }
}

/// The plans by time of opening; links follow.
fn in_order(plans: Vec<Plan>) -> Vec<Plan> {
    let mut order: Vec<usize> = (0..plans.len()).collect();
    order.sort_by_key(|index| plans[*index].opened);
    let mut place = vec![0; plans.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut slots: Vec<Option<Plan>> = plans.into_iter().map(Some).collect();
    let mut sorted: Vec<Plan> = order.into_iter().filter_map(|old| slots.get_mut(old).and_then(Option::take)).collect();
    for plan in &mut sorted {
        for tie in &mut plan.ties {
            tie.other = place[tie.other];
        }
    }
    sorted
}

/// Identifiers by kind in the order of opening; the desk had others before.
fn number(plans: &[Plan]) -> Vec<TicketId> {
    const BEFORE: [u32; 4] = [2801, 611, 57, 203];
    let mut next = BEFORE;
    plans
        .iter()
        .map(|plan| {
            let slot = &mut next[plan.kind as usize];
            *slot += 1;
            TicketId::new(&format!("{}-{}", plan.kind.prefix(), *slot))
        })
        .collect()
}
