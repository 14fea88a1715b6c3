//! One test for each thing that a real Request Tracker does and nobody expects. The fake does the same.

use std::time::Duration;

use deskside::backend::http::remote::Remote;
use deskside::backend::http::rt::Rt;
use deskside::backend::http::rt::wire::ago;
use deskside::backend::http::tracker::{Part, Scope, Tracker};
use deskside::backend::{Backend, Error, Lookup, Sort, Stored};
use deskside::domain::change::{Audience, Change, Handover, Link, LinkKind, Op, OpKey, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::{Kind, Revision};
use deskside::domain::name::TicketId;
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::GlanceState;
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};

use super::live::rules;
use super::site::Fake;
use super::walk;
use super::{adapter, stock, text, wanted};
use crate::fake::rt::token;
use crate::fake::rt::world::{INES, NED, READER, RITA, SAM, World};
use crate::trackers::acts::{op, say, set, step};

fn rt(fake: &Fake, who: u64) -> Rt {
    adapter(&fake.server.url(), &token(who), stock(), Scope::default(), "UTC")
}

fn desk(fake: &Fake, who: u64) -> Remote {
    Remote::new(Box::new(rt(fake, who)), rules(), Duration::from_secs(60))
}

fn id(number: u64) -> TicketId {
    TicketId::new(&number.to_string())
}

async fn act(desk: &Remote, on: u64, expect: Option<Revision>, changes: Vec<Change>) -> Result<Stored, Error> {
    desk.apply(&op(Target::Ticket(id(on)), expect, changes)).await
}

fn title(words: &str) -> Change {
    set(Field::Title, Value::text(words))
}

fn take(who: &str) -> Change {
    Change::Handover { step: Handover::Accept { by: who.into() } }
}

// What answers say.

#[tokio::test]
async fn two_hundred_with_a_refusal_is_a_refusal() {
    let fake = Fake::start();
    let reader = desk(&fake, READER);
    let answer = act(&reader, fake.named.incident, None, vec![title("No")]).await;
    let Err(Error::Forbidden(why)) = answer else { panic!("{answer:?}") };
    assert!(why.contains("Permission Denied"), "{why}");
}

#[tokio::test]
async fn a_refusal_in_german_that_is_no_utf_8_is_understood() {
    let fake = Fake::start();
    let on = fake.named.incident;
    fake.with(|world| {
        world.german.push(SAM);
        world.unoffered.push("resolved".into());
        let blocks = fake.named.change;
        world.links.push((on, "DependsOn", blocks));
    });
    let sam = desk(&fake, SAM);
    let noted = act(&sam, on, None, vec![say(Audience::Internal, "Für uns")]).await.unwrap();
    assert_eq!(noted.dropped, []);
    let answer = act(&sam, on, None, vec![step(Verb::Resolve, State::New, State::Resolved)]).await;
    assert!(matches!(answer, Err(Error::Invalid { .. })), "{answer:?}");
}

#[tokio::test]
async fn one_put_is_not_whole_what_was_dropped_is_told() {
    let fake = Fake::start();
    let on = fake.named.incident;
    let sam = desk(&fake, SAM);
    // The owner is refused, the title is stored.
    let rita = Change::Handover {
        step: Handover::Force { by: "sam.desk".into(), to: "rita.caller".into(), reason: Clean::line("x") },
    };
    let stored = act(&sam, on, None, vec![title("Stored"), rita]).await.unwrap();
    assert_eq!(stored.ticket.title(), "Stored");
    let dropped: Vec<&str> = stored.dropped.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(dropped, ["owner"]);
}

#[tokio::test]
async fn no_word_goes_out_about_a_step_that_was_refused() {
    let fake = Fake::start();
    let on = fake.named.storied;
    fake.with(|world| world.links.push((on, "DependsOn", fake.named.change)));
    let sam = desk(&fake, SAM);
    let before = fake.with(|world| world.txns.iter().filter(|txn| txn.sort == "Correspond").count());
    let resolve = vec![
        title("Solved"),
        step(Verb::Resolve, State::InProgress, State::Resolved),
        say(Audience::Public, "It is solved."),
    ];
    let stored = act(&sam, on, None, resolve).await.unwrap();
    let dropped: Vec<&str> = stored.dropped.iter().map(|one| one.what.as_str()).collect();
    assert_eq!((stored.ticket.title(), dropped), ("Solved", vec!["resolve", "public reply"]));
    assert!(stored.dropped[0].why.contains("unresolved dependencies"), "{}", stored.dropped[0].why);
    assert_eq!(fake.with(|world| world.txns.iter().filter(|txn| txn.sort == "Correspond").count()), before);
}

#[tokio::test]
async fn an_empty_comment_is_never_sent() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    let on = rt.glance(&id(fake.named.incident)).await.unwrap();
    let answer = rt.plan(&on, &wanted("sam.desk", vec![Part::Say(Audience::Internal, Clean::body(" \n "))])).await;
    assert!(matches!(answer, Err(Error::Invalid { .. })), "{answer:?}");
}

