//! What is asked before a write and remembered after one: screens, steps, approvals, and which issues are mine of late.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::MutexGuard;

use super::Jira;
use super::plan::Asked;
use super::site::desk_api;
use super::view::Native;
use super::wire;
use crate::backend::Result;
use crate::backend::http::client::{Request, StatusCode, segment};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Part, Record, Wanted};
use crate::domain::kind::Revision;
use crate::domain::name::TicketId;
use crate::domain::state::Verb;

/// What was told beside a record of its edit screen and its steps: a plan made on it need not ask again.
#[derive(Debug, Default)]
pub struct Screens {
    pub told: HashMap<TicketId, (Revision, Asked)>,
    /// Written to since: the next look is a reading back, which needs no screens.
    pub written: HashSet<TicketId>,
    /// Numbers of issues that I wrote to of late: searches of Cloud lag behind, but not for what is named.
    pub mine: VecDeque<u64>,
}

/// What is asked for beside an issue that may be written next.
pub const BESIDE: &str = "editmeta,transitions.fields";
/// How many keys beyond the newest known one are looked at for a new ticket.
pub const AHEAD: u64 = 50;
/// How many records' screens are kept.
pub const SCREENS: usize = 64;
/// How many issues a search of Cloud looks at anew.
const RECONCILED: usize = 50;

impl Jira {
    pub(super) fn asked(&self) -> MutexGuard<'_, Screens> {
        hold(&self.asked)
    }

    /// Notes that a record is written to.
    pub(super) fn wrote(&self, on: &Record) {
        let number = Native::of(on).ok().and_then(|native| native.id.parse().ok());
        let mut held = self.asked();
        held.told.remove(&on.id);
        held.written.insert(on.id.clone());
        if let Some(number) = number {
            held.mine.retain(|one| *one != number);
            held.mine.push_front(number);
            held.mine.truncate(RECONCILED);
        }
    }

    /// Numbers of the issues that a search must not know from hearsay.
    pub(super) fn mine(&self) -> Vec<u64> {
        self.asked().mine.iter().copied().collect()
    }

    /// What a plan must know: screens, steps, approvals; each only where it matters.
    pub(super) async fn ask(&self, on: &Record, wanted: &Wanted) -> Result<Asked> {
        let key = on.id.as_str();
        let told = self.asked().told.remove(&on.id).filter(|(revision, _)| *revision == on.revision);
        let known = told.is_some();
        let mut asked = told.map(|(_, asked)| asked).unwrap_or_default();
        let site = self.site().await?;
        if !known && wanted.parts.iter().any(|part| matches!(part, Part::Field(..) | Part::Owner(_))) {
            let edit = self.client.json::<wire::Edit>(Request::get(site.issue(key, "/editmeta"))).await;
            asked.edit = edit.map_err(|failure| failure.missing(&on.id))?.body.fields;
        }
        let Some((verb, _)) = wanted.step() else { return Ok(asked) };
        // Some servers leave the screens out when the steps are asked for beside an issue.
        if !known || asked.transitions.iter().any(|step| step.fields.is_none()) {
            let steps = Request::get(site.issue(key, "/transitions")).query("expand", "transitions.fields");
            let steps =
                self.client.json::<wire::Transitions>(steps).await.map_err(|failure| failure.missing(&on.id))?;
            asked.transitions = steps.body.transitions;
        }
        if matches!(verb, Verb::Approve | Verb::Reject) && Native::of(on)?.request {
            let path = format!("rest/servicedeskapi/request/{}/approval", segment(key));
            match self.client.json::<wire::Values<wire::Approval>>(desk_api(Request::get(path))).await {
                Ok(answer) => asked.approvals = answer.body.values,
                // No approvals here: a step like any other.
                Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(asked)
    }
}
