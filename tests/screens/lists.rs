//! Lists by keys: moving, filtering, views, order, columns, jumping; and that nobody else moves what one looks at.

use deskside::app::counts;
use deskside::app::effect::Room;
use deskside::app::pane::Pane;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::query::Query;

use super::desk::{Desk, World};

const GROUP: &str = "Service Desk";

/// This many incidents in my group's queue, named by their number.
fn queue(count: usize) -> World {
    let world = World::empty();
    for n in 1..=count {
        world.register(Kind::Incident, &format!("Incident {n}"), &[(Field::Group, Value::name(GROUP))]);
    }
    world
}

fn at(desk: &Desk<'_>) -> usize {
    desk.model.list().cursor
}

/// Shown and of how many, as the screen says.
fn of(desk: &mut Desk<'_>) -> (usize, usize) {
    let screen = desk.screen();
    let line = screen.lines().nth(1).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [.., shown, "of", all] => (shown.parse().unwrap(), all.parse().unwrap()),
        [.., all] => (all.parse().unwrap(), all.parse().unwrap()),
        [] => panic!("{screen}"),
    }
}

#[test]
fn moving() {
    let world = queue(60);
    let mut desk = world.me();
    let page = deskside::app::layout::of(&desk.model).list_height();
    desk.press("j j");
    assert_eq!(at(&desk), 2);
    desk.press("5j");
    assert_eq!(at(&desk), 7);
    desk.press("3k");
    assert_eq!(at(&desk), 4);
    desk.press("G");
    assert_eq!(at(&desk), 59);
    desk.press("j");
    assert_eq!(at(&desk), 59);
    assert_eq!(desk.said(), "This is the end of the list.");
    desk.press("gg");
    assert_eq!(at(&desk), 0);
    desk.press("k");
    assert_eq!(desk.said(), "This is the beginning of the list.");
    desk.press("12G");
    assert_eq!(at(&desk), 11);
    desk.press("gg <ctrl-f>");
    assert_eq!(at(&desk), page);
    desk.press("<pgup>");
    assert_eq!(at(&desk), 0);
    desk.press("<ctrl-d>");
    assert_eq!(at(&desk), page / 2);
    desk.press("<ctrl-u>");
    assert_eq!(at(&desk), 0);
}

#[test]
fn the_cursor_is_always_on_the_screen() {
    let world = queue(60);
    for (width, height) in [(120, 40), (80, 24), (60, 15)] {
        let mut desk = world.me().sized(width, height);
        for keys in ["7j", "<ctrl-f>", "<ctrl-f>", "3k", "G", "<ctrl-b>", "gg", "33G", "<ctrl-u>"] {
            desk.press(keys);
            let here = desk.here();
            let screen = desk.screen();
            let line = screen.lines().find(|line| line.starts_with('▸'));
            assert!(line.is_some_and(|line| line.contains(&here)), "{keys} at {width}x{height}:\n{screen}");
        }
        desk.resize(60, 15);
        let (here, screen) = (desk.here(), desk.screen());
        assert!(screen.lines().any(|line| line.starts_with('▸') && line.contains(&here)), "{screen}");
    }
}

#[test]
fn the_filter_narrows_with_every_key_and_counts_exactly() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi");
    let (all, _) = of(&mut desk);
    // The same asked anew, of all rows and not of those that the keys before left.
    let expect = |desk: &Desk<'_>, word: &str| {
        let context = deskside::app::lists::context(&desk.model);
        let query = Query::parse(word).unwrap().compile(&desk.model.table, &context);
        desk.model.list().base.iter().filter(|row| query.matches(&desk.model.table, **row)).count()
    };
    desk.press("/");
    for word in ["v", "vp", "vpn"] {
        desk.press(&word[word.len() - 1..]);
        let narrowed = expect(&desk, word);
        assert_eq!(of(&mut desk), (narrowed, all), "{word}");
        assert!(narrowed < all);
    }
    desk.press("<backspace>");
    let wider = expect(&desk, "vp");
    assert_eq!(of(&mut desk).0, wider, "wider again");
    desk.press("<esc>");
    assert_eq!(of(&mut desk), (all, all), "Esc: as it was");
    desk.press("/ v p n <enter> /");
    desk.write(" zzz").press("<esc>");
    assert_eq!(desk.model.list().filter, "vpn", "Esc: the filter that was there");
    desk.press("<esc>");
    assert_eq!(of(&mut desk), (all, all), "another clears it");
}

#[test]
fn a_half_typed_query_keeps_the_list_and_shows_where() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi /").write("group:print");
    let rows = desk.model.list().rows.clone();
    assert!(!rows.is_empty());
    desk.write(" pri:");
    assert_eq!(desk.model.list().rows, rows, "what was found stays");
    let screen = desk.screen();
    assert!(screen.contains("Column 13: `pri` is no field"), "it says where:\n{screen}");
    desk.press("<enter>");
    assert!(!desk.model.overlays.is_empty(), "an unfinished query is not taken");
    desk.press("<esc>");
}

