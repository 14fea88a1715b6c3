//! How the console looks, at the sizes that terminals have; and that it needs no colour to be understood.

use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::Name;
use deskside::ui::Theme;

use super::desk::{Desk, World, customer, directory};

/// A small desk whose words do not change when the sample desk is written anew.
fn world() -> World {
    let mut people = directory().clone();
    let login = customer();
    let caller = people.people.iter_mut().find(|person| *person.login == *login).unwrap();
    caller.name = Name::new("Ewan Lister");
    caller.email = Some(Name::new("elister@caldermutual.example"));
    caller.phone = Some(Name::new("5000"));
    caller.department = Some(Name::new("Data and Insight"));
    caller.location = Some(Name::new("Leeds 3"));
    caller.vip = false;
    let world = World::with(people, Vec::new());
    let group = |name: &str| (Field::Group, Value::name(name));
    let number = |field: Field, n: i64| (field, Value::Number(n));
    let text = |field: Field, text: &str| (field, Value::text(text));
    let rows: &[(&str, &str, i64, i64)] = &[
        ("Dock loses both screens when the lid closes", "Service Desk", 2, 1),
        ("VPN drops every ten minutes", "Network", 2, 2),
        ("Shared mailbox of Claims is not found", "Service Desk", 3, 2),
        ("Printer on Leeds 2 shows a paper jam that is none", "Service Desk", 3, 3),
        ("Nobody in Walbrook can log on", "Service Desk", 1, 1),
    ];
    for (title, queue, impact, urgency) in rows {
        let fields = [
            group(queue),
            number(Field::Impact, *impact),
            number(Field::Urgency, *urgency),
            (Field::Category, Value::name("hardware/dock")),
            (Field::Location, Value::name("Leeds 2")),
            text(Field::Description, "Since this morning.\nIt worked yesterday, and nothing was changed."),
        ];
        world.register(Kind::Incident, title, &fields);
    }
    world.register(Kind::Request, "Second screen for Jin Emery", &[group("Service Desk")]);
    world.register(Kind::Problem, "Docks of one batch lose their screens", &[group("Deskside Leeds")]);
    world
}

/// The same desk an hour later, with some of it worked on.
fn desk(world: &World) -> Desk<'_> {
    let mut desk = world.me();
    desk.wait(3600);
    desk.open_ticket("INC-1").press("t n").write("Seen it: the firmware is old.").press("<ctrl-s>");
    desk.press("l").write("PRB-1").press("<enter> <esc>");
    desk.press("gw R gg");
    desk.wait(1);
    desk.model.notice = None;
    desk
}

fn named(place: &str, size: (u16, u16)) -> String {
    format!("{place}_{}x{}", size.0, size.1)
}

fn picture(desk: &mut Desk<'_>, place: &str, size: (u16, u16)) {
    desk.resize(size.0, size.1);
    let screen = desk.screen();
    insta::with_settings!({ snapshot_path => "pictures", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(named(place, size), screen);
    });
}

const WIDE: (u16, u16) = (120, 40);
const USUAL: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (60, 15);

#[test]
fn the_work_list() {
    let world = world();
    for size in [WIDE, USUAL, SMALL] {
        picture(&mut desk(&world), "work", size);
    }
}

#[test]
fn below_the_smallest_size_it_says_so() {
    let world = world();
    picture(&mut desk(&world), "too_small", (59, 14));
}

#[test]
fn a_ticket_page_by_page() {
    let world = world();
    for (page, keys) in [("timeline", ""), ("fields", "<tab>"), ("clocks", "<tab> <tab>"), ("links", "<shift-tab>")] {
        let mut desk = desk(&world);
        desk.open_ticket("INC-1").press(keys);
        desk.model.notice = None;
        picture(&mut desk, &format!("ticket_{page}"), USUAL);
    }
}

#[test]
fn a_ticket_that_a_colleague_looks_at() {
    let world = world();
    let mut hers = world.console("zahmed");
    hers.open_ticket("INC-1");
    let mut mine = desk(&world);
    mine.open_ticket("INC-1");
    picture(&mut mine, "ticket_shared", WIDE);
}

#[test]
fn triage_with_a_decision() {
    let world = world();
    for size in [WIDE, USUAL, SMALL] {
        let mut desk = desk(&world);
        desk.press("T i1 u2 g").write("mess").press("<enter> a1");
        picture(&mut desk, "triage", size);
    }
}

