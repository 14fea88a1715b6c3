//! Who I am here, who else there is, and what fields take: read from complete lists, not from what tickets happen to hold.

use std::collections::HashMap;

use futures_util::future::{try_join, try_join_all};
use jiff::tz::TimeZone;
use serde_json::json;

use super::facts::{CustomField, Facts, NOBODY, Place, SYSTEM, Site};
use super::plan::{self, REST};
use super::wire::{List, Object};
use crate::backend::http::client::{Client, Credential, Request, Source, segment};
use crate::backend::http::tracker::Setup;
use crate::backend::http::words::named;
use crate::backend::{Error, Result};
use crate::domain::directory::{Category, Directory, Group, Level, Person, Service};
use crate::domain::field::Field;
use crate::domain::name::Name;
use crate::text::Clean;

/// RT cuts longer pages without a word.
const PAGE: usize = 100;
/// More people than this are looked for by name instead.
const PEOPLE: usize = 5_000;
/// Groups whose members are asked for, one request each.
const GROUPS: usize = 200;

/// A complete list by a search that matches all of them; RT answers none to no search.
async fn all(client: &Client, what: &str, fields: &str, search: serde_json::Value, most: usize) -> Result<Vec<Object>> {
    let mut items = Vec::new();
    for page in 1..=most.div_ceil(PAGE) {
        let request = Request::post(format!("{REST}/{what}")).query("fields", fields).query("per_page", PAGE);
        let request = request.query("page", page).json(&search)?.reading();
        let list: List = client.json(request).await?.body;
        let (empty, full) = (list.items.is_empty(), list.items.len() >= PAGE);
        items.extend(list.items);
        // Rows that may not be seen leave holes: only where RT counts does a short page say that it is the last one.
        let done = list.total.map_or(empty || !full && page == 1, |total| total <= (page * PAGE) as f64);
        if done {
            break;
        }
    }
    Ok(items)
}

/// Reads everything there is to know before tickets can be read.
pub async fn learn(client: &Client, setup: &Setup) -> Result<(Site, Directory)> {
    let everything = || json!([{ "field": "id", "operator": ">", "value": "0" }]);
    let people = all(client, "users", "id,Name,RealName,EmailAddress,Created", everything(), PEOPLE).await?;
    let (mine, defined) = try_join(
        me(client, setup, &people),
        all(client, "groups", "Name,Description", json!([{ "field": "Domain", "value": "UserDefined" }]), 1_000),
    )
    .await?;
    let (roles, customs) = try_join(
        all(client, "customroles", "Name,MaxValues", everything(), 1_000),
        all(client, "customfields", "Name,Type,MaxValues,LookupType", everything(), 1_000),
    )
    .await?;
    let (me, zone) = mine;
    let fields = customs.iter().filter(|one| one.text("LookupType") == "RT::Queue-RT::Ticket").map(custom).collect();
    let facts = Facts {
        me,
        zone: zone.unwrap_or_else(|| setup.zone.clone()),
        people: people.iter().map(|one| (one.id(), Name::new(&one.text("Name")))).collect(),
        groups: defined.iter().map(|one| (one.id(), Name::new(&one.text("Name")))).collect(),
        roles: roles.iter().map(|one| (one.id(), one.text("Name"))).collect(),
        fields,
    };
    let mut site = Site { setup: setup.clone(), facts };
    choices(client, &mut site).await?;
    let members = members(client, &site).await?;
    let directory = directory(&site, &people, &members);
    Ok((site, directory))
}

fn custom(one: &Object) -> (String, CustomField) {
    let (name, sort) = (one.text("Name"), one.text("Type"));
    (one.id(), CustomField { name, sort, many: one.text("MaxValues") == "0", choices: Vec::new() })
}

/// Lists do not tell choices: one request for each mapped field that has any.
async fn choices(client: &Client, site: &mut Site) -> Result<()> {
    let kinds = &site.setup.mapping.kinds;
    let mapped = |name: &str| {
        let mut all = kinds.keys().flat_map(|kind| {
            site.setup.mapping.fields_of(*kind).into_keys().map(|field| site.place(*kind, field)).collect::<Vec<_>>()
        });
        all.any(|place| matches!(place, Place::Custom(held) if held.eq_ignore_ascii_case(name)))
    };
    let facts = &site.facts;
    let wanted = facts.fields.iter().filter(|(_, field)| field.sort == "Select" && mapped(&field.name));
    let asked = wanted.map(|(id, _)| async move {
        let path = format!("{REST}/customfield/{}", segment(id));
        let field: Object = client.json(Request::get(path)).await?.body;
        Ok::<_, Error>((id.clone(), field))
    });
    let told = try_join_all(asked).await?;
    for (id, field) in told {
        let values = field.0.get("Values").and_then(serde_json::Value::as_array);
        let name = |value: &serde_json::Value| super::wire::plain(value.get("name").unwrap_or(value));
        let values = values.into_iter().flatten().map(name).collect();
        if let Some(held) = site.facts.fields.get_mut(&id) {
            held.choices = values;
        }
    }
    Ok(())
}

