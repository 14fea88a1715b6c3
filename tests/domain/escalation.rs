//! Escalation rules: what they propose when, ladders that step once, and patterns of passing on.

use std::collections::BTreeMap;

use deskside::config::{Source, escalation as config};
use deskside::domain::change::{Change, Escalation, EscalationKind, LadderStep, LinkKind};
use deskside::domain::escalation::{
    self, At, ClockFacts, Direction, Progress, Proposal, Rules, bounces, direction, passes, propose, returns,
};
use deskside::domain::field::Field;
use deskside::domain::sla::Metric;
use deskside::text::Clean;

use super::small::{Small, accept, group, link, minutes, name, note, person};

fn shipped() -> Rules {
    config::load(&[config::SHIPPED]).unwrap()
}

fn facts(priority: u8, percents: &[(Metric, u32)]) -> ClockFacts {
    ClockFacts { priority, percents: percents.iter().copied().collect::<BTreeMap<_, _>>() }
}

fn of<'a>(all: &'a [Proposal], rule: &str) -> Option<&'a Proposal> {
    all.iter().find(|p| &*p.step.rule == rule)
}

fn ask(desk: &Small, id: &str, facts: &ClockFacts) -> Vec<Proposal> {
    propose(&shipped(), desk.get(id), facts, &desk.rules.directory, desk.now)
}

/// Records a proposal as its asker would.
fn take(desk: &mut Small, id: &str, proposal: &Proposal) {
    let escalation = Escalation {
        kind: proposal.kind,
        to: proposal.to.clone(),
        reason: proposal.reason.clone(),
        detail: Clean::line("as the rule says"),
        step: Some(proposal.step.clone()),
    };
    desk.act("ann", id, vec![Change::Escalate { escalation }]).unwrap();
}

#[test]
fn a_quiet_ticket_is_left_alone() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    assert_eq!(ask(&desk, &id, &facts(3, &[(Metric::Resolution, 10)])), []);
}

#[test]
fn a_ladder_climbs_step_by_step_and_each_once() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.act("ann", &id, vec![accept("ann")]).unwrap();
    let rule = "resolution running out";
    let mut steps = Vec::new();
    for used in [40, 49, 50, 60, 74, 75, 75, 99, 100, 120, 149, 150, 400] {
        let all = ask(&desk, &id, &facts(3, &[(Metric::Resolution, used)]));
        if let Some(proposal) = of(&all, rule) {
            steps.push((used, proposal.step.number, proposal.to.name().as_str().to_owned()));
            assert_eq!(proposal.kind, EscalationKind::TimeBased);
            assert!(proposal.reason.contains(&format!("{used} %")), "{}", proposal.reason);
            let proposal = proposal.clone();
            take(&mut desk, &id, &proposal);
        }
    }
    let expected =
        [(50, 1, "ann"), (75, 2, "max"), (100, 3, "max"), (150, 4, "max")].map(|(a, b, c)| (a, b, c.to_owned()));
    assert_eq!(steps, expected);
    let again = Escalation {
        kind: EscalationKind::TimeBased,
        to: person("max"),
        reason: Clean::line("again"),
        detail: Clean::default(),
        step: Some(LadderStep { rule: rule.into(), number: 4 }),
    };
    let refusal = desk.act("ann", &id, vec![Change::Escalate { escalation: again }]).unwrap_err();
    assert_eq!(refusal.rule, "each step once");
}

#[test]
fn a_ladder_that_was_not_looked_at_goes_to_its_highest_step() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let all = ask(&desk, &id, &facts(3, &[(Metric::Resolution, 110)]));
    assert_eq!(of(&all, "resolution running out").unwrap().step.number, 3);
    take(&mut desk, &id, &of(&all, "resolution running out").unwrap().clone());
    assert_eq!(of(&ask(&desk, &id, &facts(3, &[(Metric::Resolution, 80)])), "resolution running out"), None);
}

#[test]
fn a_ladder_stops_when_somebody_answers() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let all = ask(&desk, &id, &facts(3, &[(Metric::Resolution, 80)]));
    take(&mut desk, &id, &of(&all, "resolution running out").unwrap().clone());
    let rules = shipped();
    let rule = rules.0.iter().find(|r| &*r.name == "resolution running out").unwrap();
    assert_eq!(escalation::progress(rule, desk.get(&id)), Progress::Climbing(2));
    desk.act("max", &id, vec![Change::Acknowledge { kind: EscalationKind::TimeBased }]).unwrap();
    assert_eq!(escalation::progress(rule, desk.get(&id)), Progress::Acknowledged);
    assert_eq!(of(&ask(&desk, &id, &facts(3, &[(Metric::Resolution, 200)])), "resolution running out"), None);
}

