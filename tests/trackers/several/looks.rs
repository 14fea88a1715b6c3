//! What a queue over two desks looks like: the desk of each ticket, and how to ask for it.

use std::sync::Arc;

use deskside::app::effect::Effect;
use deskside::app::message::Message;
use deskside::app::pane::Column;
use deskside::app::update::update;
use deskside::backend::embedded::Clock;
use deskside::backend::memory::Memory;
use deskside::backend::poor::{LEAST, Poor};
use deskside::backend::several::Several;
use deskside::backend::{Backend, Capabilities, Health, Line, sample};
use deskside::cli::open;
use deskside::domain::directory::Directory;
use deskside::domain::name::Name;
use deskside::domain::table::NameColumn;
use jiff::{SignedDuration, Timestamp};

use super::console::{Console, Kept};
use super::hall::Hall;
use crate::screens::desk::{NOW, SETTINGS};

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A desk in memory with all that it can do, and one that can do as little as a tracker may.
fn two() -> Arc<dyn Backend> {
    let memory = |seed| {
        let made = sample::generate(seed, now(), 60).unwrap();
        let rules = open::rules(&SETTINGS, Directory::default());
        let desk = Memory::new(Name::new("nobody"), made.directory, made.tickets, rules, Clock::fixed(now()));
        desk.console(Name::new(sample::ME))
    };
    let little = Capabilities { internal_notes: true, ..LEAST };
    let desks: Vec<(Name, Arc<dyn Backend>)> = vec![
        (Name::new("plant"), Arc::new(memory(7))),
        (Name::new("customers"), Arc::new(Poor::new(memory(8), little))),
    ];
    Arc::new(Several::new(desks))
}

async fn still() -> Console {
    let mut console = Console::at(two(), Kept::new(), Some(now()), false).await;
    console.answers().await;
    console
}

/// The rows of the list, without the preview beneath.
fn list(screen: &str) -> String {
    screen.lines().skip(3).take_while(|line| !line.starts_with('─')).collect::<Vec<_>>().join("\n")
}

fn picture(console: &mut Console, place: &str, (width, height): (u16, u16)) {
    let screen = console.resize(width, height).screen();
    insta::with_settings!({ snapshot_path => "../../screens/pictures", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{place}_{width}x{height}"), screen);
    });
}

#[tokio::test]
async fn two_desks_as_they_look() {
    let mut console = still().await;
    for size in [(80, 24), (120, 40)] {
        picture(&mut console, "desks_work", size);
    }
    // One of them away.
    let since = now() - SignedDuration::from_mins(12);
    let line = Line::Offline { since, why: "It does not answer.".into() };
    let ill = Health { line, as_of: Some(now() - SignedDuration::from_mins(14)), ..Health::default() };
    let health = vec![(Name::new("plant"), Health::default()), (Name::new("customers"), ill)];
    let effects = update(&mut console.model, Message::Health(health));
    assert!(!effects.0.iter().any(|effect| matches!(effect, Effect::Quit)));
    for size in [(80, 24), (120, 40)] {
        picture(&mut console, "desks_one_away", size);
    }
    console.press("gd").await;
    picture(&mut console, "desks_health", (80, 24));
    console.press("<esc> <enter>").await;
    picture(&mut console, "desks_ticket", (80, 24));
}

#[tokio::test]
async fn the_desk_is_a_column_where_there_are_several() {
    let mut console = still().await;
    let screen = console.screen();
    let head = screen.lines().nth(2).unwrap_or_default();
    assert!(head.contains("Desk") && head.find("Desk") < head.find("Id"), "{screen}");
    assert!(list(&screen).contains("cus… INC") && !list(&screen).contains("customers:"), "{screen}");

    console.line("sort desk").await;
    let order = |console: &Console| -> Vec<String> {
        let desk = |row| console.model.table.name(row, NameColumn::Desk).unwrap().to_string();
        console.model.list().rows.iter().map(|row| desk(*row)).collect()
    };
    let sorted = order(&console);
    assert!(sorted.is_sorted() && sorted[0] == "customers" && sorted.last().unwrap() == "plant", "{sorted:?}");
    console.line("sort -desk").await;
    assert!(order(&console).iter().rev().is_sorted());

    console.filter("desk:plant").await;
    assert!(order(&console).iter().all(|desk| desk == "plant") && !order(&console).is_empty());
    console.press("<esc>").await;

    // It goes and comes like any other; with it the whole identifier comes and goes.
    console.line("columns desk").await;
    let screen = console.screen();
    assert!(list(&screen).contains("customers:") || list(&screen).contains("plant:"), "{screen}");
    assert!(!deskside::app::lists::columns(&console.model).contains(&Column::Desk));
    console.line("columns desk").await;
    assert!(deskside::app::lists::columns(&console.model).contains(&Column::Desk));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_tracker_alone_needs_no_column() {
    let hall = Hall::new().await;
    let mut console = Console::open(hall.only_rt(), Kept::new()).await;
    let open = format!("rt:{}", hall.rt.fixture.incident);
    console.until("rt is read", |console| console.has(&open) && !console.model.me.is_empty()).await;
    assert!(!deskside::app::lists::columns(&console.model).contains(&Column::Desk));
    console.line("columns desk").await;
    assert!(deskside::app::lists::columns(&console.model).contains(&Column::Desk), "{}", console.said());
    console.filter("desk:rt").await;
    assert!(!console.model.list().rows.is_empty());
}
