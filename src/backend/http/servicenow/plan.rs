//! From parts to columns: one PATCH that carries fields, state, work notes and comments.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::ServiceNow;
use super::calls::Ask;
use super::columns::{Column, Pointer, Sort, pointers};
use super::map::{Native, stored};
use crate::backend::http::client::{Request, segment};
use crate::backend::http::tracker::{Part, Record, Wanted, Write};
use crate::backend::{Error, Result};
use crate::domain::change::{Audience, Link, LinkKind};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::{State, Verb};

/// Columns of one write, and the parts that they carry.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub columns: BTreeMap<String, String>,
    pub carries: Vec<Part>,
}

impl Draft {
    pub fn set(&mut self, column: &str, value: impl Into<String>) {
        self.columns.insert(column.to_owned(), value.into());
    }

    pub fn body(&self) -> Json {
        self.columns
            .iter()
            .map(|(column, value)| (column.clone(), Json::String(value.clone())))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

impl ServiceNow {
    pub(super) async fn writes(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let native = Native::of(on);
        if native.sys_id.is_empty() {
            return Err(Error::NotFound(on.id.clone()));
        }
        if let Some(write) = self.apart(on, &native, wanted).await? {
            return Ok(vec![write]);
        }
        let (mut draft, mut state, mut later) = (Draft::default(), native.state.clone(), Vec::new());
        for part in &wanted.parts {
            match part {
                Part::Step(verb, to) => state = self.step(on.kind, &state, (*verb, *to), &mut draft)?,
                // A journal takes one entry with a write: a second word follows.
                Part::Say(audience, text) if draft.columns.contains_key(journal(*audience)) => {
                    later.push((journal(*audience), text.as_str().to_owned(), part.clone()));
                    continue;
                }
                part => self.part(on.kind, &native, part, &mut draft).await?,
            }
            draft.carries.push(part.clone());
        }
        let moves = state != native.state;
        let by_change =
            on.kind == Kind::Change && moves && self.change_api().await && self.may_move(&native, &state).await?;
        let path = if by_change {
            format!("api/sn_chg_rest/change/{}", segment(&native.sys_id))
        } else {
            path(&native.table, &native.sys_id)
        };
        let mut writes = vec![write(&path, &draft)?];
        for (column, text, part) in later {
            let mut draft = Draft { carries: vec![part], ..Draft::default() };
            draft.set(column, text);
            writes.push(write(&path_of(&native), &draft)?);
        }
        Ok(writes)
    }

    /// One part as columns.
    pub(super) async fn part(&self, kind: Kind, native: &Native, part: &Part, draft: &mut Draft) -> Result<()> {
        match part {
            Part::Field(field, value) => self.field(kind, &native.table, field, value.as_ref(), draft).await?,
            Part::Owner(name) => {
                let key = if name.is_empty() { String::new() } else { self.person_key(name, "owner").await? };
                draft.set("assigned_to", key);
            }
            Part::Link(link) => {
                let pointer = self.pointer(&native.table, link)?;
                let held = native.links.iter().find(|(column, _)| column == pointer.column);
                if let Some((_, other)) = held.filter(|(_, other)| *other != link.other.as_str()) {
                    let how = link.how.as_str();
                    return Err(Error::invalid(
                        "link",
                        format!("A ticket has one {how} link here, and it is to {other}. Take that off first."),
                    ));
                }
                draft.set(pointer.column, self.ticket_key(&link.other).await?.1);
            }
            Part::Unlink(link) => draft.set(self.pointer(&native.table, link)?.column, ""),
            Part::Say(audience, text) => draft.set(journal(*audience), text.as_str()),
            Part::Step(..) => {}
        }
        Ok(())
    }

    /// The columns of a step; the state behind it.
    pub(super) fn step(&self, kind: Kind, from: &str, (verb, to): (Verb, State), draft: &mut Draft) -> Result<String> {
        let Some(step) = self.setup.mapping.step(kind, from, verb) else {
            let held = self.setup.mapping.state(kind, from).map_or(from, |state| state.as_str());
            return Err(Error::invalid("state", format!("This site's profile has no step \"{verb}\" from {held}.")));
        };
        for (column, value) in step.via.iter().flat_map(|via| via.split(';')).filter_map(|one| one.split_once('=')) {
            draft.set(column.trim(), value.trim());
        }
        if self.setup.mapping.state(kind, &step.to) != Some(to) {
            return Err(Error::invalid("state", format!("\"{verb}\" does not lead to {to} at this site.")));
        }
        draft.set("state", step.to.clone());
        Ok(step.to.clone())
    }

    async fn field(
        &self,
        kind: Kind,
        table: &str,
        field: &Field,
        value: Option<&Value>,
        draft: &mut Draft,
    ) -> Result<()> {
        let Some(native) = self.setup.mapping.field(kind, field) else {
            return Err(Error::Unsupported(match field {
                Field::PriorityOverride => "ServiceNow makes the priority of impact and urgency; set those.".to_owned(),
                field => format!("this ServiceNow has no field for {} on {kind}s.", field.name()),
            }));
        };
        let column = Column::of(field, native);
        let text = match value {
            None => String::new(),
            Some(value) => match column.sort {
                Sort::User => self.person_key(&Name::new(&value.to_string()), field.name()).await?,
                Sort::Group => self.group_key(&value.to_string()).await?,
                Sort::Record(table) => self.record_key(table, &value.to_string(), field).await?,
                Sort::Plain | Sort::Html => {
                    let stored = stored(&self.setup, kind, field, column, value);
                    if field.shape() == Shape::Name { self.choice(table, column.name, field, stored)? } else { stored }
                }
            },
        };
        draft.set(column.name, text);
        Ok(())
    }

    /// A choice as it is stored. A column takes any value over REST; one that no form shows is a mistake.
    fn choice(&self, table: &str, column: &str, field: &Field, stored: String) -> Result<String> {
        let facts = self.facts();
        let choices = facts.choices(table, column);
        let fits =
            |choice: &&super::facts::Choice| choice.value == stored || choice.label.eq_ignore_ascii_case(&stored);
        match choices.iter().find(fits) {
            Some(choice) => Ok(choice.value.clone()),
            None if choices.is_empty() => Ok(stored),
            None => {
                let all: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
                Err(Error::invalid(
                    field.name(),
                    format!("`{stored}` is no {} here. Known are: {}.", field.name(), all.join(", ")),
                ))
            }
        }
    }

    pub(super) fn pointer(&self, table: &str, link: &Link) -> Result<Pointer<'_>> {
        let pointers = pointers(&self.setup, table);
        let fitting = pointers.iter().find(|pointer| pointer.how == link.how);
        fitting.copied().ok_or_else(|| {
            Error::Unsupported(format!("a ticket of this sort holds no {} link in ServiceNow.", link.how))
        })
    }

    /// What goes to another record and therefore by itself: links that the other end holds, and approvals.
    async fn apart(&self, on: &Record, native: &Native, wanted: &Wanted) -> Result<Option<Write>> {
        let theirs = |link: &Link| self.pointer(&native.table, link).is_err() && link.how != LinkKind::RelatesTo;
        let apart = |part: &Part| match part {
            Part::Link(link) | Part::Unlink(link) => theirs(link),
            Part::Step(verb, _) => self.approval(on.kind, &native.state, *verb).is_some(),
            _ => false,
        };
        let Some(part) = wanted.parts.iter().find(|part| apart(part)) else { return Ok(None) };
        let others: Vec<&Part> = wanted.parts.iter().filter(|other| *other != part).collect();
        match part {
            Part::Link(link) | Part::Unlink(link) => {
                if !others.is_empty() {
                    return Err(Error::Unsupported(format!(
                        "{} holds this link; make it in an act of its own.",
                        link.other
                    )));
                }
                let back = Link { how: link.how.inverse(), other: on.id.clone() };
                let (table, key) = self.ticket_key(&link.other).await?;
                let column = self.pointer(&table, &back)?.column;
                let value = if matches!(part, Part::Link(_)) { native.sys_id.as_str() } else { "" };
                let mut draft = Draft { carries: vec![part.clone()], ..Draft::default() };
                draft.set(column, value);
                self.free(&table, &key, column, native, matches!(part, Part::Link(_))).await?;
                write(&path(&table, &key), &draft).map(Some)
            }
            Part::Step(verb, _) => {
                let words = match others.as_slice() {
                    [] => "",
                    [Part::Say(Audience::Internal, text)] => text.as_str(),
                    _ => {
                        return Err(Error::Unsupported(
                            "an approval is given by itself, with an internal note at most.".into(),
                        ));
                    }
                };
                let answer = self.approval(on.kind, &native.state, *verb).unwrap_or_default();
                self.decide(native, &answer, words, wanted).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The other end of a link must not lose one that it has.
    async fn free(&self, table: &str, key: &str, column: &str, native: &Native, link: bool) -> Result<()> {
        let got = self.calls.ask(&Ask::one("other", table, key, &["sys_id", "number", column])).await?;
        let held = got.rows.first().filter(|row| !row.value(column).is_empty() && row.value(column) != native.sys_id);
        match held.filter(|_| link) {
            Some(row) => Err(Error::invalid(
                "link",
                format!("{} points at {} already. Take that off first.", row.value("number"), row.shown(column)),
            )),
            None => Ok(()),
        }
    }
}

/// The column of words for them.
pub(super) fn journal(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "comments",
        Audience::Internal => "work_notes",
    }
}

pub(super) fn path(table: &str, key: &str) -> String {
    format!("api/now/table/{}/{}", segment(table), segment(key))
}

fn path_of(native: &Native) -> String {
    path(&native.table, &native.sys_id)
}

pub(super) fn write(path: &str, draft: &Draft) -> Result<Write> {
    let mut request = Request::patch(path).header("Accept", "application/json");
    if path.starts_with("api/now/") {
        request = request.query("sysparm_fields", "sys_id,number,state,sys_mod_count");
    }
    Ok(Write { carries: draft.carries.clone(), request: request.json(&draft.body())? })
}
