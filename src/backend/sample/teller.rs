//! What the stories of all kinds share: who does it, when, and in which stock words.

use jiff::Timestamp;

use crate::backend::sample::days::{Days, HOUR, MINUTE, Seconds};
use crate::backend::sample::plan::{Fate, Plan, Twist};
use crate::backend::sample::rng::Rng;
use crate::backend::sample::slots::Slots;
use crate::backend::sample::story::Story;
use crate::backend::sample::text::{Case, Gear, Scenario, Texts};
use crate::backend::sample::world::{Item, World};
use crate::domain::change::LinkKind;
use crate::domain::directory::Level;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::major::{MajorStep, review};
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{State, Verb};
use crate::text::Clean;

/// The case of the scenario that the plan has picked.
pub(super) fn case<'a>(plan: &Plan, scenario: &'a Scenario) -> Option<&'a Case> {
    scenario.cases.get(plan.variant % scenario.cases.len().max(1))
}

/// The line of the desk that takes calls.
pub(super) const FIRST_LINE: &str = "Service Desk";

/// Everything a story needs beside its plan.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    pub(super) texts: &'a Texts,
    pub(super) world: &'a World,
    pub(super) days: &'a Days,
    pub(super) now: Seconds,
    pub(super) ids: &'a [TicketId],
}

