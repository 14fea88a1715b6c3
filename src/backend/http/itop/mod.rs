//! iTop 3 over its REST/JSON services: one address, form fields, an envelope whose code counts and not the status.
//!
//! The stock data model is in `config/trackers/itop.toml` and `model`; iTop cannot be asked for it. What a class of this
//! instance does not have is noticed and left out.

mod files;
pub mod map;
pub mod model;
pub mod names;
pub mod oql;
mod page;
mod plan;
mod schema;
mod search;
pub mod time;
mod values;
pub mod wire;
mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tokio::sync::Semaphore;

use crate::backend::http::client::{Client, Credential, Failure, Source};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Page, Record, Sent, Setup, Tracker, Wanted, Write};
use crate::backend::{Attachment, Capabilities, Cursor, Error, Found, Lookup, Result, Schema, Upload};
use crate::domain::change::Link;
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::text::Clean;
use map::Reading;
use model::TICKET;
use names::{Names, Place};
pub use wire::envelope;
use wire::{Answer, Object};

/// Words whose log entry was not seen yet: the log, the words, how often they were written.
type Unseen = (&'static str, Clean, usize);

/// Requests under way at once: each is signed in anew there, which costs it 45 ms of a processor.
pub const AT_ONCE: usize = 2;
/// Attributes that a class may turn out not to have before we give up.
const UNKNOWN: usize = 24;

/// An iTop.
#[derive(Debug)]
pub struct Itop {
    client: Client,
    setup: Setup,
    turns: Semaphore,
    /// Two entries in one log at one time lose one of them, so we write one thing after the other.
    writing: tokio::sync::Mutex<()>,
    names: Mutex<Names>,
    /// Words that were sent and not yet seen: the log, the words, how often they should stand there.
    unseen: Mutex<HashMap<TicketId, Vec<Unseen>>>,
    /// What classes turned out not to have.
    absent: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// What files are called: iTop tells it with their content only.
    files: Mutex<BTreeMap<String, files::Known>>,
}

impl Itop {
    pub fn new(client: Client, setup: Setup) -> Self {
        Self {
            client,
            setup,
            turns: Semaphore::new(AT_ONCE),
            writing: tokio::sync::Mutex::default(),
            names: Mutex::default(),
            unseen: Mutex::default(),
            absent: Mutex::default(),
            files: Mutex::default(),
        }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        hold(&self.names)
    }

    /// Asks for objects of a class; a limit of 0 is none.
    async fn get(&self, class: &str, key: &Json, output: &[&str], limit: usize) -> Result<Answer> {
        Ok(self.asked(class, key, output, limit, 1).await?.0)
    }

    /// The same, by page, with iTop's own clock. What the class does not have is left out and not asked for again.
    async fn asked(
        &self,
        class: &str,
        key: &Json,
        output: &[&str],
        limit: usize,
        page: usize,
    ) -> Result<(Answer, Option<Timestamp>)> {
        for _ in 0..UNKNOWN {
            let output = self.known(class, output);
            let mut operation = json!({ "operation": "core/get", "class": class, "key": key, "output_fields": output });
            if limit > 0 {
                operation["limit"] = json!(limit);
                operation["page"] = json!(page);
            }
            match self.exchange(wire::ask(&operation)?).await {
                Ok((answer, date)) => return Ok((answer, date)),
                Err(failure) => {
                    let Some(code) = wire::unknown_attribute(&said(&failure)).map(str::to_owned) else {
                        return Err(failure.into());
                    };
                    tracing::warn!("This iTop's {class} has no {code}; it is left out.");
                    let mut absent = hold(&self.absent);
                    absent.entry(class.to_owned()).or_default().insert(code);
                }
            }
        }
        Err(Error::Unexpected(format!("{class} of this iTop has too little in common with what is known of it.")))
    }

    fn known(&self, class: &str, output: &[&str]) -> String {
        let absent = hold(&self.absent);
        let absent = absent.get(class);
        let known = output.iter().filter(|code| !absent.is_some_and(|absent| absent.contains(**code)));
        known.copied().collect::<Vec<_>>().join(",")
    }

    async fn exchange(
        &self,
        request: crate::backend::http::client::Request,
    ) -> Result<(Answer, Option<Timestamp>), Failure> {
        let _turn = self.turns.acquire().await.map_err(|_| Error::Offline("the desk is closing.".into()))?;
        let answer = self.client.json::<Option<Answer>>(request).await?;
        let date = answer.head.date();
        Ok((answer.body.unwrap_or_default(), date))
    }

    /// Where a ticket is, asked for when it was not seen yet.
    async fn placed(&self, id: &TicketId) -> Result<(Place, Kind)> {
        let held = self.names().place(id).cloned();
        let place = match held {
            Some(place) => place,
            None => self.look_up(id).await?,
        };
        let kind = model::kind_of(&self.setup.mapping, &place.class);
        let why = || format!("{id} is a {} in iTop, which this desk's mapping does not name.", place.class);
        kind.map(|kind| (place.clone(), kind)).ok_or_else(|| Error::Unsupported(why()))
    }

    async fn look_up(&self, id: &TicketId) -> Result<Place> {
        let wanted = match names::key_in(id) {
            Some(key) => format!("id = {}", oql::quote(key)),
            None => format!("ref = {}", oql::quote(id.as_str())),
        };
        let key = json!(format!("SELECT {TICKET} WHERE {wanted}"));
        let found = self.get(TICKET, &key, &["ref", "finalclass"], 0).await?;
        // References are not unique. The newest holds it, as it does in lists.
        let newest = found.objects.0.iter().max_by_key(|object| object.key.parse::<u64>().unwrap_or_default());
        let Some(object) = newest else { return Err(plan::not_found(id)) };
        let class = page::class_of(object);
        let mut names = self.names();
        match names::key_in(id) {
            Some(_) => names.shared(object.text("ref")),
            None => names.hold(object.text("ref"), &object.key),
        }
        names.ticket(class, &object.key, object.text("ref"));
        drop(names);
        Ok(Place { class: class.to_owned(), key: object.key.clone() })
    }

    /// The class that a number's letters mean, for one request instead of two.
    fn guessed(&self, id: &TicketId) -> Option<(String, Kind)> {
        let letters = id.as_str().split_once('-')?.0;
        let all = self.setup.mapping.site.get("refs")?;
        let class =
            all.split_whitespace().find_map(|pair| pair.split_once('=').filter(|(known, _)| *known == letters))?.1;
        Some((class.to_owned(), model::kind_of(&self.setup.mapping, class)?))
    }

    /// The ticket with all that stands in it: one request, when it was seen before or its number tells its class.
    async fn read(&self, id: &TicketId) -> Result<Record> {
        let place = self.names().place(id).cloned();
        if place.is_none()
            && names::key_in(id).is_none()
            && let Some((class, kind)) = self.guessed(id)
        {
            let key = json!(format!("SELECT {class} WHERE ref = {}", oql::quote(id.as_str())));
            let found = self.details(&class, kind, &key).await?;
            let newest = found.into_iter().max_by_key(|object| object.key.parse::<u64>().unwrap_or_default());
            if let Some(object) = newest {
                self.names().hold(id.as_str(), &object.key);
                return Ok(self.record(&object, kind));
            }
        }
        let (place, kind) = self.placed(id).await?;
        let found = self.details(&place.class, kind, &json!(place.key)).await?;
        match found.first() {
            Some(object) => Ok(self.record(object, kind)),
            None => {
                self.names().forget(id);
                Err(plan::not_found(id))
            }
        }
    }

    async fn details(&self, class: &str, kind: Kind, key: &Json) -> Result<Vec<Object>> {
        let output = model::output(&self.setup.mapping, kind, class, true);
        let output: Vec<&str> = output.iter().map(String::as_str).collect();
        Ok(self.get(class, key, &output, 0).await?.objects.0)
    }

    fn record(&self, object: &Object, kind: Kind) -> Record {
        let reading = Reading { mapping: &self.setup.mapping, zone: &self.setup.zone };
        reading.record(object, kind, &mut self.names())
    }

    /// The tickets that hang on this one, of all classes at once: its own link sets would bring all of them in full.
    async fn hanging(&self, record: &Record) -> Result<Vec<Link>> {
        let native = map::Native::of(record);
        let mut parts = Vec::new();
        for (kind, attribute) in map::pointing_at(record.kind) {
            // The sorts of change have their common attribute in common.
            let classes: Vec<&str> = model::classes(&self.setup.mapping, *kind).collect();
            parts.extend(classes.iter().map(|class| format!("SELECT {class} WHERE {attribute} = {}", native.key)));
        }
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.get(TICKET, &json!(parts.join(" UNION ")), &["ref", "finalclass"], 0).await?;
        let mut names = self.names();
        let one = |object: &Object| {
            let kind = model::kind_of(&self.setup.mapping, page::class_of(object))?;
            let other = names.ticket(page::class_of(object), &object.key, object.text("ref"));
            Some(Link { how: map::backward(record.kind, kind), other })
        };
        Ok(found.objects.0.iter().filter_map(one).collect())
    }
}

/// Signs requests as iTop takes it best: a Basic header loses what follows a colon in the password, and is taken for
/// another sort of log-in behind some servers.
pub fn sign_in(user: &str, password: Source) -> Credential {
    Credential::Form {
        user_field: "auth_user".into(),
        user: user.to_owned(),
        password_field: "auth_pwd".into(),
        password,
    }
}

/// Signs requests with a token of the module `authent-token`.
pub fn token(value: Source) -> Credential {
    Credential::Header { name: "Auth-Token".into(), prefix: String::new(), value }
}

/// The words of a refusal.
fn said(failure: &Failure) -> String {
    let answer = failure.reply.as_ref().and_then(|reply| serde_json::from_slice::<Answer>(&reply.body).ok());
    answer.and_then(|answer| answer.message).unwrap_or_default()
}

#[async_trait]
impl Tracker for Itop {
    fn capabilities(&self) -> Capabilities {
        self.setup.capabilities()
    }

    async fn schema(&self) -> Result<Schema> {
        self.told().await
    }

    async fn page(&self, since: Option<&Cursor>) -> Result<Page> {
        self.paged(since).await
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        self.restored(self.read(id).await?).await
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        let mut record = self.restored(self.read(id).await?).await?;
        let mut links = map::forward(&record);
        match self.hanging(&record).await {
            Ok(more) => links.extend(more),
            // A customised model may lack one of the classes or attributes.
            Err(Error::Invalid { reason, .. }) => tracing::warn!("Links of {id} are not whole: {reason}"),
            Err(error) => return Err(error),
        }
        links.sort();
        links.dedup();
        record.links = Some(links);
        Ok(record)
    }

    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        self.planned(on, wanted).await
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        self.sent(on, write).await
    }

    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        self.created(kind, wanted).await
    }

    async fn find(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        self.made_before(kind, wanted).await
    }

    fn clock_ahead(&self) -> Option<SignedDuration> {
        self.client.skew()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        self.searched(wanted).await
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.listed(id).await
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.fetched(id, file).await
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        self.added(id, file).await
    }
}