#[tokio::test]
async fn what_a_new_ticket_would_drop_in_silence_is_told() {
    let fake = Fake::start();
    let sam = desk(&fake, SAM);
    let changes = vec![
        title("New"),
        set(Field::Caller, Value::name("no.such.person")),
        set(Field::Category, Value::name("Nowhere")),
        set(Field::Impact, Value::Number(1)),
        set(Field::Urgency, Value::Number(1)),
    ];
    let key = OpKey("new".into());
    let op = Op {
        key,
        target: Target::New(Kind::Incident),
        expect: None,
        at: Timestamp::now(),
        changes,
        again: false,
        desk: None,
    };
    let stored = sam.apply(&op).await.unwrap();
    let dropped: Vec<&str> = stored.dropped.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(dropped, ["caller", "category"]);
    assert_eq!((stored.ticket.title(), stored.summary.priority), ("New", 1));
    let sent = fake.server.asked("POST", "/REST/2.0/ticket").remove(0).text();
    for never in ["Created", "Resolved", "Creator", "Status"] {
        assert!(!sent.contains(never), "{sent}");
    }
}

#[tokio::test]
async fn a_reply_opens_a_new_ticket_and_that_is_seen() {
    let fake = Fake::start();
    let sam = desk(&fake, SAM);
    let stored = act(&sam, fake.named.incident, None, vec![say(Audience::Public, "Dear caller,")]).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.ticket.state), (&[][..], State::Assigned));
}

#[tokio::test]
async fn a_caller_is_sent_along_because_the_creator_is_none() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    let parts = vec![text(Field::Title, "New"), super::name(Field::Caller, "rita.caller")];
    let made = rt.create(Kind::Request, &wanted("sam.desk", parts)).await.unwrap();
    let record = rt.glance(&made).await.unwrap();
    assert_eq!(record.fields.get(&Field::Caller), Some(&Value::name("rita.caller")));
}

// Who was first.

#[tokio::test]
async fn a_stale_tag_is_a_conflict() {
    let fake = Fake::start();
    let on = fake.named.incident;
    let rt = rt(&fake, SAM);
    let record = rt.glance(&id(on)).await.unwrap();
    let writes = rt
        .plan(&record, &wanted("sam.desk", vec![text(Field::Title, "Mine"), Part::Owner("sam.desk".into())]))
        .await
        .unwrap();
    fake.with(|world| world.say(on, INES, false, "text/plain", "I was quicker."));
    let sent = rt.send(&record, &writes[0]).await.unwrap();
    assert_eq!(sent, deskside::backend::http::tracker::Sent::Clash);
}

#[tokio::test]
async fn words_are_sent_without_a_tag() {
    let fake = Fake::start();
    let sam = desk(&fake, SAM);
    let both = vec![title("Both"), say(Audience::Internal, "For us"), say(Audience::Public, "For you")];
    let stored = act(&sam, fake.named.incident, None, both).await.unwrap();
    assert_eq!(stored.dropped, []);
    assert!(fake.server.asked("PUT", "/ticket/").iter().all(|seen| seen.header("if-match").is_some()));
    assert!(fake.server.asked("POST", "/ticket/").iter().all(|seen| seen.header("if-match").is_none()));
}

#[tokio::test]
async fn of_two_who_take_one_wins() {
    let fake = Fake::start();
    let on = fake.named.incident;
    let sam = desk(&fake, SAM);
    let seen = sam.get(&id(on)).await.unwrap().revision;
    let stored = act(&sam, on, Some(seen), vec![take("sam.desk")]).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), &*stored.ticket.owner), (&[][..], "sam.desk"));
    assert_eq!(fake.server.asked("PUT", "/take").len(), 1);
    let late = act(&desk(&fake, INES), on, Some(seen), vec![take("ines.incident")]).await;
    assert!(matches!(late, Err(Error::Conflict { .. })), "{late:?}");
}

#[tokio::test]
async fn two_writes_of_one_second_are_two_revisions() {
    let fake = Fake::start();
    let on = fake.named.incident;
    let rt = rt(&fake, SAM);
    fake.with(|world| world.say(on, INES, false, "text/plain", "One"));
    let first = rt.glance(&id(on)).await.unwrap();
    assert_eq!(rt.glance(&id(on)).await.unwrap().revision, first.revision);
    fake.with(|world| {
        world.say(on, INES, false, "text/plain", "Two");
        world.tickets.get_mut(&on).unwrap().updated = first.updated;
    });
    let second = rt.glance(&id(on)).await.unwrap();
    assert_ne!(second.revision, first.revision);
    assert_eq!(rt.whole(&id(on)).await.unwrap().revision, second.revision);
    let (rows, ..) = walk(&rt).await;
    assert_eq!(rows.iter().find(|row| row.id == id(on)).unwrap().revision, second.revision);
}

// Times.

