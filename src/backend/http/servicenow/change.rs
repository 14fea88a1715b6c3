//! What moves a change beside its state: approvals, and the Change API's own word on where it may go.

use serde_json::Value as Json;

use super::ServiceNow;
use super::calls::Ask;
use super::map::Native;
use super::plan::{Draft, path, write};
use super::query::Query;
use super::wire::{NextStates, Row};
use crate::backend::http::client::{Request, segment};
use crate::backend::http::tracker::{Wanted, Write};
use crate::backend::{Error, Result};
use crate::domain::kind::Kind;
use crate::domain::state::Verb;

/// A step that is no column but somebody's yes or no: `via = "approval:approved"`.
pub(super) const APPROVAL: &str = "approval:";

impl ServiceNow {
    pub(super) fn approval(&self, kind: Kind, from: &str, verb: Verb) -> Option<String> {
        let step = self.setup.mapping.step(kind, from, verb)?;
        step.via.as_deref()?.strip_prefix(APPROVAL).map(str::to_owned)
    }

    /// My own answer to the approval that waits for me.
    pub(super) async fn decide(&self, native: &Native, answer: &str, words: &str, wanted: &Wanted) -> Result<Write> {
        if answer == "rejected" && words.is_empty() {
            return Err(Error::invalid(
                "note",
                "ServiceNow wants a reason when something is rejected: add an internal note.",
            ));
        }
        let query = Query::new()
            .is("sysapproval", &native.sys_id)
            .and("approver=javascript:gs.getUserID()")
            .and("state=requested");
        let got = self
            .calls
            .ask(&Ask::rows(
                "approval",
                "sysapproval_approver",
                &query.to_string(),
                &["sys_id", "sysapproval", "state", "approver"],
                2,
            ))
            .await?;
        let mine = |row: &&Row| row.value("sysapproval") == native.sys_id && row.value("state") == "requested";
        let Some(row) = got.rows.iter().find(mine) else {
            return Err(Error::Forbidden("no approval of this ticket waits for you.".into()));
        };
        let mut draft = Draft { carries: wanted.parts.clone(), ..Draft::default() };
        draft.set("state", answer);
        if !words.is_empty() {
            draft.set("comments", words);
        }
        write(&path("sysapproval_approver", row.value("sys_id")), &draft)
    }

    /// Whether the Change API is to be asked.
    pub(super) async fn change_api(&self) -> bool {
        self.setup.mapping.site.get("change_api").is_none_or(|used| used != "false")
    }

    /// Asks whether a change may go there; false where this instance cannot be asked.
    ///
    /// # Errors
    /// It may not, with the conditions that are not met.
    pub(super) async fn may_move(&self, native: &Native, to: &str) -> Result<bool> {
        let request = Request::get(format!("api/sn_chg_rest/change/{}/nextstates", segment(&native.sys_id)));
        let answer: NextStates =
            match self.calls.client.json::<Json>(request.header("Accept", "application/json")).await {
                Ok(answer) => {
                    serde_json::from_value(answer.body.get("result").cloned().unwrap_or_default()).unwrap_or_default()
                }
                // It is not there, or not for us: the table itself may still be.
                Err(failure) if failure.status().is_some_and(|status| matches!(status.as_u16(), 400 | 403 | 404)) => {
                    return Ok(false);
                }
                Err(failure) => return Err(failure.error),
            };
        if answer.available_states.is_empty() {
            return Ok(false);
        }
        let ways: Vec<_> = answer.state_transitions.iter().flatten().filter(|way| way.to_state.value == to).collect();
        let open = ways.iter().any(|way| way.transition_available);
        if open || ways.is_empty() && answer.available_states.iter().any(|state| state.value == to) {
            return Ok(true);
        }
        let missing: Vec<&str> = ways
            .iter()
            .flat_map(|way| &way.conditions)
            .filter(|one| !one.passed)
            .map(|one| one.condition.name.value.as_str())
            .collect();
        let why = if missing.is_empty() {
            "it is no step from where the change stands".to_owned()
        } else {
            format!("not met yet: {}", missing.join(", "))
        };
        Err(Error::invalid("state", format!("ServiceNow does not let the change go there: {why}.")))
    }
}
