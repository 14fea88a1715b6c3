//! Files on tickets: objects of their own, whose name and content come together or not at all.

use serde_json::{Value as Json, json};

use super::names::Place;
use super::plan::create;
use super::wire::{self, Object};
use super::{Itop, oql, time};
use crate::backend::http::files::{decode, encode, no_such};
use crate::backend::http::held::hold;
use crate::backend::{Attachment, Error, Result, Upload};
use crate::domain::name::{Name, TicketId};
use crate::text::Clean;

/// Bytes of an answer with files in it; their content grows by a third on the way.
const LONGEST: u64 = 64 << 20;
/// Bytes of a file below which no PHP is set up to refuse it.
const SMALLEST_LIMIT: usize = 1 << 20;
/// Files whose names are asked for at once, since their contents come along.
const AT_ONCE: usize = 4;

/// What is known of a file that was read once; files never change.
#[derive(Debug, Clone)]
pub(super) struct Known {
    name: Clean,
    media: Clean,
    size: u64,
}

impl Itop {
    /// See `Tracker::attachments`.
    pub(super) async fn listed(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        let (place, _) = self.placed(id).await?;
        let output = ["creation_date", "contact_id_friendlyname", "user_id_friendlyname"];
        let all = self.get("Attachment", &json!(of(&place)), &output, 0).await?.objects.0;
        let new: Vec<&str> = {
            let known = hold(&self.files);
            all.iter().map(|file| file.key.as_str()).filter(|key| !known.contains_key(*key)).collect()
        };
        for some in new.chunks(AT_ONCE) {
            self.learn(some).await;
        }
        let known = hold(&self.files);
        let one = |file: &Object| {
            let held = known.get(&file.key);
            let who = [file.text("contact_id_friendlyname"), file.text("user_id_friendlyname")];
            Attachment {
                key: Name::new(&file.key),
                name: held.map_or_else(|| Clean::line(&format!("attachment {}", file.key)), |held| held.name.clone()),
                media_type: held.map(|held| held.media.clone()).unwrap_or_default(),
                size: held.map(|held| held.size),
                at: time::read(file.text("creation_date"), &self.setup.zone),
                by: who.into_iter().find(|name| !name.is_empty()).map_or_else(|| "".into(), Name::new),
            }
        };
        Ok(all.iter().map(one).collect())
    }

    /// Reads what files are called. One that is too large keeps its number for a name.
    async fn learn(&self, keys: &[&str]) {
        let wanted = json!(format!("SELECT Attachment WHERE {}", oql::any_of("id", keys)));
        let Ok(found) = self.contents(&wanted).await else { return };
        let mut known = hold(&self.files);
        for file in found {
            let part = |name: &str| part(&file, name);
            let data = part("data");
            let padding = data.bytes().rev().take_while(|byte| *byte == b'=').count();
            known.insert(
                file.key.clone(),
                Known {
                    name: Clean::line(part("filename")),
                    media: Clean::line(part("mimetype")),
                    size: (data.len() / 4 * 3).saturating_sub(padding) as u64,
                },
            );
        }
    }

    async fn contents(&self, key: &Json) -> Result<Vec<Object>> {
        let operation = json!({
            "operation": "core/get", "class": "Attachment", "key": key, "output_fields": "item_class,item_id,contents",
        });
        let (answer, _) = self.exchange(wire::ask(&operation)?.limit(LONGEST)).await?;
        Ok(answer.objects.0)
    }

    /// See `Tracker::download`.
    pub(super) async fn fetched(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        let (place, _) = self.placed(id).await?;
        if file.is_empty() || !file.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(no_such(id, file));
        }
        let key = format!("{} AND id = {}", of(&place), oql::quote(file));
        let found = self.contents(&json!(key)).await?;
        let Some(object) = found.first() else { return Err(no_such(id, file)) };
        decode(part(object, "data"))
    }

    /// See `Tracker::attach`.
    pub(super) async fn added(&self, id: &TicketId, file: &Upload) -> Result<()> {
        let (place, _) = self.placed(id).await?;
        let found = self.get(&place.class, &json!(place.key), &["org_id"], 1).await?;
        let Some(ticket) = found.objects.0.first() else { return Err(Error::NotFound(id.clone())) };
        let fields = json!({
            "item_class": place.class, "item_id": place.key, "item_org_id": ticket.text("org_id"),
            "contents": {
                "data": encode(&file.bytes),
                "mimetype": file.media_type,
                "filename": file.name.as_str(),
            },
        });
        let _one = self.writing.lock().await;
        let answer = match self.exchange(wire::send(&create("Attachment", &fields, "id"))?).await {
            Ok((answer, _)) => answer,
            Err(failure) => return Err(self.not_read(failure.into(), file).await),
        };
        if answer.objects.0.is_empty() {
            return Err(Error::Unexpected(format!("iTop took {} without a word and did not store it.", file.name)));
        }
        Ok(())
    }

    /// PHP drops a request that is longer than its `post_max_size`, the log-in in it too, and goes on as if nothing had been
    /// sent. Whether it was that is seen by asking who I am.
    async fn not_read(&self, error: Error, file: &Upload) -> Error {
        let dropped = matches!(error, Error::Unauthenticated(_) | Error::Unexpected(_));
        if !dropped || file.bytes.len() < SMALLEST_LIMIT || self.who().await.is_err() {
            return error;
        }
        let why = format!("{} is larger than this iTop's web server takes (post_max_size of its PHP).", file.name);
        Error::invalid("file", why)
    }
}

/// The files of a ticket.
fn of(place: &Place) -> String {
    let (class, key) = (oql::quote(&place.class), oql::quote(&place.key));
    format!("SELECT Attachment WHERE item_class = {class} AND item_id = {key}")
}

fn part<'o>(file: &'o Object, name: &str) -> &'o str {
    file.fields.get("contents").and_then(|contents| contents.get(name)).and_then(Json::as_str).unwrap_or_default()
}
