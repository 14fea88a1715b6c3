//! The hand-over of ownership: who may answer, who wins a race, and that an open record always has its one owner.

use deskside::domain::change::{Change, Event, Handover, OpKey, Party};
use deskside::domain::directory::Directory;
use deskside::domain::field::Field;
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::ownership;
use deskside::domain::refusal::Sort;
use deskside::domain::state::{State, Verb};
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use jiff::Timestamp;
use proptest::prelude::*;

use super::small::{self, Small, accept, days, group, minutes, name, note, offer, person, start};

fn step(step: Handover) -> Vec<Change> {
    vec![Change::Handover { step }]
}

fn decline(by: &str) -> Vec<Change> {
    step(Handover::Decline { by: by.into(), reason: Clean::line("not mine") })
}

fn force(by: &str, to: &str) -> Vec<Change> {
    step(Handover::Force { by: by.into(), to: to.into(), reason: Clean::line("no time") })
}

/// An incident that Ann owns.
fn owned(desk: &mut Small) -> String {
    let id = desk.incident("cas");
    desk.act("ann", &id, vec![accept("ann")]).unwrap();
    id
}

#[test]
fn the_registrar_answers_until_somebody_takes_it() {
    let mut desk = Small::new();
    let id = desk.incident("bob");
    assert_eq!((&*desk.get(&id).owner, desk.get(&id).accepted), ("bob", false));
    let refusal = desk.act("lea", &id, vec![accept("lea")]).unwrap_err();
    assert_eq!((refusal.rule, refusal.sort), ("the group takes", Sort::Authority));
    desk.act("ann", &id, vec![accept("ann")]).unwrap();
    assert_eq!((&*desk.get(&id).owner, desk.get(&id).accepted), ("ann", true));
}

#[test]
fn the_owner_stays_until_the_offer_is_accepted() {
    let mut desk = Small::new();
    let id = owned(&mut desk);
    desk.act("ann", &id, vec![offer(person("bob"), None)]).unwrap();
    assert_eq!(&*desk.get(&id).owner, "ann");
    assert_eq!(desk.act("lea", &id, vec![accept("lea")]).unwrap_err().rule, "the offered one answers");
    assert_eq!(desk.act("ann", &id, vec![accept("bob")]).unwrap_err().rule, "answers are one's own");
    desk.act("bob", &id, decline("bob")).unwrap();
    assert_eq!((&*desk.get(&id).owner, desk.get(&id).offer.is_none()), ("ann", true));
    desk.act("ann", &id, vec![offer(person("bob"), None)]).unwrap();
    desk.act("bob", &id, vec![accept("bob")]).unwrap();
    assert_eq!(&*desk.get(&id).owner, "bob");
}

#[test]
fn the_first_of_a_group_wins_and_the_other_sees_who() {
    let mut desk = Small::new();
    let id = owned(&mut desk);
    desk.act("ann", &id, vec![offer(group("Network"), None)]).unwrap();
    desk.act("bob", &id, vec![accept("bob")]).unwrap();
    let refusal = desk.act("lea", &id, vec![accept("lea")]).unwrap_err();
    assert_eq!((refusal.rule, refusal.sort), ("the first to accept owns", Sort::Race));
    assert!(refusal.message.contains("taken by Bob Person"), "{refusal}");
    assert_eq!(&*desk.get(&id).owner, "bob");
}

#[test]
fn an_offer_that_ran_out_is_not_accepted() {
    let mut desk = Small::new();
    let id = owned(&mut desk);
    desk.act("ann", &id, vec![offer(person("bob"), Some(start() + minutes(30)))]).unwrap();
    assert!(desk.act("ann", &id, step(Handover::Expire)).is_err(), "its time is not over");
    desk.wait(minutes(30));
    assert_eq!(desk.act("bob", &id, vec![accept("bob")]).unwrap_err().rule, "accept in time");
    assert_eq!(desk.act("bob", &id, decline("bob")).unwrap_err().rule, "an answer needs an offer");
    let due = deskside::domain::desk::due(desk.get(&id), desk.now, &desk.rules);
    assert_eq!(due, step(Handover::Expire));
    let again = desk.act("ann", &id, vec![offer(person("lea"), None)]).unwrap();
    assert_eq!(again.changes.len(), 2, "the old one ends before the new one begins: {again:?}");
    assert_eq!(desk.get(&id).offer.as_ref().unwrap().to, person("lea"));
}

