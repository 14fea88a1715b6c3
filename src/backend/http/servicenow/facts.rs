//! Who and what an instance knows: people, groups, choices; kept for the session, both ways.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;

use super::calls::{Ask, Calls};
use super::columns::tables;
use super::query::Query;
use super::wire::Row;
use crate::backend::http::tracker::Setup;
use crate::backend::{Error, Result, Schema};
use crate::domain::directory::{Category, Directory, Group, Level, Person, Service};
use crate::domain::name::Name;
use crate::text::Clean;

/// What was learnt of an instance.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub me: Option<Name>,
    /// The zone in which this user is shown times.
    pub zone: Option<TimeZone>,
    /// Keys by log-in, log-ins by key, log-ins by full name (none where two share it).
    pub people: HashMap<String, String>,
    pub logins: HashMap<String, Name>,
    pub named: HashMap<String, Option<Name>>,
    pub groups: HashMap<String, String>,
    pub group_names: HashMap<String, Name>,
    /// Labels by table, column and value.
    pub choices: HashMap<(String, String), Vec<Choice>>,
}

/// One value that a column may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

const PEOPLE: &[&str] =
    &["sys_id", "user_name", "name", "email", "phone", "department", "location", "vip", "active", "time_zone", "title"];
const MEMBERS: &[&str] = &["sys_id", "user", "user.user_name", "user.name", "user.email", "group", "group.name"];
const GROUPS: &[&str] = &["sys_id", "name", "manager", "manager.user_name", "active"];
const CHOICES: &[&str] = &["sys_id", "name", "element", "value", "label", "sequence", "inactive", "language"];
const SERVICES: &[&str] = &["sys_id", "name", "support_group", "busines_criticality"];

impl Facts {
    pub fn login_of(&self, key: &str) -> Option<&Name> {
        self.logins.get(key)
    }

    pub fn learn_person(&mut self, row: &Row) {
        let login = login(row);
        let key = row.value("sys_id").to_owned();
        if login.is_empty() || key.is_empty() {
            return;
        }
        self.people.insert(login.as_str().to_owned(), key.clone());
        self.logins.insert(key, login.clone());
        let full = row.value("name").to_owned();
        let held = self.named.entry(full).or_insert_with(|| Some(login.clone()));
        if held.as_ref() != Some(&login) {
            *held = None;
        }
    }

    /// Values of a column; the table's own before those that all tasks have.
    pub fn choices(&self, table: &str, column: &str) -> &[Choice] {
        let own = self.choices.get(&(table.to_owned(), column.to_owned()));
        own.or_else(|| self.choices.get(&("task".to_owned(), column.to_owned()))).map_or(&[], Vec::as_slice)
    }
}

/// The log-in; where somebody has none, what else tells them apart.
fn login(row: &Row) -> Name {
    let names = ["user_name", "email", "name"].map(|column| Name::new(row.value(column)));
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| Name::new(""))
}

/// Who I am; needed before anything else.
pub async fn who(calls: &Calls) -> Result<Row> {
    let me = Query::new().and("sys_id=javascript:gs.getUserID()").to_string();
    let got = calls.ask(&Ask::rows("me", "sys_user", &me, PEOPLE, 2)).await?;
    match <[Row; 1]>::try_from(got.rows) {
        Ok([me]) => Ok(me),
        Err(_) => Err(Error::Forbidden(
            "This account may not read its own entry in sys_user. Give it a role that can (itil, or snc_platform_rest_api_access).".into(),
        )),
    }
}

/// Reads the lists, complete. A list that may not be read is empty.
pub async fn read(calls: &Calls, setup: &Setup) -> Result<(Facts, Schema)> {
    let me = who(calls).await?;
    let staff_only = setup.says("people", "staff");
    let language = setup.mapping.site.get("language").map_or("en", String::as_str);
    let mut tables: Vec<&str> = tables(setup).into_iter().map(|(_, table)| table).collect();
    tables.push("task");
    let choices =
        Query::new().any("name", &tables).and("inactive=false").is("language", language).order("^ORDERBYsequence");
    let asks = [
        Ask::rows("groups", "sys_user_group", "active=true^ORDERBYsys_id", GROUPS, FIRST),
        Ask::rows("members", "sys_user_grmember", "user.active=true^ORDERBYsys_id", MEMBERS, FIRST),
        Ask::rows("people", "sys_user", "active=true^ORDERBYsys_id", PEOPLE, if staff_only { 1 } else { FIRST }),
        Ask::rows("choices", "sys_choice", &choices.to_string(), CHOICES, 10_000),
        Ask::rows("services", "cmdb_ci_service", "ORDERBYsys_id", SERVICES, FIRST),
    ];
    let mut first = calls.all(&asks).await?;
    let mut lists: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    for (id, table, condition, fields) in [
        ("groups", "sys_user_group", "active=true", GROUPS),
        ("members", "sys_user_grmember", "user.active=true", MEMBERS),
        ("people", "sys_user", "active=true", PEOPLE),
        ("choices", "", "", CHOICES),
        ("services", "cmdb_ci_service", "", SERVICES),
    ] {
        let rows = match first.remove(id) {
            // Where nobody counts, a page that is not full is no end: rights hide rows of it.
            Some(Ok(got))
                if got.total.is_none_or(|total| total > FIRST)
                    && !table.is_empty()
                    && !(staff_only && id == "people") =>
            {
                calls.every(table, condition, fields).await?
            }
            Some(Ok(got)) => got.rows,
            Some(Err(error @ (Error::Unauthenticated(_) | Error::Offline(_) | Error::RateLimited { .. }))) => {
                return Err(error);
            }
            _ => Vec::new(),
        };
        lists.insert(id, rows);
    }
    let list = |id: &str| lists.get(id).map_or(&[][..], Vec::as_slice);
    let facts = facts(&me, list("people"), list("members"), list("groups"), list("choices"));
    let people = if staff_only { &[][..] } else { list("people") };
    let directory = directory(setup, &facts, people, list("members"), list("groups"), list("services"), &me);
    let schema = setup.schema(login(&me), directory);
    Ok((facts, schema))
}

