//! The tickets of a clean fake: the same every time, with their past behind them.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use super::Shared;
use super::world::{INES, NED, RITA, SAM, Ticket, World};

/// Tickets beside the named ones.
const ORDINARY: u64 = 240;

/// The numbers of those that tests name.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    pub incident: u64,
    pub storied: u64,
    pub request: u64,
    pub problem: u64,
    pub change: u64,
    pub hostile: u64,
    /// Merged into `storied`.
    pub merged: u64,
    pub deleted: u64,
    pub in_scope: usize,
}

pub const HOSTILE: &str =
    "\u{1b}[31mred\u{1b}[0m \u{1b}]0;owned\u{7}\u{1b}[2J \u{9b}5A \u{202e}gpj.exe\u{202c} \u{200b}<b>漢字</b>";

/// A clean world.
pub fn clean() -> (Shared, Named) {
    let mut world = World::default();
    let named = named(&mut world);
    (Arc::new(Mutex::new(world)), named)
}

fn named(world: &mut World) -> Named {
    for n in 0..ORDINARY {
        one(world, 3, &format!("Printer {n} jams"), |_| {});
    }
    let incident = one(world, 3, "It's \\ slow", |ticket| ticket.group = Some(28));
    let storied = one(world, 3, "VPN drops every afternoon", |ticket| {
        (ticket.group, ticket.owner, ticket.sla) = (Some(30), INES, "P2".into());
        ticket.due = Some(ticket.created + SignedDuration::from_hours(8));
    });
    world.txn(storied, INES, "Set", "Owner", "6", "40");
    world.status(storied, INES, "assigned");
    world.status(storied, INES, "in progress");
    world.say(storied, INES, false, "text/plain", "Looked at the log.\n");
    world.say(storied, INES, true, "text/plain", "Dear caller, please try again.\n");
    world.say(storied, RITA, true, "text/html", "<p>Still the <b>same</b>.</p><script>alert(1)</script>");
    let request = one(world, 4, "Laptop for a colleague", |_| {});
    let problem = one(world, 5, "Sessions end after eight hours", |ticket| ticket.owner = INES);
    let change = one(world, 6, "Replace the concentrator", |_| {});
    let hostile = one(world, 3, HOSTILE, |_| {});
    world.say(hostile, SAM, false, "text/plain", &format!("{HOSTILE}\r\nline\u{b}\u{c}\u{85}\u{2028}end\n"));
    let merged = one(world, 3, "Reported twice", |ticket| ticket.merged = None);
    let deleted = one(world, 3, "By mistake", |_| {});
    let uri = format!("fsck.com-rt://deskside.test/ticket/{storied}");
    world.txn(merged, NED, "AddLink", "MergedInto", "", &uri);
    world.tickets.get_mut(&merged).unwrap().merged = Some(storied);
    world.status(deleted, INES, "deleted");
    let in_scope = world.tickets.len() - 2;
    age(world);
    Named { incident, storied, request, problem, change, hostile, merged, deleted, in_scope }
}

fn one(world: &mut World, queue: u64, subject: &str, more: impl FnOnce(&mut Ticket)) -> u64 {
    let id = world.make(queue, SAM, subject);
    let begun = world.txn(id, SAM, "Create", "", "", "");
    world.file(begun, "", "text/plain", format!("Reported by phone.\n\n{subject}\n").as_bytes());
    let ticket = world.tickets.get_mut(&id).unwrap();
    (ticket.callers, ticket.priority) = (vec![RITA], 50);
    ticket.fields.insert(2, vec!["Medium".into()]);
    ticket.fields.insert(4, vec!["Network".into()]);
    if queue != 6 {
        ticket.fields.insert(3, vec!["Low".into()]);
    }
    more(ticket);
    id
}

/// All of it happened days ago, the oldest first.
fn age(world: &mut World) {
    let all = i64::try_from(world.tickets.len()).unwrap();
    let back = |id: u64, at: Timestamp| at - SignedDuration::from_hours(24 + all - i64::try_from(id).unwrap());
    for ticket in world.tickets.values_mut() {
        let id = ticket.id;
        (ticket.created, ticket.updated) = (back(id, ticket.created), back(id, ticket.updated));
        for at in [&mut ticket.started, &mut ticket.resolved, &mut ticket.told, &mut ticket.due] {
            *at = at.map(|at| back(id, at));
        }
    }
    // What followed came a while after the beginning.
    for txn in &mut world.txns {
        let later = if txn.sort == "Create" { 0 } else { i64::try_from(txn.id % 50).unwrap() + 60 };
        txn.at = back(txn.ticket, txn.at) + SignedDuration::from_secs(later);
    }
}