#[test]
fn a_ladder_ends_with_the_group_that_its_rule_names() {
    let mut desk = Small::new();
    let text = r#"
[[rule]]
name = "desk only"
kind = "time_based"
reason = "Slow."
when = { groups = ["Service Desk"] }
ladder = [{ at = "resolution 50%", to = "owner" }, { at = "resolution 75%", to = "manager_of_group" }]
"#;
    let rules = config::load(&[Source::new("escalation.toml", text)]).unwrap();
    let id = desk.incident("ann");
    let half = facts(3, &[(Metric::Resolution, 60)]);
    let all = propose(&rules, desk.get(&id), &half, &desk.rules.directory, desk.now);
    assert_eq!(all.len(), 1);
    take(&mut desk, &id, &all[0]);
    desk.act("ann", &id, vec![name(Field::Group, "Network"), note("theirs")]).unwrap();
    let late = facts(3, &[(Metric::Resolution, 90)]);
    assert_eq!(propose(&rules, desk.get(&id), &late, &desk.rules.directory, desk.now), []);
}

#[test]
fn an_urgent_ticket_that_nobody_takes_climbs_with_the_minutes() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let urgent = facts(1, &[]);
    let step = |desk: &Small| of(&ask(desk, &id, &urgent), "untaken urgent").map(|p| p.step.number);
    desk.wait(minutes(4));
    assert_eq!(step(&desk), None);
    desk.wait(minutes(1));
    assert_eq!(step(&desk), Some(1));
    desk.wait(minutes(10));
    assert_eq!(step(&desk), Some(2));
    desk.act("ann", &id, vec![name(Field::Group, "Network"), note("theirs")]).unwrap();
    assert_eq!(step(&desk), None, "the new group gets its own minutes");
    desk.wait(minutes(5));
    assert_eq!(step(&desk), Some(1));
    desk.act("bob", &id, vec![accept("bob")]).unwrap();
    assert_eq!(step(&desk), None, "somebody has it");
}

#[test]
fn a_stuck_first_line_hands_to_the_next() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let half = facts(3, &[(Metric::Resolution, 50)]);
    let all = ask(&desk, &id, &half);
    let proposal = of(&all, "first line stuck").unwrap();
    assert_eq!((proposal.kind, &proposal.to), (EscalationKind::Functional, &group("Network")));
    desk.act("ann", &id, vec![name(Field::Group, "Network"), note("tried")]).unwrap();
    assert_eq!(of(&ask(&desk, &id, &half), "first line stuck"), None, "it is of the second line now");
}

#[test]
fn conditions_look_at_caller_service_and_children() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    assert_eq!(of(&ask(&desk, &id, &facts(1, &[])), "vip in trouble"), None);
    desk.rules.directory.people.iter_mut().find(|p| &*p.login == "ulla").unwrap().vip = true;
    assert!(of(&ask(&desk, &id, &facts(1, &[])), "vip in trouble").is_some());
    assert_eq!(of(&ask(&desk, &id, &facts(3, &[])), "vip in trouble"), None, "not at that priority");
    assert_eq!(of(&ask(&desk, &id, &facts(1, &[])), "critical service down"), None);
    desk.act("ann", &id, vec![name(Field::Service, "WLAN")]).unwrap();
    let all = ask(&desk, &id, &facts(1, &[]));
    assert_eq!(of(&all, "critical service down").unwrap().to, person("max"));
    for n in 1..=21 {
        assert_eq!(of(&ask(&desk, &id, &facts(4, &[])), "many children"), None, "{n}");
        let child = desk.incident("ann");
        desk.act("ann", &child, vec![link(LinkKind::ChildOf, &id)]).unwrap();
    }
    assert!(of(&ask(&desk, &id, &facts(4, &[])), "many children").is_some());
}

#[test]
fn nothing_is_proposed_for_what_is_over() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.resolve("ann", &id).unwrap();
    assert_eq!(ask(&desk, &id, &facts(1, &[(Metric::Resolution, 300)])), []);
}

