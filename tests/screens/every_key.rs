//! Every key in every place: it does something or says why not, it never panics, and nothing is written unasked.

use deskside::app::effect::{Effect, Room};
use deskside::command::key::Key;
use deskside::command::table::Scope;

use super::desk::{Desk, SETTINGS, World};

/// Ways into each place, by keys from the start; the place's name says what one ends up in.
const PLACES: &[(&str, &str)] = &[
    ("list", ""),
    ("list, in the middle", "5 j"),
    ("list with marks", "<space> <space>"),
    ("list, a filter", "/ v p n <enter>"),
    ("list, a filter that finds nothing", "/ q q x x z z <enter>"),
    ("list, a prefix", "g"),
    ("list, a count", "7"),
    ("incidents", "g i"),
    ("requests", "g r"),
    ("problems", "g p"),
    ("changes", "g c"),
    ("ticket", "<enter>"),
    ("ticket, fields", "<enter> <tab>"),
    ("ticket, clocks", "<enter> <tab> <tab>"),
    ("ticket, links", "<enter> <shift-tab>"),
    ("triage", "T"),
    ("triage, something decided", "T i 1 u 1"),
    ("picker", "f g"),
    ("picker, something typed", "f c n e"),
    ("form", "x"),
    ("form, other field", "x <tab> <tab>"),
    ("new", "N"),
    ("reply", "r"),
    ("reply, some text", "r H e l l o"),
    ("note", "n"),
    ("command line", ":"),
    ("command line, an argument", ": g r o u p <space>"),
    ("filter line", "/"),
    ("filter line, half a query", "/ g r o u p :"),
    ("jump", "<ctrl-p>"),
    ("preview of a bulk act", "<space> <space> f i 1"),
    ("outcomes of a bulk act", "<space> <space> f i 1 <enter>"),
    ("outbox", "go"),
    ("outbox, a reply", "rHi <ctrl-s> go"),
    ("desks", "gd"),
    ("files", "mf"),
    ("radar", "gR"),
    ("catalogue", "gn"),
    ("help", "?"),
];

/// Keys that a person could hit here: all that are bound, and a handful of others.
fn every_key(scopes: &[Scope]) -> Vec<Vec<Key>> {
    let mut all: Vec<Vec<Key>> = Vec::new();
    for scope in scopes {
        all.extend(SETTINGS.keymap.of(*scope).iter().map(|binding| binding.keys.0.clone()));
    }
    let others = "1 9 b B ! ~ ( ctrl-a ctrl-g ctrl-k ctrl-o ctrl-w ctrl-y enter esc tab shift-tab backspace del ins up \
                  down left right home end pgup pgdn space f7 f12 alt-x alt-enter ctrl-left shift-up é 语";
    all.extend(others.split_whitespace().map(|name| vec![name.parse::<Key>().unwrap()]));
    all.sort();
    all.dedup();
    all
}

/// Everything that a key could change: the picture with its cursor, and what lies behind it.
fn state(desk: &mut Desk<'_>) -> impl PartialEq + use<> {
    let (picture, cursor) = desk.picture();
    let model = &desk.model;
    let list = model.list();
    let places = (list.cursor, list.view, model.pane, model.marks.clone(), model.overlays.len(), model.show_preview);
    (picture, cursor, model.typed.clone(), model.notice.clone(), places)
}

fn check(world: &World, place: &str, way: &str, keys: &[Key]) -> Result<(), String> {
    let mut desk = world.me().sized(80, 24);
    desk.press(way);
    desk.model.notice = None;
    let before = state(&mut desk);
    let (asked, sent) = (desk.asked.len(), desk.sent());
    for key in keys {
        desk.key(*key);
    }
    let after = state(&mut desk);
    let named = keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let did = desk.asked[asked..].iter().any(|effect| !matches!(effect, Effect::Load(_) | Effect::Presence(_)));
    if before == after && !did {
        return Err(format!("`{named}` is silent in {place}"));
    }
    // One key writes only where it is the last of a decision that was already on the screen, or takes no answer.
    let writes = desk.sent() - sent + desk.room(Room::Outbox).len();
    if writes > 0 && !is_meant(place, &named) {
        return Err(format!("`{named}` writes in {place}: {}", desk.said()));
    }
    Ok(())
}

/// The keys that act at once, by design: those that need no answer.
fn is_meant(place: &str, keys: &str) -> bool {
    const AT_ONCE: &[&str] = &[
        "t", "A", "W", "w", "Z", ".", "u", "m v", "m p", "m c", "m u", "m e", "m a", "m n", "I", "b r", "y", "m o",
        "m k", "m x", "c a",
    ];
    let on_tickets = place.starts_with("list") || place.starts_with("ticket") || !place.contains([' ', ',']);
    match place {
        "triage" | "triage, something decided" => {
            matches!(keys, "enter" | "y" | "." | "v" | "I" | "R p" | "R c") || keys.chars().all(|c| c.is_ascii_digit())
        }
        "reply, some text" | "note, some text" => matches!(keys, "ctrl-s" | "alt-enter"),
        "preview of a bulk act" => keys == "enter",
        "outbox, a reply" => true,
        "outcomes of a bulk act" => matches!(keys, "r" | "u"),
        "picker" | "picker, something typed" => matches!(keys, "enter" | "tab"),
        _ => on_tickets && AT_ONCE.contains(&keys),
    }
}

fn all_places(world: &World) {
    let mut faults = Vec::new();
    for (place, way) in PLACES {
        let scopes = world.me().sized(80, 24).press(way).model.scopes();
        for keys in every_key(&scopes) {
            // After a prefix the rest of a sequence is another one.
            if *place == "list, a prefix" && keys.len() > 1 {
                continue;
            }
            if let Err(fault) = check(world, place, way, &keys) {
                faults.push(fault);
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn on_a_full_desk() {
    all_places(&World::small());
}

#[test]
fn on_an_empty_desk() {
    all_places(&World::empty());
}