#[test]
fn asking() {
    let world = world();
    for (place, keys) in [("picker", "fg"), ("form", "x1"), ("new", "N"), ("step", "ms"), ("reason", "Q")] {
        let mut desk = desk(&world);
        desk.press(keys);
        picture(&mut desk, place, USUAL);
    }
}

#[test]
fn writing() {
    let world = world();
    for (place, key) in [("reply", "r"), ("note", "n")] {
        let mut desk = desk(&world);
        desk.press(key).write("Hello,\nwe look at it.");
        picture(&mut desk, place, USUAL);
        desk.theme = Theme::new(false);
        picture(&mut desk, &format!("{place}_ascii"), USUAL);
    }
    let mut desk = desk(&world);
    desk.press("r").write("The password: hunter2-Staple9").press("<ctrl-s>");
    picture(&mut desk, "reply_looked_at", USUAL);
}

#[test]
fn many_at_once() {
    let world = world();
    let mut desk = desk(&world);
    desk.press("* fi1");
    picture(&mut desk, "preview", USUAL);
    desk.press("<enter>");
    picture(&mut desk, "outcomes", USUAL);
}

#[test]
fn lines_and_prefixes() {
    let world = world();
    for (place, keys) in [
        ("which", "g"),
        ("command_argument", ": g r o u p <space> m"),
        ("filter", "/ d o c k"),
        ("filter_unfinished", "/ g r o u p :"),
        ("jump", "<ctrl-p> v p n"),
        ("marks", "<space> j <space>"),
    ] {
        let mut desk = desk(&world);
        desk.press(keys);
        picture(&mut desk, place, USUAL);
    }
}

#[test]
fn in_ascii() {
    let world = world();
    let mut desk = desk(&world);
    desk.theme = Theme::new(false);
    desk.press("<space>");
    picture(&mut desk, "work_ascii", USUAL);
    let ours = desk.screen();
    assert!(ours.is_ascii(), "{:?}", ours.chars().filter(|c| !c.is_ascii()).collect::<String>());
}

/// What is said by a colour is said by a word or a sign too.
#[test]
fn nothing_is_said_by_colour_alone() {
    let world = World::sample();
    let mut desk = world.me();
    desk.press("gi");
    let screen = desk.screen();
    let signs: std::collections::BTreeSet<char> =
        screen.lines().skip(3).take(25).filter_map(|line| line.chars().nth(3)).filter(|c| !c.is_whitespace()).collect();
    assert!(signs.len() >= 3, "late, at risk and running have signs of their own: {signs:?}\n{screen}");
    // A mark, the cursor and an unowned ticket are signs; an act on its way is a word.
    desk.press("<space>");
    assert!(desk.screen().contains('●') && desk.screen().contains('▸'));
    desk.slow = true;
    desk.press("fi").write("1");
    assert!(desk.screen().contains("outbox 1"), "{}", desk.screen());
}

/// Which of the views stand in the second line, with the others counted on both sides; none where it says it otherwise.
fn shown(screen: &str, views: &[String], chosen: usize) -> Option<std::ops::Range<usize>> {
    let line = screen.lines().nth(1)?;
    let tab = |at: usize| if at == chosen { format!("[{}]", views[at]) } else { format!(" {} ", views[at]) };
    let more = |count: usize| if count == 0 { String::new() } else { format!("+{count}") };
    let ranges = (0..=chosen).flat_map(|first| (chosen + 1..=views.len()).map(move |end| first..end));
    let bar = |range: &std::ops::Range<usize>| {
        let tabs: String = range.clone().map(tab).collect();
        format!(" {}{tabs}{}", more(range.start), more(views.len() - range.end))
    };
    ranges.filter(|range| line.starts_with(bar(range).trim_end())).max_by_key(ExactSizeIterator::len)
}

#[test]
fn the_view_and_its_neighbours_stand_in_the_bar_and_the_others_are_counted() {
    let world = world();
    for width in [60, 80, 120] {
        let mut desk = world.me().sized(width, 24);
        desk.press("g w");
        let views: Vec<String> = desk.model.settings.views_of(desk.model.pane).map(|v| v.name.to_string()).collect();
        assert!(views.len() > 6);
        for (at, view) in views.iter().enumerate() {
            let screen = desk.screen();
            let shown = shown(&screen, &views, at).unwrap_or_else(|| panic!("{width} {view}:\n{screen}"));
            let near = at.saturating_sub(1)..(at + 2).min(views.len());
            let has_near = shown.start <= near.start && near.end <= shown.end;
            assert!(has_near || width < 80, "{width} {view}: {shown:?}\n{screen}");
            desk.press("]");
        }
    }
}
