//! Playbooks: what ships plays through, what is wrong is named, answers are checked.

use deskside::config::playbooks::{self, Playbooks, SHIPPED};
use deskside::config::replies::{self, Replies};
use deskside::config::{Source, guard};
use deskside::domain::audience::{Setting, check_public};
use deskside::domain::change::{Audience, Change, Link, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::playbook::{Answers, Asking, Plan, Playbook, Unplayable};
use deskside::domain::reply::Telling;
use deskside::domain::state::{State, Verb};
use deskside::domain::ticket::Ticket;
use deskside::domain::wake::Wake;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::replies::{directory, ticket};

static UTC: TimeZone = TimeZone::UTC;

fn now() -> Timestamp {
    "2026-11-24T10:20:00Z".parse().unwrap()
}

fn canned() -> Replies {
    replies::load(&[replies::SHIPPED]).unwrap()
}

fn shipped() -> Playbooks {
    playbooks::load(&[SHIPPED], &canned(), Some(&directory())).unwrap()
}

fn faults(text: &str) -> String {
    playbooks::load(&[Source::new("p.toml", text)], &canned(), Some(&directory())).unwrap_err().to_string()
}

fn answers(playbook: &Playbook, typed: &[(&str, &str)]) -> Answers {
    let directory = directory();
    let asking = Asking { directory: &directory, now: now(), zone: &UTC, exists: &|id| id.as_str() != "INC-404" };
    let mut answers = Answers::new();
    for prompt in &playbook.prompts {
        let default = prompt.default.clone().unwrap_or_default();
        let text = typed.iter().find(|(name, _)| **name == *prompt.name).map_or(default.as_str(), |(_, text)| text);
        answers.extend(prompt.answer(text, &asking).unwrap().map(|answer| (prompt.name.clone(), answer)));
    }
    answers
}

fn play(playbook: &Playbook, ticket: &Ticket, typed: &[(&str, &str)]) -> Result<Plan, Unplayable> {
    let directory = directory();
    let telling = Telling { ticket, directory: &directory, me: "sam", now: now(), zone: &UTC, due: None, desk: None };
    playbook.plan(&telling, &answers(playbook, typed), &canned())
}

#[test]
fn every_playbook_that_ships_plays_through_and_says_nothing_internal_to_callers() {
    let guard = guard::load(guard::SHIPPED).unwrap();
    let playbooks = shipped();
    assert!(playbooks.iter().count() >= 8);
    for playbook in playbooks.iter() {
        let mut ticket = ticket();
        ticket.kind = playbook.kinds[0];
        ticket.state = if ticket.kind == Kind::Request { State::InFulfilment } else { State::Assigned };
        ticket.fields.insert(Field::Asset, Value::name("LT-0423"));
        let choice = |name: &str| {
            let prompt = playbook.prompts.iter().find(|prompt| &*prompt.name == name)?;
            prompt.choices.first().map(Name::to_string)
        };
        let (what, model) = (choice("what"), choice("model"));
        let typed = [
            ("what", what.as_deref().unwrap_or("something")),
            ("model", model.as_deref().unwrap_or("something")),
            ("problem", "prb-7"),
            ("other", "inc-7"),
            ("place", "Leeds 2"),
            ("seen", "pings, no route"),
            ("supplier", "Contoso"),
            ("reference", "C-1"),
        ];
        let plan = play(playbook, &ticket, &typed).unwrap_or_else(|error| panic!("{}: {error}", playbook.name));
        assert!(!plan.changes.is_empty());
        for change in &plan.changes {
            if let Change::Say { audience: Audience::Public, text } = change {
                let setting = Setting { ticket: Some(&ticket.id), known: &[] };
                assert_eq!(check_public(text, &guard, setting), [], "{}", playbook.name);
            }
        }
    }
}

#[test]
fn a_playbook_is_fields_link_note_step_reply_and_snooze_in_that_order() {
    let playbooks = shipped();
    let plan = play(playbooks.on_key(2).unwrap(), &ticket(), &[("problem", "prb-7")]).unwrap();
    let set = |field, value: &str| Change::Set { field, from: None, to: Some(Value::name(value)) };
    assert_eq!(plan.changes[0], set(Field::Group, "Network"));
    assert_eq!(plan.changes[1], set(Field::HoldReason, "problem"));
    let link = Link { how: LinkKind::ProblemIs, other: TicketId::new("PRB-7") };
    assert_eq!(plan.changes[2], Change::Link { link });
    let Change::Say { audience: Audience::Internal, text } = &plan.changes[3] else { panic!("{:?}", plan.changes[3]) };
    assert_eq!(text.as_str(), "Same signs as PRB-7; waits for it.");
    assert_eq!(plan.changes[4], Change::Move { verb: Verb::Hold, from: State::New, to: State::OnHold });
    let Change::Say { audience: Audience::Public, text } = &plan.changes[5] else { panic!("{:?}", plan.changes[5]) };
    assert!(text.starts_with("Hello Dana,"));
    assert_eq!((plan.changes.len(), plan.snooze), (6, Some(Wake::Reply)));
}

#[test]
fn what_is_so_already_is_not_set_again() {
    let mut ticket = ticket();
    ticket.fields.insert(Field::Group, Value::name("Network"));
    let plan = play(shipped().get("to-network").unwrap(), &ticket, &[("seen", "no route")]).unwrap();
    assert!(!plan.changes.iter().any(|change| matches!(change, Change::Set { field: Field::Group, .. })));
}

#[test]
fn it_is_not_played_where_it_cannot_be() {
    let playbooks = shipped();
    let mut closed = ticket();
    closed.state = State::Closed;
    let error = play(playbooks.get("ask-caller").unwrap(), &closed, &[]).unwrap_err();
    assert!(matches!(error, Unplayable::NoStep { verb: Verb::Hold, .. }), "{error}");
    let mut change = ticket();
    change.kind = Kind::Change;
    let error = play(playbooks.get("ask-caller").unwrap(), &change, &[]).unwrap_err().to_string();
    assert!(error.contains("not for this kind of ticket (change); it suits incident, request"), "{error}");
    let error = play(playbooks.get("duplicate").unwrap(), &ticket(), &[("other", "INC-812")]).unwrap_err();
    assert!(error.to_string().contains("not linked to itself"), "{error}");
    let (directory, ticket) = (directory(), ticket());
    let telling =
        Telling { ticket: &ticket, directory: &directory, me: "sam", now: now(), zone: &UTC, due: None, desk: None };
    let error = playbooks.get("duplicate").unwrap().plan(&telling, &Answers::new(), &canned()).unwrap_err();
    assert_eq!(error.to_string(), "`Duplicate of` has no answer yet; answer it first.");
    let error = play(playbooks.get("printer-consumable").unwrap(), &ticket, &[("what", "A drum")]).unwrap_err();
    assert!(error.to_string().contains("need ticket.asset"), "{error}");
}

#[test]
fn answers_are_checked_by_their_kind() {
    let text = r#"
        [[playbook]]
        name = "x"
        title = "X"
        ask = [
            { name = "n", label = "N", kind = "number", min = 1, max = 9 },
            { name = "g", label = "Group", kind = "group" },
            { name = "p", label = "Person", kind = "person" },
            { name = "t", label = "Ticket", kind = "ticket" },
            { name = "d", label = "Date", kind = "date" },
            { name = "c", label = "Choice", kind = "choice", choices = ["red", "blue"], optional = true },
        ]
        note = "{{ prompt.n }} {{ prompt.g }} {{ prompt.p }} {{ prompt.t }} {{ prompt.d }} {% if prompt.c %}{{ prompt.c }}{% else %}-{% endif %}"
        set = { approver = "{{ prompt.p }}", needed_by = "{{ prompt.d }}", description = "by {{ prompt.d }}" }
    "#;
    let playbooks = playbooks::load(&[Source::new("p.toml", text)], &canned(), None).unwrap();
    let playbook = playbooks.get("x").unwrap();
    let typed = [("n", "7"), ("g", "net"), ("p", "whitfield"), ("t", "prb-7"), ("d", "fri 14:00")];
    let plan = play(playbook, &ticket(), &typed).unwrap();
    let Change::Say { text, .. } = plan.changes.last().unwrap() else { panic!() };
    assert_eq!(text.as_str(), "7 Network Dana Whitfield PRB-7 Fri 27 Nov 14:00 -");
    let set = |field: Field| {
        plan.changes.iter().find_map(|change| match change {
            Change::Set { field: held, to: Some(to), .. } if *held == field => Some(to.clone()),
            _ => None,
        })
    };
    assert_eq!(set(Field::Approver), Some(Value::name("dwhit")), "a field gets the log-in, words the name");
    assert_eq!(set(Field::NeededBy), Some(Value::Time("2026-11-27T14:00:00Z".parse().unwrap())));
    assert_eq!(set(Field::Description), Some(Value::text("by Fri 27 Nov 14:00")));

    let directory = directory();
    let asking = Asking { directory: &directory, now: now(), zone: &UTC, exists: &|id| id.as_str() != "INC-404" };
    for (name, typed, says) in [
        ("n", "10", "no number from 1 to 9"),
        ("n", "", "needs an answer"),
        ("g", "Netwrok", "Did you mean `Network`?"),
        ("p", "nobody-at-all", "is nobody here"),
        ("p", "a", "Several people"),
        ("t", "inc-404", "`inc-404` is no ticket here"),
        ("d", "yesterday", "lies in the past"),
        ("d", "some day", "tomorrow 9:00"),
        ("c", "green", "known are red, blue"),
    ] {
        let prompt = playbook.prompts.iter().find(|prompt| &*prompt.name == name).unwrap();
        let error = prompt.answer(typed, &asking).unwrap_err();
        assert!(error.contains(says), "{typed}: {error}");
    }
}

#[test]
fn everything_wrong_is_named_at_once_with_line_and_key() {
    let text = r#"
[[playbook]]
name = "one"
title = "One"
key = 1
kinds = ["incident"]
note = """
fine
{{ caller.nme }}"""
reply = "ackk"
step = "resolve"
[playbook.set]
impact = 4
grup = "Network"
group = "Netwrok"
hold_reason = "bored"
wake_at = "soon"
verified = "{{ prompt.who }}"

[[playbook]]
name = "two"
title = "Two"
key = 1
kinds = ["change"]
step = "resolve"
when = "prioritty:1"
link = { cousin_of = "INC-1" }
snooze = "sla lots"
ask = [{ name = "d", label = "D", kind = "date" }]
set = { impact = "{{ prompt.d }}" }
"#;
    let said = faults(text);
    for line in [
        r#"p.toml:9: playbook "one".note: `caller.nme` is not known; known are caller.name, "#,
        r#"p.toml:10: playbook "one".reply: There is no reply `ackk`; known are ack, "#,
        r#"p.toml:11: playbook "one".step: `resolve` of incident asks for `set.resolution_code`"#,
        r#"p.toml:11: playbook "one".step: `resolve` of incident asks for `set.resolution`;"#,
        r#"p.toml:13: playbook "one".set.impact: 4 is not between 1 and 3."#,
        r#"p.toml:14: playbook "one".set.grup: It is no field; known are title, "#,
        r#"p.toml:15: playbook "one".set: `Netwrok` is no group of this desk; known are Service Desk, Network."#,
        r#"p.toml:16: playbook "one".set.hold_reason: `bored` is none of its values for incident: caller, vendor, "#,
        r#"p.toml:17: playbook "one".set.wake_at: `soon` is not understood"#,
        r#"p.toml:18: playbook "one".set.verified: `prompt.who` is not known"#,
        r#"p.toml:23: playbook "two".key: The key is taken by `one`; choose another digit."#,
        r#"p.toml:25: playbook "two".step: `resolve` is no step of that kind (change); known are "#,
        r#"p.toml:26: playbook "two".when: Column 1: "#,
        r#"p.toml:27: playbook "two".link.cousin_of: It is no link; known are child_of, "#,
        r#"p.toml:28: playbook "two".snooze: `sla lots` is no share of a target"#,
        r#"p.toml:30: playbook "two".set.impact: The answer to `d` is a date and does not fit here."#,
    ] {
        assert!(said.contains(line), "{line}\n--- is not in\n{said}");
    }
    assert_eq!(said.lines().count(), 16, "{said}");
}

#[test]
fn unknown_keys_are_refused() {
    let said = faults("[[playbook]]\nname = \"x\"\ntitle = \"X\"\nreplay = \"ack\"\n");
    assert!(said.contains(":4:") && said.contains("unknown field `replay`") && said.contains("`reply`"), "{said}");
}

#[test]
fn what_a_desk_lacks_is_said_and_does_not_stop_the_program() {
    let playbooks = shipped();
    assert_eq!(playbooks.get("to-network").unwrap().lacks(&directory()), Vec::<String>::new());
    let lacks = playbooks.get("printer-consumable").unwrap().lacks(&directory());
    assert_eq!(lacks, ["`Print` is no group of this desk; known are Service Desk, Network."]);
}

#[test]
fn a_users_playbook_takes_the_place_and_the_key() {
    let own = "[[playbook]]\nname = \"mine\"\ntitle = \"Mine\"\nkey = 2\nset = { impact = 1 }\n";
    let playbooks = playbooks::load(&[SHIPPED, Source::new("me.toml", own)], &canned(), None).unwrap();
    assert_eq!(&*playbooks.on_key(2).unwrap().name, "mine");
    assert_eq!(playbooks.get("vpn-outage").unwrap().key, None);
}

#[test]
fn what_ships_fits_the_sample_desk() {
    let sample = deskside::backend::sample::generate(1, now(), 50).unwrap();
    for playbook in shipped().iter() {
        assert_eq!(playbook.lacks(&sample.directory), Vec::<String>::new(), "{}", playbook.name);
    }
}
