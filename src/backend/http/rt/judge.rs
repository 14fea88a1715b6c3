//! What RT's 200 means: it says so to what it refused, too.

use serde_json::Value as Json;

use super::facts::Site;
use super::plan::{self, REST};
use super::wire::{self, List, Object};
use super::{Rt, path};
use crate::backend::http::client::{Body, Method, Reply, Request};
use crate::backend::http::tracker::{Part, Record, Sent, Wanted, Write};
use crate::backend::{Error, Result};

impl Rt {
    /// RT says 200 to what it refused. Where that is likely it is looked at, and its sentences are the reason.
    pub(super) async fn judge(&self, on: &Record, write: &Write, reply: &Reply) -> Result<Sent> {
        let said = wire::sentences(reply)?;
        let step = write.carries.iter().any(|part| matches!(part, Part::Step(..)));
        let wanted = status(&write.request).filter(|to| step && plan::is_doubtful(on, to));
        let idle = !plan::may(on, "comment") && !plan::may(on, "lifecycle");
        // An approval is another ticket; what it moved is read back.
        let put = write.request.method == Method::PUT && write.request.path.starts_with(&path(&on.id));
        if !put || said.is_empty() || wanted.is_none() && !idle {
            return Ok(Sent::Taken);
        }
        // Where it cannot be read now it is read back later.
        let Ok((now, tag)) = self.ticket(&on.id).await else { return Ok(Sent::Taken) };
        let held = on.native.get("etag").and_then(Json::as_str) == Some(tag.as_str());
        let done = wanted.map_or(!held, |to| now.text("Status").eq_ignore_ascii_case(&to));
        if done {
            return Ok(Sent::Taken);
        }
        let words = said.join(" ");
        if idle || words.contains("Permission Denied") || words.contains("not allowed") {
            return Err(Error::Forbidden(format!("Request Tracker says: {words}")));
        }
        let field = write.carries.first().map_or(String::new(), |part| part.name().as_str().to_owned());
        Err(Error::Invalid { field, reason: format!("Request Tracker refused it: {words}") })
    }

    /// The approval that stands before this ticket's next step.
    pub(super) async fn approval(&self, site: &Site, on: &Record, wanted: &Wanted) -> Result<Option<String>> {
        let Some((verb, _)) = wanted.step() else { return Ok(None) };
        let step = site.setup.mapping.step(on.kind, on.native_state.as_str(), verb);
        if step.and_then(|step| step.via.as_deref()) != Some("approval") {
            return Ok(None);
        }
        let query =
            format!("Type = 'approval' AND DependedOnBy = {} AND Status = '__Active__'", wire::quoted(on.id.as_str()));
        let request = Request::get(format!("{REST}/tickets"))
            .query("query", query)
            .query("fields", "Status")
            .query("per_page", 1);
        let list: List = self.client.json(request).await?.body;
        Ok(list.items.first().map(Object::id))
    }
}

/// The state that a request asks for.
pub(super) fn status(request: &Request) -> Option<String> {
    let Body::Json(text) = &request.body else { return None };
    let body: Json = serde_json::from_str(text).ok()?;
    body.get("Status").and_then(Json::as_str).map(str::to_owned)
}
