//! From parts to columns: one PATCH that carries fields, state, work notes and comments.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::ServiceNow;
use super::calls::Ask;
use super::columns::{Column, Pointer, Sort, pointers};
use super::map::{Native, stored};
use super::query::Query;
use super::wire::{NextStates, One, Row};
use crate::backend::http::client::{Request, segment};
use crate::backend::http::tracker::{Part, Record, Wanted, Write};
use crate::backend::{Error, Result};
use crate::domain::change::{Audience, Link, LinkKind};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{State, Verb};

/// Columns of one write, and the parts that they carry.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub columns: BTreeMap<String, String>,
    pub carries: Vec<Part>,
}

/// A step that is no column but somebody's yes or no: `via = "approval:approved"`.
const APPROVAL: &str = "approval:";

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

    fn pointer(&self, table: &str, link: &Link) -> Result<Pointer<'_>> {
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

    fn approval(&self, kind: Kind, from: &str, verb: Verb) -> Option<String> {
        let step = self.setup.mapping.step(kind, from, verb)?;
        step.via.as_deref()?.strip_prefix(APPROVAL).map(str::to_owned)
    }

    /// My own answer to the approval that waits for me.
    async fn decide(&self, native: &Native, answer: &str, words: &str, wanted: &Wanted) -> Result<Write> {
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
    async fn change_api(&self) -> bool {
        self.setup.mapping.site.get("change_api").is_none_or(|used| used != "false")
    }

    /// Asks whether a change may go there; false where this instance cannot be asked.
    ///
    /// # Errors
    /// It may not, with the conditions that are not met.
    async fn may_move(&self, native: &Native, to: &str) -> Result<bool> {
        let request = Request::get(format!("api/sn_chg_rest/change/{}/nextstates", segment(&native.sys_id)));
        let answer: NextStates =
            match self.calls.client.json::<Json>(request.header("Accept", "application/json")).await {
                Ok(answer) => {
                    serde_json::from_value(answer.body.get("result").cloned().unwrap_or_default()).unwrap_or_default()
                }
                Err(failure) if failure.status().is_some_and(|status| matches!(status.as_u16(), 400 | 404)) => {
                    return Ok(false);
                }
                Err(failure) => return Err(failure.error),
            };
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

    async fn person_key(&self, login: &Name, field: &str) -> Result<String> {
        if let Some(key) = self.facts().people.get(login.as_str()) {
            return Ok(key.clone());
        }
        let query = Query::new().is("user_name", login).to_string();
        let got = self
            .calls
            .ask(&Ask::rows("person", "sys_user", &query, &["sys_id", "user_name", "name", "email"], 2))
            .await?;
        let Some(row) = got.rows.iter().find(|row| row.value("user_name").eq_ignore_ascii_case(login)) else {
            return Err(Error::invalid(field, format!("ServiceNow knows nobody with the log-in {login}.")));
        };
        Ok(row.value("sys_id").to_owned())
    }

    async fn group_key(&self, name: &str) -> Result<String> {
        if let Some(key) = self.facts().groups.get(name) {
            return Ok(key.clone());
        }
        self.named("sys_user_group", name, &Field::Group).await
    }

    async fn record_key(&self, table: &str, name: &str, field: &Field) -> Result<String> {
        self.named(table, name, field).await
    }

    async fn named(&self, table: &str, name: &str, field: &Field) -> Result<String> {
        let query = Query::new().is("name", name).to_string();
        let got = self.calls.ask(&Ask::rows("named", table, &query, &["sys_id", "name"], 3)).await?;
        let fitting: Vec<&Row> = got.rows.iter().filter(|row| row.value("name") == name).collect();
        match fitting.as_slice() {
            [one] => Ok(one.value("sys_id").to_owned()),
            [] => Err(Error::invalid(field.name(), format!("ServiceNow knows no {} called {name}.", field.name()))),
            _ => Err(Error::invalid(
                field.name(),
                format!("Several records in {table} are called {name}; choose it in the browser."),
            )),
        }
    }

    /// Table and key of a ticket.
    pub(super) async fn ticket_key(&self, id: &TicketId) -> Result<(String, String)> {
        self.place_of(id).await.map(|native| (native.table, native.sys_id))
    }

    /// Makes a ticket, and says where.
    pub(super) async fn make(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        let Some((_, table)) = super::columns::tables(&self.setup).into_iter().find(|(held, _)| *held == kind) else {
            return Err(Error::Unsupported(format!("this ServiceNow holds no {kind}s.")));
        };
        let table = table.to_owned();
        let draft = self.new_record(kind, &table, wanted).await?;
        if table == "sc_req_item" {
            return self.order(wanted, draft).await;
        }
        let made: One = self
            .calls
            .write(
                Request::post(format!("api/now/table/{}", segment(&table)))
                    .query("sysparm_fields", "sys_id,number")
                    .json(&draft.body())?,
            )
            .await?;
        self.made(&table, &made.result)
    }

    fn made(&self, table: &str, row: &Row) -> Result<TicketId> {
        if row.value("number").is_empty() {
            return Err(Error::Doubtful("ServiceNow took it and did not say under which number.".into()));
        }
        let id = TicketId::new(row.value("number"));
        self.know(&id, table, row.value("sys_id"));
        Ok(id)
    }

    /// Everything that a new record can be given at once.
    async fn new_record(&self, kind: Kind, table: &str, wanted: &Wanted) -> Result<Draft> {
        let mut draft = Draft::default();
        let begin = self
            .setup
            .mapping
            .kind(kind)
            .and_then(|map| map.states.first())
            .map(|state| state.native.clone())
            .unwrap_or_default();
        let native = Native { table: table.to_owned(), state: begin.clone(), ..Native::default() };
        let mut state = begin;
        for part in &wanted.parts {
            match part {
                // Only incidents can begin further on; the others follow their own way from its start.
                Part::Step(verb, to) if kind == Kind::Incident => {
                    state = self.step(kind, &state, (*verb, *to), &mut draft)?
                }
                Part::Step(..) | Part::Unlink(_) => {}
                Part::Link(link) if self.pointer(table, link).is_err() => {}
                Part::Say(audience, _) if draft.columns.contains_key(journal(*audience)) => {}
                part => self.part(kind, &native, part, &mut draft).await?,
            }
        }
        draft.set("correlation_id", wanted.key.0.clone());
        draft.set("correlation_display", "deskside");
        Ok(draft)
    }

    /// Requested items come from the catalogue: a row of their own would start nothing.
    async fn order(&self, wanted: &Wanted, mut draft: Draft) -> Result<TicketId> {
        let chosen = wanted.text(&Field::CatalogItem).to_owned();
        let usual = self.setup.mapping.site.get("catalog_item").cloned().unwrap_or_default();
        let item = [chosen, usual].into_iter().find(|item| !item.is_empty()).ok_or_else(|| {
            Error::invalid("catalog_item", "Requests are ordered from ServiceNow's catalogue: name the item, or set `catalog_item` in the profile.")
        })?;
        let key = self.named("sc_cat_item", &item, &Field::CatalogItem).await?;
        draft.columns.remove("cat_item");
        let order = Request::post(format!("api/sn_sc/servicecatalog/items/{}/order_now", segment(&key)));
        let order = order.json(&serde_json::json!({ "sysparm_quantity": "1", "variables": {} }))?;
        let made: One = self.calls.write(order).await?;
        let request = ["request_id", "sys_id"]
            .map(|column| made.result.value(column))
            .into_iter()
            .find(|key| !key.is_empty())
            .unwrap_or_default()
            .to_owned();
        let lost = |_| Error::Doubtful("The order was made; its item was not found yet.".into());
        let query = Query::new().is("request", &request).order("^ORDERBYnumber").to_string();
        let got = self
            .calls
            .ask(&Ask::rows("item", "sc_req_item", &query, &["sys_id", "number", "request"], 2))
            .await
            .map_err(lost)?;
        let row = got
            .rows
            .into_iter()
            .find(|row| row.value("request") == request)
            .ok_or_else(|| lost(Error::CursorExpired))?;
        let id = self.made("sc_req_item", &row)?;
        let patch = Request::patch(path("sc_req_item", row.value("sys_id")))
            .query("sysparm_fields", "sys_id")
            .json(&draft.body())?;
        // It is there: what is refused of the rest follows with the other parts.
        let _: Result<Json> = self.calls.write(patch).await;
        Ok(id)
    }

    /// What an earlier attempt made.
    pub(super) async fn made_before(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        let mut found = Vec::new();
        let query =
            Query::new().is("correlation_id", &wanted.key.0).order("^ORDERBYsys_created_on^ORDERBYsys_id").to_string();
        let tables: Vec<String> = super::columns::tables(&self.setup)
            .into_iter()
            .filter(|(held, _)| *held == kind)
            .map(|(_, table)| table.to_owned())
            .collect();
        let asks: Vec<Ask> = tables
            .iter()
            .map(|table| Ask::rows(table, table, &query, &["sys_id", "number", "correlation_id"], 5))
            .collect();
        let mut got = self.calls.all(&asks).await?;
        for table in &tables {
            let Some(answer) = got.remove(table) else { continue };
            for row in answer?.rows.iter().filter(|row| row.value("correlation_id") == wanted.key.0) {
                found.push(self.made(table, row)?);
            }
        }
        Ok(found)
    }
}

/// The column of words for them.
fn journal(audience: Audience) -> &'static str {
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

fn write(path: &str, draft: &Draft) -> Result<Write> {
    let mut request = Request::patch(path).header("Accept", "application/json");
    if path.starts_with("api/now/") {
        request = request.query("sysparm_fields", "sys_id,number,state,sys_mod_count");
    }
    Ok(Write { carries: draft.carries.clone(), request: request.json(&draft.body())? })
}