/// Rows of a first page of a list.
const FIRST: usize = 1000;

fn facts(me: &Row, people: &[Row], members: &[Row], groups: &[Row], choices: &[Row]) -> Facts {
    let mut facts = Facts { me: Some(login(me)), ..Facts::default() };
    facts.zone = TimeZone::get(me.value("time_zone")).ok();
    facts.learn_person(me);
    for row in people {
        facts.learn_person(row);
    }
    for member in members {
        facts.learn_person(&user_of(member));
    }
    for row in groups {
        let name = Name::new(row.value("name"));
        facts.groups.insert(name.as_str().to_owned(), row.value("sys_id").to_owned());
        facts.group_names.insert(row.value("sys_id").to_owned(), name);
    }
    for row in choices {
        let place = (row.value("name").to_owned(), row.value("element").to_owned());
        let choice = Choice { value: row.value("value").to_owned(), label: row.value("label").to_owned() };
        // A condition may have been ignored: what is switched off is no choice.
        if !row.is("inactive") && !choice.value.is_empty() {
            facts.choices.entry(place).or_default().push(choice);
        }
    }
    facts
}

/// The person of a membership, as if it came from the list of people.
fn user_of(member: &Row) -> Row {
    let names = [("user_name", "user.user_name"), ("name", "user.name"), ("email", "user.email"), ("sys_id", "user")];
    Row(names.iter().filter_map(|(to, from)| Some(((*to).to_owned(), member.0.get(*from)?.clone()))).collect())
}

fn directory(
    setup: &Setup,
    facts: &Facts,
    people: &[Row],
    members: &[Row],
    groups: &[Row],
    services: &[Row],
    me: &Row,
) -> Directory {
    let mut held: BTreeMap<Name, Vec<Name>> = BTreeMap::new();
    for member in members {
        let group = Name::new(member.value("group.name"));
        let groups = held.entry(login(&user_of(member))).or_default();
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    let mut all: BTreeMap<Name, Person> = BTreeMap::new();
    let staff = members.iter().map(user_of);
    for row in people.iter().cloned().chain(staff).chain([me.clone()]) {
        let login = login(&row);
        if !login.is_empty() {
            all.entry(login.clone()).or_insert_with(|| person(&row, held.get(&login)));
        }
    }
    // The log-ins that are known stand first in pickers: staff before customers.
    let mut people: Vec<Person> = all.into_values().collect();
    people.sort_by_key(|person| (person.level.is_none(), person.login.clone()));
    let group = |row: &Row| Group {
        manager: Name::new(row.value("manager.user_name")),
        ..Group::named(Name::new(row.value("name")))
    };
    let service = |row: &Row| Service {
        name: Name::new(row.value("name")),
        owner_group: Name::new(row.shown("support_group")),
        critical: row.value("busines_criticality").starts_with('1'),
    };
    Directory {
        name: Clean::line(setup.mapping.site.get("name").map_or("ServiceNow", String::as_str)),
        people,
        groups: groups.iter().filter(|row| !row.value("name").is_empty()).map(group).collect(),
        services: services.iter().filter(|row| !row.value("name").is_empty()).map(service).collect(),
        categories: values(setup, facts, "category").into_iter().map(Category::named).collect(),
        channels: values(setup, facts, "contact_type"),
        resolution_codes: values(setup, facts, "close_code"),
        ..Directory::default()
    }
}

/// The values of a column over all tables, in our spelling.
fn values(setup: &Setup, facts: &Facts, column: &str) -> Vec<Name> {
    let mut all: Vec<Name> = Vec::new();
    for (kind, table) in tables(setup) {
        let fields = setup.mapping.fields_of(kind);
        let field = fields.iter().find(|(field, native)| super::columns::Column::of(field, native).name == column);
        for choice in facts.choices(table, column) {
            let ours =
                field.map_or(choice.value.as_str(), |(field, _)| setup.mapping.to_ours(kind, field, &choice.value));
            let name = Name::new(ours);
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    all
}

fn person(row: &Row, groups: Option<&Vec<Name>>) -> Person {
    let some = |column: &str| Some(Name::new(row.shown(column))).filter(|name| !name.is_empty());
    let login = login(row);
    let full = some("name").unwrap_or_else(|| login.clone());
    Person {
        level: groups.map(|_| Level::Engineer),
        groups: groups.cloned().unwrap_or_default(),
        department: some("department"),
        location: some("location"),
        phone: some("phone"),
        email: some("email"),
        vip: row.is("vip"),
        ..Person::named(login, full)
    }
}
