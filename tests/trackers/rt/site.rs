//! The fake as a site under the promises of all trackers.

use async_trait::async_trait;
use deskside::backend::http::tracker::{Scope, Tracker};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};

use super::{adapter, stock};
use crate::fake::rt::seed::{Named, clean};
use crate::fake::rt::world::{GROUPS, INES, Layout, NOBODY, NONE, READER, SAM, World, login};
use crate::fake::rt::{Shared, router, token};
use crate::fake::server::Server;
use crate::trackers::site::{Elsewhere, Fixture, Site, Truth, Who};

/// A fake Request Tracker with its tickets.
pub struct Fake {
    pub server: Server,
    pub world: Shared,
    pub named: Named,
}

impl Fake {
    pub fn start() -> Self {
        let (world, named) = clean();
        Self { server: Server::start(router(world.clone())), world, named }
    }

    /// A site that is set up otherwise, without tickets.
    pub fn laid_out(layout: Layout) -> Self {
        let fake = Self::start();
        fake.with(|world| *world = World { layout, ..World::default() });
        fake
    }

    pub fn with<T>(&self, what: impl FnOnce(&mut World) -> T) -> T {
        what(&mut self.world.lock().unwrap())
    }
}

fn number(id: &TicketId) -> u64 {
    id.as_str().parse().unwrap_or_default()
}

fn id(number: u64) -> TicketId {
    TicketId::new(&number.to_string())
}

#[async_trait]
impl Site for Fake {
    async fn new() -> Self {
        Self::start()
    }

    fn address(&self) -> String {
        self.server.url()
    }

    fn adapter(&self, who: Who, address: &str) -> Box<dyn Tracker> {
        let token = match who {
            Who::Agent => token(SAM),
            Who::Colleague => token(INES),
            Who::Reader => token(READER),
            Who::Nobody => token(NONE),
            Who::Wrong => token(SAM).replace('5', "6"),
        };
        Box::new(adapter(address, &token, stock(), Scope::default(), "UTC"))
    }

    fn fixture(&self) -> Fixture {
        let named = &self.named;
        let others = [(Kind::Request, named.request), (Kind::Problem, named.problem), (Kind::Change, named.change)];
        Fixture {
            incident: id(named.incident),
            storied: id(named.storied),
            others: others.into_iter().map(|(kind, number)| (kind, id(number))).collect(),
            hostile: id(named.hostile),
            in_scope: named.in_scope,
            group: "Service Desk".into(),
            other_group: "Network".into(),
            agent: "sam.desk".into(),
            colleague: "ines.incident".into(),
            caller: "rita.caller".into(),
            category: Some(Name::new("Network")),
        }
    }

    async fn truth(&self, id: &TicketId) -> Option<Truth> {
        let world = self.world.lock().unwrap();
        let ticket = world.tickets.get(&number(id)).filter(|ticket| ticket.status != "deleted")?;
        let said = |sort: &str| {
            let of = world.txns.iter().filter(|txn| txn.ticket == ticket.id && txn.sort == sort);
            let words = of.flat_map(|txn| world.files.iter().filter(|file| file.txn == txn.id && file.name.is_empty()));
            words.map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).collect()
        };
        let files = world.files.iter().filter(|file| {
            !file.name.is_empty() && world.txns.iter().any(|txn| txn.id == file.txn && txn.ticket == ticket.id)
        });
        Some(Truth {
            title: ticket.subject.clone(),
            state: ticket.status.clone(),
            owner: (ticket.owner != NOBODY).then(|| login(ticket.owner).to_owned()),
            group: ticket.group.and_then(|id| GROUPS.iter().find(|one| one.0 == id)).map(|one| one.1.to_owned()),
            public: said("Correspond"),
            internal: said("Comment"),
            attachments: files.map(|file| file.name.clone()).collect(),
        })
    }

    async fn titled(&self, title: &str) -> Vec<TicketId> {
        let world = self.world.lock().unwrap();
        world.tickets.values().filter(|ticket| ticket.subject == title).map(|ticket| id(ticket.id)).collect()
    }

    async fn elsewhere(&self, of: &TicketId, what: Elsewhere) {
        let of = number(of);
        self.with(|world| match what {
            Elsewhere::Title(title) => {
                let old = world.tickets[&of].subject.clone();
                world.txn(of, INES, "Set", "Subject", &old, &title);
                world.tickets.get_mut(&of).unwrap().subject = title;
            }
            Elsewhere::Note(words) => {
                world.say(of, INES, false, "text/plain", &words);
            }
            Elsewhere::Reply(words) => {
                world.say(of, INES, true, "text/plain", &words);
            }
            Elsewhere::Take => drop(world.own(of, INES, INES)),
            Elsewhere::Resolve => {
                for to in ["assigned", "in progress", "resolved"] {
                    world.status(of, INES, to);
                }
            }
            Elsewhere::Delete => drop(world.status(of, INES, "deleted")),
        });
    }

    async fn moves(&self, of: &TicketId) -> Option<TicketId> {
        let into = self.named.storied;
        self.with(|world| world.merge(number(of), into, INES));
        Some(id(into))
    }

    async fn turns(&self, of: &TicketId) -> Option<Kind> {
        let of = number(of);
        self.with(|world| {
            world.txn(of, INES, "Set", "Queue", "3", "5");
            world.tickets.get_mut(&of).unwrap().queue = 5;
        });
        Some(Kind::Problem)
    }
}

tracker_suite!(fake, Fake);
