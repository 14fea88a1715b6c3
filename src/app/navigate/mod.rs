//! The commands that move: in lists, between panes and views, into tickets and back.

mod ticket;
mod views;

use self::ticket::{copy, open, read, read_page, remember, show, wander};
use self::views::{columns, next_view, reverse, sort, unfilter, view};
use crate::app::effect::{Effect, Effects};
use crate::app::line::Purpose;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::pane::Pane;
use crate::app::{compose, detail, help, layout, line, lists};
use crate::command::args::{Arg, ArgKind, Args, Source};
use crate::command::table::{Command, Scope, Why, row};

/// Not while a session goes on: it has one ticket on the screen.
const fn outside(command: Command) -> Command {
    Command { available: no_triage, ..command }
}

/// What leads elsewhere waits until a session is left.
pub fn no_triage(model: &Model) -> Result<(), Why> {
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
        return model.refuse(format!("This is the pane {} already.", to.title()));
    }
    remember(model);
    let closed = if model.detail.is_some() { detail::close(model) } else { Effects::none() };
    closed.and(lists::show_pane(model, to))
}

fn quit(model: &mut Model) -> Effects {
    if model.triage.is_some() {
        return crate::app::triage::leave(model);
    }
    Effect::Quit.into()
}