#[test]
fn only_one_offer_and_only_by_who_may() {
    let mut desk = Small::new();
    let id = owned(&mut desk);
    let refused = |desk: &mut Small, who: &str, to: Party| desk.act(who, &id, vec![offer(to, None)]).unwrap_err().rule;
    assert_eq!(refused(&mut desk, "bob", person("lea")), "the owner offers");
    assert_eq!(refused(&mut desk, "ann", person("ann")), "an offer goes to another");
    assert_eq!(refused(&mut desk, "ann", person("ulla")), "an owner is of the staff");
    let typo = desk.act("ann", &id, vec![offer(person("boob"), None)]).unwrap_err();
    assert_eq!(typo.way_out, "Did you mean bob?");
    let typo = desk.act("ann", &id, vec![offer(group("Netwrok"), None)]).unwrap_err();
    assert_eq!(typo.way_out, "Did you mean Network?");
    desk.act("cas", &id, vec![offer(person("bob"), None)]).unwrap();
    assert_eq!(refused(&mut desk, "ann", person("lea")), "one offer at a time");
    assert_eq!(
        desk.act("lea", &id, step(Handover::Withdraw { by: "lea".into() })).unwrap_err().rule,
        "the offerer withdraws"
    );
    desk.act("ann", &id, step(Handover::Withdraw { by: "ann".into() })).unwrap();
    assert!(desk.get(&id).offer.is_none());
    let until = desk.now + days(3);
    let bob = desk.rules.directory.people.iter_mut().find(|p| &*p.login == "bob").unwrap();
    (bob.absent_until, bob.deputy) = (Some(until), Some("lea".into()));
    let away = desk.act("ann", &id, vec![offer(person("bob"), None)]).unwrap_err();
    assert_eq!((away.rule, &*away.way_out), ("an owner is there", "Choose the deputy, lea."));
    let silent = Handover::Offer { to: person("bob"), reason: Clean::line(" "), expires: None };
    assert_eq!(desk.act("ann", &id, step(silent)).unwrap_err().rule, "offer needs a reason");
}

#[test]
fn a_manager_can_force_and_nobody_else() {
    let mut desk = Small::new();
    let id = owned(&mut desk);
    assert_eq!(desk.act("bob", &id, force("bob", "lea")).unwrap_err().rule, "level gate");
    desk.act("max", &id, force("max", "cas")).unwrap();
    assert_eq!(&*desk.get(&id).owner, "cas");
    assert!(matches!(desk.get(&id).timeline.last().unwrap().change, Change::Handover { step: Handover::Force { .. } }));
}

#[test]
fn for_an_absent_owner_the_deputy_acts_or_the_manager() {
    let mut desk = Small::new();
    let id = owned(&mut desk);
    let absent = |acting: &str| step(Handover::Absent { owner: "ann".into(), acting: acting.into() });
    assert_eq!(desk.act("max", &id, absent("max")).unwrap_err().rule, "acting for an absent owner", "she is there");
    let ann = |desk: &mut Small, deputy: Option<&str>| {
        let until = desk.now + days(10);
        let person = desk.rules.directory.people.iter_mut().find(|p| &*p.login == "ann").unwrap();
        person.absent_until = Some(until);
        person.deputy = deputy.map(Name::new);
    };
    ann(&mut desk, Some("cas"));
    assert!(desk.act("max", &id, absent("max")).unwrap_err().way_out.contains("cas"));
    ann(&mut desk, None);
    desk.act("max", &id, absent("max")).unwrap();
    assert_eq!(&*desk.get(&id).owner, "max", "never nobody");
}

#[test]
fn the_end_cancels_the_offer_and_a_reopening_comes_back_to_the_owner() {
    let mut desk = Small::new();
    let id = owned(&mut desk);
    desk.act("ann", &id, vec![offer(person("bob"), None)]).unwrap();
    desk.resolve("ann", &id).unwrap();
    assert!(desk.get(&id).offer.is_none());
    assert_eq!(desk.act("bob", &id, vec![accept("bob")]).unwrap_err().rule, "only open records change hands");
    desk.go("cas", &id, Verb::Reopen, vec![note("again")]).unwrap();
    assert_eq!(&*desk.get(&id).owner, "ann");
    desk.resolve("ann", &id).unwrap();
    let until = desk.now + days(10);
    desk.rules.directory.people.iter_mut().find(|p| &*p.login == "ann").unwrap().absent_until = Some(until);
    desk.go("cas", &id, Verb::Reopen, vec![note("again")]).unwrap();
    let t = desk.get(&id);
    assert_eq!((&*t.owner, t.state), ("max", State::InProgress));
    assert_eq!(t.offer.as_ref().unwrap().to, group("Service Desk"));
}