impl<'a> Teller<'a> {
    pub(super) fn scenario(&self, plan: &Plan) -> Option<&'a Scenario> {
        let list = if plan.kind == Kind::Request { &self.texts.requests } else { &self.texts.incidents };
        list.get(plan.text)
    }

    pub(super) fn item(&self, plan: &Plan) -> Option<&'a Item> {
        let (sort, index) = plan.item?;
        self.world.gear.get(&sort)?.get(index)
    }

    pub(super) fn slots(&self, plan: &Plan, own: &'a std::collections::BTreeMap<String, Vec<String>>) -> Slots<'a> {
        Slots::new(self.world, [own, &self.texts.phrases.slots], plan.caller, self.item(plan))
    }

    /// Stock words of that sort.
    pub(super) fn phrases(&self, key: &str) -> &'a [String] {
        self.texts.phrases.say.get(key).map_or(&[], Vec::as_slice)
    }

    /// Somebody of that group.
    pub(super) fn member(&self, group: &str, rng: &mut Rng) -> Name {
        rng.pick(self.world.members(group)).cloned().unwrap_or_else(|| self.world.me.clone())
    }

    /// Who takes calls: somebody of the first line who has nothing to manage.
    pub(super) fn analyst(&self, rng: &mut Rng) -> Name {
        let manages = |login: &Name| self.world.directory.person(login).is_some_and(|p| !p.roles.is_empty());
        self.member_who(FIRST_LINE, rng, |login| !manages(login))
    }

    /// Somebody of that group; the person at the keyboard more often than the others, so that there is work for them.
    pub(super) fn owner(&self, plan: &Plan, group: &str, rng: &mut Rng) -> Name {
        if let Some(owner) = &plan.owner {
            return owner.clone();
        }
        let offered = plan.twists.contains(&Twist::OfferedToMe);
        let away = |login: &str| self.world.directory.person(login).is_some_and(|p| p.absent_until.is_some());
        let mine = !offered && self.world.members(group).contains(&self.world.me);
        if mine && !matches!(plan.fate, Fate::Done(_)) && rng.percent(36) {
            return self.world.me.clone();
        }
        // What is offered to me is another's; what comes back comes to somebody who is there.
        let back = plan.twists.contains(&Twist::Reopened);
        self.member_who(group, rng, |login| !(offered && *login == self.world.me || back && away(login)))
    }

    /// Somebody of that group of whom this holds; anybody of it when it holds of none.
    pub(super) fn member_who(&self, group: &str, rng: &mut Rng, holds: impl Fn(&Name) -> bool) -> Name {
        let fit: Vec<&Name> = self.world.members(group).iter().filter(|login| holds(login)).collect();
        rng.pick(&fit).map_or_else(|| self.member(group, rng), |login| (*login).clone())
    }

    /// This person, or somebody of the group who is of that level, or who manages it.
    pub(super) fn of_level(&self, login: &Name, level: Level, group: &str) -> Name {
        let fits = |login: &&Name| self.world.directory.person(login).is_some_and(|p| p.level >= Some(level));
        let other = || self.world.members(group).iter().find(fits).or_else(|| self.world.manager_of(group));
        Some(login).filter(fits).or_else(other).unwrap_or(login).clone()
    }

    /// `minutes` of working time later; of real time when it burns.
    pub(super) fn later(&self, t: Seconds, minutes: i64, burns: bool) -> Seconds {
        if burns { t + minutes * MINUTE } else { self.days.shift(t, minutes * MINUTE).max(t + MINUTE) }
    }

    /// That part of the way between two instants, in working time where there is some between them.
    pub(super) fn between(&self, from: Seconds, to: Seconds, part: f64, burns: bool) -> Seconds {
        let (start, end) = (self.days.worked(from), self.days.worked(to));
        if burns || end - start < 10 * MINUTE {
            return from + ((to - from) as f64 * part) as Seconds;
        }
        self.days.at(start + ((end - start) as f64 * part) as Seconds).clamp(from, to.max(from))
    }

    /// What is known when somebody calls: title, words, caller, place, how bad it is.
    pub(super) fn intake(&self, story: &mut Story<'a>, plan: &Plan, scenario: &'a Scenario, channel: &str) {
        if let Some(case) = case(plan, scenario) {
            story.title(&case.title);
            story.text(Field::Description, &case.says);
        }
        if let Some(customer) = plan.caller.and_then(|caller| self.world.customers.get(caller)) {
            story.name(Field::Caller, &customer.login);
            story.name(Field::Location, &customer.place);
            if story.rng.percent(24) {
                let contact = format!("ext. {}", customer.phone);
                story.set(Field::Contact, Value::Text(Clean::line(&contact)));
            }
        }
        story.word(Field::Channel, channel);
        if let Some(item) = self.item(plan) {
            story.name(Field::Asset, &item.tag);
            if matches!(scenario.needs, Gear::Printer | Gear::Room | Gear::Network) {
                story.name(Field::Location, &item.place);
            }
        }
    }

    /// The usual way in; out of hours nobody answers a phone.
    pub(super) fn channel(&self, at: Seconds, kind: Kind, rng: &mut Rng) -> &'static str {
        const INCIDENT: &[(&str, u32)] = &[("phone", 44), ("portal", 29), ("email", 14), ("chat", 8), ("walk-in", 5)];
        const REQUEST: &[(&str, u32)] = &[("phone", 8), ("portal", 74), ("email", 15), ("chat", 3)];
        if !self.days.is_open(at) {
            return if rng.percent(60) { "portal" } else { "email" };
        }
        let list = if kind == Kind::Request { REQUEST } else { INCIDENT };
        list.get(rng.weighted(list.iter().map(|(_, weight)| *weight))).map_or("phone", |(name, _)| name)
    }

    /// Sorts it: category, group, service, how bad it is.
    pub(super) fn sort(&self, story: &mut Story<'a>, plan: &Plan, scenario: &Scenario, group: &Name) {
        story.number(Field::Impact, plan.impact);
        story.number(Field::Urgency, plan.urgency);
        story.word(Field::Category, &scenario.category);
        story.word(Field::Service, &scenario.service);
        story.name(Field::Group, group);
    }

    /// The links of the plan that this ticket holds before `at` already.
    pub(super) fn tied(&self, plan: &Plan, how: LinkKind) -> Option<&TicketId> {
        plan.ties.iter().find(|tie| tie.how == how).and_then(|tie| self.ids.get(tie.other))
    }

    /// Closes what is done, once its caller has agreed or has been silent for a week.
    pub(super) fn close(&self, story: &mut Story<'a>, owner: &Name, agreed: bool) {
        const WEEK: Seconds = 7 * 24 * HOUR;
        let done = story.last();
        let wait = if agreed { story.rng.within(3, 26) * HOUR } else { 0 };
        let at = if agreed { self.days.shift(done, wait) } else { self.days.shift(done + WEEK, 20 * MINUTE) };
        if at >= self.now {
            return;
        }
        let closer =
            if story.ticket.get(&Field::Major).is_some() { self.manager("incident_manager") } else { owner.clone() };
        if story.ticket.major.is_some() {
            story.act(self.between(done, at, 0.5, false), &closer);
            for (part, text) in review::PARTS.iter().zip(self.phrases("review")) {
                story.major(MajorStep::Review { part: Name::new(part), text: Clean::line(text) });
            }
        }
        story.act(at, &closer);
        let caller = story.ticket.text(&Field::Caller).to_owned();
        if agreed && story.rng.percent(45) && !caller.is_empty() {
            if let Some(words) = story.one_of(self.phrases("thanks")) {
                story.heard(&Name::new(&caller), words);
            }
        } else if let Some(words) = story.one_of(self.phrases(if agreed { "closed_agreed" } else { "closed_silent" })) {
            story.note(words);
        }
        if story.ticket.major.is_some() {
            story.major(MajorStep::Close);
        }
        story.go(Verb::Close, State::Closed);
    }

    /// Who has that role.
    pub(super) fn manager(&self, role: &str) -> Name {
        let role = crate::domain::directory::Role::parse(role);
        let found = self.world.directory.people.iter().find(|person| role.is_some_and(|r| person.roles.contains(&r)));
        found.map_or_else(|| self.world.me.clone(), |person| person.login.clone())
    }

    /// The local time of an instant as one says it to a caller: `14:30`, or `Tuesday 09:15`.
    pub(super) fn spoken(&self, at: Seconds) -> String {
        let (Ok(at), Ok(now)) = (Timestamp::from_second(at), Timestamp::from_second(self.now)) else {
            return "later today".into();
        };
        let (at, now) = (at.to_zoned(self.days.zone().clone()), now.to_zoned(self.days.zone().clone()));
        let time = at.strftime("%H:%M");
        if at.date() == now.date() { time.to_string() } else { format!("{} {time}", at.strftime("%A")) }
    }
}