#[test]
fn a_number_of_four_digits_is_a_year_to_rt_and_never_sent() {
    assert_eq!(ago(1), "1 seconds ago");
    assert_eq!(ago(999), "999 seconds ago");
    assert_eq!(ago(1_000), "17 minutes ago");
    assert_eq!(ago(7_200), "120 minutes ago");
    assert_eq!(ago(60_000), "17 hours ago");
    assert_eq!(ago(90 * 86_400), "90 days ago");
    for seconds in (0..200_000).step_by(13).chain((0..200_000_000).step_by(9_973)) {
        let words = ago(seconds);
        let number = words.split(' ').next().unwrap();
        assert!(number.len() <= 3 || words.starts_with("1970"), "{seconds}: {words}");
    }
}

#[tokio::test]
async fn changes_are_asked_for_in_no_zone_at_all() {
    let fake = Fake::start();
    fake.with(|world| drop(world.zones.insert(SAM, "America/New_York".into())));
    let rt = rt(&fake, SAM);
    let (.., cursor) = walk(&rt).await;
    fake.with(|world| world.say(fake.named.incident, INES, false, "text/plain", "News"));
    let page = rt.page(Some(&cursor)).await.unwrap();
    assert_eq!(page.records.iter().map(|row| &row.id).collect::<Vec<_>>(), [&id(fake.named.incident)]);
    let queries = fake.server.asked("GET", "/tickets");
    assert!(queries.last().unwrap().query.contains("seconds+ago"), "{}", queries.last().unwrap().query);
}

#[tokio::test]
async fn a_server_whose_clock_is_ahead_or_behind_loses_nothing() {
    for ahead in [-5_000, 5_000] {
        let fake = Fake::start();
        fake.with(|world| world.ahead = ahead);
        let rt = rt(&fake, SAM);
        let (.., cursor) = walk(&rt).await;
        fake.with(|world| world.say(fake.named.incident, INES, false, "text/plain", "News"));
        // A console that was just started knows nothing of the server's clock.
        let fresh = self::rt(&fake, SAM);
        let page = fresh.page(Some(&cursor)).await.unwrap();
        assert!(page.records.iter().any(|row| row.id == id(fake.named.incident)), "{ahead}");
    }
}

#[tokio::test]
async fn a_date_of_1970_is_no_date() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    let record = rt.whole(&id(fake.named.incident)).await.unwrap();
    assert_eq!((record.resolved, record.last_public, record.responded, record.clock), (None, None, None, None));
}

#[tokio::test]
async fn the_due_date_is_the_clock_and_none_while_it_stands() {
    let fake = Fake::start();
    let on = fake.named.storied;
    let rt = rt(&fake, SAM);
    let clock = rt.glance(&id(on)).await.unwrap().clock.unwrap();
    let due = fake.with(|world| world.tickets[&on].due.unwrap());
    assert_eq!((clock.state, clock.due), (GlanceState::Running, Some(due.as_millisecond())));
    fake.with(|world| {
        world.status(on, NED, "pending");
        world.tickets.get_mut(&on).unwrap().due = None;
    });
    assert_eq!(rt.glance(&id(on)).await.unwrap().clock.unwrap().state, GlanceState::Paused);
    fake.with(|world| {
        world.status(on, NED, "resolved");
        world.tickets.get_mut(&on).unwrap().due = Some(Timestamp::now() - SignedDuration::from_hours(1));
    });
    assert_eq!(rt.glance(&id(on)).await.unwrap().clock.unwrap().state, GlanceState::Breached);
}

