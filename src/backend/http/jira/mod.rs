//! Jira Service Management, Cloud and Data Center.
//!
//! Cloud is spoken to in version 3 of the platform's interface, whose texts are documents; Data Center in version 2, which
//! has no other. Approvals, new requests and, on Data Center, comments go by the service desk's own interface.

mod adf;
mod ask;
mod create;
mod files;
mod history;
mod lists;
mod pages;
mod people;
mod plan;
mod read;
mod search;
mod site;
pub mod view;
pub mod wire;

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::backend::http::client::{Client, Failure, Request, StatusCode, segment};
use crate::backend::http::held::{Held, hold};
use crate::backend::http::tracker::{Page, Part, Record, Sent, Setup, Tracker, Wanted, Write};
use crate::backend::{Attachment, Capabilities, Cursor, Error, Found, Guard, Lookup, Result, Schema, Sort, Upload};
use crate::domain::change::Audience;
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
pub use adf::{of_text as document_of, text as document};
use ask::{BESIDE, SCREENS, Screens};
use pages::Place;
use people::People;
use plan::Asked;
use site::{Site, desk_api};
use view::{Native, View};
use wire::Issues;
pub use wire::envelope;

/// A Jira.
#[derive(Debug)]
pub struct Jira {
    client: Client,
    setup: Setup,
    site: Held<Site>,
    people: Mutex<People>,
    asked: Mutex<Screens>,
}

impl Jira {
    /// Sends nothing yet. The client's envelope is [`envelope`].
    pub fn new(client: Client, setup: Setup) -> Self {
        Self { client, setup, site: Held::default(), people: Mutex::default(), asked: Mutex::default() }
    }

    fn people(&self) -> MutexGuard<'_, People> {
        hold(&self.people)
    }

    fn known(&self) -> Option<Arc<Site>> {
        self.site.known()
    }

    async fn site(&self) -> Result<Arc<Site>> {
        self.site.known_or(self.read_site()).await
    }

    async fn read_site(&self) -> Result<Arc<Site>> {
        let mut people = self.people().clone();
        let site = site::read(&self.client, &self.setup.mapping, &mut people).await?;
        *self.people() = people;
        Ok(self.site.keep(site))
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

    /// A refusal under our name of the field.
    fn refused(&self, kind: Kind, failure: Failure) -> Error {
        match (failure.into(), self.known()) {
            (Error::Invalid { field, reason }, Some(site)) if !field.is_empty() => {
                Error::Invalid { field: self.with(&site, |view| view.named(kind, &field)), reason }
            }
            (error, _) => error,
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
        let holds = |kind| self.setup.mapping.kind(kind).is_some() && site.as_ref().is_none_or(|site| site.holds(kind));
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
            people_search: may("USER_PICKER"),
            asset_search: false,
            knowledge_search: desk,
            ticket_search: may("BROWSE_PROJECTS"),
            guard: Guard::CheckThenWrite,
        }
    }

    async fn schema(&self) -> Result<Schema> {
        let site = self.read_site().await?;
        let workflow = Some(Arc::new(self.offered(&site)));
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
        let asked = place.request(&jql, &fields, scope.page, site.cloud.then(|| self.mine()))?;
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
        let news = page.issues.iter().skip(place.read_before(&page)).filter(|issue| {
            let at = issue.time("updated").map(Timestamp::as_millisecond);
            place.walk || place.known.get(&issue.id).copied() != at
        });
        let read: Vec<Record> = self.with(&site, |view| news.filter_map(|issue| view.record(issue, None)).collect());
        let ours =
            |record: &Record| scope.takes(record.fields.get(&Field::Group).and_then(Value::as_str).unwrap_or_default());
        let (records, gone): (Vec<_>, Vec<_>) = read.into_iter().partition(ours);
        Ok(Page { records, gone: gone.into_iter().map(|record| record.id).collect(), next: next.cursor()?, more })
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        let site = self.site().await?;
        let back = self.asked().written.remove(id);
        let mut issue = self.issue(&site, id, if back { "" } else { BESIDE }).await?;
        let told = issue.editmeta.take().zip(issue.transitions.take());
        let record = self.record(&site, &issue, None)?;
        if let Some((edit, transitions)) = told {
            let mut held = self.asked();
            if held.told.len() >= SCREENS {
                held.told.clear();
            }
            let asked = Asked { edit: edit.fields, transitions, approvals: Vec::new() };
            held.told.insert(id.clone(), (record.revision, asked));
        }
        Ok(record)
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        let site = self.site().await?;
        let mut issue = self.issue(&site, id, "changelog").await?;
        let (mut comments, all) = self.comments(&site, id, 0).await?;
        let log = issue.changelog.get_or_insert_default();
        // A third request goes to what was left out: words before changes.
        if all > comments.len() {
            comments.extend(self.comments(&site, id, comments.len()).await?.0);
        } else if log.total > log.histories.len() as u64 && site.cloud {
            self.oldest(&site, id, log).await?;
        }
        log.histories.sort_by_key(|one| wire::instant(&one.created));
        comments.sort_by_key(|one| wire::instant(&one.created));
        self.record(&site, &issue, Some(&comments))
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let site = self.site().await?;
        self.look_up(&site, wanted).await?;
        let asked = self.ask(on, wanted).await?;
        self.with(&site, |view| view.writes(on, wanted, &asked))
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        self.wrote(on);
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
        let mut found = self.search_issues(&site, &jql, 100).await?.issues;
        if site.cloud {
            let jql = self.with(&site, |view| view.newest(kind))?;
            let newest = self.search_issues(&site, &jql, 1).await?.issues;
            if let Some(newest) = newest.first() {
                found.extend(self.unsearched(&site, &newest.key).await?);
            }
        }
        self.learn(&found);
        Ok(self.with(&site, |view| {
            let fitting = found.iter().filter(|issue| view.is_it(issue, kind, wanted));
            fitting.map(|issue| TicketId::new(&issue.key)).collect()
        }))
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let site = self.site().await?;
        match wanted.sort {
            Sort::People => {
                let found = search::users(&self.client, &site, &wanted.words, wanted.limit).await?;
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
        let site = self.site().await?;
        let people = self.people().clone();
        files::listed(&self.client, &site, id, &people).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        let site = self.site().await?;
        files::download(&self.client, &site, id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        let site = self.site().await?;
        let issue = self.issue(&site, id, "").await?;
        let record = self.record(&site, &issue, None)?;
        let native = Native::of(&record)?;
        let desk = site.project(id.as_str()).and_then(|one| one.desk.clone());
        files::attach(&self.client, &site, id, file, desk.filter(|_| native.request)).await
    }
}
