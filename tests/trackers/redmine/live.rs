//! Against real servers, where the environment names them as `tests/live/redmine/up` prints it: REDMINE_URL and the rest for
//! the stock site, the same with REDMINE_CUSTOM_ before it for the customised one.

use std::env;

use super::*;
use crate::trackers::acts::step;
use deskside::backend::{Error, Lookup, Sort, Upload};
use deskside::domain::change::{Handover, Link, LinkKind};
use deskside::domain::state::{State, Verb};

/// A real server, by the prefix of its variables.
struct Real(&'static str);

impl Real {
    /// None, said aloud, where no server is named.
    fn named(prefix: &'static str) -> Option<Self> {
        if env::var(format!("{prefix}_URL")).is_ok() {
            return Some(Self(prefix));
        }
        eprintln!("skipped: {prefix}_URL names no Redmine (tests/live/redmine/up prints it)");
        None
    }

    fn get(&self, name: &str) -> String {
        env::var(format!("{}_{name}", self.0)).unwrap_or_else(|_| panic!("{}_{name} is not set", self.0))
    }

    fn id(&self, name: &str) -> TicketId {
        TicketId::new(&self.get(&format!("ISSUE_{name}")))
    }

    fn tracker(&self, who: &str) -> Redmine {
        let mapping = if self.0 == "REDMINE" { stock() } else { german() };
        let key = self.get(&format!("KEY_{who}"));
        redmine(&self.get("URL"), &key, mapping, Scope { page: 10, ..Scope::default() })
    }

    fn desk(&self, who: &str) -> Remote {
        desk(self.tracker(who))
    }
}

fn target(id: &TicketId) -> Target {
    Target::Ticket(id.clone())
}

fn accept(who: &str) -> Change {
    Change::Handover { step: Handover::Accept { by: name(who) } }
}

fn new(kind: Kind, title: &str) -> Vec<Change> {
    let state = State::New;
    vec![Change::Create { kind, state, opened: Timestamp::now() }, set(Field::Title, Value::text(title))]
}

async fn made(desk: &Remote, kind: Kind, changes: Vec<Change>) -> TicketId {
    let stored = desk.apply(&op(Target::New(kind), None, changes)).await.unwrap();
    assert_eq!(stored.dropped, vec![]);
    stored.summary.id
}

#[tokio::test]
async fn a_full_walk_and_a_delta_on_both_sites() {
    for real in ["REDMINE", "REDMINE_CUSTOM"].into_iter().filter_map(Real::named) {
        let tracker = real.tracker("SAM_DESK");
        let schema = tracker.schema().await.unwrap();
        assert_eq!(schema.me, name("sam.desk"));
        assert!(schema.directory.person("fay.field").is_some_and(|person| person.level.is_some()));
        let (rows, cursor) = walk(&tracker).await;
        assert!(rows.len() > 30, "{}", rows.len());
        for row in &rows {
            let whole = tracker.whole(&row.id).await.unwrap();
            assert_eq!((&row.id, row.revision, &row.fields), (&whole.id, whole.revision, &whole.fields));
        }
        let kinds: std::collections::BTreeSet<Kind> = rows.iter().map(|row| row.kind).collect();
        assert_eq!(kinds.len(), 4);
        let delta = tracker.page(Some(&cursor)).await.unwrap();
        assert!(delta.records.len() <= rows.len());
    }
}

#[tokio::test]
async fn named_records_are_read() {
    for real in ["REDMINE", "REDMINE_CUSTOM"].into_iter().filter_map(Real::named) {
        let desk = real.desk("SAM_DESK");
        let history = desk.get(&real.id("HISTORY")).await.unwrap();
        assert_eq!(history.owner, name("ned.net"));
        assert_eq!(history.fields.get(&Field::Caller), Some(&Value::name("rita.caller")));
        assert!(history.links.contains(&Link { how: LinkKind::ProblemIs, other: real.id("PROBLEM") }));
        assert!(history.links.contains(&Link { how: LinkKind::ParentOf, other: real.id("CHILD") }));
        let has = |fits: fn(&Change) -> bool| history.timeline.iter().any(|event| fits(&event.change));
        assert!(has(|change| matches!(change, Change::Heard { .. })));
        assert!(has(|change| matches!(change, Change::Say { audience: Audience::Internal, .. })));
        assert!(has(|change| matches!(change, Change::Move { verb: Verb::Start, .. })));
        let duplicate = desk.get(&real.id("DUPLICATE")).await.unwrap();
        assert!(duplicate.links.contains(&Link { how: LinkKind::DuplicateOf, other: real.id("ORIGINAL") }));
        let hostile = desk.get(&real.id("HOSTILE")).await.unwrap();
        let shown = format!("{:?}", hostile.timeline);
        assert!(!shown.chars().any(|letter| letter == '\u{1b}' || letter == '\u{202e}'));
        assert!(
            desk.get(&real.id("LARGE"))
                .await
                .unwrap()
                .timeline
                .iter()
                .any(|event| { matches!(&event.change, Change::Say { text, .. } if text.len() > 900_000) })
        );
        for name in ["EMPTY", "PRIVATE", "REJECTED", "DONE", "OVERDUE", "CHANGE", "PROBLEM", "REQUEST"] {
            desk.get(&real.id(name)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_ticket_lives_from_its_making_to_its_resolution() {
    let Some(real) = Real::named("REDMINE") else { return };
    let desk = real.desk("SAM_DESK");
    let mut changes = new(Kind::Incident, "Live: no dial tone");
    changes.extend([
        set(Field::Description, Value::text("Since noon.\nAll phones.")),
        set(Field::Caller, Value::name("rita.caller")),
        set(Field::Impact, Value::Number(1)),
        set(Field::Urgency, Value::Number(2)),
        set(Field::PriorityOverride, Value::Number(2)),
        set(Field::Category, Value::name("Network")),
        set(Field::Service, Value::name("Telephony")),
        set(Field::Asset, Value::name("PH-7")),
        set(Field::Group, Value::name("Network")),
        say(Audience::Internal, "Looks like the switch."),
        say(Audience::Public, "We are on it."),
    ]);
    let id = made(&desk, Kind::Incident, changes).await;
    let take =
        vec![accept("sam.desk"), step(Verb::Start, State::New, State::InProgress), say(Audience::Internal, "Mine.")];
    let stored = desk.apply(&op(target(&id), None, take)).await.unwrap();
    assert_eq!(
        (stored.dropped, stored.ticket.state, stored.ticket.owner),
        (vec![], State::InProgress, name("sam.desk"))
    );
    // Somebody else writes: what I saw is old.
    let seen = Some(stored.ticket.revision);
    let other = real.desk("FAY_FIELD");
    other.apply(&op(target(&id), None, vec![set(Field::Title, Value::text("Live: theirs"))])).await.unwrap();
    let error = desk.apply(&op(target(&id), seen, vec![set(Field::Title, Value::text("Mine"))])).await.unwrap_err();
    assert!(matches!(&error, Error::Conflict { who, .. } if who == "fay.field"), "{error:?}");
    let links = [
        Link { how: LinkKind::ProblemIs, other: real.id("PROBLEM") },
        Link { how: LinkKind::FixedBy, other: real.id("CHANGE") },
        Link { how: LinkKind::DuplicatedBy, other: real.id("EMPTY") },
    ];
    let link: Vec<Change> = links.iter().map(|link| Change::Link { link: link.clone() }).collect();
    assert_eq!(desk.apply(&op(target(&id), None, link)).await.unwrap().dropped, vec![]);
    let unlink: Vec<Change> = links.iter().map(|link| Change::Unlink { link: link.clone() }).collect();
    assert_eq!(desk.apply(&op(target(&id), None, unlink)).await.unwrap().dropped, vec![]);
    let resolve = vec![
        set(Field::ResolutionCode, Value::name("Solved")),
        step(Verb::Resolve, State::InProgress, State::Resolved),
        say(Audience::Public, "It works again."),
    ];
    let stored = desk.apply(&op(target(&id), None, resolve)).await.unwrap();
    assert_eq!((stored.dropped, stored.ticket.state), (vec![], State::Resolved));
    let said: Vec<(Audience, String)> = desk
        .get(&id)
        .await
        .unwrap()
        .timeline
        .into_iter()
        .filter_map(|event| match event.change {
            Change::Say { audience, text } => Some((audience, text.to_string())),
            _ => None,
        })
        .collect();
    let (internal, public) = (Audience::Internal, Audience::Public);
    let expected = [
        (internal, "Looks like the switch."),
        (public, "We are on it."),
        (internal, "Mine."),
        (public, "It works again."),
    ];
    assert_eq!(said, expected.map(|(audience, text)| (audience, text.to_owned())));
    let close = vec![step(Verb::Close, State::Resolved, State::Closed)];
    let stored = desk.apply(&op(target(&id), None, close)).await.unwrap();
    assert_eq!((stored.dropped, stored.ticket.state), (vec![], State::Closed));
}

#[tokio::test]
async fn a_private_note_stays_private_or_is_not_sent() {
    let Some(real) = Real::named("REDMINE") else { return };
    let caller = real.desk("RITA_CALLER");
    let id = made(&caller, Kind::Incident, new(Kind::Incident, "Live: by the caller")).await;
    let error =
        caller.apply(&op(target(&id), None, vec![say(Audience::Internal, "Secret of mine.")])).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    let agent = real.desk("SAM_DESK");
    agent.apply(&op(target(&id), None, vec![say(Audience::Internal, "Secret of ours.")])).await.unwrap();
    let seen = caller.get(&id).await.unwrap();
    assert!(!format!("{:?}", seen.timeline).contains("Secret"));
    let reader = real.desk("REED_ONLY");
    reader.schema().await.unwrap();
    assert!(!reader.capabilities().write);
    assert!(matches!(real.tracker("NORA_NONE").whole(&id).await.unwrap_err(), Error::Forbidden(_)));
}

#[tokio::test]
async fn the_priority_of_a_parent_is_dropped_and_said() {
    let Some(real) = Real::named("REDMINE") else { return };
    let changes = vec![set(Field::PriorityOverride, Value::Number(1))];
    let stored = real.desk("SAM_DESK").apply(&op(target(&real.id("HISTORY")), None, changes)).await.unwrap();
    assert_eq!(stored.dropped.len(), 1, "{:?}", stored.dropped);
}

#[tokio::test]
async fn files_and_searches() {
    let Some(real) = Real::named("REDMINE") else { return };
    let tracker = real.tracker("SAM_DESK");
    tracker.schema().await.unwrap();
    let held = tracker.attachments(&real.id("HISTORY")).await.unwrap();
    assert!(held.iter().any(|file| file.name.as_str() == "Prüfprotokoll ✓.txt"));
    for file in &held {
        let bytes = tracker.download(&real.id("HISTORY"), &file.key).await.unwrap();
        assert_eq!(Some(bytes.len() as u64), file.size);
    }
    let file =
        Upload { name: Clean::line("Foto ✓ & 1.txt"), media_type: "text/plain".into(), bytes: b"hello".to_vec() };
    tracker.attach(&real.id("REQUEST"), &file).await.unwrap();
    let held = tracker.attachments(&real.id("REQUEST")).await.unwrap();
    assert!(held.iter().any(|file| file.name.as_str() == "Foto ✓ & 1.txt"), "{held:?}");
    let look = |sort, words: &str| Lookup { sort, words: Clean::line(words), limit: 20 };
    let tickets = tracker.search(&look(Sort::Tickets, "VPN")).await.unwrap();
    assert!(tickets.iter().any(|one| one.name.as_str() == real.get("ISSUE_HISTORY")));
    let pages = tracker.search(&look(Sort::Knowledge, "VPN")).await.unwrap();
    assert!(pages.iter().any(|one| one.name.starts_with("KB0002")), "{pages:?}");
}

#[tokio::test]
async fn a_lost_new_ticket_is_found() {
    use deskside::backend::http::tracker::{Part, Wanted};
    let Some(real) = Real::named("REDMINE") else { return };
    let tracker = real.tracker("SAM_DESK");
    let field = |field, value| Part::Field(field, Some(value));
    let parts = vec![
        field(Field::Title, Value::text("Live: lost and found")),
        field(Field::Caller, Value::name("rita.caller")),
    ];
    let wanted = Wanted { key: OpKey("k".into()), me: name("sam.desk"), at: Timestamp::now(), parts };
    assert_eq!(tracker.find(Kind::Incident, &wanted).await.unwrap(), vec![]);
    let id = tracker.create(Kind::Incident, &wanted).await.unwrap();
    assert_eq!(tracker.find(Kind::Incident, &wanted).await.unwrap(), vec![id]);
}

#[tokio::test]
async fn the_german_site_with_its_own_rules() {
    let Some(real) = Real::named("REDMINE_CUSTOM") else { return };
    let desk = real.desk("SAM_DESK");
    let mut changes = new(Kind::Incident, "Live: Telefon tot");
    changes.extend([
        set(Field::Caller, Value::name("rita.caller")),
        set(Field::Impact, Value::Number(2)),
        set(Field::Group, Value::name("Netz & Telefonie")),
        set(Field::Service, Value::name("Post, SAP")),
        set(Field::Asset, Value::name("PH-0007")),
        set(Field::Custom(name("x.vip")), Value::name("yes")),
        set(Field::Custom(name("x.aufwand_h")), Value::name("1.5")),
    ]);
    let id = made(&desk, Kind::Incident, changes).await;
    let ticket = desk.get(&id).await.unwrap();
    assert_eq!(ticket.fields.get(&Field::Group), Some(&Value::name("Netz & Telefonie")));
    assert_eq!(ticket.fields.get(&Field::Caller), Some(&Value::name("rita.caller")));
    assert_eq!(ticket.fields.get(&Field::Service), Some(&Value::name("Post, SAP")));
    // Group and owner side by side, as the group has a field of its own.
    let take = vec![accept("sam.desk"), step(Verb::Assign, State::New, State::Assigned)];
    let stored = desk.apply(&op(target(&id), None, take)).await.unwrap();
    assert_eq!((stored.dropped, stored.ticket.state), (vec![], State::Assigned));
    let start = vec![step(Verb::Start, State::Assigned, State::InProgress)];
    desk.apply(&op(target(&id), None, start)).await.unwrap();
    // Why it waits is told by the status.
    let hold = vec![set(Field::HoldReason, Value::name("vendor")), step(Verb::Hold, State::InProgress, State::OnHold)];
    let stored = desk.apply(&op(target(&id), None, hold)).await.unwrap();
    assert_eq!((stored.dropped, stored.ticket.get(&Field::HoldReason)), (vec![], Some(&Value::name("vendor"))));
    let resume = vec![step(Verb::Resume, State::OnHold, State::InProgress)];
    desk.apply(&op(target(&id), None, resume)).await.unwrap();
    // A refusal in German, and the field that it names.
    let asset = vec![set(Field::Asset, Value::name("nonsense"))];
    let error = desk.apply(&op(target(&id), None, asset)).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "asset"), "{error:?}");
    let resolve = step(Verb::Resolve, State::InProgress, State::Resolved);
    let error = desk.apply(&op(target(&id), None, vec![resolve.clone()])).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "resolution_code"), "{error:?}");
    let done = vec![set(Field::ResolutionCode, Value::name("umgangen")), resolve];
    let stored = desk.apply(&op(target(&id), None, done)).await.unwrap();
    assert_eq!((stored.dropped, stored.ticket.state), (vec![], State::Resolved));
    let close = vec![step(Verb::Close, State::Resolved, State::Closed)];
    let error = desk.apply(&op(target(&id), None, close)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    // Read-only in this state for agents: dropped with a good answer.
    let changes = vec![set(Field::PriorityOverride, Value::Number(1))];
    let stored = desk.apply(&op(target(&id), None, changes)).await.unwrap();
    assert_eq!(stored.dropped.len(), 1);
}