#[tokio::test]
async fn dates_of_custom_fields_are_written_in_the_users_zone() {
    let fake = Fake::start();
    fake.with(|world| drop(world.zones.insert(SAM, "America/New_York".into())));
    let rt = rt(&fake, SAM);
    let on = rt.glance(&id(fake.named.change)).await.unwrap();
    let at: Timestamp = "2027-01-15T20:00:00Z".parse().unwrap();
    let writes =
        rt.plan(&on, &wanted("sam.desk", vec![Part::Field(Field::PlannedStart, Some(Value::Time(at)))])).await.unwrap();
    rt.send(&on, &writes[0]).await.unwrap();
    let sent = fake.server.asked("PUT", "/ticket/").remove(0).text();
    assert!(sent.contains(r#""Planned Start":"2027-01-15 15:00:00""#), "{sent}");
}

// Pages and searches.

#[tokio::test]
async fn a_first_load_is_its_pages_and_three_requests() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    rt.schema().await.unwrap();
    fake.server.forget();
    let (rows, pages, _) = walk(&rt).await;
    assert_eq!((rows.len(), pages), (fake.named.in_scope, fake.named.in_scope.div_ceil(100)));
    assert!(fake.server.seen().len() <= pages + 3);
    let asked = &fake.server.asked("GET", "/tickets")[0].query;
    assert!(!asked.contains("CustomFields") && !asked.contains("_hyperlinks"), "{asked}");
}

#[tokio::test]
async fn more_than_a_hundred_rows_are_not_asked_for() {
    let fake = Fake::start();
    let scope = Scope { page: 5_000, ..Scope::default() };
    let rt = adapter(&fake.server.url(), &token(SAM), stock(), scope, "UTC");
    assert_eq!(walk(&rt).await.0.len(), fake.named.in_scope);
}

#[tokio::test]
async fn a_list_without_a_count_is_read_to_an_empty_page() {
    let fake = Fake::start();
    fake.with(|world| world.uncounted = true);
    assert_eq!(walk(&rt(&fake, SAM)).await.0.len(), fake.named.in_scope);
}

#[tokio::test]
async fn holes_in_a_history_do_not_end_it() {
    let fake = Fake::start();
    let on = fake.named.incident;
    fake.with(|world| {
        // A hundred and fifty notes that a caller may not see, and an answer behind them.
        for n in 0..150 {
            world.say(on, INES, false, "text/plain", &n.to_string());
        }
        world.say(on, INES, true, "text/plain", "At last.");
    });
    let whole = rt(&fake, SAM).whole(&id(on)).await.unwrap();
    assert_eq!(whole.history.unwrap().iter().filter(|entry| matches!(entry.change, Change::Say { .. })).count(), 151);
}

#[tokio::test]
async fn deleted_and_merged_tickets_are_in_no_search_and_told_as_gone() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    let (rows, _, cursor) = walk(&rt).await;
    let into = Error::Moved { id: id(fake.named.merged), to: id(fake.named.storied) };
    for (gone, said) in [(fake.named.merged, into), (fake.named.deleted, Error::NotFound(id(fake.named.deleted)))] {
        assert!(!rows.iter().any(|row| row.id == id(gone)));
        assert_eq!(rt.glance(&id(gone)).await, Err(said));
    }
    let (deleted, merged) = (fake.named.incident, fake.named.request);
    fake.with(|world| {
        world.status(deleted, INES, "deleted");
        world.merge(merged, fake.named.storied, INES);
    });
    let page = rt.page(Some(&cursor)).await.unwrap();
    assert_eq!(page.gone, [id(deleted), id(merged)]);
}

#[tokio::test]
async fn words_with_quotation_marks_are_searched_for_and_hurt_nothing() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    let found = rt.search(&Lookup { sort: Sort::Tickets, words: Clean::line("It's \\"), limit: 5 }).await.unwrap();
    assert_eq!(found[0].name.as_str(), fake.named.incident.to_string());
}

