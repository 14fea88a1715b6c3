//! The commands that move: in lists, between panes and views, into tickets and back.

use crate::app::effect::Room;
use crate::app::effect::{Effect, Effects};
use crate::app::line::Purpose;
use crate::app::list::List;
use crate::app::model::{Model, Place};
use crate::app::notice::Notice;
use crate::app::pane::{Column, Pane};
use crate::app::{choices, compose, detail, help, layout, line, lists};
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope, Why, always, any};
use crate::domain::name::TicketId;
use crate::domain::query::{Query, QueryError, SortKey};
use crate::domain::table::Row;
use crate::text::Clean;

const fn row(
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    scope: Scope,
    keys: &'static [&'static str],
    run: fn(&mut Model, &Args) -> Effects,
) -> Command {
    Command { id, title, doc, scope, keys, args: &[], needs: any, available: always, run }
}

/// Not while a session goes on: it has one ticket on the screen.
const fn outside(command: Command) -> Command {
    Command { available: no_triage, ..command }
}

fn no_triage(model: &Model) -> Result<(), Why> {
    if model.triage.is_some() {
        let leave = model.settings.keymap.key_of("leave-triage", &model.scopes());
        return Why::no(format!("A triage session goes on; `{leave}` leaves it and keeps its place."));
    }
    Ok(())
}

const fn with(command: Command, args: &'static [Arg]) -> Command {
    Command { args, ..command }
}

