//! One ticket, opened: its words, timeline, clocks, links, and who else is looking.

use crate::app::effect::{Effect, Effects};
use crate::app::layout;
use crate::app::model::{Model, Place};
use crate::app::notice::Notice;
use crate::app::problems::known;
use crate::app::ties;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::named_enum;

/// An open ticket and where one reads in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    pub id: TicketId,
    pub tab: Tab,
    /// The first line on the screen.
    pub top: usize,
    /// How many lines there were when it was last drawn or measured.
    pub lines: usize,
    /// Which link is chosen on the links tab.
    pub link: usize,
}

named_enum! {
    /// The pages of a ticket.
    pub enum Tab {
        Timeline = "timeline",
        /// What is known of a problem.
        Analysis = "analysis",
        Fields = "fields",
        Clocks = "clocks",
        Links = "links",
    }
}

impl Tab {
    /// The pages that a ticket of this kind has.
    pub fn of(kind: Kind) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |tab| *tab != Self::Analysis || kind == Kind::Problem)
    }
}

/// Opens a ticket and remembers where one came from.
pub fn open(model: &mut Model, id: &TicketId) -> Effects {
    if model.table.row(id).is_none() {
        return model.refuse(format!("{id} is not on this desk."));
    }
    let here = here(model);
    model.trail.back.push(here);
    model.trail.forth.clear();
    show(model, id)
}

/// Opens a ticket without a trace in the history.
pub fn show(model: &mut Model, id: &TicketId) -> Effects {
    model.detail = Some(Detail { id: id.clone(), tab: Tab::Timeline, top: 0, lines: 0, link: 0 });
    let fetch = if model.ticket(id).is_some() { Effects::none() } else { Effect::Load(id.clone()).into() };
    let known = model.table.row(id).map(|row| known::fetch(model, row)).unwrap_or_default();
    fetch.and(known).and(presence(model, Some(id.clone())))
}

/// Tells the desk what is open here, where it keeps such things.
pub fn presence(model: &Model, id: Option<TicketId>) -> Effects {
    if model.homes.any().presence { Effect::Presence(id).into() } else { Effects::none() }
}

/// The ticket that is open here.
pub fn open_here(model: &Model) -> Option<TicketId> {
    match &model.triage {
        Some(triage) => triage.current.clone(),
        None => model.detail.as_ref().map(|detail| detail.id.clone()),
    }
}

/// Back to the list.
pub fn close(model: &mut Model) -> Effects {
    model.detail = None;
    presence(model, None)
}

/// The words of an open ticket have come.
pub fn arrived(model: &mut Model, id: &TicketId) {
    if let Some(detail) = model.detail.as_mut().filter(|detail| detail.id == *id) {
        detail.lines = 0;
    }
}

/// The place one is at.
pub fn here(model: &Model) -> Place {
    let list = model.list();
    Place {
        pane: model.pane,
        view: list.view,
        filter: list.filter.clone(),
        ticket: model.detail.as_ref().map(|detail| detail.id.clone()),
    }
}

/// Moves the window over the open ticket. The length is known to `ui`, which clamps what it draws and tells back.
pub fn scroll(model: &mut Model, by: isize) -> Effects {
    let page = layout::of(model).page();
    if let Some(detail) = &mut model.detail {
        let last = detail.lines.saturating_sub(page);
        let to = detail.top.saturating_add_signed(by).min(last);
        if to == detail.top {
            model.say(Notice::edge(by));
        } else {
            detail.top = to;
        }
    }
    Effects::none()
}

pub fn show_tab(model: &mut Model, by: isize) -> Effects {
    let Some(row) = model.current() else { return Effects::none() };
    let tabs: Vec<Tab> = Tab::of(model.table.kind(row)).collect();
    if let Some(detail) = &mut model.detail {
        let at = tabs.iter().position(|tab| *tab == detail.tab).unwrap_or(0) as isize;
        let next = (at + by).rem_euclid(tabs.len().max(1) as isize) as usize;
        (detail.tab, detail.top) = (tabs.get(next).copied().unwrap_or(Tab::Timeline), 0);
    }
    Effects::none()
}

/// The next or previous ticket of the list, opened.
pub fn next(model: &mut Model, by: isize) -> Effects {
    let list = model.list();
    let to = list.cursor.saturating_add_signed(by).min(list.rows.len().saturating_sub(1));
    if to == list.cursor || list.rows.is_empty() {
        return model.refuse("There is no other ticket in that direction.");
    }
    let height = layout::of(model).list_height();
    model.list_mut().go(to, height);
    let Some(row) = model.list().current() else { return Effects::none() };
    let id = TicketId::new(model.table.id(row));
    show(model, &id)
}

/// Opens the chosen link.
pub fn follow(model: &mut Model) -> Effects {
    let Some(detail) = &model.detail else { return Effects::none() };
    let chosen = detail.link;
    let link = model.ticket(&detail.id).and_then(|ticket| ties::links(model, ticket).into_iter().nth(chosen));
    match link {
        Some((link, true)) if model.table.row(&link.other).is_none() => {
            let words =
                format!("{} is on none of the desks that are open here; `--profile` names several.", link.other);
            model.refuse(words)
        }
        Some((link, _)) => open(model, &link.other),
        None => model.refuse("No link is chosen here. `tab` shows the links, `l` adds one."),
    }
}

/// Chooses the next link.
pub fn choose_link(model: &mut Model, by: isize) -> Effects {
    let Some(detail) = &model.detail else { return Effects::none() };
    let count = model.ticket(&detail.id).map_or(0, |ticket| ties::links(model, ticket).len());
    if count == 0 {
        return model.refuse("This ticket has no links. `l` adds one.");
    }
    if count == 1 && detail.tab == Tab::Links {
        return model.refuse("It is the only link. `enter` opens it.");
    }
    if let Some(detail) = &mut model.detail {
        detail.tab = Tab::Links;
        detail.link = (detail.link as isize + by).rem_euclid(count as isize) as usize;
    }
    Effects::none()
}
