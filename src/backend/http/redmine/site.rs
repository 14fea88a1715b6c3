//! What is asked of a Redmine once: who I am and what I may, its projects, trackers, statuses, priorities and people.
//!
//! `custom_fields`, `groups` and `users` are for administrators only; what they would tell is put together from
//! memberships, roles and the issues themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::people::People;
use super::wire;
use crate::backend::http::client::{Client, Request, StatusCode, segment};
use crate::backend::http::words::same;
use crate::backend::{Error, Result};
use crate::domain::mapping::Mapping;
use crate::domain::name::Name;

/// What stands still while the console runs, or nearly so.
#[derive(Debug, Clone)]
pub struct Site {
    pub me: Name,
    pub projects: Vec<Project>,
    pub trackers: Vec<wire::Named>,
    pub statuses: Vec<wire::Status>,
    pub priorities: Vec<wire::Named>,
}

/// A project that this user may see.
#[derive(Debug, Clone)]
pub struct Project {
    pub id: u64,
    pub key: String,
    pub name: String,
    pub trackers: Vec<wire::Named>,
    pub categories: Vec<wire::Named>,
    pub rights: Rights,
}

/// What this user may do in a project, by the roles held there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights {
    pub read: bool,
    pub add: bool,
    pub edit: bool,
    pub edit_own: bool,
    pub notes: bool,
    /// Without it, a note that was sent as a private one is stored as a PUBLIC one.
    pub private: bool,
    pub relations: bool,
    pub wiki: bool,
}

/// More people than this are not asked for their log-ins one by one; the rest go by their full names.
const ASKED: usize = 500;
/// The most rows that Redmine gives at once.
pub const ROWS: usize = 100;

impl Rights {
    const ALL: Self = Self {
        read: true,
        add: true,
        edit: true,
        edit_own: true,
        notes: true,
        private: true,
        relations: true,
        wiki: true,
    };

    pub fn of(permissions: &BTreeSet<String>) -> Self {
        let may = |what: &str| permissions.contains(what);
        Self {
            read: may("view_issues"),
            add: may("add_issues"),
            edit: may("edit_issues"),
            edit_own: may("edit_own_issues"),
            notes: may("add_issue_notes"),
            private: may("set_notes_private"),
            relations: may("manage_issue_relations"),
            wiki: may("view_wiki_pages"),
        }
    }

    pub const fn writes(self) -> bool {
        self.add || self.edit || self.edit_own || self.notes
    }
}

impl Site {
    pub fn project(&self, id: u64) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// Rights on issues of that project; none where it is not one of ours.
    pub fn rights(&self, project: u64) -> Rights {
        self.project(project).map(|project| project.rights).unwrap_or_default()
    }

    pub fn status(&self, id: u64) -> Option<&str> {
        self.statuses.iter().find(|status| status.id == id).map(|status| status.name.as_str())
    }

    pub fn status_number(&self, name: &str) -> Option<u64> {
        self.statuses.iter().find(|status| same(&status.name, name)).map(|status| status.id)
    }

    pub fn priority(&self, id: u64) -> Option<&str> {
        named(&self.priorities, id)
    }

    pub fn category(&self, project: u64, id: u64) -> Option<&str> {
        named(&self.project(project)?.categories, id)
    }

    /// Some project may do so.
    pub fn any(&self, may: impl Fn(&Rights) -> bool) -> bool {
        self.projects.iter().any(|project| may(&project.rights))
    }
}

pub fn named(all: &[wire::Named], id: u64) -> Option<&str> {
    all.iter().find(|one| one.id == id).map(|one| one.name.as_str())
}

pub fn number(all: &[wire::Named], name: &str) -> Option<u64> {
    all.iter().find(|one| same(&one.name, name)).map(|one| one.id)
}

/// The names in a setting that are separated by commas.
pub fn listed<'m>(mapping: &'m Mapping, setting: &str) -> impl Iterator<Item = &'m str> {
    let all = mapping.site.get(setting).map(String::as_str).unwrap_or_default();
    all.split(',').map(str::trim).filter(|one| !one.is_empty())
}

/// Reads everything anew; `people` keeps the log-ins that it knows.
///
/// # Errors
/// What the client says; `Unexpected` where the mapping names a project that there is not.
pub async fn read(client: &Client, mapping: &Mapping, people: &mut People) -> Result<Site> {
    let me = Request::get("users/current.json").query("include", "memberships");
    let me = client.json::<wire::OneUser>(me).await?.body.user;
    people.add(&me);
    people.set_me(me.id);
    let mut roles = Roles::default();
    let mut projects = Vec::new();
    for key in listed(mapping, "project") {
        projects.extend(project(client, key, &me, &mut roles, people).await?);
    }
    let statuses = client.json::<wire::Statuses>(Request::get("issue_statuses.json")).await?.body.issue_statuses;
    let trackers = client.json::<wire::Trackers>(Request::get("trackers.json")).await?.body.trackers;
    let priorities = Request::get("enumerations/issue_priorities.json");
    let priorities = client.json::<wire::Priorities>(priorities).await?.body.issue_priorities;
    let name = people.login(me.id).cloned().unwrap_or_else(|| Name::new(&me.login));
    Ok(Site { me: name, projects, trackers, statuses, priorities })
}

