//! Where tickets are, and one ticket with all that stands in it.

use serde_json::{Value as Json, json};

use super::map::{self, Reading};
use super::model::{self, TICKET};
use super::names::{self, Place};
use super::wire::Object;
use super::{Itop, oql, page, plan};
use crate::backend::http::tracker::Record;
use crate::backend::{Error, Result};
use crate::domain::change::Link;
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;

impl Itop {
    /// Where a ticket is, asked for when it was not seen yet.
    pub(super) async fn placed(&self, id: &TicketId) -> Result<(Place, Kind)> {
        let held = self.names().place(id).cloned();
        let place = match held {
            Some(place) => place,
            None => self.look_up(id).await?,
        };
        let kind = model::kind_of(&self.setup.mapping, &place.class);
        let why = || format!("{id} is a {} in iTop, which this desk's mapping does not name.", place.class);
        kind.map(|kind| (place.clone(), kind)).ok_or_else(|| Error::Unsupported(why()))
    }

    pub(super) async fn look_up(&self, id: &TicketId) -> Result<Place> {
        let wanted = match names::key_in(id) {
            Some(key) => format!("id = {}", oql::quote(key)),
            None => format!("ref = {}", oql::quote(id.as_str())),
        };
        let key = json!(format!("SELECT {TICKET} WHERE {wanted}"));
        let found = self.get(TICKET, &key, &["ref", "finalclass"], 0).await?;
        // References are not unique. The newest holds it, as it does in lists.
        let newest = found.objects.0.iter().max_by_key(|object| object.key.parse::<u64>().unwrap_or_default());
        let Some(object) = newest else { return Err(plan::not_found(id)) };
        let class = page::class_of(object);
        let mut names = self.names();
        match names::key_in(id) {
            Some(_) => names.shared(object.text("ref")),
            None => names.hold(object.text("ref"), &object.key),
        }
        names.ticket(class, &object.key, object.text("ref"));
        drop(names);
        Ok(Place { class: class.to_owned(), key: object.key.clone() })
    }

    /// The class that a number's letters mean, for one request instead of two.
    pub(super) fn guessed(&self, id: &TicketId) -> Option<(String, Kind)> {
        let letters = id.as_str().split_once('-')?.0;
        let all = self.setup.mapping.site.get("refs")?;
        let class =
            all.split_whitespace().find_map(|pair| pair.split_once('=').filter(|(known, _)| *known == letters))?.1;
        Some((class.to_owned(), model::kind_of(&self.setup.mapping, class)?))
    }

    /// The ticket with all that stands in it: one request, when it was seen before or its number tells its class.
    pub(super) async fn read(&self, id: &TicketId) -> Result<Record> {
        let place = self.names().place(id).cloned();
        if place.is_none()
            && names::key_in(id).is_none()
            && let Some((class, kind)) = self.guessed(id)
        {
            let key = json!(format!("SELECT {class} WHERE ref = {}", oql::quote(id.as_str())));
            let found = self.details(&class, kind, &key).await?;
            let newest = found.into_iter().max_by_key(|object| object.key.parse::<u64>().unwrap_or_default());
            if let Some(object) = newest {
                self.names().hold(id.as_str(), &object.key);
                return Ok(self.record(&object, kind));
            }
        }
        let (place, kind) = self.placed(id).await?;
        let found = self.details(&place.class, kind, &json!(place.key)).await?;
        match found.first() {
            Some(object) => Ok(self.record(object, kind)),
            None => {
                self.names().forget(id);
                Err(plan::not_found(id))
            }
        }
    }

    pub(super) async fn details(&self, class: &str, kind: Kind, key: &Json) -> Result<Vec<Object>> {
        let output = model::output(&self.setup.mapping, kind, class, true);
        let output: Vec<&str> = output.iter().map(String::as_str).collect();
        Ok(self.get(class, key, &output, 0).await?.objects.0)
    }

    pub(super) fn record(&self, object: &Object, kind: Kind) -> Record {
        let reading = Reading { mapping: &self.setup.mapping, zone: &self.setup.zone };
        reading.record(object, kind, &mut self.names())
    }

    /// The tickets that hang on this one, of all classes at once: its own link sets would bring all of them in full.
    pub(super) async fn hanging(&self, record: &Record) -> Result<Vec<Link>> {
        let found = loop {
            let selects = self.selects(record);
            if selects.is_empty() {
                return Ok(Vec::new());
            }
            match self.get(TICKET, &json!(selects.join(" UNION ")), &["ref", "finalclass"], 0).await {
                // A class that is not there is known from now on.
                Err(Error::Unsupported(_)) if self.selects(record).len() < selects.len() => {}
                found => break found?,
            }
        };
        let mut names = self.names();
        let one = |object: &Object| {
            let kind = model::kind_of(&self.setup.mapping, page::class_of(object))?;
            let other = names.ticket(page::class_of(object), &object.key, object.text("ref"));
            Some(Link { how: map::backward(record.kind, kind), other })
        };
        Ok(found.objects.0.iter().filter_map(one).collect())
    }

    /// One question to each class that may point at this ticket.
    fn selects(&self, record: &Record) -> Vec<String> {
        let native = map::Native::of(record);
        let mut all = Vec::new();
        for (kind, attribute) in map::pointing_at(record.kind) {
            // The sorts of change have their common attribute in common.
            let classes = model::classes(&self.setup.mapping, *kind).filter(|class| !self.lacks(class));
            all.extend(classes.map(|class| format!("SELECT {class} WHERE {attribute} = {}", native.key)));
        }
        all
    }
}
