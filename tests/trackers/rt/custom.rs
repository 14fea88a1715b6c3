//! Two sites that are not set up as the one that ships: one in German, and RT as it is installed.

use std::time::Duration;

use deskside::backend::http::remote::Remote;
use deskside::backend::http::tracker::{Scope, Tracker};
use deskside::backend::{Backend as _, Error, Lookup, Sort, Stored};
use deskside::domain::change::{Audience, Change, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::name::TicketId;
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;
use jiff::Timestamp;

use super::live::rules;
use super::site::Fake;
use super::{adapter, german, stock};
use crate::fake::rt::token;
use crate::fake::rt::world::{GENERAL, GERMAN, RITA, SAM};
use crate::trackers::acts::{op, set, step, walk};

fn general() -> Mapping {
    let mut mapping = stock();
    mapping.lay(toml::from_str(include_str!("custom-general.toml")).unwrap());
    mapping
}

fn rt(fake: &Fake, mapping: Mapping, scope: Scope) -> deskside::backend::http::rt::Rt {
    adapter(&fake.server.url(), &token(SAM), mapping, scope, "UTC")
}

fn desk(fake: &Fake, mapping: Mapping) -> Remote {
    Remote::new(Box::new(rt(fake, mapping, Scope::default())), rules(), Duration::from_secs(60))
}

async fn act(desk: &Remote, target: Target, changes: Vec<Change>) -> Result<Stored, Error> {
    desk.apply(&op(target, None, changes)).await
}

#[tokio::test]
async fn a_german_site_is_told_by_its_file() {
    let fake = Fake::laid_out(GERMAN);
    let (here, branch, strange) = fake.with(|world| {
        let here = world.make(3, SAM, "Drucker steht");
        let branch = world.make(7, SAM, "Kasse steht");
        let held = world.tickets.get_mut(&branch).unwrap();
        (held.status, held.priority, held.callers) = ("wartet auf lieferant".into(), 7, vec![RITA]);
        held.fields.insert(7, vec!["Netze".into()]);
        held.fields.insert(9, vec!["4711".into()]);
        (here, branch, world.make(99, SAM, "In keiner Warteschlange von uns"))
    });
    let tracker = rt(&fake, german(), Scope::default());
    let schema = tracker.schema().await.unwrap();
    let groups: Vec<&str> = schema.directory.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["Leitstelle", "Netze"]);
    let rows = walk(&tracker).await.0;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, [branch.to_string(), here.to_string()], "{strange}");
    let row = &rows[0];
    assert_eq!((row.kind, row.state, row.priority), (Kind::Incident, State::OnHold, Some(2)));
    assert_eq!(row.fields.get(&Field::HoldReason), Some(&Value::name("vendor")));
    assert_eq!(row.fields.get(&Field::Group), Some(&Value::name("Netze")));
    let own = Field::Custom("x.kostenstelle".into());
    assert_eq!(row.fields.get(&own), Some(&Value::name("4711")), "a field that nobody mapped");
    // Written in its own words, and read back in ours.
    let desk = desk(&fake, german());
    let on = Target::Ticket(TicketId::new(&here.to_string()));
    let assigned = vec![
        set(Field::Impact, Value::Number(1)),
        set(Field::Urgency, Value::Number(1)),
        set(Field::Group, Value::name("Leitstelle")),
        step(Verb::Assign, State::New, State::Assigned),
    ];
    let stored = act(&desk, on.clone(), assigned).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.ticket.state), (&[][..], State::Assigned));
    act(&desk, on.clone(), vec![step(Verb::Start, State::Assigned, State::InProgress)]).await.unwrap();
    let held = vec![
        set(Field::HoldReason, Value::name("caller")),
        step(Verb::Hold, State::InProgress, State::OnHold),
        Change::Say { audience: Audience::Public, text: Clean::body("Bitte rufen Sie zurück.") },
    ];
    let stored = act(&desk, on, held).await.unwrap();
    assert_eq!(stored.dropped, []);
    fake.with(|world| {
        let ticket = &world.tickets[&here];
        assert_eq!((ticket.status.as_str(), ticket.priority), ("wartet auf anwender", 10));
        assert_eq!(ticket.fields[&2], ["1 Standort"]);
        assert_eq!(
            (ticket.fields[&3].as_slice(), ticket.fields[&7].as_slice()),
            (&["sofort".to_owned()][..], &["Leitstelle".to_owned()][..])
        );
    });
    // New ones go to the first of its queues.
    let new = vec![
        Change::Create { kind: Kind::Incident, state: State::New, opened: Timestamp::now() },
        set(Field::Title, Value::text("Neu")),
        set(Field::Group, Value::name("Netze")),
    ];
    let made = act(&desk, Target::New(Kind::Incident), new).await.unwrap();
    assert_eq!(made.dropped, []);
    let number: u64 = made.ticket.id.as_str().parse().unwrap();
    fake.with(|world| {
        assert_eq!((world.tickets[&number].queue, world.tickets[&number].fields[&7][0].as_str()), (3, "Netze"))
    });
}