#[tokio::test]
async fn a_bracket_in_the_words_for_an_asset_is_no_json() {
    let fake = Fake::start();
    let look = |words: &str| Lookup { sort: Sort::Assets, words: Clean::line(words), limit: 5 };
    assert_eq!(rt(&fake, SAM).search(&look("printer [x")).await.unwrap(), []);
    assert_eq!(rt(&fake, SAM).search(&look("printer")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn conditions_on_several_fields_are_one_search_each() {
    let fake = Fake::start();
    let found =
        rt(&fake, SAM).search(&Lookup { sort: Sort::People, words: Clean::line("Marchetti"), limit: 5 }).await.unwrap();
    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["ines.incident"]);
}

// Values and names.

#[tokio::test]
async fn what_rt_breaks_on_is_never_sent() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    let on = rt.glance(&id(fake.named.incident)).await.unwrap();
    fake.server.forget();
    for part in [
        super::name(Field::Group, "No such group"),
        super::name(Field::Caller, "no.such"),
        super::name(Field::Category, "Nope"),
        text(Field::Title, &"ü".repeat(101)),
        Part::Owner("no.such".into()),
    ] {
        let answer = rt.plan(&on, &wanted("sam.desk", vec![part.clone()])).await;
        assert!(matches!(answer, Err(Error::Invalid { .. })), "{part:?}: {answer:?}");
    }
    let file = rt.download(&id(fake.named.incident), &"999999".into()).await;
    assert!(matches!(file, Err(Error::Invalid { .. })), "{file:?}");
    assert!(fake.server.asked("PUT", "").is_empty() && fake.server.asked("GET", "/attachment/").is_empty());
}

#[tokio::test]
async fn priorities_are_numbers_and_labels_are_never_sent() {
    let fake = Fake::start();
    let sam = desk(&fake, SAM);
    let stored =
        act(&sam, fake.named.incident, None, vec![set(Field::PriorityOverride, Value::Number(2))]).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.summary.priority), (&[][..], 2));
    assert!(fake.server.asked("PUT", "/ticket/").remove(0).text().contains(r#""Priority":75"#));
    fake.with(|world| world.tickets.get_mut(&fake.named.incident).unwrap().priority = 90);
    let rt = rt(&fake, SAM);
    assert_eq!(rt.glance(&id(fake.named.incident)).await.unwrap().priority, Some(1), "the nearest");
    fake.with(|world| world.tickets.get_mut(&fake.named.incident).unwrap().priority = 0);
    assert_eq!(rt.glance(&id(fake.named.incident)).await.unwrap().priority, None, "nobody weighed it");
}

#[tokio::test]
async fn a_new_impact_brings_its_priority_along() {
    let fake = Fake::start();
    let sam = desk(&fake, SAM);
    let stored = act(&sam, fake.named.incident, None, vec![set(Field::Impact, Value::Number(1))]).await.unwrap();
    assert_eq!(stored.dropped, []);
    let sent = fake.server.asked("PUT", "/ticket/").remove(0).text();
    assert!(sent.contains(r#""Impact":"High""#) && sent.contains(r#""Priority":50"#), "{sent}");
}

#[tokio::test]
async fn a_state_that_nobody_mapped_is_shown_and_stays() {
    let fake = Fake::start();
    fake.with(|world| world.tickets.get_mut(&fake.named.incident).unwrap().status = "bei der bank".into());
    let record = rt(&fake, SAM).glance(&id(fake.named.incident)).await.unwrap();
    assert_eq!((record.state, record.native_state.as_str()), (State::InProgress, "bei der bank"));
}

#[tokio::test]
async fn a_hold_that_the_site_does_not_know_is_refused_before_anything_is_written() {
    let fake = Fake::start();
    let sam = desk(&fake, SAM);
    let hold = vec![
        title("Held"),
        set(Field::HoldReason, Value::name("vendor")),
        step(Verb::Hold, State::InProgress, State::OnHold),
    ];
    let answer = act(&sam, fake.named.storied, None, hold).await;
    assert!(matches!(answer, Err(Error::Invalid { .. })), "{answer:?}");
    assert!(fake.server.asked("PUT", "").is_empty());
}

#[tokio::test]
async fn control_characters_do_not_come_in() {
    let fake = Fake::start();
    let record = rt(&fake, SAM).whole(&id(fake.named.hostile)).await.unwrap();
    let all = format!("{:?}{:?}", record.fields, record.history);
    assert!(!all.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{7}']) && !all.contains("\\u{"), "{all}");
}

#[tokio::test]
async fn pages_are_read_as_text_and_scripts_are_not() {
    let fake = Fake::start();
    let record = rt(&fake, SAM).whole(&id(fake.named.storied)).await.unwrap();
    let heard: Vec<String> = record
        .history
        .unwrap()
        .into_iter()
        .filter_map(|entry| match entry.change {
            Change::Heard { from, text } if &*from == "rita.caller" => Some(text.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(heard, ["Still the same."]);
}

#[tokio::test]
async fn addresses_that_the_server_makes_up_are_not_followed() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    let made =
        rt.create(Kind::Incident, &wanted("sam.desk", vec![text(Field::Title, "Behind a proxy")])).await.unwrap();
    assert_eq!(rt.glance(&made).await.unwrap().fields[&Field::Title].as_str(), Some("Behind a proxy"));
}

// Links and approvals.

#[tokio::test]
async fn links_are_added_and_taken_one_by_one_never_replaced() {
    let fake = Fake::start();
    let sam = desk(&fake, SAM);
    let problem = Link { how: LinkKind::ProblemIs, other: id(fake.named.problem) };
    let fixed = Link { how: LinkKind::FixedBy, other: id(fake.named.change) };
    let links = [&problem, &fixed].map(|link| Change::Link { link: link.clone() }).to_vec();
    let stored = act(&sam, fake.named.incident, None, links).await.unwrap();
    assert_eq!(stored.dropped, []);
    let undone = act(&sam, fake.named.incident, None, vec![Change::Unlink { link: problem.clone() }]).await.unwrap();
    assert_eq!((undone.dropped.as_slice(), undone.ticket.links.as_slice()), (&[][..], &[fixed][..]));
    assert!(!fake.server.asked("PUT", "").iter().any(|seen| seen.text().contains(r#""RefersTo""#)));
    let duplicate = Change::Link { link: Link { how: LinkKind::DuplicateOf, other: id(fake.named.storied) } };
    let merged = act(&sam, fake.named.incident, None, vec![duplicate]).await;
    assert!(matches!(merged, Err(Error::Unsupported(_))), "{merged:?}");
}

#[tokio::test]
async fn an_approval_is_looked_for_by_its_type_and_decided_there() {
    let fake = Fake::start();
    let change = fake.named.change;
    let approval = fake.with(|world: &mut World| {
        for to in ["assess", "authorize"] {
            world.status(change, SAM, to);
        }
        let approval = world.make(99, SAM, "Approve it");
        world.tickets.get_mut(&approval).unwrap().approval = true;
        world.links.push((change, "DependsOn", approval));
        approval
    });
    let rt = rt(&fake, INES);
    let on = rt.glance(&id(change)).await.unwrap();
    let schedule = Part::Step(Verb::Schedule, State::Scheduled);
    let writes = rt.plan(&on, &wanted("ines.incident", vec![schedule])).await.unwrap();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].request.path, format!("REST/2.0/ticket/{approval}"));
}

/// Which kind the other end has tells problems from relations; what a change waits for needs none, so that an approval,
/// which no list tells of, costs no fourth request.
#[tokio::test]
async fn an_approval_that_no_list_told_of_costs_no_request_of_its_own() {
    let fake = Fake::start();
    let change = fake.named.change;
    let approval = fake.with(|world: &mut World| {
        let approval = world.make(99, SAM, "Approve it");
        world.tickets.get_mut(&approval).unwrap().approval = true;
        world.links.push((change, "DependsOn", approval));
        approval
    });
    let rt = rt(&fake, SAM);
    walk(&rt).await;
    fake.server.forget();
    let whole = rt.whole(&id(change)).await.unwrap();
    assert_eq!(fake.server.seen().len(), 3, "{:?}", fake.server.seen());
    assert!(whole.links.unwrap().contains(&Link { how: LinkKind::Follows, other: id(approval) }));
}

/// A problem that no list shows any more is still the problem: it is learnt behind the opening, which stays at three
/// requests, and the ticket is then another one than was read.
#[tokio::test]
async fn what_a_link_means_is_learnt_behind_the_opening() {
    let fake = Fake::start();
    let (incident, problem) = (id(fake.named.incident), id(fake.named.problem));
    fake.with(|world: &mut World| {
        let old = Timestamp::now() - SignedDuration::from_hours(24 * 365);
        let closed = world.tickets.get_mut(&fake.named.problem).unwrap();
        (closed.status, closed.resolved, closed.updated) = ("resolved".into(), Some(old), old);
        world.links.push((fake.named.incident, "RefersTo", fake.named.problem));
        world.links.push((fake.named.incident, "RefersTo", fake.named.request));
    });
    let rt = rt(&fake, SAM);
    let (.., cursor) = walk(&rt).await;
    fake.server.forget();
    let opened = rt.whole(&incident).await.unwrap();
    assert_eq!(fake.server.seen().len(), 3, "{:?}", fake.server.seen());
    let link = |how, other: &TicketId| Link { how, other: other.clone() };
    let asked_for = link(LinkKind::RelatesTo, &id(fake.named.request));
    assert_eq!(opened.links.unwrap(), [link(LinkKind::RelatesTo, &problem), asked_for.clone()]);

    let page = rt.page(Some(&cursor)).await.unwrap();
    let row = page.records.iter().find(|record| record.id == incident).expect("it is another ticket now");
    assert!(row.revision != opened.revision && !page.records.iter().any(|record| record.id == problem));
    fake.server.forget();
    let again = rt.whole(&incident).await.unwrap();
    assert_eq!(
        (again.revision, again.links.unwrap()),
        (row.revision, vec![link(LinkKind::ProblemIs, &problem), asked_for])
    );
    assert_eq!(fake.server.seen().len(), 3, "{:?}", fake.server.seen());
    fake.server.forget();
    rt.page(Some(&page.next)).await.unwrap();
    assert_eq!(fake.server.seen().len(), 1, "it is learnt once: {:?}", fake.server.seen());
}

/// The links that an act names are known before it is judged, after a restart too.
#[tokio::test]
async fn a_link_that_is_taken_away_again_after_a_restart_goes() {
    let fake = Fake::start();
    fake.with(|world: &mut World| world.links.push((fake.named.incident, "RefersTo", fake.named.problem)));
    let link = Link { how: LinkKind::ProblemIs, other: id(fake.named.problem) };
    let unlink = op(Target::Ticket(id(fake.named.incident)), None, vec![Change::Unlink { link }]);
    let stored = desk(&fake, SAM).apply(&Op { again: true, ..unlink }).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.ticket.links.as_slice()), (&[][..], &[][..]));
    assert!(fake.with(|world| world.links.is_empty()));
}

// Who may.

#[tokio::test]
async fn a_cookie_less_wrong_token_is_not_signed_in() {
    let fake = Fake::start();
    let wrong = adapter(&fake.server.url(), &token(SAM).replace('5', "6"), stock(), Scope::default(), "UTC");
    assert!(matches!(wrong.schema().await, Err(Error::Unauthenticated(_))));
}

#[tokio::test]
async fn who_i_am_is_told_by_my_token_or_by_what_others_hide() {
    use deskside::backend::http::client::{Client, Credential, Site, Source};
    let fake = Fake::start();
    assert_eq!(&*rt(&fake, INES).schema().await.unwrap().me, "ines.incident");
    // A token out of a command or a keyring is not read here.
    let mut site = Site::new(&fake.server.url()).unwrap();
    let value = Source::Command(format!("echo token {}", token(NED)));
    site.credential = Credential::Header { name: "Authorization".into(), prefix: String::new(), value };
    let setup = deskside::backend::http::tracker::Setup {
        mapping: std::sync::Arc::new(stock()),
        scope: Scope::default(),
        zone: jiff::tz::TimeZone::UTC,
    };
    let schema = Rt::new(Client::new(site).unwrap(), setup).schema().await.unwrap();
    assert_eq!(&*schema.me, "ned.net");
    assert!(schema.directory.is_member("ned.net", "Network"));
    assert!(schema.directory.person("rita.caller").unwrap().level.is_none());
}

#[tokio::test]
async fn a_reader_who_may_answer_may_still_not_write_notes() {
    let fake = Fake::start();
    let answer = act(&desk(&fake, RITA), fake.named.incident, None, vec![say(Audience::Internal, "No")]).await;
    assert!(matches!(answer, Err(Error::Forbidden(_))), "{answer:?}");
    assert!(fake.server.asked("POST", "/ticket/").is_empty(), "nothing was sent");
}

#[tokio::test]
async fn an_agent_who_asked_himself_answers_as_an_agent() {
    let fake = Fake::start();
    let on = fake.named.incident;
    fake.with(|world| world.tickets.get_mut(&on).unwrap().callers = vec![SAM, RITA]);
    let stored = act(&desk(&fake, SAM), on, None, vec![say(Audience::Public, "I found it.")]).await.unwrap();
    assert_eq!(stored.dropped, []);
    let read = rt(&fake, SAM).whole(&id(on)).await.unwrap().history.unwrap();
    assert!(read.iter().any(|entry| matches!(&entry.change, Change::Say { audience: Audience::Public, .. })));
}

#[test]
fn the_mappings_lead_from_state_to_state() {
    for (name, mapping) in [("stock", stock()), ("german", super::german())] {
        for (kind, map) in &mapping.kinds {
            for step in &map.steps {
                let known = step.from.iter().chain([&step.to]).all(|native| map.state(native).is_some());
                assert!(known, "{name} {kind}: {step:?}");
            }
        }
        assert_eq!(mapping.workflow().ways.len(), mapping.kinds.values().map(|map| map.steps.len()).sum::<usize>());
    }
}

// What is not there and says nothing.

#[tokio::test]
async fn the_files_of_an_unknown_ticket_are_no_empty_list() {
    let fake = Fake::start();
    let rt = rt(&fake, SAM);
    assert_eq!(rt.attachments(&id(fake.named.incident)).await.unwrap(), []);
    assert_eq!(rt.attachments(&id(999_999)).await, Err(Error::NotFound(id(999_999))));
    let nobody = self::rt(&fake, crate::fake::rt::world::NONE);
    let closed = nobody.attachments(&id(fake.named.incident)).await;
    assert!(matches!(closed, Err(Error::Forbidden(_))), "{closed:?}");
}

#[tokio::test]
async fn a_list_without_a_condition_is_empty_so_one_is_sent() {
    let fake = Fake::start();
    rt(&fake, SAM).schema().await.unwrap();
    for what in ["users", "groups", "customroles", "customfields"] {
        let asked = fake.server.asked("POST", &format!("/REST/2.0/{what}"));
        assert!(!asked.is_empty(), "{what}");
        for seen in asked {
            let conditions: serde_json::Value = serde_json::from_str(&seen.text()).unwrap();
            assert!(conditions.as_array().is_some_and(|all| !all.is_empty()), "{what}: {conditions}");
        }
    }
}

#[tokio::test]
async fn a_queue_that_may_not_be_seen_has_no_name_and_its_tickets_are_left_out() {
    let fake = Fake::start();
    fake.with(|world| world.nameless = Some(4));
    let rt = rt(&fake, SAM);
    let (rows, ..) = walk(&rt).await;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.kind != Kind::Request));
    assert_eq!(rt.whole(&id(fake.named.request)).await, Err(Error::NotFound(id(fake.named.request))));
}

#[tokio::test]
async fn custom_fields_that_may_not_be_seen_are_an_empty_word() {
    let fake = Fake::start();
    fake.with(|world| world.fieldless = true);
    let record = rt(&fake, SAM).whole(&id(fake.named.storied)).await.unwrap();
    assert_eq!(record.fields.get(&Field::Impact), None);
    assert_eq!(record.fields[&Field::Title].as_str(), Some("VPN drops every afternoon"));
}

#[tokio::test]
async fn members_are_read_from_their_groups_because_nobody_may_ask_a_person() {
    let fake = Fake::start();
    let schema = rt(&fake, SAM).schema().await.unwrap();
    assert!(schema.directory.is_member("ines.incident", "Service Desk"));
    let asked: Vec<String> = fake.server.seen().into_iter().map(|seen| seen.path).collect();
    assert!(asked.iter().any(|path| path.contains("/group/")), "{asked:?}");
    assert!(
        !asked.iter().any(|path| path.ends_with("/members") || path.ends_with("/groups") && path.contains("/user/"))
    );
}

// What a write carries.

#[tokio::test]
async fn a_take_has_a_content_type_or_it_would_be_refused() {
    let fake = Fake::start();
    act(&desk(&fake, SAM), fake.named.incident, None, vec![take("sam.desk")]).await.unwrap();
    let taken = fake.server.asked("PUT", "/take");
    assert_eq!(taken.iter().map(|seen| seen.header("content-type")).collect::<Vec<_>>(), [Some("application/json")]);
}

#[tokio::test]
async fn words_carry_no_state_that_could_be_refused_beside_them() {
    let fake = Fake::start();
    let both = vec![step(Verb::Assign, State::New, State::Assigned), say(Audience::Public, "It is being looked at.")];
    let stored = act(&desk(&fake, SAM), fake.named.incident, None, both).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.ticket.state), (&[][..], State::Assigned));
    let words = fake.server.asked("POST", "/correspond");
    assert!(words.len() == 1 && !words[0].text().contains("Status"), "{words:?}");
}

#[tokio::test]
async fn dates_of_rt_itself_are_written_plain_and_in_utc_and_unset_as_1970() {
    let fake = Fake::start();
    fake.with(|world| drop(world.zones.insert(SAM, "America/New_York".into())));
    let mut mapping = stock();
    mapping.fields.insert(Field::NeededBy, "Due".into());
    let rt = adapter(&fake.server.url(), &token(SAM), mapping, Scope::default(), "UTC");
    let sam = Remote::new(Box::new(rt), rules(), Duration::from_secs(60));
    let at: Timestamp = "2027-01-15T20:00:00Z".parse().unwrap();
    let on = fake.named.incident;
    let stored = act(&sam, on, None, vec![set(Field::NeededBy, Value::Time(at))]).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.ticket.get(&Field::NeededBy)), (&[][..], Some(&Value::Time(at))));
    let unset = Change::Set { field: Field::NeededBy, from: None, to: None };
    let stored = act(&sam, on, None, vec![unset]).await.unwrap();
    assert_eq!((stored.dropped.as_slice(), stored.ticket.get(&Field::NeededBy)), (&[][..], None));
    let sent: Vec<String> = fake.server.asked("PUT", "/ticket/").iter().map(|seen| seen.text()).collect();
    assert!(sent[0].contains("2027-01-15 20:00:00") && sent[1].contains("1970-01-01 00:00:00"), "{sent:?}");
}

