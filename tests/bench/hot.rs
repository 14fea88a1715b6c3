//! The hot parts by themselves: loading a table, filtering, sorting, cleaning titles, the clocks of the rows on the
//! screen, a key with its picture. Prints milliseconds (the best and
//! the median of some runs) and bytes a row. `cargo bench --bench hot`; `-- 1000000` adds a size.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run says so by panicking")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use deskside::app::message::Message;
use deskside::app::model::{Model, Start};
use deskside::app::update::update;
use deskside::backend::{Capabilities, Cursor, Delta, Schema};
use deskside::cli::settings;
use deskside::command::key::Keys;
use deskside::domain::directory::Directory;
use deskside::domain::name::Name;
use deskside::domain::query::{Context, Query, sort};
use deskside::domain::summary::Summary;
use deskside::domain::table::{Row, Table};
use deskside::runtime::terminal::{Screen, Terminal};
use deskside::text::{Clean, width};
use deskside::ui::{self, Theme, cells};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Size;

#[path = "../domain/rows.rs"]
mod rows;

const FILTERS: [&str; 8] = [
    "vpn",
    "e",
    "zanzibar",
    "network",
    "state:open",
    "group:network p<=2",
    "mine breach<2h",
    "age<30d (vpn or teams) -major",
];

fn main() {
    let extra = std::env::args().skip(1).filter_map(|arg| arg.parse().ok());
    for count in [1000, 10_000, 100_000].into_iter().chain(extra) {
        measure(count);
    }
}

fn measure(count: usize) {
    let list = rows::summaries(count, 1);
    let now = Timestamp::from_millisecond(rows::NOW).unwrap_or_default();
    let context = Context { me: Some(Name::new("engineer7")), ..Context::at(now) };
    let mut table = Table::with_capacity(count);
    list.iter().for_each(|summary| _ = table.upsert(summary));
    println!("{count} rows, {} bytes a row", table.bytes() / count);
    // As rows come from a desk: freshly made, a page at a time. Only the table's part is counted.
    report("load", (0..5).map(|_| load(count)).collect());
    for text in FILTERS {
        let Ok(query) = Query::parse(text) else { continue };
        let found = query.compile(&table, &context).count(&table);
        show(&format!("filter {text} ({found})"), || drop(black_box(query.compile(&table, &context).rows(&table))));
    }
    for keys in ["", "sort:priority", "sort:-updated", "sort:group,-opened", "sort:title", "sort:caller"] {
        let order = Query::parse(keys).unwrap_or_default().sort;
        let name = if keys.is_empty() { "sort, default order" } else { keys };
        let all: Vec<Row> = table.iter().collect();
        show(name, || {
            let mut rows = all.clone();
            sort(&table, &mut rows, &order, now);
            black_box(rows);
        });
    }
    let titles: Vec<&str> = list.iter().map(|summary| summary.title.as_str()).collect();
    show("clean all titles", || titles.iter().for_each(|title| drop(black_box(Clean::line(title)))));
    show("measure all titles", || titles.iter().for_each(|title| _ = black_box(width(title))));
    screen(list.clone(), now);
}

/// The console over these rows, without a terminal: its model, its pictures, and the bytes that would be sent.
fn screen(list: Vec<Summary>, now: Timestamp) {
    let size = Size::new(120, 40);
    let mut model = Model::new(Start {
        now,
        zone: TimeZone::UTC,
        size: (size.width, size.height),
        settings: Arc::new(settings::load(Path::new("")).unwrap()),
        capabilities: Capabilities::FULL,
        session: "bench".into(),
        name: Clean::line("bench"),
        read_only: false,
        as_of: None,
    });
    let me =
        Schema { me: Name::new("engineer7"), directory: Directory::default(), members: Vec::new(), workflow: None };
    let rows = Delta { changed: list, removed: Vec::new(), next: Cursor(String::new()), more: false };
    for message in [Message::Schema(Box::new(Ok(me))), Message::Delta(Ok(rows))] {
        drop(update(&mut model, message));
    }
    let press = |model: &mut Model, keys: &str| {
        let keys: Keys = keys.parse().unwrap();
        keys.0.into_iter().for_each(|key| drop(update(model, Message::Key(key))));
    };
    // All incidents, without the preview.
    press(&mut model, "f2 P : v i e w space a l l enter");
    let visible = model.list().visible(40).to_vec();
    show(&format!("clocks of {} visible rows", visible.len()), || {
        visible.iter().for_each(|row| drop(black_box(cells::clock(&model.table.glance(*row), now))));
    });
    let terminal = Terminal::from_env(|name| (name == "TERM").then(|| "xterm-256color".into())).unwrap();
    let (theme, mut screen) = (Theme::new(true), Screen::new(std::io::sink(), size, terminal));
    let mut draw = |model: &Model| _ = screen.draw(|buffer| ui::view(buffer, model, &theme).cursor).unwrap();
    draw(&model);
    show("draw, nothing changed", || draw(&model));
    show("a key down and its picture", || {
        press(&mut model, "j");
        draw(&model);
    });
}

fn load(count: usize) -> f64 {
    let mut table = Table::new();
    let mut spent = 0.0;
    rows::each_page(count, 1, 200, |page| {
        let start = Instant::now();
        page.iter().for_each(|summary| _ = table.upsert(summary));
        spent += start.elapsed().as_secs_f64() * 1000.0;
    });
    spent
}

fn show(what: &str, mut run: impl FnMut()) {
    let times = (0..15).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64() * 1000.0
    });
    report(what, times.collect());
}

fn report(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    println!("  {:9.3} {:9.3} ms  {what}", times[0], times[times.len() / 2]);
}