/// The project, unless this user may not see it.
async fn project(
    client: &Client,
    key: &str,
    me: &wire::User,
    roles: &mut Roles,
    people: &mut People,
) -> Result<Option<Project>> {
    let asked = Request::get(format!("projects/{}.json", segment(key))).query("include", "trackers,issue_categories");
    let found = match client.json::<wire::OneProject>(asked).await {
        Ok(answer) => answer.body.project,
        Err(failure) if failure.status() == Some(StatusCode::FORBIDDEN) => return Ok(None),
        Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => {
            return Err(Error::Unexpected(format!(
                "This Redmine has no project `{key}`. Correct `project` under [site] in the profile's mapping."
            )));
        }
        Err(failure) => return Err(failure.into()),
    };
    let mine = me.memberships.iter().filter(|one| one.project.as_ref().is_some_and(|at| at.id == found.id));
    let mine: BTreeSet<u64> = mine.flat_map(|one| one.roles.iter().map(|role| role.id)).collect();
    let rights = match (me.admin, mine.is_empty()) {
        (true, _) => Rights::ALL,
        // Who does not belong to a public project has the built-in role of those who do not.
        (false, true) => roles.rights(client, &BTreeSet::from([NON_MEMBER])).await?,
        (false, false) => roles.rights(client, &mine).await?,
    };
    members(client, found.id, roles, people).await?;
    let (id, name, trackers, categories) = (found.id, found.name, found.trackers, found.issue_categories);
    Ok(Some(Project { id, key: key.to_owned(), name, trackers, categories, rights }))
}

const NON_MEMBER: u64 = 1;

/// People and groups of a project. Who may not see its members knows nobody.
async fn members(client: &Client, project: u64, roles: &mut Roles, people: &mut People) -> Result<()> {
    let mut all: Vec<wire::Membership> = Vec::new();
    loop {
        let asked = Request::get(format!("projects/{project}/memberships.json"));
        let asked = asked.query("limit", ROWS).query("offset", all.len());
        let page = match client.json::<wire::Memberships>(asked).await {
            Ok(answer) => answer.body,
            Err(failure) if failure.status() == Some(StatusCode::FORBIDDEN) => break,
            Err(failure) => return Err(failure.into()),
        };
        let (got, total) = (page.memberships.len(), usize::try_from(page.total_count).unwrap_or(usize::MAX));
        all.extend(page.memberships);
        if got == 0 || all.len() >= total {
            break;
        }
    }
    let mut unknown: Vec<&wire::Named> = Vec::new();
    for member in &all {
        match (&member.user, &member.group) {
            (Some(user), _) if !people.knows(user.id) => unknown.push(user),
            (_, Some(group)) => people.add_group(group),
            _ => {}
        }
    }
    unknown.sort_by_key(|user| user.id);
    ask(client, &unknown, people).await?;
    for member in &all {
        let held: BTreeSet<u64> = member.roles.iter().map(|role| role.id).collect();
        if let Some(user) = &member.user
            && roles.rights(client, &held).await?.edit
        {
            people.set_staff(user.id);
        }
    }
    Ok(())
}

/// Learns the log-ins of these people.
///
/// # Errors
/// What the client says; somebody who may not be seen is no error.
pub async fn ask(client: &Client, unknown: &[&wire::Named], people: &mut People) -> Result<()> {
    for some in unknown.chunks(8).take(ASKED / 8) {
        let answers = some.iter().map(|user| {
            let request = Request::get(format!("users/{}.json", user.id));
            async move { client.json::<wire::OneUser>(request).await }
        });
        for (user, answer) in some.iter().zip(futures_util::future::join_all(answers).await) {
            match answer {
                Ok(answer) => people.add(&answer.body.user),
                Err(f) if matches!(f.status(), Some(StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)) => {
                    people.add_unseen(user);
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }
    for user in unknown.iter().skip(ASKED) {
        people.add_unseen(user);
    }
    Ok(())
}

/// Roles by number, each asked for once.
#[derive(Debug, Default)]
struct Roles(BTreeMap<u64, BTreeSet<String>>);

impl Roles {
    async fn rights(&mut self, client: &Client, held: &BTreeSet<u64>) -> Result<Rights> {
        let mut may = BTreeSet::new();
        for id in held {
            if !self.0.contains_key(id) {
                let asked = Request::get(format!("roles/{id}.json"));
                let permissions = match client.json::<wire::OneRole>(asked).await {
                    Ok(answer) => answer.body.role.permissions.into_iter().collect(),
                    // What cannot be read is not held: rather refuse a private note than make it public.
                    Err(f) if matches!(f.status(), Some(StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)) => {
                        BTreeSet::new()
                    }
                    Err(failure) => return Err(failure.into()),
                };
                self.0.insert(*id, permissions);
            }
            may.extend(self.0.get(id).into_iter().flatten().cloned());
        }
        Ok(Rights::of(&may))
    }
}