#[test]
fn views_are_tabs() {
    let world = World::sample();
    let mut desk = world.me();
    assert!(desk.screen().contains("[now]"));
    desk.press("]");
    assert!(desk.screen().contains("[mine]"));
    desk.press("[ [");
    assert!(desk.screen().contains("[all]"), "round the corner:\n{}", desk.screen());
    desk.press("v").write("unow").press("<enter>");
    assert!(desk.screen().contains("[unowned]"));
    desk.press("gp");
    assert!(desk.screen().contains("[Problems"), "{}", desk.screen());
    desk.press("gw");
    assert!(desk.screen().contains("[unowned]"), "a pane is where it was left");
}

#[test]
fn sorted_and_turned_round() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi s").write("priority").press("<enter>");
    let priorities = |desk: &Desk<'_>| -> Vec<u8> {
        desk.model.list().rows.iter().map(|row| desk.model.table.priority(*row)).collect()
    };
    assert!(priorities(&desk).is_sorted());
    assert!(desk.screen().contains("sort priority"), "{}", desk.screen());
    let here = desk.here();
    desk.press("S");
    assert!(priorities(&desk).iter().rev().is_sorted());
    assert_eq!(desk.here(), here, "the cursor stays on its ticket");
}

#[test]
fn columns_are_chosen_and_remembered() {
    let world = World::sample();
    let mut desk = world.me();
    assert!(!desk.screen().contains("Channel"));
    desk.press("C").write("channel").press("<enter>");
    assert!(desk.screen().lines().nth(2).unwrap().contains("Channel"), "{}", desk.screen());
    desk.press("C").write("age").press("<enter>");
    assert_eq!(desk.room(Room::Choice).len(), 1);
    let mut again = desk.restarted();
    let screen = again.screen();
    let head = screen.lines().nth(2).unwrap();
    assert!(head.contains("Channel") && !head.contains("Age"), "{head}");
}

#[test]
fn jump_goes_to_any_ticket() {
    let world = World::sample();
    let mut desk = world.me();
    let closed = {
        let table = &desk.model.table;
        let row = table.iter().find(|row| !table.state(*row).is_open() && table.kind(*row) == Kind::Problem).unwrap();
        table.id(row).to_owned()
    };
    desk.press("<ctrl-p>").write(&closed).press("<enter>");
    assert_eq!(desk.here(), closed, "also what no view shows");
    desk.press("<ctrl-p>").write("zzzzzzzz").press("<enter>");
    assert!(desk.said().contains("No ticket"), "{}", desk.said());
    desk.press("<esc>");
    let under = desk.model.current().map(|row| desk.model.table.id(row).to_owned()).unwrap();
    desk.press("<ctrl-p>").write(&under).press("<enter>");
    assert_eq!((desk.here(), desk.model.detail.is_some()), (under, true), "also what the cursor stands on");
}

#[test]
fn back_and_forth() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi ] ] ] /").write("e").press("<enter> j <enter>");
    let ticket = desk.here();
    desk.press("<ctrl-p>").write("PRB").press("<enter>");
    let problem = desk.here();
    assert!(problem.starts_with("PRB"));
    desk.press("-");
    assert_eq!(desk.here(), ticket);
    desk.press("-");
    assert!(desk.model.detail.is_none());
    let list = (desk.model.pane, desk.model.list().view, desk.model.list().filter.clone());
    assert_eq!(list, (Pane::Incidents, 3, "e".to_owned()));
    desk.press("- - - -");
    assert_eq!(desk.model.pane, Pane::Work);
    desk.press("= = = = =");
    assert_eq!(desk.here(), ticket);
    desk.press("=");
    assert_eq!(desk.here(), problem);
    desk.press("=");
    assert!(desk.said().contains("nowhere further"), "{}", desk.said());
}

#[test]
fn a_colleague_never_moves_what_one_looks_at() {
    let world = queue(9);
    let mut desk = world.me();
    desk.press("4j");
    let (here, before) = (desk.here(), desk.screen());
    // She registers one more, takes another out of the view, and changes the one above.
    world.register(Kind::Incident, "Urgent", &[(Field::Group, Value::name(GROUP)), (Field::Impact, Value::Number(1))]);
    let rows = desk.model.list().rows.clone();
    let above = desk.model.table.id(rows[3]).to_owned();
    let below = desk.model.table.id(rows[6]).to_owned();
    world.sets("zahmed", &below, Field::Group, Value::name("Network"));
    world.sets("zahmed", &above, Field::Title, Value::text("Incident, renamed"));
    desk.look();
    assert_eq!(desk.model.list().rows, rows, "no row moved");
    assert_eq!(desk.here(), here);
    let screen = desk.screen();
    assert!(screen.contains("1 new (R)"), "{screen}");
    assert!(screen.contains("Incident, renamed"), "its words are the newest");
    assert_ne!(before, screen);
    desk.press("R");
    assert_eq!(desk.here(), here, "let in, the cursor stays on its ticket");
    let screen = desk.screen();
    assert!(screen.contains("Urgent") && !screen.contains(&below), "{screen}");
    assert!(!screen.contains("new (R)"));
}