#[tokio::test]
async fn a_link_that_is_refused_with_200_is_told() {
    let fake = Fake::start();
    let on = fake.named.incident;
    let itself = Change::Link { link: Link { how: LinkKind::RelatesTo, other: id(on) } };
    let nowhere = Change::Link { link: Link { how: LinkKind::RelatesTo, other: id(999_999) } };
    let stored = act(&desk(&fake, SAM), on, None, vec![title("Linked"), nowhere, itself]).await.unwrap();
    let dropped: Vec<&str> = stored.dropped.iter().map(|one| one.what.as_str()).collect();
    assert_eq!((stored.ticket.title(), dropped), ("Linked", vec!["link", "link"]));
}

#[tokio::test]
async fn names_of_files_go_as_a_form_because_json_breaks_them() {
    let fake = Fake::start();
    let sam = desk(&fake, SAM);
    let on = id(fake.named.incident);
    let file = deskside::backend::Upload {
        name: Clean::line("Füße für 5 €.txt"),
        media_type: "text/plain".into(),
        bytes: b"x".to_vec(),
    };
    sam.attach(&on, &file).await.unwrap();
    let sent = fake.server.asked("POST", "/comment").remove(0);
    assert!(sent.header("content-type").is_some_and(|kind| kind.starts_with("multipart/")), "{sent:?}");
    assert_eq!(sam.attachments(&on).await.unwrap()[0].name, file.name);
}

