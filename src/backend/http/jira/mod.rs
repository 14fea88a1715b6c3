//! Jira Service Management, Cloud and Data Center.
//!
//! Both speak version 2 of the platform's interface, in plain texts; only searches and people differ. Comments, approvals
//! and new requests go by the service desk's own interface: the only place that says plainly who reads a comment.

mod adf;
mod create;
mod files;
mod history;
mod pages;
mod people;
mod plan;
mod search;
mod site;
pub mod view;
pub mod wire;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::backend::http::client::{Client, Failure, Request, StatusCode, segment};
use crate::backend::http::tracker::{Page, Part, Record, Sent, Setup, Tracker, Wanted, Write};
use crate::backend::{Attachment, Capabilities, Cursor, Error, Found, Guard, Lookup, Result, Schema, Sort, Upload};
use crate::domain::change::Audience;
use crate::domain::directory::{Category, Directory, Group, Service};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::Verb;
use crate::text::Clean;
pub use adf::text as document;
use pages::Place;
use people::People;
use plan::{Asked, issue};
use site::{Site, desk_api};
use view::{Native, View};
pub use wire::envelope;
use wire::{Issue, Issues};

/// A Jira.
#[derive(Debug)]
pub struct Jira {
    client: Client,
    setup: Setup,
    site: Mutex<Option<Arc<Site>>>,
    people: Mutex<People>,
}

impl Jira {
    /// Sends nothing yet. The client's envelope is [`envelope`].
    pub fn new(client: Client, setup: Setup) -> Self {
        Self { client, setup, site: Mutex::default(), people: Mutex::default() }
    }

    fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> Option<Arc<Site>> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn site(&self) -> Result<Arc<Site>> {
        match self.known() {
            Some(site) => Ok(site),
            None => self.read_site().await,
        }
    }

