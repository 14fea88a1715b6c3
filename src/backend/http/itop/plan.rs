//! From the parts of an act to the fewest requests that carry them: fields, state and words in one where that can be.
//!
//! State moves by stimuli only, although iTop would take a plain write of it. What iTop's own pages ask for and its REST
//! does not (an agent, a team, a service) is asked for here.

use serde_json::{Map, Value as Json, json};

use super::map::Native;
use super::{Itop, model, oql, wire};
use crate::backend::http::tracker::{Part, Record, Wanted, Write};
use crate::backend::{Error, Result};
use crate::domain::change::Audience;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;
use crate::text::Clean;

/// What is said of every change in iTop's own history.
pub(super) const COMMENT: &str = "deskside";

/// One request in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) stimulus: Option<String>,
    pub(super) fields: Map<String, Json>,
    pub(super) carries: Vec<Part>,
}

impl Itop {
    /// See `Tracker::plan`.
    pub(super) async fn planned(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let native = Native::of(on);
        let mut main = Draft::default();
        let mut first = None;
        let (mut after, mut says) = (Vec::new(), Vec::new());
        for part in &wanted.parts {
            match part {
                Part::Field(Field::Asset, value) => {
                    self.item(on, &native, part, value.as_ref(), &mut main, &mut after).await?
                }
                Part::Field(field, value) => {
                    self.put(on.kind, &native, field, value.as_ref(), &mut main.fields).await?;
                    main.carries.push(part.clone());
                }
                Part::Owner(_) | Part::Step(..) => {}
                Part::Link(link) => self.link(on, &native, link, part, &mut main, &mut after).await?,
                Part::Unlink(link) => self.unlink(on, link, part, &mut main, &mut after).await?,
                Part::Say(audience, text) => says.push((log(on.kind, *audience)?, text, part)),
            }
        }
        self.moves(on, &native, wanted, &mut main, &mut first).await?;
        let mut writes = Vec::new();
        // Words go with the rest, but last of all where there is more to do: then they are not said too early.
        let together = after.is_empty();
        let mut later = Vec::new();
        for (log, text, part) in says {
            if together && !main.fields.contains_key(log) {
                main.fields.insert(log.into(), entry(text));
                main.carries.push(part.clone());
            } else {
                later.push(Draft {
                    fields: Map::from_iter([(log.into(), entry(text))]),
                    carries: vec![part.clone()],
                    stimulus: None,
                });
            }
        }
        let guarded = !main.carries.is_empty() && !main.carries.iter().all(|part| matches!(part, Part::Say(..)));
        for (n, draft) in first.into_iter().chain(Some(main)).enumerate() {
            // An owner who owns it already: nothing to do.
            if draft.stimulus.is_some() || !draft.fields.is_empty() {
                writes.push(self.request(&native, draft, guarded && n == 0 && writes.is_empty())?);
            }
        }
        writes.extend(after);
        for draft in later {
            writes.push(self.request(&native, draft, false)?);
        }
        Ok(writes)
    }

    /// The request of a draft. Guarded, it fits only the ticket as it was when it was last read: that narrows the race,
    /// and does not close it.
    fn request(&self, native: &Native, draft: Draft, guarded: bool) -> Result<Write> {
        let guarded = guarded && !native.last_update.is_empty();
        let key = if guarded {
            let (class, id, at) = (&native.class, oql::quote(&native.key), oql::quote(&native.last_update));
            json!(format!("SELECT {class} WHERE id = {id} AND last_update = {at}"))
        } else {
            json!(native.key)
        };
        let mut output = vec!["status", "last_update"];
        output.extend(["public_log", "private_log"].into_iter().filter(|log| draft.fields.contains_key(*log)));
        let output = output.join(",");
        let fields = Json::Object(draft.fields);
        let operation = match &draft.stimulus {
            Some(stimulus) => json!({
                "operation": "core/apply_stimulus", "class": native.class, "key": key, "stimulus": stimulus,
                "comment": COMMENT, "fields": fields, "output_fields": output,
            }),
            None => update(&native.class, key, &fields, &output),
        };
        Ok(Write { carries: draft.carries, request: wire::send(&operation)? })
    }
}

pub(super) fn update(class: &str, key: Json, fields: &Json, output: &str) -> Json {
    json!({
        "operation": "core/update", "class": class, "key": key, "comment": COMMENT, "fields": fields,
        "output_fields": output,
    })
}

pub(super) fn create(class: &str, fields: &Json, output: &str) -> Json {
    json!({ "operation": "core/create", "class": class, "comment": COMMENT, "fields": fields, "output_fields": output })
}

/// A log's entry as plain text: a bare string would be taken for HTML and lose its lines.
pub(super) fn entry(text: &Clean) -> Json {
    json!({ "add_item": { "message": text.as_str(), "format": "text" } })
}

/// Where these words go. What has no place for the caller's eyes never goes among us instead, nor the other way round.
pub(super) fn log(kind: Kind, audience: Audience) -> Result<&'static str> {
    match audience {
        Audience::Internal => Ok("private_log"),
        Audience::Public if model::has_public_log(kind) => Ok("public_log"),
        Audience::Public => {
            let why = format!("a {kind} has no words to the caller in iTop. Write an internal note instead.");
            Err(Error::Unsupported(why))
        }
    }
}

pub(super) fn no_place(field: &Field, kind: Kind) -> Error {
    Error::invalid(field.name(), format!("iTop has no place for {} on a {kind}.", field.name()))
}

/// So that callers of [`Itop::placed`] need not know where it comes from.
pub(super) fn not_found(id: &TicketId) -> Error {
    Error::NotFound(id.clone())
}