/// Moving about.
pub const COMMANDS: &[Command] = &[
    row("down", "Down", "The next ticket; a count before it moves so many.", Scope::List, &["j", "down"], |m, _| {
        step(m, 1)
    }),
    row("up", "Up", "The ticket before.", Scope::List, &["k", "up"], |m, _| step(m, -1)),
    row("page-down", "Page down", "A page down.", Scope::List, &["ctrl-f", "pgdn"], |m, _| page(m, 1)),
    row("page-up", "Page up", "A page up.", Scope::List, &["ctrl-b", "pgup"], |m, _| page(m, -1)),
    row("half-down", "Half down", "Half a page down.", Scope::List, &["ctrl-d"], |m, _| half(m, 1)),
    row("half-up", "Half up", "Half a page up.", Scope::List, &["ctrl-u"], |m, _| half(m, -1)),
    row("first", "First", "The first ticket.", Scope::List, &["g g", "home"], |m, _| lists::go(m, 0)),
    row("last", "Last", "The last ticket, or with a count the one of that number.", Scope::List, &["G", "end"], last),
    row("open", "Open", "Open the ticket under the cursor.", Scope::List, &["enter"], |m, _| open(m)),
    row(
        "filter",
        "Filter",
        "Narrow the list as you type: words, or `group:network breach<2h`.",
        Scope::List,
        &["/"],
        |m, _| line::open(m, Purpose::Filter),
    ),
    row("unfilter", "Clear", "Clear marks, then the filter.", Scope::List, &["esc"], |m, _| unfilter(m)),
    row("next-view", "Next view", "The next saved view of this pane.", Scope::List, &["]"], |m, _| next_view(m, 1)),
    row("previous-view", "Previous view", "The saved view before.", Scope::List, &["["], |m, _| next_view(m, -1)),
    with(
        row("view", "View", "Show a saved view by name.", Scope::List, &["v"], view),
        &[Arg::required("name", ArgKind::From(Source::Views), "View")],
    ),
    with(
        row("sort", "Sort", "Order the list by a column; a minus before it turns it round.", Scope::List, &["s"], sort),
        &[Arg::required("by", ArgKind::From(Source::Sorts), "Sort by")],
    ),
    row("reverse", "Reverse", "Turn the order of the list round.", Scope::List, &["S"], reverse),
    with(
        row("columns", "Columns", "Show or hide a column.", Scope::List, &["C"], columns),
        &[Arg::required("column", ArgKind::From(Source::Columns), "Column")],
    ),
    row("refresh", "Refresh", "Let in what is new, drop what has left the view.", Scope::List, &["R", "f5"], refresh),
    row("preview", "Preview", "Show or hide the preview.", Scope::List, &["P"], |m, _| toggle_preview(m)),
    row("pane-next", "Next pane", "The next pane.", Scope::List, &["tab"], |m, _| next_pane(m, 1)),
    row("pane-previous", "Previous pane", "The pane before.", Scope::List, &["shift-tab"], |m, _| next_pane(m, -1)),
    outside(row("work", "Work", "What needs me now, of every kind.", Scope::Global, &["g w", "f1"], |m, _| {
        pane(m, Pane::Work)
    })),
    outside(row("incidents", "Incidents", "The incidents.", Scope::Global, &["g i", "f2"], |m, _| {
        pane(m, Pane::Incidents)
    })),
    outside(row("requests", "Requests", "The requests.", Scope::Global, &["g r", "f3"], |m, _| {
        pane(m, Pane::Requests)
    })),
    outside(row("problems", "Problems", "The problems.", Scope::Global, &["g p", "f4"], |m, _| {
        pane(m, Pane::Problems)
    })),
    outside(row("changes", "Changes", "The changes.", Scope::Global, &["g c", "f6"], |m, _| pane(m, Pane::Changes))),
    outside(row(
        "jump",
        "Jump",
        "Go to any ticket by id or words of its title.",
        Scope::Global,
        &["ctrl-p", "g j"],
        |m, _| line::open(m, Purpose::Jump),
    )),
    with(
        outside(row("show", "Show", "Open a ticket by its id.", Scope::Global, &[], show)),
        &[Arg::required("id", ArgKind::From(Source::Tickets), "Ticket")],
    ),
    outside(row("back", "Back", "Where you were before.", Scope::Global, &["-", "alt-left"], |m, _| wander(m, -1))),
    outside(row("forth", "Forth", "Where you came back from.", Scope::Global, &["=", "alt-right"], |m, _| {
        wander(m, 1)
    })),
    row("command", "Command", "Write any command.", Scope::Global, &[":"], |m, _| line::open(m, Purpose::Command)),
    row("help", "Help", "Every command with its keys.", Scope::Global, &["?"], |m, _| help::open(m)),
    row("redraw", "Redraw", "Draw the screen anew.", Scope::Global, &["ctrl-l"], |_, _| Effect::Redraw.into()),
    row("suspend", "Suspend", "Back to the shell; `fg` returns.", Scope::Global, &["ctrl-z"], |_, _| {
        Effect::Suspend.into()
    }),
    row(
        "copy",
        "Copy id",
        "Copy id and title of the ticket, or of all that are marked.",
        Scope::Global,
        &["Y"],
        |m, _| copy(m),
    ),
    row("quit", "Quit", "Leave deskside. Unsent acts and texts are kept.", Scope::Global, &["q", "ctrl-c"], |m, _| {
        quit(m)
    }),
    row("detail-down", "Down", "Read on.", Scope::Detail, &["j", "down"], |m, _| read(m, 1)),
    row("detail-up", "Up", "Read back.", Scope::Detail, &["k", "up"], |m, _| read(m, -1)),
    row("detail-page-down", "Page down", "A page down.", Scope::Detail, &["ctrl-f", "pgdn", "space"], |m, _| {
        read_page(m, 1)
    }),
    row("detail-page-up", "Page up", "A page up.", Scope::Detail, &["ctrl-b", "pgup"], |m, _| read_page(m, -1)),
    row("detail-top", "Top", "The first line.", Scope::Detail, &["g g", "home"], |m, _| {
        detail::scroll(m, isize::MIN / 2)
    }),
    row("detail-end", "End", "The last line.", Scope::Detail, &["G", "end"], |m, _| detail::scroll(m, isize::MAX / 2)),
    row("detail-tab", "Next page", "Timeline, fields, clocks, links.", Scope::Detail, &["tab"], |m, _| {
        detail::show_tab(m, 1)
    }),
    row("detail-tab-back", "Previous page", "The page before.", Scope::Detail, &["shift-tab"], |m, _| {
        detail::show_tab(m, -1)
    }),
    row("detail-next", "Next ticket", "The next ticket of the list.", Scope::Detail, &["J", "ctrl-n"], |m, _| {
        detail::next(m, 1)
    }),
    row("detail-previous", "Previous ticket", "The ticket before.", Scope::Detail, &["K"], |m, _| detail::next(m, -1)),
    row("link-next", "Next link", "Choose the next link.", Scope::Detail, &["]"], |m, _| detail::choose_link(m, 1)),
    row("link-previous", "Previous link", "Choose the link before.", Scope::Detail, &["["], |m, _| {
        detail::choose_link(m, -1)
    }),
    row("follow", "Follow", "Open the chosen link.", Scope::Detail, &["enter"], |m, _| detail::follow(m)),
    row("close-ticket", "Back", "Back to the list.", Scope::Detail, &["esc", "backspace"], |m, _| detail::close(m)),
    row("help-down", "Down", "Read on.", Scope::Help, &["down"], |m, _| help::scroll(m, 1)),
    row("help-up", "Up", "Read back.", Scope::Help, &["up"], |m, _| help::scroll(m, -1)),
    row("help-page-down", "Page down", "A page down.", Scope::Help, &["pgdn", "ctrl-f"], |m, _| help::scroll(m, 15)),
    row("help-page-up", "Page up", "A page up.", Scope::Help, &["pgup", "ctrl-b"], |m, _| help::scroll(m, -15)),
    row("help-close", "Close", "Close the help.", Scope::Help, &["esc", "enter"], |m, _| compose::leave(m)),
];

