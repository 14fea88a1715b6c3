//! Redmine 5 over its REST interface.
//!
//! What it does not do is done here or said: it answers 204 to what it drops, has no filter that fails, tells nobody the
//! custom fields, and makes a private note public when the user may not write private ones.

mod create;
mod directory;
mod files;
mod history;
mod links;
mod pages;
mod people;
mod plan;
mod refusal;
mod search;
mod site;
mod steps;
mod view;
pub mod wire;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;

use crate::backend::http::client::{Client, Request, StatusCode, segment};
use crate::backend::http::held::{Held, hold};
use crate::backend::http::tracker::{Page, Part, Record, Sent, Setup, Tracker, Wanted, Write};
use crate::backend::http::words::same;
use crate::backend::{Attachment, Capabilities, Cursor, Error, Found, Lookup, Result, Schema, Sort, Upload};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use pages::Place;
use site::Site;
use view::{Learned, View, customs};
use wire::Issue;
pub use wire::envelope;

/// A Redmine.
#[derive(Debug)]
pub struct Redmine {
    client: Client,
    setup: Setup,
    site: Held<Site>,
    learned: Mutex<Learned>,
}

/// Everything that one answer can tell of an issue.
const WHOLE: &str = "journals,relations,children,attachments,allowed_statuses";

impl Redmine {
    /// Sends nothing yet. The client's envelope is [`envelope`].
    pub fn new(client: Client, setup: Setup) -> Self {
        Self { client, setup, site: Held::default(), learned: Mutex::default() }
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        hold(&self.learned)
    }

    async fn site(&self) -> Result<Arc<Site>> {
        self.site.known_or(self.read_site()).await
    }

    async fn read_site(&self) -> Result<Arc<Site>> {
        let mut people = self.learned().people.clone();
        let site = site::read(&self.client, &self.setup.mapping, &mut people).await?;
        self.learned().people = people;
        Ok(self.site.keep(site))
    }

