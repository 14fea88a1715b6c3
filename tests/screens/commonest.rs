//! The ten commonest acts by keys, and how many each takes: what is not an answer counts, and three are the most.
//!
//! README's table is made from these scripts, so what it says was pressed here.

use deskside::app::overlay::Overlay;
use deskside::domain::change::{Audience, Change, LinkKind};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::state::State;
use deskside::domain::ticket::Ticket;

use super::desk::{Desk, World, customer, keys};

/// The keys that an act may take beside its answers.
const MOST: usize = 3;

/// One act: its keys, and in braces what answers a question.
struct Act {
    name: &'static str,
    keys: &'static str,
    is_done: fn(&World, &Ticket) -> bool,
}

const ACTS: &[Act] = &[
    Act { name: "register an incident", keys: "N {1} {title} tab {caller} ctrl-s", is_done: is_registered },
    Act { name: "take a ticket", keys: "t", is_done: |world, ticket| ticket.accepted && is_mine(world, ticket) },
    Act { name: "set the impact", keys: "f i {2}", is_done: |_, ticket| ticket.impact() == 2 },
    Act { name: "route it to a group", keys: "f g {group} enter", is_done: |_, t| t.text(&Field::Group) == "Network" },
    Act { name: "reply to the caller", keys: "r {words} ctrl-s", is_done: |_, t| said(t, Audience::Public) },
    Act { name: "write a note", keys: "n {words} ctrl-s", is_done: |_, t| said(t, Audience::Internal) },
    Act { name: "put it on hold", keys: "h {5} {words} ctrl-s", is_done: |_, t| t.state == State::OnHold },
    Act { name: "resolve it", keys: "x {1} {1} {words} ctrl-s", is_done: |_, t| t.state == State::Resolved },
    Act { name: "merge a duplicate", keys: "m m {id} enter", is_done: |_, t| has(t, LinkKind::DuplicateOf) },
    Act { name: "raise a problem", keys: "m p", is_done: |_, t| has(t, LinkKind::ProblemIs) },
];

fn is_mine(world: &World, ticket: &Ticket) -> bool {
    ticket.owner == world.me().model.me
}

fn has(ticket: &Ticket, how: LinkKind) -> bool {
    ticket.links.iter().any(|link| link.how == how)
}

fn said(ticket: &Ticket, to: Audience) -> bool {
    let is_it =
        |change: &Change| matches!(change, Change::Say { audience, text } if *audience == to && text.as_str() == WORDS);
    ticket.timeline.iter().any(|event| is_it(&event.change))
}

/// The new ticket stands there; `ticket` is the one that was there before.
fn is_registered(world: &World, ticket: &Ticket) -> bool {
    let desk = world.me();
    let table = &desk.model.table;
    table.iter().any(|row| table.id(row) != ticket.id.as_str() && table.title(row) == WORDS)
}

const WORDS: &str = "No picture on the screen";

/// Does the act on an incident that I work on; how many keys it took, and how many answers.
fn play(act: &Act) -> (usize, usize) {
    let world = World::empty();
    let other = world.register(Kind::Incident, "The other screen stays black too", &[]);
    let fields = [(Field::Group, Value::name("Service Desk"))];
    let id = world.register(Kind::Incident, "The screen stays black", &fields);
    let mut desk = world.me();
    desk.open_ticket(&id);
    if act.name != "take a ticket" {
        desk.press("t");
    }
    let (mut pressed, mut answers) = (0, 0);
    for word in act.keys.split(' ') {
        match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
            Some(answer) => {
                assert!(is_asked(&desk), "{}: nothing asks for {answer}:\n{}", act.name, desk.screen());
                match answer {
                    "title" | "words" => desk.write(WORDS),
                    "caller" => desk.write(&customer()),
                    "group" => desk.write("Network"),
                    "id" => desk.write(&other),
                    digit => desk.press(digit),
                };
                answers += 1;
            }
            None => {
                let named = if word.chars().nth(1).is_some() { format!("<{word}>") } else { word.to_owned() };
                assert_eq!(keys(&named).len(), 1);
                desk.press(&named);
                pressed += 1;
            }
        }
    }
    desk.wait(11);
    desk.look();
    let ticket = world.ticket(&id);
    let screen = desk.screen();
    assert!((act.is_done)(&world, &ticket), "{}: {}\n{screen}", act.name, desk.said());
    (pressed, answers)
}

/// Something on the screen waits for an answer.
fn is_asked(desk: &Desk<'_>) -> bool {
    matches!(desk.overlay(), Some(Overlay::Form(_) | Overlay::Picker(_) | Overlay::Compose(_)))
}

#[test]
fn each_takes_three_keys_at_most_beside_its_answers() {
    for act in ACTS {
        let (pressed, answers) = play(act);
        assert!(pressed <= MOST, "{}: {pressed} keys", act.name);
        assert_eq!(answers, act.keys.matches('{').count());
    }
    assert_eq!(ACTS.len(), 10);
}

/// The table of README: what each act is pressed with, and how many keys and answers it took.
pub fn table() -> String {
    let mut text = String::from("| Act | Pressed | Keys | Answers |\n| --- | --- | --- | --- |\n");
    for act in ACTS {
        let shown = |word: &str| match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
            Some(answer) => format!("*{answer}*"),
            None => format!("`{word}`"),
        };
        let pressed: Vec<String> = act.keys.split(' ').map(shown).collect();
        let (count, answers) = play(act);
        text.push_str(&format!("| {} | {} | {count} | {answers} |\n", act.name, pressed.join(" ")));
    }
    text
}
