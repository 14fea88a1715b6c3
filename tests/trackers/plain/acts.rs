//! The plain tracker's adapter.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use deskside::backend::http::client::{Client, Request};
use deskside::backend::http::tracker::{Page, Part, Record, Sent, Tracker, Wanted, Write};
use deskside::backend::{Attachment, Capabilities, Cursor, Error, Found, Guard, Lookup, Result, Schema, Sort, Upload};
use deskside::domain::directory::{Directory, Group, Person};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::name::{Name, TicketId};
use deskside::text::Clean;
use tokio::task::yield_now;

use super::store::{Inner, Trick, World, number};
use super::wired::{Done, Jobs};
use crate::trackers::site::Who;

pub struct Adapter {
    pub world: Arc<World>,
    pub who: Who,
    pub atomic: bool,
    pub mapping: Mapping,
    /// The line that acts and looks go over, where there is one.
    pub line: Option<(Client, Jobs)>,
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Adapter({:?})", self.who)
    }
}

const PAGE: usize = 10;

impl Adapter {
    fn me(&self) -> Name {
        match self.who {
            Who::Colleague => "ben".into(),
            Who::Agent => "ana".into(),
            _ => "cem".into(),
        }
    }

    /// What a read costs: a signature, and whatever trick is played on it.
    async fn read(&self) -> Result<()> {
        yield_now().await;
        if self.who == Who::Wrong {
            return Err(Error::Unauthenticated("the tracker does not take this key.".into()));
        }
        if let Some((client, _)) = &self.line {
            client.json::<Done>(Request::get("look")).await?;
        }
        let mut inner = self.world.lock();
        match inner.once(|trick| matches!(trick, Trick::CannotRead(..))) {
            Some(Trick::CannotRead(0, error)) => Err(error),
            Some(Trick::CannotRead(n, error)) => {
                inner.tricks.push(Trick::CannotRead(n - 1, error));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        store: impl FnOnce(&mut Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        yield_now().await;
        match self.who {
            Who::Wrong => return Err(Error::Unauthenticated("the tracker does not take this key.".into())),
            Who::Reader | Who::Nobody => return Err(Error::Forbidden("you may only look.".into())),
            Who::Agent | Who::Colleague => {}
        }
        let world = Arc::clone(&self.world);
        let job = move || tricked(&mut world.lock(), store);
        let answer = match &self.line {
            None => job(),
            Some((client, jobs)) => {
                let slot = Arc::new(Mutex::new(None));
                let done = Arc::clone(&slot);
                let token = jobs.put(Box::new(move || *done.lock().unwrap() = Some(job())));
                client.json::<Done>(Request::post(format!("do/{token}"))).await?;
                let answer = slot.lock().unwrap().take();
                answer.expect("the tracker did it before it answered")
            }
        };
        yield_now().await;
        answer
    }

    async fn look(&self, id: &TicketId, history: bool) -> Result<Record> {
        self.read().await?;
        if self.who == Who::Nobody {
            return Err(Error::NotFound(id.clone()));
        }
        let inner = self.world.lock();
        inner.at(id)?;
        Ok(inner.record(number(id).unwrap_or_default(), history || inner.has(&Trick::TellsAll)))
    }
}

/// A write with the tricks that are played on it.
fn tricked<T>(inner: &mut Inner, store: impl FnOnce(&mut Inner) -> Result<T>) -> Result<T> {
    let lost = || Error::Doubtful("the line was cut.".into());
    match inner.once(|trick| matches!(trick, Trick::Refuses(..))) {
        Some(Trick::Refuses(0, error)) => return Err(error),
        Some(Trick::Refuses(n, error)) => inner.tricks.push(Trick::Refuses(n - 1, error)),
        _ => {}
    }
    if inner.once(|trick| *trick == Trick::LosesWrite).is_some() {
        return Err(lost());
    }
    let answer = store(inner);
    if inner.once(|trick| *trick == Trick::LosesAnswer).is_some() { Err(lost()) } else { answer }
}

fn cursor(words: &str) -> Option<(u64, Option<u64>)> {
    let (start, before) = words.split_once(' ')?;
    let before = if before == "-" { None } else { Some(before.parse().ok()?) };
    Some((start.parse().ok()?, before))
}

#[async_trait]
impl Tracker for Adapter {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            atomic_batch: false,
            handover: false,
            escalations: false,
            tasks: false,
            approvals: false,
            majors: false,
            proposals: false,
            problems: false,
            changes: false,
            presence: false,
            attachments: true,
            ticket_search: true,
            guard: if self.atomic { Guard::Atomic } else { Guard::CheckThenWrite },
            ..Capabilities::FULL
        }
    }

    async fn schema(&self) -> Result<Schema> {
        self.read().await?;
        let people = ["ana", "ben", "cem"].map(|login| Person::named(login.into(), login.into()));
        let groups = ["First line", "Network"].map(|name| Group { name: name.into(), line: 1, manager: "ben".into() });
        let directory = Directory { people: people.into(), groups: groups.into(), ..Directory::default() };
        let workflow = Some(Arc::new(self.mapping.workflow()));
        Ok(Schema { me: self.me(), directory, workflow, members: vec![] })
    }

    async fn page(&self, since: Option<&Cursor>) -> Result<Page> {
        self.read().await?;
        let inner = self.world.lock();
        let short = if inner.has(&Trick::ShortPages) { 3 } else { PAGE };
        let gone = Vec::new();
        if self.who == Who::Nobody {
            return Ok(Page { records: vec![], gone, next: Cursor(format!("{} -", inner.seq)), more: false });
        }
        let (start, before) = match since {
            None => (inner.seq, Some(u64::MAX)),
            Some(Cursor(words)) => cursor(words).ok_or(Error::CursorExpired)?,
        };
        let mut all: Vec<_> = inner.tickets.iter().map(|(n, held)| (held.seq, *n)).collect();
        all.sort_unstable();
        let Some(before) = before else {
            let records: Vec<_> =
                all.iter().filter(|(seq, _)| *seq > start).map(|(_, n)| inner.record(*n, false)).collect();
            return Ok(Page { records, gone, next: Cursor(format!("{} -", inner.seq)), more: false });
        };
        let rest: Vec<_> = all.iter().rev().filter(|(seq, _)| *seq < before).collect();
        let records = rest.iter().take(short).map(|(_, n)| inner.record(*n, false)).collect();
        let more = rest.len() > short;
        let next = if more { format!("{start} {}", rest[short - 1].0) } else { format!("{start} -") };
        Ok(Page { records, gone, next: Cursor(next), more })
    }

    async fn glance(&self, id: &TicketId) -> Result<Record> {
        self.look(id, false).await
    }

    async fn whole(&self, id: &TicketId) -> Result<Record> {
        self.look(id, true).await
    }

    /// Words take a write of their own; everything else goes together.
    async fn plan(&self, on: &Record, wanted: &Wanted) -> Result<Vec<Write>> {
        for part in &wanted.parts {
            match part {
                Part::Field(Field::Custom(name), _) => {
                    return Err(Error::Unsupported(format!("there is no {name}.")));
                }
                Part::Field(Field::Group, Some(name)) if !["First line", "Network"].contains(&&*name.to_string()) => {
                    return Err(Error::invalid("group", format!("there is no group {name}.")));
                }
                Part::Owner(name) if !["ana", "ben", "cem"].contains(&name.as_str()) => {
                    return Err(Error::invalid("owner", format!("there is no {name}.")));
                }
                Part::Step(verb, _) if self.mapping.step(on.kind, &on.native_state, *verb).is_none() => {
                    return Err(Error::invalid("state", format!("there is no {verb} from here.")));
                }
                _ => {}
            }
        }
        let (words, rest): (Vec<_>, Vec<_>) =
            wanted.parts.iter().cloned().partition(|part| matches!(part, Part::Say(..)));
        let write = |carries: Vec<Part>| Write { carries, request: Request::post("nowhere") };
        Ok([rest, words].into_iter().filter(|parts| !parts.is_empty()).map(write).collect())
    }

    async fn send(&self, on: &Record, write: &Write) -> Result<Sent> {
        let (id, me, seen, atomic) = (on.id.clone(), self.me(), on.revision, self.atomic);
        let parts = write.carries.clone();
        self.write(move |inner| {
            // Words only add: a tracker takes them whatever else changed.
            let only_words = parts.iter().all(|part| matches!(part, Part::Say(..)));
            if atomic && !only_words && inner.at(&id)?.seq != seen.0 {
                return Ok(Sent::Clash);
            }
            inner.at(&id)?;
            let n = number(&id).unwrap_or_default();
            inner.store(n, &me, &parts);
            if let Some(Trick::Overtakes(title)) = inner.once(|trick| matches!(trick, Trick::Overtakes(_))) {
                inner.store(n, &"ben".into(), &[Part::Field(Field::Title, Some(Value::text(&title)))]);
            }
            Ok(Sent::Taken)
        })
        .await
    }

    async fn create(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        let only = |part: &&Part| matches!(part, Part::Field(..));
        let first = wanted.only(wanted.parts.iter().filter(only).cloned().collect());
        self.write(move |inner| Ok(TicketId::new(&inner.make(kind, &first).to_string()))).await
    }

    async fn find(&self, _kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        self.read().await?;
        let inner = self.world.lock();
        let title = wanted.text(&Field::Title);
        let forgets = inner.has(&Trick::ForgetsKeys);
        let fits = inner.tickets.iter().rev().filter(|(_, held)| {
            let named = held.fields.get(&Field::Title).and_then(Value::as_str) == Some(title);
            if forgets { named && held.registrar == wanted.me } else { held.key == wanted.key.0 }
        });
        Ok(fits.map(|(n, _)| TicketId::new(&n.to_string())).collect())
    }

    async fn search(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        self.read().await?;
        assert_eq!(wanted.sort, Sort::Tickets, "only what is offered is asked for");
        let inner = self.world.lock();
        let title = |n: &u64| inner.tickets[n].fields.get(&Field::Title).map(ToString::to_string).unwrap_or_default();
        let all = inner.tickets.keys().filter(|n| title(n).contains(wanted.words.as_str())).take(wanted.limit);
        let found = all.map(|n| Found {
            name: Name::new(&n.to_string()),
            title: Clean::line(&title(n)),
            text: Clean::default(),
        });
        Ok(found.collect())
    }

    async fn attachments(&self, id: &TicketId) -> Result<Vec<Attachment>> {
        self.read().await?;
        let inner = self.world.lock();
        let file = |(n, (name, bytes)): (usize, &(String, Vec<u8>))| Attachment {
            key: Name::new(&n.to_string()),
            name: Clean::line(name),
            media_type: Clean::default(),
            size: Some(bytes.len() as u64),
            at: None,
            by: "ana".into(),
        };
        Ok(inner.at(id)?.files.iter().enumerate().map(file).collect())
    }

    async fn download(&self, id: &TicketId, file: &Name) -> Result<Vec<u8>> {
        self.read().await?;
        let inner = self.world.lock();
        let found = file.parse::<usize>().ok().and_then(|n| inner.at(id).ok()?.files.get(n).cloned());
        found.map(|(_, bytes)| bytes).ok_or_else(|| Error::invalid("file", "there is no such file."))
    }

    async fn attach(&self, id: &TicketId, file: &Upload) -> Result<()> {
        let (id, name, bytes) = (id.clone(), file.name.to_string(), file.bytes.clone());
        self.write(move |inner| {
            inner.at(&id)?;
            inner.tickets.get_mut(&number(&id).unwrap_or_default()).unwrap().files.push((name, bytes));
            Ok(())
        })
        .await
    }
}
