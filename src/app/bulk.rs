//! Acts on many tickets: a preview of what each would change, and afterwards what became of each. One bad record never
//! stops the rest.

use crate::app::acts::{self, Bound};
use crate::app::counts;
use crate::app::drafts;
use crate::app::effect::{Effect, Effects};
use crate::app::files;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::outbox;
use crate::app::overlay::Overlay;
use crate::app::pending::{self, Waiting};
use crate::backend::{self, Error, Stored};
use crate::domain::act::Act;
use crate::domain::change::{OpKey, Target};
use crate::domain::kind::Revision;
use crate::domain::name::TicketId;
use crate::domain::table::Row;

/// What an act would do, before it does it.
#[derive(Debug)]
pub struct Preview {
    pub act: Act,
    pub rows: Vec<(Row, Result<Bound, String>)>,
    /// The revision of each row that the preview shows.
    seen: Vec<Revision>,
    pub top: usize,
    /// The row under the cursor, where each has a choice of its own.
    pub at: usize,
    /// The picture it first appears in; keys typed before it was seen do not confirm it.
    opened: u64,
}

/// What became of an act, record by record.
#[derive(Debug)]
pub struct Outcomes {
    pub act: Act,
    pub rows: Vec<(Row, OpKey, Outcome)>,
    pub top: usize,
    /// The drafts that the act has taken along; another try takes along what came back.
    words: Vec<String>,
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Waiting,
    Done,
    NoChange,
    Refused(String),
    /// Somebody else wrote first.
    Conflict(String),
}

impl Outcome {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::NoChange => "no change",
            Self::Refused(_) => "refused",
            Self::Conflict(_) => "conflict",
        }
    }

    pub fn why(&self) -> &str {
        match self {
            Self::Refused(why) | Self::Conflict(why) => why,
            _ => "",
        }
    }

    /// Refused, or overtaken by somebody else.
    pub const fn can_retry(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Conflict(_))
    }
}

/// Shows what the act would change on each ticket.
pub fn preview(model: &mut Model, act: Act, rows: &[Row]) -> Effects {
    let seen = rows.iter().map(|row| model.table.revision(*row)).collect();
    let rows: Vec<_> = rows.iter().map(|row| (*row, acts::bind(model, &act, *row))).collect();
    let doubts: Vec<_> =
        rows.iter().filter_map(|(_, bound)| bound.as_ref().ok()).flat_map(|b| b.doubts.clone()).collect();
    if acts::asks(model, &doubts) {
        return Effects::none();
    }
    let opened = model.frames;
    model.overlays.push(Overlay::Preview(Preview { act, rows, seen, top: 0, at: 0, opened }));
    Effects::none()
}

/// Enter in a dialog: does what the preview shows, or closes the outcomes.
pub fn confirm(model: &mut Model) -> Effects {
    if let Some(Overlay::Preview(preview)) = model.overlays.last()
        && preview.opened == model.frames
    {
        return model.refuse("Look at it first: this key was typed before the preview was shown.");
    }
    match model.overlays.pop() {
        Some(Overlay::Preview(preview)) => run(model, preview),
        Some(other) => {
            model.overlays.push(other);
            close(model)
        }
        None => Effects::none(),
    }
}

fn run(model: &mut Model, Preview { act, rows, seen, .. }: Preview) -> Effects {
    let batch = model.mint();
    let words = model.handed.clone();
    let mut effects = Effects::none();
    let mut outcomes = Vec::new();
    for ((row, bound), seen) in rows.into_iter().zip(seen) {
        let id = TicketId::new(model.table.id(row));
        let (key, outcome) = match bound {
            Ok(bound) if bound.is_empty() => (model.mint(), Outcome::NoChange),
            Ok(bound) => {
                effects = effects.and(acts::aside(model, row, &act, &bound));
                if bound.changes.is_empty() {
                    effects = effects.and(drafts::spend(model, &Target::Ticket(id)).1);
                    outcomes.push((row, model.mint(), Outcome::Done));
                    continue;
                }
                let (key, more) = pending::start_from(model, Target::Ticket(id), &act, bound.changes, Some(seen));
                effects = effects.and(more);
                pending::join(model, &key, &batch);
                (key, Outcome::Waiting)
            }
            Err(why) => (model.mint(), Outcome::Refused(why)),
        };
        outcomes.push((row, key, outcome));
    }
    model.overlays.push(Overlay::Outcomes(Outcomes { act, rows: outcomes, top: 0, words }));
    model.marks.clear();
    effects
}