fn counted(model: &Model) -> isize {
    isize::try_from(model.typed.count.unwrap_or(1)).unwrap_or(1)
}

fn step(model: &mut Model, by: isize) -> Effects {
    let to = model.list().cursor.saturating_add_signed(by * counted(model));
    lists::go(model, to)
}

fn page(model: &mut Model, by: isize) -> Effects {
    let height = layout::of(model).list_height();
    let list = model.list_mut();
    let jump = by * height.max(1) as isize;
    list.top = list.top.saturating_add_signed(jump).min(list.rows.len().saturating_sub(height.max(1)));
    let to = list.cursor.saturating_add_signed(jump);
    lists::go(model, to)
}

fn half(model: &mut Model, by: isize) -> Effects {
    let height = layout::of(model).list_height() as isize;
    let to = model.list().cursor.saturating_add_signed(by * (height / 2).max(1));
    lists::go(model, to)
}

fn last(model: &mut Model, _: &Args) -> Effects {
    let to = match model.typed.count {
        Some(number) => (number as usize).saturating_sub(1),
        None => model.list().rows.len().saturating_sub(1),
    };
    lists::go(model, to)
}

fn open(model: &mut Model) -> Effects {
    match model.list().current() {
        Some(row) => {
            let id = TicketId::new(model.table.id(row));
            detail::open(model, &id)
        }
        None => {
            model.say(Notice::refused("There is no ticket to open. `[` and `]` show other views, `N` registers one."));
            Effects::none()
        }
    }
}

fn show(model: &mut Model, args: &Args) -> Effects {
    detail::open(model, &TicketId::new(args.text("id")))
}

fn unfilter(model: &mut Model) -> Effects {
    model.range = None;
    if !model.marks.is_empty() {
        let count = model.marks.len();
        model.marks.clear();
        model.say(Notice::done(format!("{count} marks cleared.")));
    } else if !model.list().filter.is_empty() {
        let pinned = model.list().current();
        model.list_mut().filter.clear();
        lists::apply_filter(model);
        let height = layout::of(model).list_height();
        model.list_mut().pin(pinned, height);
    } else {
        model.say(Notice::refused("There is no filter and no mark to clear. `q` leaves deskside."));
    }
    Effects::none()
}

fn next_view(model: &mut Model, by: isize) -> Effects {
    let count = model.settings.views_of(model.pane).count() as isize;
    if count < 2 {
        model.say(Notice::refused("This pane has one view only; `deskside config path` shows where to add more."));
        return Effects::none();
    }
    let to = (model.list().view as isize + by).rem_euclid(count) as usize;
    remember(model);
    lists::show_view(model, to)
}

fn view(model: &mut Model, args: &Args) -> Effects {
    match choices::view_number(model, args.text("name")) {
        Some(number) => {
            remember(model);
            lists::show_view(model, number)
        }
        None => {
            model.say(Notice::refused(format!("This pane has no view `{}`.", args.text("name"))));
            Effects::none()
        }
    }
}

fn sort(model: &mut Model, args: &Args) -> Effects {
    match sort_keys(args.text("by")) {
        Ok(keys) => {
            model.list_mut().sort = keys;
            lists::remake(model);
            model.say(Notice::done(format!("Sorted by {}; `S` turns it round.", args.text("by"))));
        }
        Err(error) => model.say(Notice::refused(error.to_string())),
    }
    Effects::none()
}

/// Reads `due`, `-opened,priority`.
fn sort_keys(text: &str) -> Result<Vec<SortKey>, QueryError> {
    Query::parse(&format!("sort:{}", if text == "sla" { "due" } else { text })).map(|query| query.sort)
}

fn reverse(model: &mut Model, _: &Args) -> Effects {
    if model.list().sort.is_empty() {
        let of_view = lists::current_view(model).map(|view| view.query.sort.clone()).unwrap_or_default();
        model.list_mut().sort = if of_view.is_empty() { sort_keys("due").unwrap_or_default() } else { of_view };
    }
    for key in &mut model.list_mut().sort {
        key.descending = !key.descending;
    }
    lists::remake(model);
    Effects::none()
}

