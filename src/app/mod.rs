//! The console: what it knows ([`model::Model`]) and how that changes ([`update::update`]), one file or folder per workflow.
//!
//! Knows no terminal, no network, no store and no clock: it takes messages and returns effects, both plain data. The
//! one exception to "no drawing" is `text_form`, which holds the text widget.

pub mod acts;
pub mod ask;
pub mod bulk;
pub mod catalogue;
pub mod choices;
pub mod compose;
pub mod conflict;
pub mod counts;
pub mod create;
pub mod decision;
pub mod detail;
pub mod drafts;
pub mod effect;
pub mod escalations;
pub mod files;
pub mod help;
pub mod homes;
pub mod keys;
pub mod layers;
pub mod layout;
pub mod line;
pub mod list;
pub mod lists;
pub mod major;
pub mod marks;
pub mod message;
pub mod model;
pub mod navigate;
pub mod notice;
pub mod outbox;
pub mod overlay;
pub mod pane;
pub mod pending;
pub mod playbooks;
pub mod problems;
pub mod proposals;
pub mod radar;
pub mod requests;
pub mod rfc;
pub mod seen;
pub mod settings;
pub mod subject;
pub mod tasks;
pub mod text_form;
pub mod ties;
pub mod told;
pub mod triage;
pub mod undo;
pub mod update;
pub mod verbs;
pub mod way_back;

use crate::command::table::Command;

/// Every command, by workflow; the order is that of the reference.
pub const COMMANDS: &[&[Command]] = &[
    navigate::COMMANDS,
    marks::COMMANDS,
    verbs::owner::COMMANDS,
    verbs::fields::COMMANDS,
    verbs::words::COMMANDS,
    verbs::steps::COMMANDS,
    verbs::links::COMMANDS,
    verbs::aside::COMMANDS,
    verbs::repeat::COMMANDS,
    create::COMMANDS,
    problems::COMMANDS,
    problems::analysis::COMMANDS,
    problems::known::COMMANDS,
    problems::push::COMMANDS,
    undo::COMMANDS,
    escalations::COMMANDS,
    rfc::COMMANDS,
    rfc::board::COMMANDS,
    rfc::meeting::COMMANDS,
    major::COMMANDS,
    major::owed::COMMANDS,
    tasks::COMMANDS,
    playbooks::COMMANDS,
    triage::COMMANDS,
    layers::COMMANDS,
    outbox::COMMANDS,
    conflict::COMMANDS,
    files::COMMANDS,
    radar::COMMANDS,
    catalogue::COMMANDS,
    requests::COMMANDS,
    proposals::COMMANDS,
];
