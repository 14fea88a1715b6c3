//! Marks: by key, by range and by query. Every command acts on them.

use crate::app::effect::Effects;
use crate::app::layout;
use crate::app::lists;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::command::args::{Arg, ArgKind, Args};
use crate::command::table::{Command, Scope, always, any};
use crate::domain::query::Query;

/// Marking.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "mark",
        title: "Mark",
        doc: "Mark or unmark the ticket and go on; with a count, so many.",
        scope: Scope::List,
        keys: &["space"],
        args: &[],
        needs: any,
        available: always,
        run: mark,
    },
    Command {
        id: "mark-range",
        title: "Range",
        doc: "Begin a range of marks here; the same key ends it.",
        scope: Scope::List,
        keys: &["V"],
        args: &[],
        needs: any,
        available: always,
        run: range,
    },
    Command {
        id: "mark-all",
        title: "Mark all",
        doc: "Mark every ticket of the list.",
        scope: Scope::List,
        keys: &["*"],
        args: &[],
        needs: any,
        available: always,
        run: all,
    },
    Command {
        id: "mark-query",
        title: "Mark by query",
        doc: "Mark what a query finds in the list: `group:network p<=2`.",
        scope: Scope::List,
        keys: &["M"],
        args: &[Arg::required("query", ArgKind::Query, "Mark (words, or group:network p<=2)")],
        needs: any,
        available: always,
        run: by_query,
    },
    Command {
        id: "unmark",
        title: "Unmark all",
        doc: "Clear all marks.",
        scope: Scope::List,
        keys: &["U"],
        args: &[],
        needs: any,
        available: always,
        run: clear,
    },
];

fn mark(model: &mut Model, _: &Args) -> Effects {
    let count = model.typed.count.unwrap_or(1);
    for _ in 0..count {
        let Some(row) = model.list().current() else {
            return model.refuse("There is no ticket to mark.");
        };
        if !model.marks.remove(&row) {
            model.marks.insert(row);
        }
        let to = model.list().cursor + 1;
        if to >= model.list().rows.len() {
            break;
        }
        let height = layout::of(model).list_height();
        model.list_mut().go(to, height);
        lists::note_move(model);
    }
    Effects::none()
}

fn range(model: &mut Model, _: &Args) -> Effects {
    let Some(row) = model.list().current() else {
        return model.refuse("There is no ticket to begin a range at.");
    };
    let begun = model.range.take().and_then(|row| model.list().rows.iter().position(|held| *held == row));
    let here = model.list().cursor;
    match begun {
        None => {
            model.range = Some(row);
            model.say(Notice::done("A range begins here; move, then `V` marks it."));
        }
        Some(from) => {
            let (low, high) = (from.min(here), from.max(here));
            let rows: Vec<_> = model.list().rows.get(low..=high).unwrap_or_default().to_vec();
            model.say(Notice::done(format!("{} tickets marked.", rows.len())));
            model.marks.extend(rows);
        }
    }
    Effects::none()
}

fn all(model: &mut Model, _: &Args) -> Effects {
    let rows = model.list().rows.clone();
    model.say(Notice::done(format!("{} tickets marked.", rows.len())));
    model.marks.extend(rows);
    Effects::none()
}

fn by_query(model: &mut Model, args: &Args) -> Effects {
    match Query::parse(args.text("query")) {
        Ok(query) => {
            let context = lists::context(model);
            let found = query.compile(&model.table, &context).filter(&model.table, &model.list().rows);
            model.say(Notice::done(format!("{} tickets marked.", found.len())));
            model.marks.extend(found);
        }
        Err(error) => model.say(Notice::refused(error.to_string())),
    }
    Effects::none()
}

fn clear(model: &mut Model, _: &Args) -> Effects {
    let count = model.marks.len();
    model.marks.clear();
    model.range = None;
    model.say(if count == 0 {
        Notice::refused("Nothing is marked.")
    } else {
        Notice::done(format!("{count} marks cleared."))
    });
    Effects::none()
}
