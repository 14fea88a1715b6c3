//! Text that means harm, or is only odd: none of it reaches the screen raw, none of it moves anything out of its place.

use deskside::app::effect::Effect;
use deskside::backend::embedded::History;
use deskside::domain::change::{Audience, Change, Event, OpKey};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::State;
use deskside::text::Clean;
use ratatui::buffer::Buffer;

use super::desk::{Desk, NOW, World, customer, directory};

const HOSTILE: &[(&str, &str)] = &[
    ("an escape", "red \u{1b}[31mred\u{1b}[0m \u{1b}[2J\u{1b}[H gone"),
    ("the clipboard", "\u{1b}]52;c;cm0gLXJmIC8=\u{7} look"),
    ("a title", "\u{1b}]0;owned\u{1b}\\ \u{9d}0;owned\u{9c}"),
    ("bidi", "invoice \u{202e}fdp.exe\u{202c} \u{2066}x\u{2069}"),
    ("lines", "first\nsecond\r\nthird\u{85}fourth\u{2028}fifth\ttab\u{b}"),
    ("nothing to see", "\u{200b}\u{feff}\u{2060}\u{e0041}\u{ad}"),
    ("wide", "会議室の画面が映らない 会議室の画面が映らない 会議室の画面が映らない 会議室"),
    ("emoji", "👩‍👩‍👧‍👦👍🏽🇬🇧 ⚠️ a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}"),
    ("hebrew", "המדפסת לא עובדת בקומה 3"),
    ("nul", "a\u{0}b\u{8}c\u{7f}d"),
];

/// A desk of incidents whose every text is one of those.
fn desk() -> World {
    let long = "x".repeat(10_000);
    let words = HOSTILE.iter().map(|(_, text)| *text).chain([long.as_str(), ""]);
    let history: History = words.enumerate().map(|(n, text)| ticket(n, text)).collect();
    let mut people = directory().clone();
    people.name = Clean::line(HOSTILE[0].1);
    World::with(people, history)
}

fn ticket(number: usize, text: &str) -> (TicketId, Vec<Event>) {
    let at = NOW.parse().unwrap();
    let set = |field: Field, to: Value| Change::Set { field, from: None, to: Some(to) };
    let changes = vec![
        Change::Create { kind: Kind::Incident, state: State::New, opened: at },
        set(Field::Title, Value::Text(Clean::line(text))),
        set(Field::Description, Value::Text(Clean::body(text))),
        set(Field::Caller, Value::Name(Name::new(&customer()))),
        set(Field::Group, Value::name("Service Desk")),
        set(Field::Category, Value::name(text)),
        set(Field::Asset, Value::name(text)),
        set(Field::Location, Value::name(text)),
        set(Field::Impact, Value::Number(2)),
        set(Field::Urgency, Value::Number(2)),
        Change::Say { audience: Audience::Internal, text: Clean::body(text) },
        Change::Heard { from: Name::new(text), text: Clean::body(text) },
    ];
    let id = TicketId::new(&format!("INC-{}", number + 1));
    let event = |(seq, change): (usize, Change)| Event {
        seq: seq as u64 + 1,
        actor: Name::new(if seq > 9 { text } else { "jmorgan" }),
        at,
        stored: at,
        op: OpKey(format!("hostile-{number}-{seq}")),
        change,
    };
    (id, changes.into_iter().enumerate().map(event).collect())
}

/// Nothing in any cell that a terminal would obey or that would not take the cells it has.
fn check(buffer: &Buffer, place: &str) {
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut used = 0;
        for x in buffer.area.left()..buffer.area.right() {
            let symbol = buffer[(x, y)].symbol();
            let bad = |c: char| {
                c.is_control()
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
            };
            assert!(!symbol.chars().any(bad), "{place}: {symbol:?} at {x},{y}");
            let width = deskside::text::width(symbol);
            assert!(width <= 2, "{place}: {symbol:?} is {width} cells wide at {x},{y}");
            used = used.max(x as usize + width);
        }
        assert!(used <= buffer.area.width as usize, "{place}: line {y} is {used} cells wide");
    }
}

fn frame_is_whole(desk: &mut Desk<'_>, place: &str) {
    let screen = desk.screen();
    let width = desk.model.size.0 as usize;
    for line in screen.lines().filter(|line| line.contains('│') || line.contains('║')) {
        let frame = line.trim_start_matches([' ', '▸']);
        let closed = frame.matches(['│', '║']).count() % 2 == 0;
        assert!(closed, "{place}: an open frame: {line}");
        assert!(deskside::text::width(line) <= width, "{place}: {line}");
    }
}

#[test]
fn in_every_place_at_every_size() {
    let world = desk();
    let places = [
        "",
        "<enter>",
        "<enter> <tab>",
        "<enter> <tab> <tab>",
        "<enter> <shift-tab>",
        "x",
        "r",
        "n",
        "T",
        "T i1",
        "fg",
        "fc",
        "fa",
        "<ctrl-p>",
        "<space> <space> fi1",
        "<space> <space> fi1 <enter>",
        "/ x",
        ":",
        "N",
        "l",
        "Y",
    ];
    for (width, height) in [(120, 40), (80, 24), (60, 15)] {
        for row in 0..HOSTILE.len() + 2 {
            for place in places {
                let mut desk = world.me().sized(width, height);
                desk.press("gi").press(&"j".repeat(row));
                desk.press(place);
                desk.wait(1);
                let name = format!("`{place}` on row {row} at {width}x{height}");
                check(&desk.draw(), &name);
                frame_is_whole(&mut desk, &name);
            }
        }
    }
}

#[test]
fn what_is_copied_is_clean() {
    let world = desk();
    let mut desk = world.me();
    desk.press("gi");
    for _ in 0..HOSTILE.len() {
        desk.press("Y j");
    }
    let copied: Vec<&Clean> = desk
        .asked
        .iter()
        .filter_map(|effect| if let Effect::Copy(text) = effect { Some(text) } else { None })
        .collect();
    assert_eq!(copied.len(), HOSTILE.len());
    assert!(copied.iter().all(|text| !text.chars().any(char::is_control)), "{copied:?}");
}

#[test]
fn an_escape_is_shown_as_a_sign_that_something_was_there() {
    let world = desk();
    let mut desk = world.me();
    desk.press("gi");
    let screen = desk.screen();
    assert!(screen.contains("red ␛[31mred"), "{screen}");
    assert!(screen.contains("first second third fourth fifth tab"), "lines become spaces:\n{screen}");
}
