//! The keys of what lies over the panes: pickers, forms, texts, the line, dialogs.

use crate::app::{ask, bulk, compose, line};
use crate::command::args::{Arg, ArgKind, Source};
use crate::command::table::{Command, Scope, always, any, row};

/// What can be done in overlays.
pub const COMMANDS: &[Command] = &[
    row("pick", "Take it", "Take the choice under the cursor.", Scope::Picker, &["enter", "tab"], |m, _| {
        ask::choose(m)
    }),
    row("pick-next", "Next", "The next choice.", Scope::Picker, &["down", "ctrl-n"], |m, _| ask::choose_next(m, 1)),
    row("pick-previous", "Previous", "The choice before.", Scope::Picker, &["up", "ctrl-p"], |m, _| {
        ask::choose_next(m, -1)
    }),
    row("pick-leave", "Leave", "Leave without choosing.", Scope::Picker, &["esc", "ctrl-c"], |m, _| compose::leave(m)),
    row("form-send", "Send", "Send the form from any field.", Scope::Form, &["ctrl-s", "alt-enter"], |m, _| {
        ask::send_form(m)
    }),
    row(
        "form-enter",
        "Next",
        "Take the choice and go on; from the last field, send.",
        Scope::Form,
        &["enter"],
        |m, _| ask::enter_field(m),
    ),
    row("form-next", "Next field", "The next field.", Scope::Form, &["tab"], |m, _| ask::next_field(m, 1)),
    row("form-previous", "Previous field", "The field before.", Scope::Form, &["shift-tab"], |m, _| {
        ask::next_field(m, -1)
    }),
    row(
        "form-down",
        "Next choice",
        "The next choice, or the next line of a text.",
        Scope::Form,
        &["ctrl-n"],
        |m, _| ask::choose_next(m, 1),
    ),
    row("form-up", "Previous choice", "The choice before.", Scope::Form, &["ctrl-p"], |m, _| ask::choose_next(m, -1)),
    row("form-editor", "Editor", "Write this text in $EDITOR.", Scope::Form, &["ctrl-e"], |m, _| compose::edit(m)),
    row("form-leave", "Leave", "Leave; texts are kept as drafts.", Scope::Form, &["esc", "ctrl-c"], |m, _| {
        compose::leave(m)
    }),
    row(
        "send",
        "Send",
        "Send the text to the readers named beside it.",
        Scope::Compose,
        &["ctrl-s", "alt-enter"],
        |m, _| compose::send(m),
    ),
    row("editor", "Editor", "Write the text in $EDITOR.", Scope::Compose, &["ctrl-e"], |m, _| compose::edit(m)),
    Command {
        id: "insert-canned",
        title: "Canned",
        doc: "Put a canned reply into the text.",
        scope: Scope::Compose,
        keys: &["ctrl-t"],
        args: &[Arg::required("name", ArgKind::From(Source::Templates), "Reply")],
        needs: any,
        available: always,
        run: |m, a| compose::insert_canned(m, a.text("name")),
    },
    row("compose-leave", "Leave", "Leave; the text is kept as a draft.", Scope::Compose, &["esc", "ctrl-c"], |m, _| {
        compose::leave(m)
    }),
    row(
        "line-enter",
        "Do it",
        "Run the command, keep the filter, go to the ticket.",
        Scope::Line,
        &["enter"],
        |m, _| line::enter(m),
    ),
    row("line-complete", "Complete", "Take the candidate into the line.", Scope::Line, &["tab"], |m, _| {
        line::complete(m)
    }),
    row(
        "line-next",
        "Next",
        "The next candidate, or the next ticket while filtering.",
        Scope::Line,
        &["down", "ctrl-n"],
        |m, _| line::next(m, 1),
    ),
    row("line-previous", "Previous", "The candidate before.", Scope::Line, &["up", "ctrl-p"], |m, _| line::next(m, -1)),
    row("line-leave", "Leave", "Leave; a filter is as it was before.", Scope::Line, &["esc", "ctrl-c"], |m, _| {
        line::leave(m)
    }),
    row("confirm", "Do it", "Do what the preview shows.", Scope::Dialog, &["enter"], |m, _| bulk::confirm(m)),
    row(
        "dialog-close",
        "Close",
        "Close; nothing is done. What was refused stays marked.",
        Scope::Dialog,
        &["esc", "q", "ctrl-c"],
        |m, _| bulk::close(m),
    ),
    row("dialog-retry", "Retry", "Try once more what was refused.", Scope::Dialog, &["r"], |m, _| bulk::retry(m)),
    row("dialog-down", "Down", "Further down.", Scope::Dialog, &["j", "down"], |m, _| bulk::scroll(m, 1)),
    row("dialog-up", "Up", "Further up.", Scope::Dialog, &["k", "up"], |m, _| bulk::scroll(m, -1)),
    row("dialog-page-down", "Page down", "A page down.", Scope::Dialog, &["pgdn", "ctrl-f"], |m, _| {
        bulk::scroll(m, 10)
    }),
    row("dialog-page-up", "Page up", "A page up.", Scope::Dialog, &["pgup", "ctrl-b"], |m, _| bulk::scroll(m, -10)),
];