/// Writes an answer into the outcome table, wherever it lies; `way_out` says how to go on after a no.
pub fn note_outcome(model: &mut Model, waiting: &Waiting, answer: &backend::Result<Stored>, way_out: &str) {
    for overlay in &mut model.overlays {
        let Overlay::Outcomes(outcomes) = overlay else { continue };
        for (.., outcome) in outcomes.rows.iter_mut().filter(|(_, held, _)| *held == waiting.op.key) {
            *outcome = match answer {
                Ok(stored) => match stored.dropped.first() {
                    None => Outcome::Done,
                    Some(dropped) => Outcome::Refused(format!("{}: {}", dropped.what, dropped.why)),
                },
                Err(Error::Conflict { who, .. }) => Outcome::Conflict(format!("{who} changed it meanwhile")),
                Err(error) => Outcome::Refused(format!("{error}{way_out}")),
            };
        }
    }
}

/// Tries once more what was refused or lost its race, from how the records stand now.
pub fn retry(model: &mut Model) -> Effects {
    if matches!(model.overlays.last(), Some(Overlay::Desks(_))) {
        model.say(Notice::done("The desks are asked now."));
        return pending::retry(model).and(Effect::Pull);
    }
    let Some(Overlay::Outcomes(outcomes)) = model.overlays.last() else {
        return model.refuse("Nothing was tried yet. `enter` does what is shown, Esc leaves.");
    };
    let rows: Vec<Row> =
        outcomes.rows.iter().filter(|(.., outcome)| outcome.can_retry()).map(|(row, ..)| *row).collect();
    if rows.is_empty() {
        return model.refuse("Nothing here needs another try. Esc closes.");
    }
    let (act, words) = (outcomes.act.clone(), outcomes.words.clone());
    model.overlays.pop();
    drafts::hand_over(model, words);
    preview(model, act, &rows)
}

/// Moves a dialog's window.
pub fn scroll(model: &mut Model, by: isize) -> Effects {
    match model.overlays.last() {
        Some(Overlay::Desks(_)) => return outbox::scroll(model, by),
        Some(Overlay::Knowledge(_)) => return files::scroll(model, by),
        _ => {}
    }
    let (top, len) = match model.overlays.last_mut() {
        Some(Overlay::Preview(preview)) if preview.act.gives().is_some() => (&mut preview.at, preview.rows.len()),
        Some(Overlay::Preview(preview)) => (&mut preview.top, preview.rows.len()),
        Some(Overlay::Outcomes(outcomes)) => (&mut outcomes.top, outcomes.rows.len()),
        _ => return Effects::none(),
    };
    let to = top.saturating_add_signed(by).min(len.saturating_sub(1));
    if to == *top {
        model.say(Notice::edge(by));
    } else {
        *top = to;
    }
    Effects::none()
}

/// Marks what was refused, so that one can go on with just these.
pub fn close(model: &mut Model) -> Effects {
    if let Some(Overlay::Outcomes(outcomes)) = model.overlays.pop() {
        let left = outcomes.rows.iter().filter(|(.., outcome)| outcome.can_retry()).map(|(row, ..)| *row);
        model.marks.extend(left);
    }
    // What was written for the preview stays a draft.
    model.handed.clear();
    counts::mark_stale(model);
    Effects::none()
}
