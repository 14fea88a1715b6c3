//! Several desks as one: one queue, each ticket under its profile's name, each act to the desk that it belongs to.
//!
//! What one desk cannot do or say does not keep the others from it.

pub mod names;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};

use crate::backend::{
    Attachment, Backend, Capabilities, Cursor, Delta, Error, Found, Health, Lookup, Member, Presence, Result, Schema,
    Sort, Stored, Upload,
};
use crate::domain::change::{Op, Target};
use crate::domain::directory::Directory;
use crate::domain::name::{Name, TicketId};
use crate::domain::ticket::Ticket;
use names::Names;

/// Desks under their profiles' names, in the order in which they were asked for.
pub struct Several {
    desks: Vec<(Name, Arc<dyn Backend>)>,
    /// What each desk calls me, once it has said so; the first one's word is what the console calls me.
    me: Mutex<BTreeMap<Name, Name>>,
    /// Who waits for changes of which desk. They live on when one who waits for all of them gives up.
    waiting: tokio::sync::Mutex<FuturesUnordered<Waiting>>,
}

/// How long the desks that have not answered are waited for when one has.
const MOMENT: Duration = Duration::from_millis(500);

type Waiting = Pin<Box<dyn Future<Output = (Name, Result<()>)> + Send>>;

/// Where each desk was left.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Places(BTreeMap<Name, Cursor>);

impl Several {
    pub fn new(desks: Vec<(Name, Arc<dyn Backend>)>) -> Self {
        let waiting = desks.iter().map(|(name, desk)| wait(name.clone(), Arc::clone(desk))).collect();
        Self { desks, me: Mutex::default(), waiting: tokio::sync::Mutex::new(waiting) }
    }

    fn desk(&self, id: &TicketId) -> Result<(&Arc<dyn Backend>, Names)> {
        let profile = names::profile(id.as_str()).unwrap_or_default();
        let (name, desk) =
            self.desks.iter().find(|(name, _)| &**name == profile).ok_or_else(|| Error::NotFound(id.clone()))?;
        Ok((desk, self.names(name)))
    }

    /// Asks every desk at once, and gives their answers in the desks' order with the last error. When one has answered
    /// the others have a moment more: who is away or slow keeps nobody waiting, and is asked again when it is back.
    async fn gather<'d, T: Send>(
        &'d self,
        ask: impl Fn(&'d Arc<dyn Backend>) -> Pin<Box<dyn Future<Output = Result<T>> + Send + 'd>>,
    ) -> (Vec<(&'d Name, &'d Arc<dyn Backend>, T)>, Option<Error>) {
        let number = |(at, (_, desk)): (usize, &'d (Name, Arc<dyn Backend>))| {
            let answer = ask(desk);
            async move { (at, answer.await) }
        };
        let mut asked: FuturesUnordered<_> = self.desks.iter().enumerate().map(number).collect();
        let (mut answers, mut trouble, mut until) = (BTreeMap::new(), None, None);
        loop {
            let next = asked.next();
            let answer = match until {
                None => next.await,
                Some(until) => tokio::time::timeout_at(until, next).await.unwrap_or(None),
            };
            match answer {
                Some((at, Ok(answer))) => {
                    until.get_or_insert_with(|| tokio::time::Instant::now() + MOMENT);
                    answers.insert(at, answer);
                }
                // That one cannot do it at all says nothing of the others.
                Some((_, Err(Error::Unsupported(_)))) if trouble.is_some() => {}
                Some((_, Err(error))) => trouble = Some(error),
                None => break,
            }
        }
        let named = |(at, answer): (usize, T)| self.desks.get(at).map(|(name, desk)| (name, desk, answer));
        (answers.into_iter().filter_map(named).collect(), trouble)
    }

    fn is_me(&self, profile: &Name, login: &Name) {
        let mut me = self.me.lock().unwrap_or_else(PoisonError::into_inner);
        me.insert(profile.clone(), login.clone());
    }

    /// Learns what a desk calls me before it names anybody: rows that came first would say it unswapped.
    async fn introduce(&self, profile: &Name, desk: &Arc<dyn Backend>) {
        let is_known = self.me.lock().unwrap_or_else(PoisonError::into_inner).contains_key(profile);
        if is_known {
            return;
        }
        if let Ok(schema) = desk.schema().await {
            self.is_me(profile, &schema.me);
        }
    }

