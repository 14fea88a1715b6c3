//! From parts of an act to what Redmine is sent: one PUT with fields, owner, status and a note; relations and further
//! notes have requests of their own.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::links::other_end;
use super::site::number;
use super::steps::allowed;
use super::view::{Custom, Native, View};
use super::wire::Relation;
use crate::backend::http::client::{Request, segment};
use crate::backend::http::tracker::{Part, Record, Wanted, Write};
use crate::backend::http::words::{own_field, same};
use crate::backend::{Error, Result};
use crate::domain::change::{Audience, Link, LinkKind};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;

/// An issue as it is to be: attributes and custom fields.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub attributes: Map<String, Json>,
    pub customs: Vec<Json>,
}

impl Draft {
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.customs.is_empty()
    }

    pub fn set(&mut self, name: &str, value: impl Into<Json>) {
        self.attributes.insert(name.to_owned(), value.into());
    }

    /// As the body of a request.
    pub fn body(mut self) -> Json {
        if !self.customs.is_empty() {
            self.attributes.insert("custom_fields".into(), Json::Array(self.customs));
        }
        json!({ "issue": self.attributes })
    }

    fn note(&mut self, audience: Audience, text: &str) {
        self.set("notes", text);
        self.set("private_notes", audience == Audience::Internal);
    }
}

/// Where a new or an old issue stands, as far as writing it goes.
#[derive(Debug, Clone, Copy)]
pub struct Onto<'a> {
    pub kind: Kind,
    pub native: &'a Native,
}