#[test]
fn offered_twice_in_vain_the_manager_hears_of_it() {
    let mut desk = Small::new();
    let id = owned(&mut desk);
    for (round, notices) in [(1, 0), (2, 1), (3, 1), (4, 2)] {
        desk.act("ann", &id, vec![offer(person("bob"), None)]).unwrap();
        desk.act("bob", &id, decline("bob")).unwrap();
        assert_eq!(desk.get(&id).escalations.len(), notices, "after {round}");
    }
    assert_eq!(desk.get(&id).escalations[0].escalation.to, person("max"));
}

/// What somebody tries in the property tests.
#[derive(Debug, Clone)]
enum Try {
    Offer(usize, bool, usize, Option<i64>),
    Accept(usize),
    Decline(usize),
    Withdraw(usize),
    Expire,
    Force(usize, usize),
    Absent(usize),
    Away(usize, bool),
    Resolve,
    Reopen,
    Wait(i64),
}

const PEOPLE: [&str; 7] = ["ann", "cas", "max", "bob", "lea", "mia", "ulla"];
const GROUPS: [&str; 2] = ["Service Desk", "Network"];

fn tries() -> impl Strategy<Value = Try> {
    let who = 0..PEOPLE.len();
    prop_oneof![
        4 => (who.clone(), any::<bool>(), who.clone(), proptest::option::of(1i64..90)).prop_map(|(a, g, b, e)| Try::Offer(a, g, b, e)),
        6 => who.clone().prop_map(Try::Accept),
        2 => who.clone().prop_map(Try::Decline),
        1 => who.clone().prop_map(Try::Withdraw),
        1 => Just(Try::Expire),
        1 => (who.clone(), who.clone()).prop_map(|(a, b)| Try::Force(a, b)),
        1 => who.clone().prop_map(Try::Absent),
        1 => (who, any::<bool>()).prop_map(|(a, away)| Try::Away(a, away)),
        1 => Just(Try::Resolve),
        1 => Just(Try::Reopen),
        2 => (1i64..60).prop_map(Try::Wait),
    ]
}

/// The step that somebody tries, and who; none for what is no hand-over.
fn handover(tried: &Try, ticket: &Ticket, now: Timestamp, directory: &Directory) -> Option<(Name, Handover)> {
    let login = |i: &usize| Name::new(PEOPLE[*i]);
    Some(match tried {
        Try::Offer(by, to_group, to, expires) => {
            let to = if *to_group { group(GROUPS[*to % 2]) } else { person(PEOPLE[*to]) };
            let expires = expires.map(|m| now + minutes(m));
            (login(by), Handover::Offer { to, reason: Clean::line("r"), expires })
        }
        Try::Accept(by) => (login(by), Handover::Accept { by: login(by) }),
        Try::Decline(by) => (login(by), Handover::Decline { by: login(by), reason: Clean::line("r") }),
        Try::Withdraw(by) => (login(by), Handover::Withdraw { by: login(by) }),
        Try::Expire => ("desk".into(), Handover::Expire),
        Try::Force(by, to) => (login(by), Handover::Force { by: login(by), to: login(to), reason: Clean::line("r") }),
        Try::Absent(acting) => {
            let acting = ownership::acting_for(ticket, now, directory).cloned().unwrap_or_else(|| login(acting));
            ("desk".into(), Handover::Absent { owner: ticket.owner.clone(), acting })
        }
        _ => return None,
    })
}

fn event(ticket: &Ticket, who: Name, now: Timestamp, change: Change) -> Event {
    let seq = ticket.timeline.len() as u64 + 1;
    Event { seq, actor: who, at: now, stored: now, op: OpKey(format!("op{seq}")), change }
}

fn happen(ticket: &mut Ticket, event: Event) {
    ticket.apply(&event);
    ticket.timeline.push(event);
}