    fn names(&self, profile: &Name) -> Names {
        let me = self.me.lock().unwrap_or_else(PoisonError::into_inner);
        let there = self.desks.iter().find_map(|(name, _)| me.get(name)).cloned();
        Names::outward(profile, me.get(profile).cloned().zip(there))
    }

    /// The desk that a new ticket goes to: the one that the act names, else the first that takes new ones.
    fn for_new(&self, op: &Op) -> Result<&(Name, Arc<dyn Backend>)> {
        let named = op.desk.as_ref();
        let fits = |(name, desk): &&(Name, Arc<dyn Backend>)| match named {
            Some(wanted) => wanted == name,
            None => desk.capabilities().create,
        };
        self.desks.iter().find(fits).ok_or_else(|| match named {
            Some(name) => Error::Unsupported(format!("there is no desk `{name}` here.")),
            None => Error::Unsupported("new tickets are made elsewhere.".into()),
        })
    }
}

fn wait(name: Name, desk: Arc<dyn Backend>) -> Waiting {
    Box::pin(async move {
        let changed = desk.changed().await;
        (name, changed)
    })
}

impl fmt::Debug for Several {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.desks.iter().map(|(name, _)| name)).finish()
    }
}

/// What any of them can do; what each can do is in its own schema.
pub fn any(all: impl Iterator<Item = Capabilities>) -> Capabilities {
    all.reduce(|a, b| Capabilities {
        write: a.write || b.write,
        create: a.create || b.create,
        atomic_batch: a.atomic_batch && b.atomic_batch,
        internal_notes: a.internal_notes || b.internal_notes,
        links: a.links || b.links,
        handover: a.handover || b.handover,
        escalations: a.escalations || b.escalations,
        tasks: a.tasks || b.tasks,
        approvals: a.approvals || b.approvals,
        majors: a.majors || b.majors,
        proposals: a.proposals || b.proposals,
        problems: a.problems || b.problems,
        changes: a.changes || b.changes,
        presence: a.presence || b.presence,
        attachments: a.attachments || b.attachments,
        people_search: a.people_search || b.people_search,
        asset_search: a.asset_search || b.asset_search,
        knowledge_search: a.knowledge_search || b.knowledge_search,
        ticket_search: a.ticket_search || b.ticket_search,
        guard: a.guard.min(b.guard),
    })
    .unwrap_or(crate::backend::poor::LEAST)
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Several {
    fn capabilities(&self) -> Capabilities {
        any(self.desks.iter().map(|(_, desk)| desk.capabilities()))
    }

    async fn schema(&self) -> Result<Schema> {
        let (answers, trouble) = self.gather(|desk| desk.schema()).await;
        for (name, _, schema) in &answers {
            self.is_me(name, &schema.me);
        }
        let mut members = Vec::new();
        let mut directory = Directory::default();
        for (name, desk, schema) in answers {
            let schema = self.names(name).schema(schema);
            directory.merge(&schema.directory);
            members.push(Member { name: name.clone(), capabilities: desk.capabilities(), schema });
        }
        match (members.first().map(|member| member.schema.me.clone()), trouble) {
            (Some(me), _) => Ok(Schema { me, directory, workflow: None, members }),
            (None, Some(error)) => Err(error),
            (None, None) => Err(Error::Unexpected("There is no desk among these.".into())),
        }
    }

    /// Asks each desk: a copy answers at once. One that cannot answer is left where it was.
    async fn pull(&self, since: Option<&Cursor>) -> Result<Delta> {
        let mut places: Places = match since {
            Some(cursor) => cursor.read()?,
            None => Places::default(),
        };
        let mut all = Delta { changed: Vec::new(), removed: Vec::new(), next: Cursor(String::new()), more: false };
        let (mut answered, mut trouble) = (false, None);
        for (name, desk) in &self.desks {
            match desk.pull(places.0.get(name)).await {
                Ok(delta) => {
                    if !delta.changed.is_empty() {
                        self.introduce(name, desk).await;
                    }
                    let delta = self.names(name).delta(delta);
                    answered = true;
                    all.changed.extend(delta.changed);
                    all.removed.extend(delta.removed);
                    all.more |= delta.more;
                    places.0.insert(name.clone(), delta.next);
                }
                Err(Error::CursorExpired) => {
                    places.0.remove(name);
                    all.more = true;
                }
                Err(error) => trouble = Some(error),
            }
        }
        if let (false, Some(error)) = (answered, trouble) {
            return Err(error);
        }
        all.next = Cursor(serde_json::to_string(&places).map_err(|error| Error::Unexpected(error.to_string()))?);
        Ok(all)
    }

    async fn get(&self, id: &TicketId) -> Result<Ticket> {
        let (desk, names) = self.desk(id)?;
        let ticket = desk.get(&names.inward().id(id)).await;
        ticket.map(|ticket| names.ticket(ticket)).map_err(|error| names.error(error))
    }

    async fn apply(&self, op: &Op) -> Result<Stored> {
        let (desk, names) = match &op.target {
            Target::Ticket(id) => self.desk(id)?,
            Target::New(_) => {
                let (name, desk) = self.for_new(op)?;
                (desk, self.names(name))
            }
        };
        let stored = desk.apply(&names.inward().op(op)).await;
        stored.map(|stored| names.stored(stored)).map_err(|error| names.error(error))
    }

    async fn changed(&self) -> Result<()> {
        let mut waiting = self.waiting.lock().await;
        let Some((name, changed)) = waiting.next().await else { return std::future::pending().await };
        if let Some((name, desk)) = self.desks.iter().find(|(held, _)| *held == name) {
            waiting.push(wait(name.clone(), Arc::clone(desk)));
        }
        changed
    }

    async fn presence(&self, open: Option<&TicketId>) -> Result<Vec<Presence>> {
        let mut all = Vec::new();
        for (name, desk) in self.desks.iter().filter(|(_, desk)| desk.capabilities().presence) {
            let names = self.names(name);
            let mine = open.filter(|id| names::profile(id.as_str()) == Some(name)).map(|id| names.inward().id(id));
            let others = desk.presence(mine.as_ref()).await.unwrap_or_default();
            all.extend(others.iter().map(|other| names.presence(other)));
        }
        Ok(all)
    }

    async fn refresh(&self) -> Result<()> {
        let (answers, trouble) = self.gather(|desk| desk.refresh()).await;
        match trouble {
            Some(error) if answers.is_empty() => Err(error),
            _ => Ok(()),
        }
    }

    /// The first one's that is not well; each one's own is in `healths`.
    fn health(&self) -> Health {
        let all = self.healths();
        let ill = all.iter().find(|(_, health)| health.line != crate::backend::Line::Fresh);
        let doubtful = all.iter().map(|(_, health)| health.doubtful).sum();
        let schema = all.iter().map(|(_, health)| health.schema).sum();
        let shown = ill.or(all.first()).map(|(_, health)| health.clone()).unwrap_or_default();
        Health { doubtful, schema, ..shown }
    }

    fn healths(&self) -> Vec<(Name, Health)> {
        self.desks.iter().map(|(name, desk)| (name.clone(), desk.health())).collect()
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let mut all = Vec::new();
        let (answers, trouble) = self.gather(|desk| desk.search(wanted)).await;
        for (name, _, found) in answers {
            if wanted.sort == Sort::Tickets {
                let names = self.names(name);
                all.extend(found.into_iter().map(|found| names.found(found)));
            } else {
                all.extend(found);
            }
        }
        match trouble.filter(|error| !matches!(error, Error::Unsupported(_))) {
            Some(error) if all.is_empty() => Err(error),
            _ => Ok(all),
        }
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        let (desk, names) = self.desk(id)?;
        desk.attachments(&names.inward().id(id)).await.map_err(|error| names.error(error))
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        let (desk, names) = self.desk(id)?;
        desk.download(&names.inward().id(id), file).await.map_err(|error| names.error(error))
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        let (desk, names) = self.desk(id)?;
        desk.attach(&names.inward().id(id), file).await.map_err(|error| names.error(error))
    }
}