    async fn read_site(&self) -> Result<Arc<Site>> {
        let mut people = self.people().clone();
        let site = Arc::new(site::read(&self.client, &self.setup.mapping, &mut people).await?);
        *self.people() = people;
        *self.site.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&site));
        Ok(site)
    }

    /// The zone in which searches read dates.
    fn zone<'a>(&'a self, site: &'a Site) -> &'a TimeZone {
        site.zone.as_ref().unwrap_or(&self.setup.zone)
    }

    /// Looks at answers with everything that is known.
    fn with<T>(&self, site: &Site, look: impl FnOnce(View<'_>) -> T) -> T {
        let people = self.people();
        look(View { mapping: &self.setup.mapping, zone: &self.setup.zone, site, people: &people })
    }

    async fn search_issues(&self, site: &Site, jql: &str, rows: usize) -> Result<Issues> {
        let fields = self.with(site, |view| view.wanted(true));
        let asked = pages::search(jql, &fields, rows, (0, None), site.cloud)?;
        Ok(self.client.json::<Issues>(asked).await?.body)
    }

    /// Learns the people whom issues name.
    fn learn(&self, issues: &[Issue]) {
        let mut people = self.people();
        for issue in issues {
            let users = ["assignee", "reporter", "creator"].iter().filter_map(|key| issue.user(key));
            users.for_each(|user| people.add(&user, false));
        }
    }

    /// Looks for people whom nobody named yet.
    async fn look_up(&self, site: &Site, wanted: &Wanted) -> Result<()> {
        let caller = wanted.field(&Field::Caller).and_then(Value::as_str);
        let names: Vec<Name> = caller.map(Name::new).into_iter().chain(wanted.owner().cloned()).collect();
        for name in names {
            if self.people().number(&name).is_none() {
                let found = search::users(&self.client, site.cloud, &name, 20).await?;
                let mut people = self.people();
                found.iter().for_each(|user| people.add(user, false));
            }
        }
        Ok(())
    }

    async fn issue(&self, site: &Site, id: &TicketId, history: bool) -> Result<Issue> {
        let fields = self.with(site, |view| view.wanted(false)).join(",");
        let mut asked = Request::get(issue(id.as_str(), "")).query("fields", fields);
        if history {
            asked = asked.query("expand", "changelog");
        }
        let answer = self.client.json::<Issue>(asked).await.map_err(|failure| failure.missing(id))?;
        self.learn(std::slice::from_ref(&answer.body));
        Ok(answer.body)
    }

    async fn comments(&self, id: &TicketId) -> Result<Vec<wire::Comment>> {
        let asked = Request::get(issue(id.as_str(), "/comment")).query("expand", "properties");
        let asked = asked.query("orderBy", "created").query("maxResults", 5000);
        let answer = self.client.json::<wire::Comments>(asked).await.map_err(|failure| failure.missing(id))?.body;
        let mut people = self.people();
        answer.comments.iter().filter_map(|one| one.author.as_ref()).for_each(|who| people.add(who, false));
        Ok(answer.comments)
    }

    fn record(&self, site: &Site, issue: &Issue, comments: Option<&[wire::Comment]>) -> Result<Record> {
        let record = self.with(site, |view| view.record(issue, comments));
        record.ok_or_else(|| {
            let sort = Name::new(issue.part("issuetype", "name"));
            Error::Unexpected(format!(
                "{} is of the type `{sort}`, which the profile's mapping does not name.",
                issue.key
            ))
        })
    }

    /// What a plan must know: screens, steps, approvals; each only where it matters.
    async fn ask(&self, on: &Record, wanted: &Wanted) -> Result<Asked> {
        let mut asked = Asked::default();
        let key = on.id.as_str();
        if wanted.parts.iter().any(|part| matches!(part, Part::Field(..) | Part::Owner(_))) {
            let edit = self.client.json::<wire::Edit>(Request::get(issue(key, "/editmeta"))).await;
            asked.edit = edit.map_err(|failure| failure.missing(&on.id))?.body.fields;
        }
        let Some((verb, _)) = wanted.step() else { return Ok(asked) };
        let steps = Request::get(issue(key, "/transitions")).query("expand", "transitions.fields");
        let steps = self.client.json::<wire::Transitions>(steps).await.map_err(|failure| failure.missing(&on.id))?;
        asked.transitions = steps.body.transitions;
        if matches!(verb, Verb::Approve | Verb::Reject) && Native::of(on)?.request {
            let path = format!("rest/servicedeskapi/request/{}/approval", segment(key));
            match self.client.json::<wire::Values<wire::Approval>>(desk_api(Request::get(path))).await {
                Ok(answer) => asked.approvals = answer.body.values,
                // No approvals here: a step like any other.
                Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(asked)
    }

    /// A refusal under our name of the field.
    fn refused(&self, kind: Kind, failure: Failure) -> Error {
        match (failure.into(), self.known()) {
            (Error::Invalid { field, reason }, Some(site)) if !field.is_empty() => {
                Error::Invalid { field: self.with(&site, |view| view.named(kind, &field)), reason }
            }
            (error, _) => error,
        }
    }

    fn directory(&self, site: &Site) -> Directory {
        let names = |field: &Field| -> Vec<Name> {
            let natives = self.setup.mapping.kinds.keys().filter_map(|kind| self.setup.mapping.field(*kind, field));
            let all: BTreeSet<String> = natives.flat_map(|native| site.choices(native)).collect();
            all.iter().map(|name| Name::new(name)).collect()
        };
        let keys = site.projects.iter().map(|project| project.key.as_str()).collect::<Vec<_>>().join(", ");
        let service = |name: Name| Service { name, owner_group: Name::new(""), critical: false };
        Directory {
            name: Clean::line(&keys),
            people: self.people().all().cloned().collect(),
            groups: names(&Field::Group)
                .into_iter()
                .map(|name| Group { name, line: 1, manager: Name::new("") })
                .collect(),
            categories: names(&Field::Category).into_iter().map(|name| Category { name, group: None }).collect(),
            services: names(&Field::Service).into_iter().map(service).collect(),
            resolution_codes: names(&Field::ResolutionCode),
            ..Directory::default()
        }
    }
}

#[async_trait]
impl Tracker for Jira {
    fn clock_ahead(&self) -> Option<jiff::SignedDuration> {
        self.client.skew()
    }

    fn capabilities(&self) -> Capabilities {
        let site = self.known();
        let may = |right: &str| site.as_ref().is_some_and(|site| site.may(right));
        let desk = site.as_ref().is_some_and(|site| site.projects.iter().any(|project| project.desk.is_some()));
        let holds = |kind| self.setup.mapping.kind(kind).is_some();
        Capabilities {
            write: may("EDIT_ISSUES") || may("ADD_COMMENTS") || may("TRANSITION_ISSUES"),
            create: may("CREATE_ISSUES"),
            atomic_batch: false,
            internal_notes: may("ADD_COMMENTS") && desk,
            links: may("LINK_ISSUES"),
            handover: false,
            escalations: false,
            tasks: false,
            approvals: false,
            majors: false,
            proposals: false,
            problems: holds(Kind::Problem),
            changes: holds(Kind::Change),
            presence: false,
            attachments: true,
            people_search: true,
            asset_search: false,
            knowledge_search: desk,
            ticket_search: may("BROWSE_PROJECTS"),
            guard: Guard::CheckThenWrite,
        }
    }

    async fn schema(&self) -> Result<Schema> {
        let site = self.read_site().await?;
        let workflow = Some(Arc::new(self.setup.mapping.workflow()));
        let me = self.people().called(&site.me);
        Ok(Schema { me, directory: self.directory(&site), workflow, members: Vec::new() })
    }

    async fn page(&self, since: Option<&Cursor>) -> Result<Page> {
        let site = self.site().await?;
        let (scope, mapping, zone) = (&self.setup.scope, &self.setup.mapping, self.zone(&site));
        let place = match since {
            Some(cursor) => Place::read(cursor)?,
            None => {
                let jql = format!("{} ORDER BY updated DESC", pages::in_scope(mapping, &site).join(" AND "));
                let first = self.search_issues(&site, &jql, 1).await?;
                let newest = first.issues.first().and_then(|issue| issue.time("updated"));
                Place::walk_from(newest.unwrap_or(Timestamp::UNIX_EPOCH))
            }
        };
        let fields = self.with(&site, |view| view.wanted(true));
        let jql = place.jql(scope, mapping, &site, zone);
        let asked = place.request(&jql, &fields, scope.page, site.cloud)?;
        let page = match self.client.json::<Issues>(asked).await {
            Ok(answer) => answer.body,
            // A token that is too old: the walk begins anew.
            Err(failure) if place.token.is_some() && failure.status() == Some(StatusCode::BAD_REQUEST) => {
                return Err(Error::CursorExpired);
            }
            Err(failure) => return Err(failure.into()),
        };
        self.learn(&page.issues);
        let (next, more) = place.next(&page, site.cloud);
        let news = page.issues.iter().filter(|issue| {
            let at = issue.time("updated").map(Timestamp::as_millisecond);
            place.walk || place.known.get(&issue.id).copied() != at
        });
        let read: Vec<Record> = self.with(&site, |view| news.filter_map(|issue| view.record(issue, None)).collect());
        let ours = |record: &Record| {
            let group = record.fields.get(&Field::Group).and_then(Value::as_str).unwrap_or_default();
            scope.takes(group)
        };
        let (records, gone): (Vec<_>, Vec<_>) = read.into_iter().partition(ours);
        Ok(Page { records, gone: gone.into_iter().map(|record| record.id).collect(), next: next.cursor()?, more })
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        let site = self.site().await?;
        let issue = self.issue(&site, id, false).await?;
        self.record(&site, &issue, None)
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        let site = self.site().await?;
        let mut issue = self.issue(&site, id, true).await?;
        let comments = self.comments(id).await?;
        let log = issue.changelog.get_or_insert_default();
        // Cloud puts only the newest acts beside the issue.
        if log.total > log.histories.len() as u64 && site.cloud {
            let path = plan::issue(id.as_str(), "/changelog");
            let asked = Request::get(path).query("startAt", 0).query("maxResults", 100);
            let older = self.client.json::<wire::Values<wire::History>>(asked).await?.body.values;
            let known: BTreeSet<String> = log.histories.iter().map(|one| one.id.clone()).collect();
            log.histories.extend(older.into_iter().filter(|one| !known.contains(&one.id)));
        }
        log.histories.sort_by_key(|one| wire::instant(&one.created));
        self.record(&site, &issue, Some(&comments))
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let site = self.site().await?;
        self.look_up(&site, wanted).await?;
        let asked = self.ask(on, wanted).await?;
        self.with(&site, |view| view.writes(on, wanted, &asked))
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        let reply = match self.client.good(write.request.clone()).await {
            Ok(reply) => reply,
            Err(failure) if failure.status() == Some(StatusCode::CONFLICT) => return Ok(Sent::Clash),
            Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => return Err(failure.missing(&on.id)),
            Err(failure) => return Err(self.refused(on.kind, failure)),
        };
        let note = write.carries.iter().any(|part| matches!(part, Part::Say(Audience::Internal, _)));
        let said: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        if note && (said["public"] == true || said["jsdPublic"] == true) {
            return Err(Error::Unexpected(format!(
                "Jira stored the note on {} as a PUBLIC comment. Delete it there at once.",
                on.id
            )));
        }
        Ok(Sent::Taken)
    }

    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        let site = self.site().await?;
        self.look_up(&site, wanted).await?;
        let by = self.with(&site, |view| {
            let (project, sort) = view.new_place(kind)?;
            let by = view.request_type(kind, project, sort).cloned();
            Ok::<_, Error>(by.zip(project.desk.clone()))
        })?;
        let request = match by {
            Some((by, desk)) => {
                let (desk, sort) = (segment(&desk), segment(&by.id));
                let path = format!("rest/servicedeskapi/servicedesk/{desk}/requesttype/{sort}/field");
                let form = self.client.json::<wire::RequestFields>(desk_api(Request::get(path))).await?.body;
                self.with(&site, |view| view.new_request(kind, wanted, view.new_place(kind)?, &by, &form))?
            }
            None => self.with(&site, |view| view.new_issue(kind, wanted, view.new_place(kind)?))?,
        };
        let made = self.client.json::<wire::Made>(request).await.map_err(|failure| self.refused(kind, failure))?;
        Ok(TicketId::new(&made.body.key))
    }

    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        let site = self.site().await?;
        let jql = self.with(&site, |view| view.mine_since(kind, wanted, self.zone(&site)))?;
        let page = self.search_issues(&site, &jql, 100).await?;
        self.learn(&page.issues);
        Ok(self.with(&site, |view| {
            let fitting = page.issues.iter().filter(|issue| view.is_it(issue, kind, wanted));
            fitting.map(|issue| TicketId::new(&issue.key)).collect()
        }))
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let site = self.site().await?;
        match wanted.sort {
            Sort::People => {
                let found = search::users(&self.client, site.cloud, &wanted.words, wanted.limit).await?;
                let mut people = self.people();
                found.iter().for_each(|user| people.add(user, false));
                Ok(found.iter().map(|user| search::person(&people, user)).collect())
            }
            Sort::Knowledge => search::articles(&self.client, wanted).await,
            Sort::Tickets => {
                let Some(jql) = search::jql(&wanted.words) else { return Ok(Vec::new()) };
                let page = self.search_issues(&site, &jql, wanted.limit).await?;
                Ok(page.issues.iter().map(search::ticket).take(wanted.limit).collect())
            }
            Sort::Assets => Err(Error::Unsupported("assets of Jira are not searched.".into())),
        }
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        let people = self.people().clone();
        files::listed(&self.client, id, &people).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        let site = self.site().await?;
        files::download(&self.client, id, file, site.cloud).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        let site = self.site().await?;
        let issue = self.issue(&site, id, false).await?;
        let record = self.record(&site, &issue, None)?;
        let native = Native::of(&record)?;
        let desk = site.projects.iter().find(|project| project.key == native.project).and_then(|one| one.desk.clone());
        files::attach(&self.client, id, file, desk.filter(|_| native.request)).await
    }
}