impl View<'_> {
    /// The writes that these parts take on that record.
    ///
    /// # Errors
    /// `Forbidden`, `Invalid` or `Unsupported` for what would be dropped, or worse: a private note that would be public.
    pub fn writes(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let native: Native = on.native()?;
        let rights = self.site.rights(native.project);
        for part in &wanted.parts {
            allowed(part, rights, native.mine)?;
        }
        one_assignee(self, on.kind, wanted)?;
        let onto = Onto { kind: on.kind, native: &native };
        let (mut draft, mut carried, mut links, mut notes) = (Draft::default(), Vec::new(), Vec::new(), Vec::new());
        for part in &wanted.parts {
            match part {
                Part::Field(field, value) => self.field(onto, field, value.as_ref(), &mut draft)?,
                Part::Owner(name) => draft.set("assigned_to_id", self.person(name)?),
                Part::Step(verb, to) => self.step_to(on, &native, (*verb, *to), wanted, &mut draft)?,
                Part::Link(link) | Part::Unlink(link) if link.how == LinkKind::ChildOf => {
                    let there = matches!(part, Part::Link(_));
                    draft.set("parent_issue_id", if there { link.other.as_str() } else { "" });
                }
                Part::Link(link) => {
                    links.extend(self.link(on, link)?.map(|request| Write { carries: vec![part.clone()], request }));
                    continue;
                }
                Part::Unlink(link) => {
                    let request = self.unlink(on, &native, link)?;
                    links.extend(request.map(|request| Write { carries: vec![part.clone()], request }));
                    continue;
                }
                Part::Say(audience, text) if !draft.attributes.contains_key("notes") => draft.note(*audience, text),
                Part::Say(audience, text) => {
                    let mut more = Draft::default();
                    more.note(*audience, text);
                    notes.push(Write { carries: vec![part.clone()], request: put(on.id.as_str(), more)? });
                    continue;
                }
            }
            carried.push(part.clone());
        }
        let mut writes = Vec::new();
        if !draft.is_empty() {
            writes.push(Write { carries: carried, request: put(on.id.as_str(), draft)? });
        }
        writes.extend(links);
        writes.extend(notes);
        Ok(writes)
    }

    /// Puts a field into the draft.
    ///
    /// # Errors
    /// `Unsupported` where there is no place for it, `Invalid` where the value does not fit.
    pub fn field(&self, onto: Onto<'_>, field: &Field, value: Option<&Value>, draft: &mut Draft) -> Result<()> {
        let bad = |why: String| Err(Error::invalid(field.name(), why));
        let spelt = |value: &Value| self.mapping.to_native(onto.kind, field, value);
        let Some(native) = self.mapping.field(onto.kind, field) else {
            return match custom_of(onto.native, field) {
                Some((name, custom)) => self.custom(field, name, custom, value, onto.kind, draft),
                None if value.is_none() => Ok(()),
                None => Err(Error::Unsupported(format!("this Redmine has no place for {}.", field.name()))),
            };
        };
        let Some(value) = value else {
            match native {
                // A priority is always set, and a status is what it is.
                "priority" | "status" | "author" => {}
                "subject" | "description" | "due_date" | "start_date" => draft.set(native, ""),
                "assigned_to" if onto.native.assigned.is_none_or(|id| self.learned.people.group(id).is_none()) => {}
                "assigned_to" => draft.set("assigned_to_id", ""),
                "category" => draft.set("category_id", ""),
                "version" => draft.set("fixed_version_id", ""),
                name => return self.mapped_custom(onto, field, name, None, draft),
            }
            return Ok(());
        };
        match native {
            "subject" | "description" => draft.set(native, spelt(value)),
            "due_date" | "start_date" => draft.set(native, self.day(field, value)?),
            "priority" => match number(&self.site.priorities, &spelt(value)) {
                Some(id) => draft.set("priority_id", id),
                None => return bad(format!("This Redmine has no priority `{}`.", spelt(value))),
            },
            "category" => {
                let all = self.site.project(onto.native.project).map(|project| project.categories.as_slice());
                match number(all.unwrap_or_default(), &spelt(value)) {
                    Some(id) => draft.set("category_id", id),
                    None => return bad(format!("The project has no category `{}`.", spelt(value))),
                }
            }
            "assigned_to" => match self.learned.people.group_number(&spelt(value)) {
                Some(id) => draft.set("assigned_to_id", id),
                None => return bad(format!("The project has no group `{}`.", spelt(value))),
            },
            // The step finds its status by it.
            "status" => {}
            "author" | "version" => {
                return Err(Error::Unsupported(format!("{} cannot be written here.", field.name())));
            }
            name => return self.mapped_custom(onto, field, name, Some(value), draft),
        }
        Ok(())
    }

    fn mapped_custom(
        &self,
        onto: Onto<'_>,
        field: &Field,
        native: &str,
        value: Option<&Value>,
        draft: &mut Draft,
    ) -> Result<()> {
        let name = native.strip_prefix("cf:").unwrap_or(native);
        let here = onto.native.fields.iter().find(|(held, _)| same(held, name));
        match here {
            Some((name, custom)) => self.custom(field, name, *custom, value, onto.kind, draft),
            None if value.is_none() => Ok(()),
            None => Err(Error::Unsupported(format!(
                "this ticket has no field `{name}` for {}, or you may not see it.",
                field.name()
            ))),
        }
    }

    fn custom(
        &self,
        field: &Field,
        name: &str,
        custom: Custom,
        value: Option<&Value>,
        kind: Kind,
        draft: &mut Draft,
    ) -> Result<()> {
        let native = format!("cf:{name}");
        let words = match value {
            None => String::new(),
            Some(value) if self.holds_people(&native) => self.person(value.as_str().unwrap_or_default())?.to_string(),
            Some(value) if self.holds_names(&native) => {
                let people = &self.learned.people;
                let name = value.as_str().unwrap_or_default();
                let full = people.number(name).and_then(|id| people.full_name(id));
                full.map_or(name, |full| full.as_str()).to_owned()
            }
            Some(value) if field.shape() == Shape::Time => self.day(field, value)?,
            Some(Value::Flag(flag)) => {
                let spelt = self.mapping.to_native(kind, field, &Value::Flag(*flag));
                if spelt == flag.to_string() { u8::from(*flag).to_string() } else { spelt }
            }
            Some(value) => self.mapping.to_native(kind, field, value),
        };
        let value = match custom.multiple {
            true => Json::from(words.split(',').map(str::trim).map(str::to_owned).collect::<Vec<_>>()),
            false => Json::from(words),
        };
        draft.customs.push(json!({ "id": custom.id, "value": value }));
        Ok(())
    }

    /// A day in the site's zone: Redmine's dates have no time.
    fn day(&self, field: &Field, value: &Value) -> Result<String> {
        let Some(at) = value.as_time() else { return Ok(value.to_string()) };
        let zoned = at.to_zoned(self.zone.clone());
        let begins = zoned.start_of_day().is_ok_and(|first| first.timestamp() == at);
        if begins { Ok(zoned.date().to_string()) } else { Err(whole_days(field, at)) }
    }

    pub fn person(&self, name: &str) -> Result<u64> {
        let known = self.learned.people.number(name);
        known.ok_or_else(|| {
            Error::invalid("owner", format!("This Redmine knows nobody called `{name}` in its projects."))
        })
    }

    fn link(&self, on: &Record, link: &Link) -> Result<Option<Request>> {
        if on.links.iter().flatten().any(|held| held == link) {
            return Ok(None);
        }
        if link.how == LinkKind::ParentOf {
            return parent(link.other.as_str(), on.id.as_str()).map(Some);
        }
        let sort = self.relation(on.kind, link)?;
        let to = link.other.as_str().parse::<u64>();
        let to = to.map_err(|_| Error::NotFound(link.other.clone()))?;
        let relation = json!({ "relation": { "issue_to_id": to, "relation_type": sort } });
        let path = format!("issues/{}/relations.json", segment(on.id.as_str()));
        Ok(Some(Request::post(path).json(&relation)?))
    }

    fn unlink(&self, on: &Record, native: &Native, link: &Link) -> Result<Option<Request>> {
        if link.how == LinkKind::ParentOf {
            return parent(link.other.as_str(), "").map(Some);
        }
        let here = on.id.as_str().parse::<u64>().unwrap_or(0);
        let is_it = |relation: &&Relation| {
            other_end(relation, here).to_string() == link.other.as_str()
                && self.how(on.kind, relation, here) == link.how
        };
        let held = native.relations.iter().find(is_it);
        Ok(held.map(|relation| Request::delete(format!("relations/{}.json", relation.id))))
    }
}

fn put(id: &str, draft: Draft) -> Result<Request> {
    Request::put(format!("issues/{}.json", segment(id))).json(&draft.body())
}

fn parent(child: &str, parent: &str) -> Result<Request> {
    let mut draft = Draft::default();
    draft.set("parent_issue_id", parent);
    put(child, draft)
}

fn whole_days(field: &Field, at: Timestamp) -> Error {
    Error::invalid(field.name(), format!("This Redmine keeps days without a time; {at} has one. Give the day only."))
}

/// The custom field of the issue that an `x.` field stands for.
fn custom_of<'n>(native: &'n Native, field: &Field) -> Option<(&'n str, Custom)> {
    let found = native.fields.iter().find(|(name, _)| own_field(name) == *field)?;
    Some((found.0, *found.1))
}

/// A group and a person both want the one place for the assignee.
fn one_assignee(view: &View<'_>, kind: Kind, wanted: &Wanted) -> Result<()> {
    let shared = view.mapping.field(kind, &Field::Group) == Some("assigned_to");
    if shared && wanted.owner().is_some() && wanted.field(&Field::Group).is_some() {
        return Err(Error::Unsupported(
            "a ticket is assigned to a group or to a person here, not to both. Do one of them.".into(),
        ));
    }
    Ok(())
}
