//! Tickets that hang on others: iTop merges none, but what befalls a parent befalls its children.

use deskside::backend::http::tracker::{Part, Record, Sent, Tracker};
use deskside::backend::{Cursor, Error};
use deskside::domain::change::{Audience, Change};
use deskside::domain::field::{Field, Value};
use deskside::domain::name::TicketId;
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;

use super::{Bench, wanted};
use crate::fake::itop::clean;
use crate::trackers::acts::walk;
use crate::trackers::site::Site as _;

/// A parent that is being worked on, its two children, and a desk that has read all of them.
struct Family {
    bench: Bench,
    parent: TicketId,
    children: [TicketId; 2],
}

fn family() -> Family {
    let bench = Bench::with(clean());
    let parent = bench.id("VPN drops");
    let children = ["Laptop will not wake", "A second screen"].map(|title| bench.id(title));
    let mut desk = bench.fake.desk();
    let key = desk.by_ref(parent.as_str()).unwrap().key.to_string();
    for child in &children {
        let (class, number) = desk.by_ref(child.as_str()).map(|held| (held.class.clone(), held.key)).unwrap();
        desk.find_mut(&class, number).unwrap().set("parent_incident_id", &key);
    }
    drop(desk);
    Family { bench, parent, children }
}

async fn act(itop: &impl Tracker, id: &TicketId, parts: Vec<Part>) {
    let on = itop.glance(id).await.unwrap();
    for write in itop.plan(&on, &wanted(parts)).await.unwrap() {
        assert_eq!(itop.send(&on, &write).await.unwrap(), Sent::Taken);
    }
}

fn resolved() -> Vec<Part> {
    let words = Part::Field(Field::Resolution, Some(Value::text("Restarted.")));
    vec![words, Part::Step(Verb::Resolve, State::Resolved)]
}

async fn changed(itop: &impl Tracker, mut cursor: Cursor) -> Vec<Record> {
    let mut rows = Vec::new();
    loop {
        let page = itop.page(Some(&cursor)).await.unwrap();
        rows.extend(page.records);
        if !page.more {
            return rows;
        }
        cursor = page.next;
    }
}

#[tokio::test]
async fn children_are_resolved_with_their_parent_and_come_with_the_next_question() {
    let Family { bench, parent, children } = family();
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let (_, cursor) = walk(&itop).await;
    act(&itop, &parent, resolved()).await;
    let rows = changed(&itop, cursor).await;
    for child in &children {
        let row = rows.iter().find(|row| row.id == *child).expect("told");
        assert!(!row.state.is_open() && row.resolved.is_some(), "{child} is {}", row.native_state);
        assert_eq!(row.owner.as_deref(), Some("Grace Murray"), "who had nobody is the parent's agent's");
        let whole = itop.whole(child).await.unwrap();
        let why = whole.fields.get(&Field::Resolution).unwrap().to_string();
        assert!(why.contains("Automatically resolved from") && why.contains(parent.as_str()), "{why}");
    }
}

#[tokio::test]
async fn a_step_on_a_child_that_was_resolved_meanwhile_is_a_clash_and_then_no_step() {
    let Family { bench, parent, children: [child, _] } = family();
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&child).await.unwrap();
    let mine = || wanted(vec![Part::Owner("Ada Byron".into()), Part::Step(Verb::Assign, State::Assigned)]);
    let writes = itop.plan(&on, &mine()).await.unwrap();
    // In a second of its own, which is all that iTop tells apart.
    bench.fake.desk().ahead += jiff::SignedDuration::from_secs(1);
    act(&bench.as_ada(), &parent, resolved()).await;
    assert_eq!(itop.send(&on, &writes[0]).await.unwrap(), Sent::Clash);
    let now = itop.glance(&child).await.unwrap();
    assert_eq!((now.state, now.owner.as_deref()), (State::Resolved, Some("Grace Murray")));
    let error = itop.plan(&now, &mine()).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "state"), "{error}");
}

#[tokio::test]
async fn words_on_a_parent_stand_on_each_child_once() {
    let Family { bench, parent, children } = family();
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    act(&itop, &parent, vec![Part::Say(Audience::Public, Clean::body("We found it."))]).await;
    // The same words on a child are words of its own, and neither is taken for lost.
    act(&itop, &children[0], vec![Part::Say(Audience::Public, Clean::body("We found it."))]).await;
    for (id, times) in [(&parent, 1), (&children[0], 2), (&children[1], 1)] {
        let history = itop.glance(id).await.unwrap().history.unwrap();
        let said = |change: &Change| matches!(change, Change::Say { text, .. } if text.as_str() == "We found it.");
        assert_eq!(history.iter().filter(|entry| said(&entry.change)).count(), times, "{id}");
        let public = bench.truth(id).await.unwrap().public;
        assert_eq!(public.iter().filter(|words| *words == "We found it.").count(), times, "{id}");
    }
}

#[tokio::test]
async fn a_parent_that_vanished_is_told_as_such_and_leaves_its_children_readable() {
    let Family { bench, parent, children: [child, _] } = family();
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.whole(&parent).await.unwrap();
    let guarded = itop.plan(&on, &wanted(resolved())).await.unwrap();
    let words = vec![Part::Say(Audience::Internal, Clean::body("Too late."))];
    let plain = itop.plan(&on, &wanted(words)).await.unwrap();
    bench.elsewhere(&parent, crate::trackers::site::Elsewhere::Delete).await;
    // A guard that fits nothing cannot tell why: reading it again does.
    assert_eq!(itop.send(&on, &guarded[0]).await, Ok(Sent::Clash));
    assert_eq!(itop.send(&on, &plain[0]).await, Err(Error::NotFound(parent.clone())));
    assert_eq!(itop.whole(&parent).await.unwrap_err(), Error::NotFound(parent.clone()));
    assert!(itop.whole(&child).await.is_ok());
}
