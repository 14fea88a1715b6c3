//! What is asked of a Jira once: which product it is, who I am and what I may, its fields, types, choices and people.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::people::People;
use super::wire::{self, Field, Named, Screen, User, Values};
use crate::backend::http::client::{Client, Failure, Request, StatusCode, segment};
use crate::backend::http::words::same;
use crate::backend::{Error, Result};
use crate::domain::kind::Kind;
use crate::domain::mapping::Mapping;

/// What stands still while the console runs, or nearly so.
#[derive(Debug, Clone, Default)]
pub struct Site {
    pub cloud: bool,
    pub me: User,
    /// Dates in searches are read in this zone: the account's.
    pub zone: Option<TimeZone>,
    pub projects: Vec<Project>,
    pub fields: Vec<Field>,
    pub link_types: Vec<Named>,
    /// Resolutions stand on the screens of steps only: no list of a new issue's fields has them.
    pub resolutions: Vec<Named>,
    rights: BTreeSet<String>,
}

/// A project with its types.
#[derive(Debug, Clone, Default)]
pub struct Project {
    pub key: String,
    /// The service desk of the project; none where it is no service project.
    pub desk: Option<String>,
    pub types: BTreeMap<Kind, Type>,
    pub request_types: Vec<wire::RequestType>,
}

/// An issue type as a new issue has it.
#[derive(Debug, Clone, Default)]
pub struct Type {
    pub id: String,
    pub fields: BTreeMap<String, Screen>,
}

/// How many people are asked for at once; more than ten times as many are found by a search.
const PEOPLE: usize = 1000;
/// More rows than any list of a service desk has.
const LISTED: usize = 10_000;

impl Site {
    /// A call of the platform: version 3 on Cloud, whose texts are documents; version 2 on Data Center, which has no other.
    pub fn api(&self, rest: &str) -> String {
        format!("rest/api/{}/{rest}", if self.cloud { 3 } else { 2 })
    }

    /// A call about one issue.
    pub fn issue(&self, id: &str, rest: &str) -> String {
        self.api(&format!("issue/{}{rest}", segment(id)))
    }

    /// Whether any project has a type for this kind.
    pub fn holds(&self, kind: Kind) -> bool {
        self.projects.iter().any(|project| project.types.contains_key(&kind))
    }

    /// The project that this issue is in.
    pub fn project(&self, key: &str) -> Option<&Project> {
        let (project, _) = key.rsplit_once('-')?;
        self.projects.iter().find(|held| same(&held.key, project))
    }

    pub fn may(&self, right: &str) -> bool {
        self.rights.contains(right)
    }

    /// The field that a mapping means: an attribute of every issue, or `cf:` and the name of a custom one.
    pub fn field(&self, native: &str) -> Option<&Field> {
        let Some(name) = native.strip_prefix("cf:") else {
            return self.fields.iter().find(|field| field.id == native);
        };
        let named = |field: &&Field| {
            same(&field.name, name) || field.untranslated_name.as_deref().is_some_and(|one| same(one, name))
        };
        let shown = |field: &&Field| {
            let types = self.projects.iter().flat_map(|project| project.types.values());
            types.into_iter().any(|one| one.fields.contains_key(&field.id))
        };
        // Two fields may share a name: the one that the project shows is meant.
        let mut fitting = self.fields.iter().filter(named).filter(|field| field.custom);
        self.fields.iter().filter(named).find(shown).or_else(|| fitting.next()).or_else(|| {
            self.fields.iter().find(|field| field.id == name || field.schema.custom.as_deref() == Some(name))
        })
    }

    /// Fields of that sort, whatever the site calls them.
    pub fn of_sort<'s>(&'s self, ending: &'s str) -> impl Iterator<Item = &'s Field> {
        self.fields
            .iter()
            .filter(move |field| field.schema.custom.as_deref().is_some_and(|sort| sort.ends_with(ending)))
    }

    /// The values that this field may take where it is shown.
    pub fn choices(&self, native: &str) -> BTreeSet<String> {
        let Some(field) = self.field(native) else { return BTreeSet::new() };
        if field.id == "resolution" {
            return self.resolutions.iter().map(|one| one.name.clone()).collect();
        }
        let types = self.projects.iter().flat_map(|project| project.types.values());
        let screens = types.filter_map(|one| one.fields.get(&field.id));
        screens.flat_map(|screen| screen.allowed_values.iter().flatten()).map(wire::plain).collect()
    }
}

