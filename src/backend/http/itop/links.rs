//! Links between tickets, and to configuration items: each is set from the end that holds it.

use serde_json::{Value as Json, json};

use super::map::{self, Native};
use super::plan::{Draft, create, no_place, update};
use super::{Itop, model, wire};
use crate::backend::http::tracker::{Part, Record, Write};
use crate::backend::{Error, Result};
use crate::domain::change::{Link, LinkKind};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;

impl Itop {
    pub(super) async fn item(
        &self,
        on: &Record,
        native: &Native,
        part: &Part,
        value: Option<&Value>,
        main: &mut Draft,
        after: &mut Vec<Write>,
    ) -> Result<()> {
        let Some(attribute) = model::attribute(&self.setup.mapping, on.kind, &native.class, &Field::Asset) else {
            return Err(no_place(&Field::Asset, on.kind));
        };
        let wanted = value.and_then(Value::as_str).unwrap_or_default();
        let number = if wanted.is_empty() { None } else { Some(self.key_of("FunctionalCI", wanted, "asset").await?) };
        let link = |ci: &str, impact: &str| json!({ "functionalci_id": ci, "impact_code": impact });
        let noted = native.items.iter().filter(|(_, _, impact)| impact != "computed");
        let (unhit, held): (Vec<_>, Vec<_>) = noted.partition(|(_, _, impact)| impact == map::NOT_HIT);
        match number {
            // One more link: replacing the whole set would take away what others add meanwhile.
            Some(number) if held.is_empty() && unhit.iter().all(|(ci, ..)| *ci != number) => {
                let fields = json!({ "ticket_id": native.key, "functionalci_id": number, "impact_code": "manual" });
                let operation = create("lnkFunctionalCIToTicket", &fields, "id");
                after.push(Write { carries: vec![part.clone()], request: wire::send(&operation)? });
            }
            number => {
                let kept = held.iter().skip(1).chain(&unhit).filter(|(ci, ..)| Some(ci) != number.as_ref());
                let first = number.iter().map(|ci| link(ci, "manual"));
                let set = first.chain(kept.map(|(ci, _, impact)| link(ci, impact)));
                main.fields.insert(attribute.to_owned(), Json::Array(set.collect()));
                main.carries.push(part.clone());
            }
        }
        Ok(())
    }

    pub(super) async fn link(
        &self,
        on: &Record,
        native: &Native,
        link: &Link,
        part: &Part,
        main: &mut Draft,
        after: &mut Vec<Write>,
    ) -> Result<()> {
        let (other, kind) = self.placed(&link.other).await?;
        if other.key == native.key {
            return Err(Error::invalid("link", format!("{} cannot be linked to itself.", on.id)));
        }
        if let Some(code) = forward(on.kind, kind, link.how) {
            if let Some(held) = native.parent(code).filter(|held| *held != other.key) {
                let held = native.parents.iter().find(|(_, key, _)| key == held).map(|(_, _, id)| id.as_str());
                let held = held.unwrap_or("another ticket");
                return Err(Error::invalid(
                    "link",
                    format!("{} hangs on {held} already; iTop keeps one only. Unlink that first.", on.id),
                ));
            }
            if link.how == LinkKind::ChildOf {
                self.no_circle(&other.class, &other.key, code, &native.key).await?;
            }
            main.fields.insert(code.into(), json!(other.key));
            main.carries.push(part.clone());
            return Ok(());
        }
        let Some(code) = forward(kind, on.kind, link.how.inverse()) else { return Err(no_link(link, on.kind)) };
        let fields = json!({ code: native.key });
        let operation = update(&other.class, json!(other.key), &fields, code);
        after.push(Write { carries: vec![part.clone()], request: wire::send(&operation)? });
        Ok(())
    }

    pub(super) async fn unlink(
        &self,
        on: &Record,
        link: &Link,
        part: &Part,
        main: &mut Draft,
        after: &mut Vec<Write>,
    ) -> Result<()> {
        let (other, kind) = self.placed(&link.other).await?;
        if let Some(code) = forward(on.kind, kind, link.how) {
            main.fields.insert(code.into(), json!(0));
            main.carries.push(part.clone());
            return Ok(());
        }
        let Some(code) = forward(kind, on.kind, link.how.inverse()) else { return Err(no_link(link, on.kind)) };
        let operation = update(&other.class, json!(other.key), &json!({ code: 0 }), code);
        after.push(Write { carries: vec![part.clone()], request: wire::send(&operation)? });
        Ok(())
    }

    /// iTop refuses a ticket as its own parent, but not as its grandparent.
    pub(super) async fn no_circle(&self, class: &str, key: &str, code: &str, me: &str) -> Result<()> {
        let found = self.get(class, &json!(key), &[code], 1).await?;
        let above = found.objects.0.first().map(|object| object.text(code)).unwrap_or_default();
        if above == me { Err(Error::invalid("link", "That one is a child of this one already.")) } else { Ok(()) }
    }
}

/// The attribute by which a ticket of one kind points so at one of another.
pub(super) fn forward(from: Kind, to: Kind, how: LinkKind) -> Option<&'static str> {
    let codes = model::parents(from).iter();
    codes.filter(|(code, kind)| *kind == to && map::link_of(from, code) == Some(how)).map(|(code, _)| *code).next()
}

pub(super) fn no_link(link: &Link, kind: Kind) -> Error {
    let how = link.how.as_str().replace('_', " ");
    Error::Unsupported(format!("iTop has no link “{how}” from a {kind} to {}.", link.other))
}