#[tokio::test]
async fn a_site_as_it_is_installed_is_told_by_its_file() {
    let fake = Fake::laid_out(GENERAL);
    let (ours, theirs) = fake.with(|world| {
        let ours = world.make(1, SAM, "No sound in room 4");
        world.tickets.get_mut(&ours).unwrap().fields.insert(1, vec!["Helpdesk".into()]);
        let theirs = world.make(1, SAM, "A cable");
        world.tickets.get_mut(&theirs).unwrap().fields.insert(1, vec!["Network".into()]);
        (ours, theirs)
    });
    let scope = Scope { groups: vec!["helpdesk".into()], ..Scope::default() };
    let tracker = rt(&fake, general(), scope);
    let can = tracker.capabilities();
    assert!(can.create && !can.problems && !can.changes, "{can:?}");
    let schema = tracker.schema().await.unwrap();
    assert!(schema.workflow.unwrap().ways.iter().all(|way| way.kind == Kind::Incident));
    let rows = walk(&tracker).await.0;
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [ours.to_string()], "{theirs} is not ours");
    let desk = desk(&fake, general());
    let on = Target::Ticket(TicketId::new(&ours.to_string()));
    let due: Timestamp = "2030-01-15T20:00:00Z".parse().unwrap();
    let changes = vec![
        set(Field::PriorityOverride, Value::Number(1)),
        set(Field::NeededBy, Value::Time(due)),
        step(Verb::Start, State::New, State::InProgress),
    ];
    let stored = act(&desk, on.clone(), changes).await.unwrap();
    assert_eq!((stored.ticket.state, stored.summary.priority), (State::InProgress, 1));
    assert!(fake.server.asked("PUT", "/ticket/")[0].text().contains(r#""Due":"2030-01-15 20:00:00""#));
    // What it has no place for is refused, not lost.
    let refused = act(&desk, on.clone(), vec![set(Field::Impact, Value::Number(1))]).await;
    assert!(matches!(refused, Err(Error::Unsupported(_))), "{refused:?}");
    let problem = act(&desk, Target::New(Kind::Problem), vec![set(Field::Title, Value::text("Why?"))]).await;
    assert!(matches!(problem, Err(Error::Unsupported(_))), "{problem:?}");
    // A first reply opens it, and full text is searched.
    let said = vec![Change::Say { audience: Audience::Public, text: Clean::body("We look.") }];
    let stored = act(&desk, Target::Ticket(TicketId::new(&theirs.to_string())), said).await.unwrap();
    assert_eq!(stored.ticket.state, State::InProgress);
    tracker.search(&Lookup { sort: Sort::Tickets, words: Clean::line("cable"), limit: 5 }).await.unwrap();
    let asked = fake.server.asked("GET", "/tickets").pop().unwrap().query;
    assert!(asked.contains("Content+LIKE"), "{asked}");
}