    /// Looks at answers with everything that is known.
    fn with<T>(&self, site: &Site, look: impl FnOnce(View<'_>) -> T) -> T {
        let learned = self.learned();
        look(View { mapping: &self.setup.mapping, zone: &self.setup.zone, site, learned: &learned })
    }

    async fn issue(&self, id: &TicketId) -> Result<Issue> {
        if id.as_str().parse::<u64>().is_err() {
            return Err(Error::NotFound(id.clone()));
        }
        let asked = Request::get(format!("issues/{}.json", segment(id.as_str()))).query("include", WHOLE);
        let answer = self.client.json::<wire::OneIssue>(asked).await.map_err(|failure| failure.missing(id))?;
        Ok(answer.body.issue)
    }

    async fn issues(&self, asked: Request) -> Result<wire::Issues> {
        Ok(self.client.json::<wire::Issues>(asked).await?.body)
    }

    /// Takes from answers what they tell beside themselves, and asks for what is still missing to read them: log-ins of
    /// people, and the sorts of issues at the other ends of relations.
    async fn learn(&self, issues: &[Issue]) -> Result<()> {
        let mut ends = BTreeSet::new();
        let mut people = Vec::new();
        {
            let mut learned = self.learned();
            for issue in issues {
                learned.fields.entry(issue.tracker.id).or_default().extend(customs(&issue.custom_fields));
                let sorts =
                    issue.children.iter().flatten().filter_map(|child| Some((child.id, child.tracker.as_ref()?)));
                for (id, tracker) in sorts.chain([(issue.id, &issue.tracker)]) {
                    if let Some(kind) = self.setup.mapping.kind_at(&tracker.name) {
                        learned.kinds.insert(id, kind);
                    }
                }
            }
            for issue in issues {
                let relations = issue.relations.iter().flatten().filter(|one| one.relation_type == "relates");
                ends.extend(relations.map(|one| links::other_end(one, issue.id)));
                let custom = issue.custom_fields.iter().filter(|field| {
                    let fields = site::listed(&self.setup.mapping, "user_fields");
                    fields.into_iter().any(|name| same(name, &field.name))
                });
                let numbers = custom.filter_map(|field| field.words().parse().ok());
                people.extend(numbers.map(|id: u64| wire::Named { id, name: format!("#{id}") }));
                people.extend(issue.assigned_to.clone());
            }
            ends.retain(|id| !learned.kinds.contains_key(id));
            people.retain(|who| !learned.people.knows(who.id));
        }
        self.sorts(&ends.into_iter().collect::<Vec<_>>()).await?;
        people.sort_by_key(|who| who.id);
        people.dedup_by_key(|who| who.id);
        if !people.is_empty() {
            let mut known = self.learned().people.clone();
            site::ask(&self.client, &people.iter().collect::<Vec<_>>(), &mut known).await?;
            self.learned().people = known;
        }
        Ok(())
    }

    /// Learns of what sort these issues are.
    async fn sorts(&self, ids: &[u64]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let page = self.issues(create::ids(ids)).await?;
        let mut learned = self.learned();
        for issue in page.issues {
            if let Some(kind) = self.setup.mapping.kind_at(&issue.tracker.name) {
                learned.kinds.insert(issue.id, kind);
            }
        }
        Ok(())
    }

    /// The number of each group that is to be copied.
    ///
    /// # Errors
    /// There is none of that name: Redmine ignores a filter without values, and everything would be copied.
    fn groups(&self) -> Result<Vec<u64>> {
        let learned = self.learned();
        if !pages::assigns_groups(&self.setup.mapping) {
            return Ok(Vec::new());
        }
        let number = |name: &Name| {
            let none = || format!("This Redmine has no group `{name}`. Correct the groups in the profile.");
            learned.people.group_number(name).ok_or_else(|| Error::Unexpected(none()))
        };
        self.setup.scope.groups.iter().map(number).collect()
    }
}

#[async_trait]
impl Tracker for Redmine {
    fn capabilities(&self) -> Capabilities {
        let site = self.site.known();
        // Before roles were read, what the tracker has: each write is held against the roles before it is sent.
        let any = |may: fn(&site::Rights) -> bool| site.as_ref().is_none_or(|site| site.any(may));
        let outspoken = |site: &Arc<Site>| site.any(|may| may.notes && !may.private);
        Capabilities {
            write: any(|may| may.writes()),
            create: any(|may| may.add),
            // In every project where notes can be written at all: elsewhere they would be public.
            internal_notes: any(|may| may.notes) && !site.as_ref().is_some_and(outspoken),
            links: any(|may| may.relations),
            asset_search: false,
            knowledge_search: any(|may| may.wiki),
            ticket_search: any(|may| may.read),
            ..self.setup.capabilities()
        }
    }

    async fn schema(&self) -> Result<Schema> {
        let site = self.read_site().await?;
        Ok(self.setup.schema(site.me.clone(), self.with(&site, |view| view.directory())))
    }