// What is asked for.

#[tokio::test]
async fn words_are_looked_for_in_titles_where_there_is_no_full_text() {
    let fake = Fake::start();
    let words = Lookup { sort: Sort::Tickets, words: Clean::line("VPN afternoon"), limit: 5 };
    let found = rt(&fake, SAM).search(&words).await.unwrap();
    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [fake.named.storied.to_string()]);
    let asked = fake.server.asked("GET", "/tickets").pop().unwrap().query;
    assert!(!asked.contains("Content"), "{asked}");
}

#[tokio::test]
async fn a_broken_condition_is_told_without_the_servers_own_files() {
    let fake = Fake::start();
    let scope = Scope { query: Some("Nonsense = ".into()), ..Scope::default() };
    let broken = adapter(&fake.server.url(), &token(SAM), stock(), scope, "UTC").page(None).await.unwrap_err();
    let words = broken.to_string();
    assert!(words.contains("Unknown field") && !words.contains("/usr/share"), "{words}");
}

#[tokio::test]
async fn a_way_to_the_log_in_page_means_that_one_is_not_signed_in() {
    use axum::http::{StatusCode, header};
    let page = || async { (StatusCode::FOUND, [(header::LOCATION, "/")], "Login required") };
    let server = crate::fake::server::Server::start(axum::Router::new().fallback(page));
    let rt = adapter(&server.url(), &token(SAM), stock(), Scope::default(), "UTC");
    let error = rt.schema().await.unwrap_err();
    assert!(matches!(error, Error::Unauthenticated(_)), "{error:?}");
    // Who looks like a browser is sent there for any fault.
    let shown = server.seen().remove(0).header("user-agent").unwrap_or_default().to_owned();
    assert!(!shown.contains("Mozilla"), "{shown}");
}