/// The keys of the projects that the mapping names.
fn keys(mapping: &Mapping) -> Vec<&str> {
    let all = mapping.site.get("project").map(String::as_str).unwrap_or_default();
    all.split(',').map(str::trim).filter(|key| !key.is_empty()).collect()
}

/// Every request to the service desk has it: some of its calls are called experiments.
pub fn desk_api(request: Request) -> Request {
    request.header("X-ExperimentalApi", "opt-in")
}

/// Reads everything anew.
///
/// # Errors
/// What the client says; `Unexpected` where the mapping names a project that there is not.
pub async fn read(client: &Client, mapping: &Mapping, people: &mut People) -> Result<Site> {
    // Jira lets anybody in as a nobody: only this tells whether I am somebody.
    let me = client.json::<User>(Request::get("rest/api/2/myself")).await?.body;
    people.add(&me, false);
    let info = client.json::<Json>(Request::get("rest/api/2/serverInfo")).await?.body;
    let cloud = info["deploymentType"].as_str() == Some("Cloud");
    let zone = me.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let mut site = Site { cloud, me, zone, ..Site::default() };
    site.fields = client.json::<Vec<Field>>(Request::get(site.api("field"))).await?.body;
    site.link_types = client.json::<wire::LinkTypes>(Request::get(site.api("issueLinkType"))).await?.body.all;
    site.resolutions = resolutions(client, &site).await?;
    let desks = desks(client).await?;
    let named = keys(mapping);
    let all: Vec<&str> = match named.as_slice() {
        [] => desks.iter().map(|desk| desk.project_key.as_str()).collect(),
        named => named.to_vec(),
    };
    for key in all {
        let rights = Request::get(site.api("mypermissions")).query("projectKey", key).query("permissions", ASKED);
        let rights = match client.json::<Json>(rights).await {
            Ok(answer) => answer.body,
            Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => {
                return Err(Error::Forbidden(format!(
                    "This Jira has no project `{key}` that you may see. Correct `project` under [mapping.site] in the profile."
                )));
            }
            Err(failure) => return Err(failure.into()),
        };
        let held = rights["permissions"].as_object().into_iter().flatten();
        site.rights.extend(held.filter(|(_, one)| one["havePermission"] == true).map(|(name, _)| name.clone()));
        let desk = desks.iter().find(|desk| same(&desk.project_key, key)).map(|desk| desk.id.clone());
        let mut project = Project { key: key.to_owned(), desk, ..Project::default() };
        read_types(client, &site, mapping, &mut project).await?;
        if named.is_empty() && project.types.is_empty() {
            // Of all service projects only those are meant that hold something of ours.
            continue;
        }
        if let Some(desk) = &project.desk {
            project.request_types =
                every(client, &format!("rest/servicedeskapi/servicedesk/{}/requesttype", segment(desk))).await?;
        }
        read_people(client, &site, key, people).await?;
        site.projects.push(project);
    }
    if site.projects.is_empty() {
        return Err(Error::Forbidden(
            "There is no service project that you may see with an issue type of the profile's mapping. Name the project \
             (`project` under [mapping.site]) and the types (`place` under [mapping.kinds.…])."
                .into(),
        ));
    }
    Ok(site)
}

/// Rights that every Jira has: one that a site does not know would have all of them refused.
const ASKED: &str = "BROWSE_PROJECTS,CREATE_ISSUES,EDIT_ISSUES,TRANSITION_ISSUES,ADD_COMMENTS,LINK_ISSUES,USER_PICKER";

async fn desks(client: &Client) -> Result<Vec<wire::Desk>> {
    match every(client, "rest/servicedeskapi/servicedesk").await {
        Ok(desks) => Ok(desks),
        // A Jira without the service desk, or one that I may not see.
        Err(failure) if matches!(failure.status(), Some(StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)) => {
            Ok(Vec::new())
        }
        Err(failure) => Err(failure.into()),
    }
}

/// A list of the service desk, to its end: pages are shorter than asked for, and not every one says that it is the last.
async fn every<T: serde::de::DeserializeOwned>(client: &Client, path: &str) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    loop {
        let asked = Request::get(path).query("start", all.len()).query("limit", 100);
        let page = client.json::<Values<T>>(desk_api(asked)).await?.body;
        let last = page.is_last_page == Some(true) || page.values.is_empty();
        all.extend(page.values);
        if last || all.len() > LISTED {
            return Ok(all);
        }
    }
}