fn fresh() -> Ticket {
    let id = TicketId::new("INC-1");
    let create = Change::Create { kind: Kind::Incident, state: State::New, opened: start() };
    let blank = Ticket::blank(id.clone(), Kind::Incident, "ann".into(), start());
    let mut ticket = Ticket::from_events(id, vec![event(&blank, "ann".into(), start(), create)]).unwrap();
    let grouped = event(&ticket, "ann".into(), start(), name(Field::Group, "Service Desk"));
    happen(&mut ticket, grouped);
    ticket
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Several people race; what the check allows happens.
    #[test]
    fn an_open_record_has_exactly_one_owner_at_every_instant(all in proptest::collection::vec(tries(), 1..80)) {
        let mut directory = small::directory();
        let mut ticket = fresh();
        let mut now = start();
        let mut answered = 0;
        let mut offers = 0;
        for tried in &all {
            let before = ticket.clone();
            match tried {
                Try::Wait(m) => now += minutes(*m),
                Try::Away(who, away) => {
                    let person = directory.people.iter_mut().find(|p| &*p.login == PEOPLE[*who]).unwrap();
                    person.absent_until = away.then(|| now + days(1));
                }
                Try::Resolve if ticket.state.is_open() => {
                    let change = Change::Move { verb: Verb::Resolve, from: ticket.state, to: State::Resolved };
                    let it = event(&ticket, ticket.owner.clone(), now, change);
                    happen(&mut ticket, it);
                    prop_assert!(ticket.offer.is_none());
                }
                Try::Reopen if ticket.state == State::Resolved => {
                    let change = Change::Move { verb: Verb::Reopen, from: ticket.state, to: State::InProgress };
                    let it = event(&ticket, "desk".into(), now, change);
                    happen(&mut ticket, it);
                    for step in ownership::on_reopen(&ticket, now, &directory) {
                        prop_assert!(ownership::check(&ticket, &step, &"cas".into(), now, &directory).is_ok(), "{step:?}");
                        offers += usize::from(matches!(step, Handover::Offer { .. }));
                        let it = event(&ticket, "desk".into(), now, Change::Handover { step });
                        happen(&mut ticket, it);
                    }
                }
                Try::Resolve | Try::Reopen => {}
                _ => {
                    let (who, step) = handover(tried, &ticket, now, &directory).unwrap();
                    let Err(refusal) = ownership::check(&ticket, &step, &who, now, &directory) else {
                        let accepts = matches!(step, Handover::Accept { .. });
                        if accepts && before.offer.is_some() {
                            answered += 1;
                        }
                        offers += usize::from(matches!(step, Handover::Offer { .. }));
                        let owns = match &step {
                            Handover::Accept { by } => by.clone(),
                            Handover::Force { to, .. } => to.clone(),
                            Handover::Absent { acting, .. } => acting.clone(),
                            _ => before.owner.clone(),
                        };
                        let it = event(&ticket, who, now, Change::Handover { step });
                        happen(&mut ticket, it);
                        prop_assert_eq!(&ticket.owner, &owns);
                        prop_assert!(answered <= offers, "each offer is accepted once at most");
                        let staff = directory.person(&ticket.owner).is_some_and(|p| p.level.is_some());
                        prop_assert!(staff, "{} owns it", ticket.owner);
                        continue;
                    };
                    prop_assert_eq!(refusal.record.as_str(), "INC-1");
                    prop_assert!(!refusal.way_out.is_empty());
                }
            }
            let staff = directory.person(&ticket.owner).is_some_and(|p| p.level.is_some());
            prop_assert!(staff, "{} owns it", ticket.owner);
        }
        let mut replayed = Ticket::from_events(ticket.id.clone(), ticket.timeline.clone()).unwrap();
        replayed.revision = ticket.revision;
        prop_assert_eq!(replayed, ticket);
    }

    /// Two accept at once: whichever is stored first wins, the other is told who.
    #[test]
    fn of_two_simultaneous_accepts_one_wins(first in 0usize..2) {
        let directory = small::directory();
        let mut ticket = fresh();
        let give = Change::Handover { step: Handover::Offer { to: group("Network"), reason: Clean::line("r"), expires: None } };
        let it = event(&ticket, "ann".into(), start(), give);
        happen(&mut ticket, it);
        let people: [Name; 2] = [["bob", "lea"][first].into(), ["bob", "lea"][1 - first].into()];
        let accepts = people.clone().map(|by| Handover::Accept { by });
        for (who, step) in people.iter().zip(&accepts) {
            prop_assert!(ownership::check(&ticket, step, who, start(), &directory).is_ok(), "both may, as they see it");
        }
        let it = event(&ticket, people[0].clone(), start(), Change::Handover { step: accepts[0].clone() });
        happen(&mut ticket, it);
        let refusal = ownership::check(&ticket, &accepts[1], &people[1], start(), &directory).unwrap_err();
        prop_assert!(refusal.message.contains(directory.display(&people[0])));
        prop_assert_eq!(&ticket.owner, &people[0]);
    }

    /// Whatever order of steps a hostile or broken log holds, there is one owner, and somebody who was named.
    #[test]
    fn even_unchecked_steps_leave_one_owner(all in proptest::collection::vec(tries(), 1..60)) {
        let directory = small::directory();
        let mut ticket = fresh();
        for tried in &all {
            if let Some((who, step)) = handover(tried, &ticket, start(), &directory) {
                let it = event(&ticket, who, start(), Change::Handover { step });
                happen(&mut ticket, it);
            }
            prop_assert!(PEOPLE.contains(&&*ticket.owner), "{}", ticket.owner);
        }
    }
}