    async fn page(&self, since: Option<&Cursor>) -> Result<Page> {
        let site = self.site().await?;
        if site.projects.is_empty() {
            // A filter without values is ignored: everything that this user sees anywhere would be copied.
            return Err(Error::Forbidden("none of the profile's Redmine projects is open to you.".into()));
        }
        let (scope, mapping, groups) = (&self.setup.scope, &self.setup.mapping, self.groups()?);
        let place = match since {
            Some(cursor) => Place::read(cursor)?,
            None => {
                let first = self.issues(pages::newest(scope, mapping, &site, &groups)).await?;
                let since = first.issues.first().map_or(jiff::Timestamp::UNIX_EPOCH, |issue| issue.updated_on);
                Place::Walk { closed: false, below: None, since }
            }
        };
        let page = self.issues(place.request(scope, mapping, &site, &groups)).await?;
        self.learn(&page.issues).await?;
        let (next, more) = place.next(&page, scope);
        let read =
            self.with(&site, |view| page.issues.iter().filter_map(|issue| view.record(issue)).collect::<Vec<_>>());
        let ours = |record: &Record| pages::of_scope(record, scope, mapping);
        let (records, gone): (Vec<_>, Vec<_>) = read.into_iter().partition(ours);
        Ok(Page { records, gone: gone.into_iter().map(|record| record.id).collect(), next: next.cursor()?, more })
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        self.whole(id).await
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        let site = self.site().await?;
        let issue = self.issue(id).await?;
        self.learn(std::slice::from_ref(&issue)).await?;
        let record = self.with(&site, |view| view.record(&issue));
        record.ok_or_else(|| {
            let tracker = Name::new(&issue.tracker.name);
            Error::Unexpected(format!("{id} is in the tracker `{tracker}`, which the profile's mapping does not name."))
        })
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        let site = self.site().await?;
        let others = wanted.parts.iter().filter_map(|part| match part {
            Part::Link(link) | Part::Unlink(link) => link.other.as_str().parse().ok(),
            _ => None,
        });
        let unknown: Vec<u64> = others.filter(|id| !self.learned().kinds.contains_key(id)).collect();
        self.sorts(&unknown).await?;
        self.with(&site, |view| view.writes(on, wanted))
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        let failure = match self.client.good(write.request.clone()).await {
            Ok(_) => return Ok(Sent::Taken),
            Err(failure) => failure,
        };
        // A clash is no 409 here: it is a refusal without a reason.
        let clash = failure.reply.as_ref().is_some_and(|reply| match reply.head.status {
            StatusCode::CONFLICT => true,
            StatusCode::UNPROCESSABLE_ENTITY => wire::refusals(reply).is_some_and(|said| said.is_empty()),
            _ => false,
        });
        if clash { Ok(Sent::Clash) } else { Err(refusal::named(&self.setup.mapping, on, write, failure)) }
    }

    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        let site = self.site().await?;
        let (project, tracker) =
            self.with(&site, |view| view.place(kind).map(|(project, tracker)| (project.id, tracker)))?;
        if !self.learned().fields.contains_key(&tracker) {
            let page = self.issues(create::example(project, tracker)).await?;
            self.learn(&page.issues).await?;
        }
        let fields = self.learned().fields.get(&tracker).cloned().unwrap_or_default();
        let request = self.with(&site, |view| view.new_issue(kind, wanted, &fields))?;
        let made = self.client.json::<Made>(request).await?;
        Ok(TicketId::new(&made.body.issue.id.to_string()))
    }

    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        let site = self.site().await?;
        let asked = self.with(&site, |view| view.mine_since(kind, wanted))?;
        let page = self.issues(asked).await?;
        self.learn(&page.issues).await?;
        let found = self.with(&site, |view| {
            let fitting = page.issues.iter().filter(|issue| view.is_it(issue, kind, wanted));
            fitting.map(|issue| TicketId::new(&issue.id.to_string())).collect()
        });
        Ok(found)
    }

    /// Some servers in front of Redmine tell the time; Redmine itself does not.
    fn clock_ahead(&self) -> Option<jiff::SignedDuration> {
        self.client.skew()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let site = self.site().await?;
        match wanted.sort {
            Sort::People => Ok(search::people(&self.learned().people, wanted)),
            Sort::Knowledge => search::wiki(&self.client, &site, wanted).await,
            Sort::Tickets => search::issues(&self.client, wanted).await,
            Sort::Assets => Err(Error::Unsupported("Redmine keeps no assets.".into())),
        }
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        let site = self.site().await?;
        let issue = self.issue(id).await?;
        Ok(self.with(&site, |view| files::listed(&issue, view)))
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        files::download(&self.client, id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        files::attach(&self.client, id, file).await
    }
}

/// What is left of the answer to a new issue.
#[derive(Debug, serde::Deserialize)]
struct Made {
    issue: wire::Only,
}