/// Cloud has them in pages, Data Center in a list.
async fn resolutions(client: &Client, site: &Site) -> Result<Vec<Named>> {
    let path = site.api(if site.cloud { "resolution/search" } else { "resolution" });
    let asked = Request::get(path);
    let asked = if site.cloud { asked.query("maxResults", 1000) } else { asked };
    let answer = client.json::<Json>(asked).await?.body;
    let all = answer.as_array().or_else(|| answer["values"].as_array());
    Ok(all.into_iter().flatten().filter_map(|one| serde_json::from_value(one.clone()).ok()).collect())
}

/// The types that the mapping names, with the fields of a new issue. Cloud and Data Center call the lists differently.
async fn read_types(client: &Client, site: &Site, mapping: &Mapping, project: &mut Project) -> Result<()> {
    let base = site.api(&format!("issue/createmeta/{}/issuetypes", segment(&project.key)));
    let all = match listed::<Named>(client, &base, "issueTypes").await {
        Ok(all) => Some(all),
        // Whoever may make nothing is told nothing of new issues.
        Err(failure) if matches!(failure.status(), Some(StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)) => None,
        Err(failure) => return Err(failure.into()),
    };
    let creates = all.is_some();
    let all = match all {
        Some(all) => all,
        None => {
            let path = site.api(&format!("project/{}", segment(&project.key)));
            in_list(&client.json::<Json>(Request::get(path)).await?.body, "issueTypes").0
        }
    };
    for (kind, map) in &mapping.kinds {
        let found = all.iter().find(|one| same(&one.name, &map.place) || one.id == map.place);
        let Some(id) = found.map(|found| found.id.clone()) else { continue };
        if !creates {
            project.types.insert(*kind, Type { id, fields: BTreeMap::new() });
            continue;
        }
        let fields = listed::<Screen>(client, &format!("{base}/{}", segment(&id)), "fields").await?;
        let fields =
            fields.into_iter().filter_map(|one| Some((one.field_id.clone().or_else(|| one.key.clone())?, one)));
        project.types.insert(*kind, Type { id, fields: fields.collect() });
    }
    Ok(())
}

/// A list about new issues, to its end: sites cap its pages, and say that by how many there are or by whether it was the last.
async fn listed<T: serde::de::DeserializeOwned>(client: &Client, path: &str, cloud: &str) -> Result<Vec<T>, Failure> {
    let (mut all, mut start) = (Vec::new(), 0);
    loop {
        let asked = Request::get(path).query("startAt", start).query("maxResults", 200);
        let answer = client.json::<Json>(asked).await?.body;
        let (rows, read) = in_list(&answer, cloud);
        all.extend(rows);
        start += read;
        let told = answer["total"].as_u64().is_some_and(|total| start as u64 >= total);
        if read == 0 || told || answer["isLast"] == true || start > LISTED {
            return Ok(all);
        }
    }
}

/// Its rows, and how many there were with those that make no sense.
fn in_list<T: serde::de::DeserializeOwned>(answer: &Json, cloud: &str) -> (Vec<T>, usize) {
    let list = answer.get(cloud).or_else(|| answer.get("values")).and_then(Json::as_array);
    let rows = list.into_iter().flatten().filter_map(|one| serde_json::from_value(one.clone()).ok());
    (rows.collect(), list.map_or(0, Vec::len))
}

/// Everybody who can be given a ticket there. A short page is not the end, one with nobody new is: Cloud looks through a
/// part of all people and leaves out those who cannot, and some sites do not count on at all.
async fn read_people(client: &Client, site: &Site, project: &str, people: &mut People) -> Result<()> {
    let (mut start, mut met) = (0, BTreeSet::new());
    loop {
        let asked = Request::get(site.api("user/assignable/search")).query("project", project);
        let asked = asked.query(if site.cloud { "query" } else { "username" }, "");
        let page = client.json::<Vec<User>>(asked.query("startAt", start).query("maxResults", PEOPLE)).await;
        let page = match page {
            Ok(answer) => answer.body,
            Err(failure) if failure.status() == Some(StatusCode::FORBIDDEN) => return Ok(()),
            Err(failure) => return Err(failure.into()),
        };
        page.iter().for_each(|user| people.add(user, true));
        start += page.len();
        let before = met.len();
        met.extend(page.iter().map(|user| user.number().to_owned()));
        if met.len() == before || start >= 10 * PEOPLE {
            return Ok(());
        }
    }
}
