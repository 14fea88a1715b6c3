//! One workaround for the incidents that hang on a problem: to whom publicly, to whom as a note, to whom not at all is
//! chosen in the preview, incident by incident.

use std::collections::BTreeMap;

use super::{is_problem, meant, works};
use crate::app::acts;
use crate::app::bulk::{self, Preview};
use crate::app::effect::Effects;
use crate::app::model::Model;
use crate::app::overlay::Overlay;
use crate::command::args::{Arg, ArgKind, Args};
use crate::command::table::{Command, Family, Scope, Why, any};
use crate::domain::act::{Act, Give, Step};
use crate::domain::change::{Audience, LinkKind};
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::domain::table::Row;
use crate::text::Clean;

/// Giving a workaround, and choosing who reads it.
pub const COMMANDS: &[Command] = &[
    Command {
        id: "give-workaround",
        title: "Give workaround",
        doc: "Give the workaround to the open incidents of a problem: publicly, as a note or not at all, chosen for each.",
        scope: Scope::Ticket,
        keys: &["b p"],
        args: &[Arg::optional("audience", ArgKind::Choice(&["public", "internal"]), "Who reads it")],
        needs: |can| works(can) && can.links,
        available: is_problem,
        run: push,
    },
    GIVING.key("give-public", "Public", "This incident's caller gets the workaround.", &["p"], |m, _| {
        choose(m, Some(Audience::Public))
    }),
    GIVING.key("give-internal", "Note", "This incident gets the workaround as a note.", &["i"], |m, _| {
        choose(m, Some(Audience::Internal))
    }),
    GIVING.key("give-none", "Not", "This incident is left out.", &["n"], |m, _| choose(m, None)),
];

const GIVING: Family = Family { scope: Scope::Dialog, needs: any, available: is_giving };

fn is_giving(model: &Model) -> Result<(), Why> {
    match model.overlays.last() {
        Some(Overlay::Preview(preview)) if preview.act.gives().is_some() => Ok(()),
        _ => Why::no("Nothing is given here; `enter` does what is shown, Esc leaves."),
    }
}

fn push(model: &mut Model, args: &Args) -> Effects {
    let problem = match meant(model) {
        Ok(problem) => problem,
        Err(effects) => return effects,
    };
    let text = Clean::body(problem.text(&Field::Workaround));
    if text.trim().is_empty() {
        return model.refuse(format!("{} has no workaround yet; `b k` writes it.", problem.id));
    }
    let linked = problem.links.iter().filter(|link| link.how == LinkKind::ProblemOf);
    let rows: Vec<Row> =
        linked.filter_map(|link| model.table.row(&link.other)).filter(|row| waits(model, *row)).collect();
    if rows.is_empty() {
        return model.refuse(format!("No open incident is linked to {}; `l` links one.", problem.id));
    }
    let named = args.get("audience").and_then(Audience::parse);
    // Who has it already is not told again, unless somebody says so.
    let to: BTreeMap<TicketId, Audience> = rows
        .iter()
        .filter(|row| named.is_some() || model.table.rare(**row, Field::WorkaroundGiven.name()).is_none())
        .map(|row| (TicketId::new(model.table.id(*row)), named.unwrap_or(Audience::Public)))
        .collect();
    let give = Give { problem: problem.id.clone(), text, to };
    bulk::preview(model, Act::new(format!("workaround of {}", problem.id), [Step::Give(give)]), &rows)
}

fn waits(model: &Model, row: Row) -> bool {
    model.table.kind(row) == Kind::Incident && model.table.state(row).is_open()
}

/// Another reader for the incident under the cursor; the cursor goes on.
fn choose(model: &mut Model, to: Option<Audience>) -> Effects {
    let Some(Overlay::Preview(Preview { act, rows, at, .. })) = model.overlays.last() else { return Effects::none() };
    let (Some((row, _)), at, mut act) = (rows.get(*at), *at, act.clone()) else { return Effects::none() };
    let row = *row;
    let id = TicketId::new(model.table.id(row));
    for step in &mut act.steps {
        if let Step::Give(give) = step {
            match to {
                Some(to) => give.to.insert(id.clone(), to),
                None => give.to.remove(&id),
            };
        }
    }
    let bound = acts::bind(model, &act, row);
    if let Some(Overlay::Preview(preview)) = model.overlays.last_mut() {
        preview.act = act;
        if let Some(slot) = preview.rows.get_mut(at) {
            slot.1 = bound;
        }
        preview.at = (at + 1).min(preview.rows.len().saturating_sub(1));
    }
    Effects::none()
}