fn columns(model: &mut Model, args: &Args) -> Effects {
    let Some(column) = Column::parse(args.text("column")) else {
        model.say(Notice::refused(format!(
            "There is no column `{}`; there are {}.",
            args.text("column"),
            Column::choices()
        )));
        return Effects::none();
    };
    let mut shown = lists::columns(model);
    match shown.iter().position(|held| *held == column) {
        Some(_) if shown.len() == 1 => {
            model.say(Notice::refused("The last column stays."));
            return Effects::none();
        }
        Some(at) => drop(shown.remove(at)),
        // Beside the title: on a narrow screen the last ones go first.
        None => {
            let title = shown.iter().position(|held| *held == Column::Title);
            shown.insert(title.map_or(shown.len(), |at| at + 1), column);
        }
    }
    let now = if shown.contains(&column) { "shown" } else { "gone" };
    model.say(Notice::done(format!("Column {column} is {now}. The same again turns that round.")));
    let Some(view) = lists::current_view(model).map(|view| view.name.clone()) else { return Effects::none() };
    let key = format!("columns/{}/{view}", model.pane);
    let value = shown.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(" ");
    model.choices.insert(key.clone(), value.clone());
    Effects::put(Room::Choice, key, value)
}

fn refresh(model: &mut Model, _: &Args) -> Effects {
    lists::remake(model);
    model.say(Notice::done(format!("{} tickets.", model.list().rows.len())));
    crate::app::pending::retry(model).and(Effect::Pull)
}

fn toggle_preview(model: &mut Model) -> Effects {
    model.show_preview = !model.show_preview;
    let height = layout::of(model).list_height();
    model.list_mut().scroll(height);
    if !layout::of(model).has_preview() && model.show_preview {
        model.say(Notice::refused("The terminal is too low for a preview; `enter` opens the ticket."));
    }
    Effects::none()
}

fn next_pane(model: &mut Model, by: isize) -> Effects {
    let at = Pane::ALL.iter().position(|pane| *pane == model.pane).unwrap_or(0) as isize;
    let to = Pane::ALL[(at + by).rem_euclid(Pane::ALL.len() as isize) as usize];
    pane(model, to)
}

fn pane(model: &mut Model, to: Pane) -> Effects {
    if to == model.pane && model.detail.is_none() {
        model.say(Notice::refused(format!("This is the pane {} already.", to.title())));
        return Effects::none();
    }
    remember(model);
    let closed = if model.detail.is_some() { detail::close(model) } else { Effects::none() };
    closed.and(lists::show_pane(model, to))
}

/// Puts the present place on the trail.
fn remember(model: &mut Model) {
    const DEPTH: usize = 50;
    let here = detail::here(model);
    model.trail.back.push(here);
    model.trail.forth.clear();
    if model.trail.back.len() > DEPTH {
        model.trail.back.remove(0);
    }
}

fn wander(model: &mut Model, by: isize) -> Effects {
    let here = detail::here(model);
    let (from, onto) = if by < 0 {
        (&mut model.trail.back, &mut model.trail.forth)
    } else {
        (&mut model.trail.forth, &mut model.trail.back)
    };
    match from.pop() {
        Some(place) => {
            onto.push(here);
            go_to(model, place)
        }
        None => {
            model.say(Notice::refused(if by < 0 {
                "You have not been anywhere before."
            } else {
                "There is nowhere further."
            }));
            Effects::none()
        }
    }
}

fn go_to(model: &mut Model, place: Place) -> Effects {
    model.pane = place.pane;
    if model.list().view != place.view || model.list().made_from.is_none() {
        *model.list_mut() = List { view: place.view, ..List::default() };
        lists::remake(model);
    }
    if model.list().filter != place.filter {
        model.list_mut().filter = place.filter;
        lists::apply_filter(model);
        let height = layout::of(model).list_height();
        model.list_mut().go(0, height);
    }
    lists::note_move(model);
    match place.ticket {
        Some(id) => detail::show(model, &id),
        None if model.detail.is_some() => detail::close(model),
        None => Effects::none(),
    }
}

fn read(model: &mut Model, by: isize) -> Effects {
    let by = by * counted(model);
    detail::scroll(model, by)
}

fn read_page(model: &mut Model, by: isize) -> Effects {
    let page = layout::of(model).page() as isize;
    detail::scroll(model, by * (page - 1).max(1))
}

fn copy(model: &mut Model) -> Effects {
    let line = |row: &Row| Clean::line(&format!("{} {}", model.table.id(*row), model.table.title(*row))).to_string();
    let lines: Vec<String> = model.targets().iter().map(line).collect();
    let said = match lines.as_slice() {
        [] => {
            model.say(Notice::refused("There is no ticket to copy from."));
            return Effects::none();
        }
        [one] => format!("Copied: {one}"),
        many => format!("Copied the ids and titles of {} tickets.", many.len()),
    };
    model.say(Notice::done(said));
    Effect::Copy(Clean::body(&lines.join("\n"))).into()
}

fn quit(model: &mut Model) -> Effects {
    if model.triage.is_some() {
        return crate::app::triage::leave(model);
    }
    Effect::Quit.into()
}
