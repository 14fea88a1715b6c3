//! The adapter for Cloud with Atlassian's own description of the interface between it and the fake: every request and every
//! answer of `/rest/api/3` is held against it by Prism. Needs `JIRA_PRISM_URL`; `tests/live/jira/run` gives it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use deskside::backend::http::client::{
    Body as Sent, Client, Credential, Limits, Method, Proxies, Request as Asked, Secret, Site as Address, Source,
};
use deskside::backend::http::remote::Remote;
use deskside::backend::{Backend as _, Lookup, Sort, Upload};
use deskside::domain::change::{Change, Link, LinkKind, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::{State as Stand, Verb};
use deskside::text::Clean;

use super::{rules, setup, stock, within};
use crate::fake::server::Server;
use crate::trackers::bench::{everything, fresh, note, op, reply, set, step, take, title};

/// Where requests are sent on to, and how many were held against the contract.
#[derive(Clone)]
struct Relay {
    checked: Client,
    plain: Client,
    count: Arc<AtomicUsize>,
}

fn client(address: &str, user: &str, token: &str) -> Client {
    let mut site = Address::new(address).unwrap();
    site.credential = Credential::Basic { user: user.to_owned(), password: Source::Given(Secret::new(token)) };
    site.proxies = Proxies::None;
    let request = std::time::Duration::from_secs(60);
    site.limits = Limits { request, per_second: 1000.0, burst: 1000, ..Limits::default() };
    Client::new(site).unwrap()
}

async fn pass(State(relay): State<Relay>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 64 << 20).await.unwrap().to_vec();
    let path = parts.uri.path_and_query().unwrap().as_str().to_owned();
    let header =
        |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut asked = Asked::new(Method::from_bytes(parts.method.as_str().as_bytes()).unwrap(), &path);
    for name in ["x-atlassian-token", "x-experimentalapi"] {
        if !header(name).is_empty() {
            asked = asked.header(name, header(name));
        }
    }
    if !bytes.is_empty() {
        asked = asked.body(Sent::Bytes { media: header("content-type"), bytes });
    }
    // Uploads and files themselves are described too loosely to be held against anything.
    let described = path.starts_with("/rest/api/3/") && !path.contains("/attachment");
    let to = if described { &relay.checked } else { &relay.plain };
    relay.count.fetch_add(usize::from(described), Ordering::SeqCst);
    let reply = to.send(asked).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    assert!(!text.contains("stoplight.io"), "{} {path} breaks the contract: {text}", parts.method);
    let answer = Response::builder().status(reply.head.status.as_u16());
    let answer = answer.header("content-type", reply.head.header("content-type").unwrap_or("application/json"));
    answer.body(Body::from(reply.body)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_to_cloud_keeps_atlassians_contract() {
    let names = ["JIRA_PRISM_URL", "JIRA_URL", "JIRA_USER", "JIRA_TOKEN", "JIRA_APPROVAL"];
    let [Ok(prism), Ok(url), Ok(user), Ok(token), Ok(approval)] = names.map(std::env::var) else {
        println!("skipped: JIRA_PRISM_URL and what the fake prints name no proxy; tests/live/jira/run does");
        return;
    };
    let count = Arc::new(AtomicUsize::new(0));
    let relay =
        Relay { checked: client(&prism, &user, &token), plain: client(&url, &user, &token), count: Arc::clone(&count) };
    let server = Server::start(Router::new().fallback(pass).with_state(relay));
    // Prism takes its time where the machine is busy.
    let long = std::time::Duration::from_secs(60);
    let tracker = within(long, &server.url(), true, "sam.desk", &token, setup(stock()));
    let desk = Remote::new(Box::new(tracker), rules(), long);
    let schema = desk.schema().await.unwrap();
    assert_eq!(schema.me, Name::new("Sam Desk"));
    let (rows, cursor) = everything(&desk, None).await;
    let mut made = Vec::new();
    for kind in [Kind::Incident, Kind::Request, Kind::Problem, Kind::Change] {
        let mut act =
            op(&"".into(), None, vec![title(&fresh("Contract")), set(Field::Description, Value::text("a *b*\n\nc"))]);
        act.target = Target::New(kind);
        act.changes.push(set(Field::Caller, Value::name("Rita Caller")));
        let stored = desk.apply(&act).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(stored.dropped, [], "{kind}");
        let found = desk.apply(&crate::trackers::bench::again(&act)).await.unwrap();
        assert_eq!(found.ticket.id, stored.ticket.id, "it is found again");
        made.push(stored.ticket.id);
    }
    let id = made[0].clone();
    let seen = desk.get(&id).await.unwrap();
    let triage = vec![
        title("Looked at"),
        set(Field::Impact, Value::Number(1)),
        set(Field::Urgency, Value::Number(2)),
        set(Field::PriorityOverride, Value::Number(1)),
        set(Field::Group, Value::name("Network")),
        set(Field::Category, Value::name("Hardware")),
        take(&Name::new("Sam Desk")),
        step(Verb::Start, seen.state, Stand::InProgress),
        note("inside"),
        reply("outside"),
    ];
    let stored = desk.apply(&op(&id, Some(seen.revision), triage)).await.unwrap();
    assert_eq!((stored.dropped, stored.ticket.state), (vec![], Stand::InProgress));
    let when = set(Field::PlannedStart, Value::Time("2027-01-04T08:00:00Z".parse().unwrap()));
    assert_eq!(desk.apply(&op(&made[3], None, vec![when])).await.unwrap().dropped, []);
    let link = Link { how: LinkKind::ProblemIs, other: made[2].clone() };
    assert_eq!(desk.apply(&op(&id, None, vec![Change::Link { link: link.clone() }])).await.unwrap().dropped, []);
    assert_eq!(desk.apply(&op(&id, None, vec![Change::Unlink { link }])).await.unwrap().dropped, []);
    let code = schema.directory.resolution_codes[0].clone();
    let done = vec![
        set(Field::ResolutionCode, Value::Name(code)),
        step(Verb::Resolve, Stand::InProgress, Stand::Resolved),
        reply("It is done."),
    ];
    assert_eq!(desk.apply(&op(&id, None, done)).await.unwrap().dropped, []);
    let approval = TicketId::new(&approval);
    if desk.get(&approval).await.unwrap().state == Stand::WaitingForApproval {
        let yes = vec![step(Verb::Approve, Stand::WaitingForApproval, Stand::Approved)];
        assert_eq!(desk.apply(&op(&approval, None, yes)).await.unwrap().ticket.state, Stand::Approved);
    }
    let file = Upload { name: Clean::line("a.txt"), media_type: "text/plain".into(), bytes: b"abc".to_vec() };
    desk.attach(&id, &file).await.unwrap();
    assert_eq!(desk.attachments(&id).await.unwrap().len(), 1);
    for (sort, words) in [(Sort::People, "Rita"), (Sort::Tickets, "Looked"), (Sort::Knowledge, "printer")] {
        assert!(
            !desk.search(&Lookup { sort, words: Clean::line(words), limit: 5 }).await.unwrap().is_empty(),
            "{sort:?}"
        );
    }
    let (news, _) = everything(&desk, Some(&cursor)).await;
    assert!(made.iter().all(|id| news.iter().any(|row| row.id == *id)), "{} of {} rows", news.len(), rows.len());
    println!("{} requests and their answers were held against the contract", count.load(Ordering::SeqCst));
}
