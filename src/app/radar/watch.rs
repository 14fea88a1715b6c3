//! The radar's work beside the keys: the desk is read once, a slice at a time; from then on what comes is taken in.

use super::Finding;
use crate::app::effect::{Effect, Effects, Watching};
use crate::app::model::Model;
use crate::app::overlay::Overlay;
use crate::domain::name::TicketId;
use crate::domain::radar::{self, Mutes, Radar, Sighting, Sweep};
use crate::domain::summary::Summary;

/// What the radar has seen, as far as it was asked.
#[derive(Debug, Default)]
pub struct Watch {
    pub radar: Option<Box<Radar>>,
    pub mutes: Mutes,
    /// What was found when somebody looked last.
    pub(super) found: Vec<Finding>,
    /// While the desk is being read for it: what came meanwhile.
    meanwhile: Option<Vec<News>>,
    /// It was said that this problem is there already.
    pub(super) warned: Option<TicketId>,
}

#[derive(Debug)]
enum News {
    Seen(Box<Sighting>),
    Gone(TicketId),
}

/// Somebody looks: the desk is read unless it was, what it says is counted.
pub fn begin(model: &mut Model) -> Effects {
    if model.watch.radar.is_some() {
        return Effect::Watch(Watching::Find).into();
    }
    if model.watch.meanwhile.is_some() {
        return Effects::none();
    }
    model.watch.meanwhile = Some(Vec::new());
    let sweep = Sweep::new((*model.settings.radar).clone(), model.now);
    Effect::Watch(Watching::Read(Box::new(sweep))).into()
}

/// One more slice of the desk, or a look at what there is to find.
pub fn go_on(model: &mut Model, watching: Watching) -> Effects {
    match watching {
        Watching::Read(mut sweep) => {
            sweep.step(&model.table);
            Effect::Watch(Watching::Read(sweep)).into()
        }
        Watching::Find => {
            refresh(model);
            Effects::none()
        }
    }
}

/// A radar was made of what the table held; what came meanwhile comes on top.
pub fn made(model: &mut Model, mut radar: Box<Radar>) {
    for news in model.watch.meanwhile.take().into_iter().flatten() {
        match news {
            News::Seen(sighting) => _ = radar.take(*sighting),
            News::Gone(id) => radar.forget(&id),
        }
    }
    model.watch.radar = Some(radar);
    refresh(model);
}

/// Takes in a ticket that came or changed.
pub fn see(model: &mut Model, row: &Summary) {
    if let Some(radar) = &mut model.watch.radar {
        radar.see(row);
    } else if let Some(meanwhile) = &mut model.watch.meanwhile {
        meanwhile.extend(Sighting::of(row, &model.settings.radar).map(|sighting| News::Seen(Box::new(sighting))));
    }
}

/// A ticket is no longer on the desk.
pub fn forget(model: &mut Model, id: &TicketId) {
    if let Some(radar) = &mut model.watch.radar {
        radar.forget(id);
    } else if let Some(meanwhile) = &mut model.watch.meanwhile {
        meanwhile.push(News::Gone(id.clone()));
    }
}

/// Makes the findings anew where they lie open.
pub fn refresh(model: &mut Model) {
    let is_open = model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Radar(_)));
    let (true, Some(radar)) = (is_open, &model.watch.radar) else { return };
    model.watch.found = radar.findings(&model.table, &model.watch.mutes, model.now);
    show(model);
}

/// Puts what was found on the screen; the cursor stays on its finding.
fn show(model: &mut Model) {
    let found = &model.watch.found;
    for overlay in &mut model.overlays {
        if let Overlay::Radar(view) = overlay {
            let at = view.at.as_ref().and_then(|at| found.iter().position(|finding| finding.key == *at));
            view.cursor = at.unwrap_or(view.cursor).min(found.len().saturating_sub(1));
            view.at = found.get(view.cursor).map(|finding| finding.key.clone());
            view.findings.clone_from(found);
        }
    }
}

/// What is muted was changed: nothing is counted anew for that.
pub fn mark_muted(model: &mut Model) {
    radar::order(&mut model.watch.found, &model.watch.mutes, model.now);
    show(model);
}
