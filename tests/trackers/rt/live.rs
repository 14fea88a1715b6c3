//! The adapter against a real Request Tracker 5, where the environment names one as `tests/live/rt5/up` prints it:
//! `RT5_URL`, `RT5_SITE`, `RT5_TOKEN_…`, `RT5_TICKET_…`. It writes; give it an instance of its own.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use deskside::backend::embedded::Rules;
use deskside::backend::http::client::Secret;
use deskside::backend::http::remote::Remote;
use deskside::backend::http::rt::Rt;
use deskside::backend::http::tracker::{Part, Scope, Tracker};
use deskside::backend::{Backend, Cursor, Error, Lookup, Sort, Upload};
use deskside::domain::change::{Audience, Change, Handover, Link, LinkKind, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::mapping::Mapping;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::priority::Matrix;
use deskside::domain::sla::Policy;
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;
use jiff::Timestamp;

use super::{german, stock, walk, wanted, within};
use crate::trackers::acts::{op, say, set};

/// A server that the environment names.
struct Server {
    url: String,
    stock: bool,
}

fn server() -> Option<Server> {
    let Ok(url) = std::env::var("RT5_URL") else {
        println!("skipped: RT5_URL names no Request Tracker; see tests/live/README.md");
        return None;
    };
    Some(Server { url, stock: std::env::var("RT5_SITE").as_deref() != Ok("custom") })
}

impl Server {
    fn mapping(&self) -> Mapping {
        if self.stock { stock() } else { german() }
    }

    fn of(&self, who: &str) -> Rt {
        self.scoped(who, Scope { closed_days: 100, ..Scope::default() })
    }

    fn scoped(&self, who: &str, scope: Scope) -> Rt {
        let token = std::env::var(format!("RT5_TOKEN_{who}")).unwrap();
        let zone = if self.stock { "UTC" } else { "Europe/Berlin" };
        within(Duration::from_secs(60), &self.url, &token, self.mapping(), scope, zone)
    }

    fn desk(&self, who: &str) -> Remote {
        Remote::new(Box::new(self.of(who)), rules(), Duration::from_secs(60))
    }

    fn ticket(&self, name: &str) -> TicketId {
        TicketId::new(&std::env::var(format!("RT5_TICKET_{name}")).unwrap())
    }

    /// Stock and German words.
    fn say<'w>(&self, stock: &'w str, german: &'w str) -> &'w str {
        if self.stock { stock } else { german }
    }
}

pub fn rules() -> Rules {
    Rules::of(Policy::new(Vec::new(), BTreeMap::new()).unwrap(), Matrix::standard())
}

async fn make(desk: &Remote, kind: Kind, title: &str, more: Vec<Change>) -> deskside::backend::Stored {
    let mut changes = vec![
        Change::Create { kind, state: State::New, opened: Timestamp::now() },
        set(Field::Title, Value::text(title)),
        set(Field::Description, Value::text("Since this morning.\nÜber alles.")),
        set(Field::Caller, Value::name("rita.caller")),
    ];
    changes.extend(more);
    desk.apply(&op(Target::New(kind), None, changes)).await.unwrap()
}

#[tokio::test]
async fn who_and_what_there_is() {
    let Some(server) = server() else { return };
    let schema = server.of("SAM_DESK").schema().await.unwrap();
    assert_eq!(&*schema.me, "sam.desk");
    let desk = server.say("Service Desk", "Anwenderservice");
    assert!(schema.directory.is_member("sam.desk", desk), "{:?}", schema.directory.person("sam.desk"));
    assert!(schema.directory.group(desk).is_some());
    assert!(schema.directory.person("rita.caller").unwrap().level.is_none());
    assert!(schema.directory.person("Nobody").is_none());
    let categories: Vec<&str> = schema.directory.categories.iter().map(|category| category.name.as_str()).collect();
    assert!(categories.contains(&server.say("Hardware", "Gerät")), "{categories:?}");
    assert!(!schema.directory.resolution_codes.is_empty());
    assert!(schema.workflow.unwrap().way(Kind::Incident, State::InProgress, Verb::Hold).is_some());
}

#[tokio::test]
async fn a_first_load_takes_a_request_for_each_page_and_a_few() {
    let Some(server) = server() else { return };
    let rt = server.scoped("REED_ONLY", Scope { closed_days: 100, page: 10, ..Scope::default() });
    rt.schema().await.unwrap();
    let (all, pages, _) = walk(&rt).await;
    let ids: HashSet<&TicketId> = all.iter().map(|record| &record.id).collect();
    assert_eq!(ids.len(), all.len(), "nothing twice");
    assert!(all.len() > 25 && pages == all.len().div_ceil(10), "{} in {pages}", all.len());
    for gone in ["MERGED", "DELETED"] {
        assert!(!ids.contains(&server.ticket(gone)));
    }
    let kinds: HashSet<Kind> = all.iter().map(|record| record.kind).collect();
    assert_eq!(kinds.len(), 4);
    let grouped = all.iter().filter(|record| record.fields.contains_key(&Field::Group)).count();
    assert!(grouped > 25, "{grouped} of {}", all.len());
    assert!(all.iter().all(|record| record.priority.is_some()));
}

#[tokio::test]
async fn rows_glances_and_whole_records_have_one_revision() {
    let Some(server) = server() else { return };
    let rt = server.of("SAM_DESK");
    let (rows, ..) = walk(&rt).await;
    for row in rows.iter().take(12) {
        let glance = rt.glance(&row.id).await.unwrap();
        let whole = rt.whole(&row.id).await.unwrap();
        assert_eq!((row.revision, row.state), (glance.revision, glance.state), "{}", row.id);
        assert_eq!(glance.revision, whole.revision, "{}", row.id);
        assert_eq!(row.fields.get(&Field::Caller), whole.fields.get(&Field::Caller), "{}", row.id);
        assert_eq!(row.fields.get(&Field::Group), whole.fields.get(&Field::Group), "{}", row.id);
        assert_eq!(
            (row.priority, row.clock, row.responded),
            (whole.priority, whole.clock, whole.responded),
            "{}",
            row.id
        );
    }
}

#[tokio::test]
async fn a_long_history_is_read_whole() {
    let Some(server) = server() else { return };
    let rt = server.of("SAM_DESK");
    let id = server.ticket("HISTORY");
    rt.schema().await.unwrap();
    // Lists tell of what kind the tickets are that it is linked to; the ticket itself does not.
    walk(&rt).await;
    let record = rt.whole(&id).await.unwrap();
    let history = record.history.as_ref().unwrap();
    let count = |fits: &dyn Fn(&Change) -> bool| history.iter().filter(|entry| fits(&entry.change)).count();
    let internal = |c: &Change| matches!(c, Change::Say { audience: Audience::Internal, .. });
    let public = |c: &Change| matches!(c, Change::Say { audience: Audience::Public, .. });
    let heard =
        |c: &Change| matches!(c, Change::Heard { from, text } if &**from == "rita.caller" && text.contains("😟"));
    assert_eq!((count(&internal), count(&public), count(&heard)), (13, 3, 3));
    assert!(count(&|c| matches!(c, Change::Move { to: State::InProgress, .. })) >= 1);
    assert!(count(&|c| matches!(c, Change::Handover { step: Handover::Accept { by } } if &**by == "ned.net")) >= 1);
    let links = record.links.as_ref().unwrap();
    let problem = Link { how: LinkKind::ProblemIs, other: server.ticket("PROBLEM") };
    assert!(links.contains(&problem), "{links:?}");
    assert!(links.iter().any(|link| link.how == LinkKind::ParentOf));
    assert!(record.fields[&Field::Description].as_str().unwrap().contains("Reported by phone."));
    let problem = rt.whole(&server.ticket("PROBLEM")).await.unwrap();
    let links = problem.links.unwrap();
    assert!(links.contains(&Link { how: LinkKind::FixedBy, other: server.ticket("CHANGE") }), "{links:?}");
    assert!(links.contains(&Link { how: LinkKind::ProblemOf, other: id }), "{links:?}");
    assert_eq!(problem.fields.get(&Field::KnownError), Some(&Value::Flag(true)));
}

#[tokio::test]
async fn awkward_tickets_are_read() {
    let Some(server) = server() else { return };
    let rt = server.of("SAM_DESK");
    let hostile = rt.whole(&server.ticket("HOSTILE")).await.unwrap();
    let title = hostile.fields[&Field::Title].as_str().unwrap();
    assert!(title.contains("漢字") && !title.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{title:?}");
    let large = rt.whole(&server.ticket("LARGE")).await.unwrap();
    let longest = large.history.unwrap().into_iter().map(|entry| match entry.change {
        Change::Say { text, .. } => text.len(),
        _ => 0,
    });
    assert!(longest.max().unwrap() > 1_000_000);
    let empty = rt.whole(&server.ticket("EMPTY")).await.unwrap();
    assert!(empty.fields.get(&Field::Title).is_none_or(|title| title.as_str() == Some("")));
    assert!(matches!(rt.glance(&server.ticket("MERGED")).await, Err(Error::Moved { .. })));
    assert!(matches!(rt.glance(&server.ticket("DELETED")).await, Err(Error::NotFound(_))));
    let unknown = TicketId::new("99999999");
    assert!(matches!(rt.whole(&unknown).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn who_may_not_is_told() {
    let Some(server) = server() else { return };
    let nobody = server.of("NORA_NONE");
    assert_eq!(walk(&nobody).await.0.len(), 0);
    assert!(matches!(nobody.glance(&server.ticket("HISTORY")).await, Err(Error::Forbidden(_))));
    let limited = server.of("LIM_LIMITED");
    let (seen, ..) = walk(&limited).await;
    assert!(!seen.is_empty() && seen.iter().all(|record| record.kind == Kind::Request), "{}", seen.len());
    let unknown = "1-34-00000000000000000000000000000000";
    let wrong = within(Duration::from_secs(60), &server.url, unknown, server.mapping(), Scope::default(), "UTC");
    assert!(matches!(wrong.schema().await, Err(Error::Unauthenticated(_))));
    let reader = server.desk("REED_ONLY");
    let id = server.ticket("REQUEST");
    let title = op(Target::Ticket(id.clone()), None, vec![set(Field::Title, Value::text("No"))]);
    assert!(matches!(reader.apply(&title).await, Err(Error::Forbidden(_))));
    let note = op(Target::Ticket(id), None, vec![say(Audience::Internal, "No")]);
    assert!(matches!(reader.apply(&note).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn a_ticket_goes_from_its_making_to_its_end() {
    let Some(server) = server() else { return };
    let desk = server.desk("SAM_DESK");
    desk.schema().await.unwrap();
    let network = server.say("Network", "Netz & Telefonie");
    let category = server.say("Software", "Programm");
    let made = make(
        &desk,
        Kind::Incident,
        "It's \\ 'slow' – Übertragung",
        vec![
            set(Field::Impact, Value::Number(1)),
            set(Field::Urgency, Value::Number(2)),
            set(Field::Group, Value::name(network)),
            set(Field::Category, Value::name(category)),
        ],
    )
    .await;
    assert_eq!(made.dropped, []);
    let (ticket, row) = (&made.ticket, &made.summary);
    assert_eq!((ticket.title(), row.impact, row.urgency, row.priority), ("It's \\ 'slow' – Übertragung", 1, 2, 2));
    assert_eq!(row.group.as_deref(), Some(network));
    assert_eq!(row.caller.as_deref(), Some("rita.caller"));
    assert_eq!(ticket.text(&Field::Description), "Since this morning.\nÜber alles.");
    let id = row.id.clone();
    let target = || Target::Ticket(id.clone());
    let me = || Change::Handover { step: Handover::Accept { by: "sam.desk".into() } };
    let step = |verb, from, to| Change::Move { verb, from, to };
    let at = async |expect, changes| desk.apply(&op(target(), expect, changes)).await;
    let taken = at(Some(row.revision), vec![me(), step(Verb::Assign, State::New, State::Assigned)]).await.unwrap();
    assert_eq!(
        (taken.dropped.as_slice(), taken.ticket.state, &*taken.ticket.owner),
        (&[][..], State::Assigned, "sam.desk")
    );
    let more = vec![
        step(Verb::Start, State::Assigned, State::InProgress),
        set(Field::Urgency, Value::Number(1)),
        say(Audience::Internal, "Only for us."),
        say(Audience::Public, "Dear caller, we are on it."),
    ];
    let begun = at(Some(taken.summary.revision), more).await.unwrap();
    assert_eq!((begun.dropped.as_slice(), begun.ticket.state, begun.summary.priority), (&[][..], State::InProgress, 1));
    let read = desk.get(&id).await.unwrap();
    let said: Vec<(Audience, String)> = read
        .timeline
        .iter()
        .filter_map(|event| match &event.change {
            Change::Say { audience, text } => Some((*audience, text.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(
        said,
        [(Audience::Internal, "Only for us.".to_owned()), (Audience::Public, "Dear caller, we are on it.".to_owned()),]
    );
    let hold = vec![set(Field::HoldReason, Value::name("caller")), step(Verb::Hold, State::InProgress, State::OnHold)];
    let held = at(None, hold).await.unwrap();
    assert_eq!((held.dropped.as_slice(), held.ticket.state), (&[][..], State::OnHold));
    assert_eq!(held.ticket.text(&Field::HoldReason), "caller");
    let resumed = at(None, vec![step(Verb::Resume, State::OnHold, State::InProgress)]).await.unwrap();
    assert_eq!(resumed.ticket.state, State::InProgress);
    let code = server.say("Solved", "gelöst");
    let resolve =
        vec![set(Field::ResolutionCode, Value::name(code)), step(Verb::Resolve, State::InProgress, State::Resolved)];
    let resolved = at(None, resolve).await.unwrap();
    assert_eq!((resolved.dropped.as_slice(), resolved.ticket.state), (&[][..], State::Resolved));
    assert!(resolved.ticket.resolved.is_some());
    if server.stock {
        // Closing takes a right that Sam has not.
        let refused = at(None, vec![step(Verb::Close, State::Resolved, State::Closed)]).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_stale_write_is_a_conflict_even_within_a_second() {
    let Some(server) = server() else { return };
    let desk = server.desk("SAM_DESK");
    let made = make(&desk, Kind::Incident, "Who is first", Vec::new()).await;
    let id = made.summary.id.clone();
    let other = server.desk("INES_INCIDENT");
    let note = op(Target::Ticket(id.clone()), None, vec![say(Audience::Internal, "I was quicker.")]);
    let theirs = other.apply(&note).await.unwrap();
    assert_ne!(desk.get(&id).await.unwrap().revision, made.summary.revision);
    assert!(theirs.dropped.is_empty());
    let mine = op(Target::Ticket(id), Some(made.summary.revision), vec![set(Field::Title, Value::text("Me"))]);
    let Err(Error::Conflict { theirs, who }) = desk.apply(&mine).await else { panic!() };
    assert_eq!((theirs.ticket.title(), who.as_str()), ("Who is first", "ines.incident"));
}

#[tokio::test]
async fn what_may_have_been_made_is_found_again() {
    let Some(server) = server() else { return };
    let desk = server.desk("SAM_DESK");
    let title = format!("O'Brien's \\ printer {}", Timestamp::now());
    let made = make(&desk, Kind::Request, &title, Vec::new()).await;
    let rt = server.of("SAM_DESK");
    let found = rt.find(Kind::Request, &wanted("sam.desk", vec![super::text(Field::Title, &title)])).await.unwrap();
    assert_eq!(found, [made.summary.id]);
    let other = server.of("INES_INCIDENT");
    let found =
        other.find(Kind::Request, &wanted("ines.incident", vec![super::text(Field::Title, &title)])).await.unwrap();
    assert_eq!(found, []);
}

#[tokio::test]
async fn what_changed_is_told_and_what_is_gone_too() {
    let Some(server) = server() else { return };
    let rt = server.of("SAM_DESK");
    let desk = server.desk("SAM_DESK");
    let ines = server.desk("INES_INCIDENT");
    let gone = make(&ines, Kind::Incident, "To be deleted", Vec::new()).await.summary.id;
    let (.., cursor) = walk(&rt).await;
    let made = make(&desk, Kind::Incident, "New since", Vec::new()).await.summary.id;
    let root = reqwest_put(&server, "ROOT", &gone, r#"{"Status":"deleted"}"#).await;
    assert!(root.contains('['), "{root}");
    let page = rt.page(Some(&cursor)).await.unwrap();
    assert!(page.records.iter().any(|record| record.id == made), "{:?}", page.records.len());
    assert!(page.gone.contains(&gone), "{:?}", page.gone);
    assert!(!page.more);
    // Days and weeks ago are told in numbers that RT does not take for years.
    for back in [700, 3_600, 7_200, 90_000, 3_000_000, 90_000_000] {
        let since = Timestamp::now().as_second() - back;
        let cursor = Cursor(format!(r#"{{"follow":{{"since":{since},"until":0,"above":0,"seen":0,"looked":0}}}}"#));
        let page = rt.page(Some(&cursor)).await.unwrap();
        assert!(page.records.iter().any(|record| record.id == made), "{back} seconds");
    }
}

/// Behind the adapter's back.
async fn reqwest_put(server: &Server, who: &str, id: &TicketId, body: &str) -> String {
    use deskside::backend::http::client::{Body, Client, Credential, Request, Site, Source};
    let mut site = Site::new(&server.url).unwrap();
    let token = std::env::var(format!("RT5_TOKEN_{who}")).unwrap();
    let value = Source::Given(Secret::new(token));
    site.credential = Credential::Header { name: "Authorization".into(), prefix: "token ".into(), value };
    let request = Request::put(format!("REST/2.0/ticket/{id}")).body(Body::Json(body.into()));
    let reply = Client::new(site).unwrap().send(request).await.unwrap();
    String::from_utf8_lossy(&reply.body).into_owned()
}

#[tokio::test]
async fn links_are_made_and_removed() {
    let Some(server) = server() else { return };
    let desk = server.desk("SAM_DESK");
    let id = make(&desk, Kind::Incident, "Linked", Vec::new()).await.summary.id;
    let problem = Link { how: LinkKind::ProblemIs, other: server.ticket("PROBLEM") };
    let change = Link { how: LinkKind::FixedBy, other: server.ticket("CHANGE") };
    let incident = Link { how: LinkKind::ChildOf, other: server.ticket("OVERDUE") };
    let links = [&problem, &change, &incident].map(|link| Change::Link { link: link.clone() });
    let linked = desk.apply(&op(Target::Ticket(id.clone()), None, links.to_vec())).await.unwrap();
    assert_eq!(linked.dropped, []);
    assert!([&problem, &change, &incident].iter().all(|link| linked.ticket.links.contains(link)));
    let unlink = vec![Change::Unlink { link: problem.clone() }, Change::Unlink { link: change }];
    let left = desk.apply(&op(Target::Ticket(id.clone()), None, unlink)).await.unwrap();
    assert_eq!((left.dropped.as_slice(), left.ticket.links.as_slice()), (&[][..], &[incident][..]));
    let nowhere = Change::Link { link: Link { how: LinkKind::RelatesTo, other: "99999999".into() } };
    let refused = desk.apply(&op(Target::Ticket(id), None, vec![nowhere])).await.unwrap();
    assert_eq!(refused.dropped.iter().map(|one| one.what.as_str()).collect::<Vec<_>>(), ["link"]);
}

#[tokio::test]
async fn files_go_and_come_with_their_names() {
    let Some(server) = server() else { return };
    let desk = server.desk("SAM_DESK");
    let id = make(&desk, Kind::Incident, "With files", Vec::new()).await.summary.id;
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    for name in ["plain.bin", "Prüf protokoll ✓.txt"] {
        let file =
            Upload { name: Clean::line(name), media_type: "application/octet-stream".into(), bytes: bytes.clone() };
        desk.attach(&id, &file).await.unwrap();
    }
    let files = desk.attachments(&id).await.unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["plain.bin", "Prüf protokoll ✓.txt"]);
    for file in &files {
        assert_eq!((file.size, &*file.by), (Some(70_000), "sam.desk"));
        assert!(desk.download(&id, &file.key).await.unwrap() == bytes, "{}", file.name);
    }
    assert!(matches!(desk.download(&id, &Name::new("999999")).await, Err(Error::Invalid { .. })));
    let three = desk.attachments(&server.ticket("HISTORY")).await.unwrap();
    assert_eq!(three.len(), 3);
}

#[tokio::test]
async fn people_assets_articles_and_tickets_are_found() {
    let Some(server) = server() else { return };
    let rt = server.of("SAM_DESK");
    let look =
        async |sort, words: &str| rt.search(&Lookup { sort, words: Clean::line(words), limit: 10 }).await.unwrap();
    let names = |found: Vec<deskside::backend::Found>| -> Vec<String> {
        found.iter().map(|one| one.name.to_string()).collect()
    };
    assert_eq!(names(look(Sort::People, "Marchetti").await), ["ines.incident"]);
    assert_eq!(names(look(Sort::Assets, "LT-1001").await), ["LT-1001"]);
    assert!(look(Sort::Knowledge, "vpn").await[0].text.contains("Workaround"));
    let printed = names(look(Sort::Tickets, "VPN").await);
    assert!(printed.contains(&server.ticket("HISTORY").to_string()), "{printed:?}");
    assert!(look(Sort::Tickets, "it's \\ nothing").await.len() <= 10);
    let _ = names(look(Sort::Assets, "'; \\").await);
}

#[tokio::test]
async fn an_approval_is_decided_on_its_own_ticket() {
    let Some(server) = server() else { return };
    let sam = server.desk("SAM_DESK");
    let id = make(&sam, Kind::Change, "Patch it", Vec::new()).await.summary.id;
    let step = |verb, from, to| Change::Move { verb, from, to };
    let at = async |desk: &Remote, change| desk.apply(&op(Target::Ticket(id.clone()), None, vec![change])).await;
    at(&sam, step(Verb::Assess, State::New, State::Assess)).await.unwrap();
    let asked = at(&sam, step(Verb::Authorize, State::Assess, State::Authorize)).await.unwrap();
    assert_eq!((asked.dropped.as_slice(), asked.ticket.state), (&[][..], State::Authorize));
    let cora = server.desk("CORA_CHANGE");
    let approved = at(&cora, step(Verb::Schedule, State::Authorize, State::Scheduled)).await.unwrap();
    assert_eq!((approved.dropped.as_slice(), approved.ticket.state), (&[][..], State::Scheduled));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_anything_is_written() {
    let Some(server) = server() else { return };
    let rt = server.of("SAM_DESK");
    rt.schema().await.unwrap();
    let record = rt.glance(&server.ticket("OVERDUE")).await.unwrap();
    let part = async |part: Part| rt.plan(&record, &wanted("sam.desk", vec![part])).await;
    assert!(matches!(part(super::name(Field::Group, "Nowhere")).await, Err(Error::Invalid { .. })));
    assert!(matches!(part(super::name(Field::Category, "Nope")).await, Err(Error::Invalid { .. })));
    assert!(matches!(part(super::name(Field::Caller, "no.such")).await, Err(Error::Invalid { .. })));
    assert!(matches!(part(Part::Owner("no.such".into())).await, Err(Error::Invalid { .. })));
    assert!(matches!(part(super::text(Field::Evidence, "x")).await, Err(Error::Unsupported(_))));
    assert!(matches!(part(super::text(Field::Title, &"ü".repeat(101))).await, Err(Error::Invalid { .. })));
    assert!(matches!(part(Part::Step(Verb::Close, State::Closed)).await, Err(Error::Unsupported(_))));
    assert!(part(super::number(Field::Impact, 1)).await.is_ok());
}