#[test]
fn ping_pong_and_wordless_passes_are_seen() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let pass = |desk: &mut Small, to: &str, words: Option<&str>| {
        let mut changes = vec![name(Field::Group, to)];
        changes.extend(words.map(note));
        desk.act("ann", &id, changes).unwrap();
    };
    pass(&mut desk, "Network", Some("It is the switch"));
    assert_eq!((returns(desk.get(&id)), bounces(desk.get(&id)).len()), (0, 0));
    pass(&mut desk, "Service Desk", None);
    assert_eq!((returns(desk.get(&id)), bounces(desk.get(&id)).len()), (1, 1));
    pass(&mut desk, "Network", None);
    assert_eq!((returns(desk.get(&id)), bounces(desk.get(&id)).len()), (2, 2));
    pass(&mut desk, "Core Network", Some("Deeper"));
    assert_eq!(returns(desk.get(&id)), 2, "a new group is no return");
    let ways: Vec<Direction> =
        passes(desk.get(&id)).iter().map(|p| direction(&p.from, &p.to, &desk.rules.directory)).collect();
    assert_eq!(ways, [Direction::Up, Direction::Down, Direction::Up, Direction::Up]);
    let all = ask(&desk, &id, &facts(3, &[]));
    assert!(of(&all, "ping-pong").is_some() && of(&all, "passed on without a word").is_some());
    assert_eq!(of(&all, "ping-pong").unwrap().to, person("mia"));
    take(&mut desk, &id, &of(&all, "ping-pong").unwrap().clone());
    assert_eq!(of(&ask(&desk, &id, &facts(3, &[])), "ping-pong"), None, "said once");
}

#[test]
fn shipped_rules_cover_every_automatic_kind() {
    let rules = shipped();
    let kinds: Vec<EscalationKind> = rules.0.iter().map(|r| r.kind).collect();
    for kind in [
        EscalationKind::Functional,
        EscalationKind::Hierarchical,
        EscalationKind::TimeBased,
        EscalationKind::Problem,
        EscalationKind::Major,
    ] {
        assert!(kinds.contains(&kind), "{kind}");
    }
    let ladder = rules.0.iter().find(|r| &*r.name == "resolution running out").unwrap();
    let at: Vec<At> = ladder.rungs.iter().map(|r| r.at).collect();
    assert_eq!(at, [50, 75, 100, 150].map(|p| At::Percent(Metric::Resolution, p)));
}

#[test]
fn a_users_rule_replaces_the_shipped_one_of_its_name() {
    let text = "[[rule]]\nname = \"ping-pong\"\nkind = \"exception\"\nreason = \"Odd.\"\nto = \"owner\"\n";
    let rules = config::load(&[config::SHIPPED, Source::new("mine.toml", text)]).unwrap();
    assert_eq!(rules.0.len(), shipped().0.len());
    assert_eq!(rules.0.iter().find(|r| &*r.name == "ping-pong").unwrap().kind, EscalationKind::Exception);
}

#[test]
fn faults_name_file_line_key_and_what_is_allowed() {
    let text = r#"[[rule]]
name = "a"
kind = "time_based"
reason = "r"
ladder = [
  { at = "resolution 75%", to = "owner" },
  { at = "resolution 50%", to = "boss" },
  { at = "soon", to = "role:king" },
]
[[rule]]
name = "a"
kind = "hierarchical"
reason = " "
to = "group:Network"
[[rule]]
name = "b"
kind = "major"
reason = "r"
"#;
    let faults = config::load(&[Source::new("escalation.toml", text)]).unwrap_err().to_string();
    for expected in [
        "escalation.toml:7: rule.a.to: `boss` is nobody; write one of owner, next_line,",
        "escalation.toml:7: rule.a.ladder.at: Steps rise",
        "escalation.toml:8: rule.a.at: `soon` is no step; write a clock and a share such as `resolution 75%` (clocks: response, resolution, update, ola;",
        "escalation.toml:8: rule.a.to: `king` is no role; known are service_desk_manager,",
        "escalation.toml:11: rule.a.name: Another rule",
        "escalation.toml:13: rule.a.reason: It is empty",
        "escalation.toml:14: rule.a.to: A hierarchical escalation goes to a person",
        "escalation.toml:15: rule.b.to: It is missing; give owner,",
    ] {
        assert!(faults.contains(expected), "{expected}\nnot in\n{faults}");
    }
    let faults = config::load(&[Source::new("e.toml", "[[rule]]\nname = \"a\"\nkind = \"loud\"\n")]).unwrap_err();
    let said = faults.to_string();
    assert!(said.starts_with("e.toml:3:") && said.contains("functional, hierarchical"), "{said}");
}