#[test]
fn a_key_acts_on_the_row_it_was_pressed_on() {
    let world = queue(5);
    let mut desk = world.me();
    desk.press("2j");
    let here = desk.here();
    desk.press("fi");
    // While the picker is open the ticket leaves the view and others come.
    world.sets("zahmed", &here, Field::Group, Value::name("Network"));
    world.register(Kind::Incident, "Urgent", &[(Field::Group, Value::name(GROUP))]);
    desk.look();
    desk.press("1");
    assert_eq!(world.ticket(&here).get(&Field::Impact), Some(&Value::Number(1)), "{}", desk.said());
}

#[test]
fn a_row_that_left_its_view_is_struck_out_until_it_is_let_go() {
    use ratatui::style::Modifier;
    let world = queue(3);
    let mut desk = world.me();
    desk.press("j");
    let here = desk.here();
    world.sets("zahmed", &here, Field::Group, Value::name("Network"));
    desk.look();
    let buffer = desk.draw();
    let y = (0..40).find(|y| buffer[(0, *y)].symbol() == "▸").unwrap();
    assert!((0..80).any(|x| buffer[(x, y)].modifier.contains(Modifier::CROSSED_OUT)));
    desk.press("R");
    assert_ne!(desk.here(), here);
    assert_eq!(of(&mut desk).1, 2);
}

#[test]
fn the_preview_follows_when_the_cursor_rests() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("3j");
    let here = desk.here();
    desk.wait(1);
    let screen = desk.screen();
    let rule = screen.lines().find(|line| line.starts_with("─ ")).unwrap();
    assert!(rule.contains(&here), "{rule}");
    desk.press("P");
    assert!(!desk.screen().lines().any(|line| line.starts_with("─ ")));
}

#[test]
fn panes_have_exact_counts() {
    let world = World::sample();
    let mut desk = world.me();
    for (key, pane) in [("gi", "Incidents"), ("gr", "Requests"), ("gp", "Problems"), ("gc", "Changes")] {
        desk.press(key);
        let (shown, all) = of(&mut desk);
        assert_eq!(shown, all);
        assert!(desk.screen().lines().next().unwrap().contains(&format!("[{pane} {all}]")), "{}", desk.screen());
        let open = {
            let table = &desk.model.table;
            let kind = desk.model.pane.kind();
            table.iter().filter(|row| Some(table.kind(*row)) == kind && table.state(*row).is_open()).count()
        };
        assert_eq!(all, open);
    }
}

/// Counts that go on from what was written, against those of the whole table; and what waits for the list.
fn counts_agree(desk: &mut Desk<'_>, after: &str) {
    desk.look();
    let going_on = (desk.model.counts.of.clone(), desk.model.list().fresh);
    desk.model.counts.forget();
    counts::count(&mut desk.model);
    desk.model.list_mut().made_from = Some(u64::MAX);
    counts::mark_stale(&mut desk.model);
    assert_eq!(going_on, (desk.model.counts.of.clone(), desk.model.list().fresh), "after {after}");
}

#[test]
fn counts_go_on_from_what_was_written_and_are_exact() {
    let world = World::sample();
    let mut desk = world.me();
    for pane in ["gw", "gi", "gr"] {
        desk.press(pane);
        for script in ["t", "j t", "2j f i 1", "j z 2h <enter>", "u", "j f p 1 <enter>", "z 30m <enter>", "R"] {
            desk.press(script);
            while desk.overlay().is_some() {
                desk.press("<esc>");
            }
            counts_agree(&mut desk, script);
        }
        for n in 0..4 {
            let row = desk.model.list().rows[n * 2];
            let id = desk.model.table.id(row).to_owned();
            world.sets("zahmed", &id, Field::Group, Value::name(if n % 2 == 0 { "Network" } else { "Service Desk" }));
            counts_agree(&mut desk, "a colleague's change");
        }
        let group = (Field::Group, Value::name(GROUP));
        world.register(Kind::Incident, "One more", &[group, (Field::Impact, Value::Number(1))]);
        counts_agree(&mut desk, "one more");
        desk.wait(61);
        counts_agree(&mut desk, "a minute");
        desk.wait(3 * 3600);
        counts_agree(&mut desk, "three hours, and what slept is awake");
    }
}

#[test]
fn the_view_that_is_shown_stands_among_the_tabs_at_every_width() {
    let world = World::empty();
    for width in [60, 80, 100, 120, 200] {
        let mut desk = world.me().sized(width, 24);
        desk.press("gp");
        let views: Vec<String> =
            desk.model.settings.views_of(Pane::Problems).map(|view| view.name.to_string()).collect();
        assert!(views.len() > 12, "{views:?}");
        for view in &views {
            let screen = desk.screen();
            let tabs = screen.lines().nth(1).unwrap();
            assert!(tabs.contains(&format!("[{view}]")), "{width}: {view} is not in `{tabs}`");
            assert!(deskside::text::width(tabs) <= usize::from(width) && tabs.trim_end().ends_with('0'), "{tabs}");
            desk.press("]");
        }
    }
}