/// Who is in which group: by group, because nobody may ask it by person.
async fn members(client: &Client, site: &Site) -> Result<HashMap<String, Vec<Name>>> {
    let asked = site.facts.groups.iter().take(GROUPS).map(|(id, name)| async move {
        let path = format!("{REST}/group/{}", segment(id));
        let group: Object = client.json(Request::get(path)).await?.body;
        Ok::<_, Error>((name.clone(), group.members("Members")))
    });
    let mut by_login: HashMap<String, Vec<Name>> = HashMap::new();
    for (name, members) in try_join_all(asked).await? {
        for member in members.iter().filter(|member| member.text("type") == "user") {
            by_login.entry(member.id()).or_default().push(name.clone());
        }
    }
    Ok(by_login)
}

/// Who I am, which RT has no call for, and in which zone it reads my dates.
///
/// # Errors
/// It cannot be told: the site must say it.
async fn me(client: &Client, setup: &Setup, people: &[Object]) -> Result<(Name, Option<TimeZone>)> {
    let login = match known(client, setup, people) {
        Some(login) => login,
        None => by_works(client).await?,
    };
    let user: Object = client.json(Request::get(format!("{REST}/user/{}", segment(&login)))).await?.body;
    let name = user.text("Name");
    let zone = user.text("Timezone");
    Ok((
        Name::new(if name.is_empty() { &login } else { &name }),
        TimeZone::get(&zone).ok().filter(|_| !zone.is_empty()),
    ))
}

fn known(client: &Client, setup: &Setup, people: &[Object]) -> Option<String> {
    if let Some(said) = setup.mapping.site.get("me").filter(|said| !said.is_empty()) {
        return Some(said.clone());
    }
    match &client.site().credential {
        Credential::Basic { user, .. } => return Some(user.clone()),
        Credential::Session(login) => return Some(login.user.clone()),
        // The middle of a token is its owner's number.
        Credential::Header { value: Source::Given(token), .. } => {
            if let Some(id) = token.expose().split('-').nth(1) {
                return Some(id.to_owned());
            }
        }
        _ => {}
    }
    // Of other people's records most is hidden.
    let mut open = people.iter().filter(|one| one.time("Created").is_some());
    let one = open.next().map(|one| one.text("Name"));
    one.filter(|_| open.next().is_none())
}

/// For those who see everybody: whose tickets are mine?
async fn by_works(client: &Client) -> Result<String> {
    for key in ["Owner", "Creator"] {
        let query = format!("{key} = '__CurrentUser__'");
        let request =
            Request::get(format!("{REST}/tickets")).query("query", query).query("fields", key).query("per_page", 1);
        let list: List = client.json(request).await?.body;
        if let Some(one) = list.items.first() {
            return Ok(one.reference(key));
        }
    }
    let words = "Request Tracker does not tell who you are. Put your log-in as `me` under [site] of the mapping.";
    Err(Error::invalid("me", words))
}

fn directory(site: &Site, people: &[Object], members: &HashMap<String, Vec<Name>>) -> Directory {
    let person = |one: &Object| {
        let login = one.text("Name");
        let groups = members.get(&login).cloned().unwrap_or_default();
        let full = one.text("RealName");
        Person {
            // Staff are those who are in a group.
            level: (!groups.is_empty()).then_some(Level::Engineer),
            groups,
            email: named(&one.text("EmailAddress")),
            ..Person::named(Name::new(&login), Name::new(if full.is_empty() { &login } else { &full }))
        }
    };
    let nobody = |one: &&Object| ![NOBODY, SYSTEM].contains(&one.text("Name").as_str());
    let names = |field: &Field| plan::choices(site, field).into_iter().map(|name| Name::new(&name)).collect::<Vec<_>>();
    Directory {
        name: Clean::line("Request Tracker"),
        people: people.iter().filter(nobody).map(person).collect(),
        groups: groups(site),
        services: names(&Field::Service).into_iter().map(Service::named).collect(),
        categories: names(&Field::Category).into_iter().map(Category::named).collect(),
        resolution_codes: names(&Field::ResolutionCode),
        locations: names(&Field::Location),
        channels: names(&Field::Channel),
        suppliers: names(&Field::Supplier),
        catalog_items: names(&Field::CatalogItem),
        ..Directory::default()
    }
}

/// The choices of the field that the group is kept in, else the groups of RT.
fn groups(site: &Site) -> Vec<Group> {
    let chosen = plan::choices(site, &Field::Group);
    if chosen.is_empty() {
        return site.facts.groups.values().map(|name| Group::named(Name::new(name))).collect();
    }
    chosen.iter().map(|name| Group::named(Name::new(name))).collect()
}
