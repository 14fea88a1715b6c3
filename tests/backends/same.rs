//! The desk in a file and the desk in memory answer alike, whatever is done to them.

use deskside::backend::{Backend, Error};
use deskside::domain::change::{Audience, Change, Handover, Link, LinkKind, Op, OpKey, Party, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::{Kind, Revision};
use deskside::domain::state::{State, Verb};
use deskside::text::Clean;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::bench::{Bench, InMemory, NOW, SqliteFile, id, set};
use super::promises::everything;

fn change() -> impl Strategy<Value = Change> {
    let text = "[a-zé\u{1b}\n ]{0,12}";
    prop_oneof![
        text.prop_map(|text| set(Field::Title, Value::text(&text))),
        (0..5_i64).prop_map(|n| set(Field::Impact, Value::Number(n))),
        (1..4_i64).prop_map(|n| set(Field::Urgency, Value::Number(n))),
        text.prop_map(|text| Change::Set {
            field: Field::parse("x.note").unwrap(),
            from: None,
            to: (!text.is_empty()).then(|| Value::name(&text)),
        }),
        text.prop_map(|text| Change::Say { audience: Audience::Public, text: Clean::body(&text) }),
        text.prop_map(|text| Change::Say { audience: Audience::Internal, text: Clean::body(&text) }),
        (1..6_u64).prop_map(|n| Change::Link { link: Link { how: LinkKind::ChildOf, other: id(n) } }),
        (1..6_u64).prop_map(|n| Change::Unlink { link: Link { how: LinkKind::ChildOf, other: id(n) } }),
        Just(Change::Handover { step: Handover::Accept { by: "ana".into() } }),
        Just(Change::Handover {
            step: Handover::Offer {
                to: Party::Person("ben".into()),
                reason: Clean::line("Knows it"),
                expires: Some(NOW + SignedDuration::from_hours(4)),
            },
        }),
        prop_oneof![
            Just((Verb::Start, State::InProgress)),
            Just((Verb::Resolve, State::Resolved)),
            Just((Verb::Close, State::Closed)),
            Just((Verb::Reopen, State::InProgress)),
        ]
        .prop_map(|(verb, to)| Change::Move { verb, from: State::New, to }),
    ]
}

#[derive(Debug, Clone)]
struct Wish {
    key: u8,
    who: &'static str,
    ticket: u64,
    stale: bool,
    changes: Vec<Change>,
}

fn wish() -> impl Strategy<Value = Wish> {
    let who = prop::sample::select(vec!["ana", "ben", "mia", "cem"]);
    (0..40_u8, who, 0..6_u64, prop::bool::weighted(0.1), prop::collection::vec(change(), 1..4))
        .prop_map(|(key, who, ticket, stale, changes)| Wish { key, who, ticket, stale, changes })
}

async fn act(desk: &dyn Backend, wish: &Wish) -> Result<deskside::backend::Stored, Error> {
    let seen = desk.get(&id(wish.ticket)).await.map(|ticket| ticket.revision).unwrap_or_default();
    let target = if wish.ticket == 0 { Target::New(Kind::Incident) } else { Target::Ticket(id(wish.ticket)) };
    let expect = match target {
        Target::New(_) => None,
        Target::Ticket(_) => Some(if wish.stale { Revision(seen.0 + 1) } else { seen }),
    };
    let key = OpKey(format!("key-{}", wish.key));
    desk.apply(&Op { key, target, expect, at: NOW, changes: wish.changes.clone(), again: false, desk: None }).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_file_answers_as_memory_does(wishes in prop::collection::vec(wish(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (memory, file) = (InMemory::new(), SqliteFile::new());
            let mut consoles = Vec::new();
            for who in ["ana", "ben", "mia", "cem"] {
                consoles.push((who, memory.second(who), file.second(who)));
            }
            for wish in &wishes {
                let (_, ours, theirs) = consoles.iter().find(|(who, ..)| *who == wish.who).unwrap();
                assert_eq!(act(ours.as_ref(), wish).await, act(theirs.as_ref(), wish).await, "{wish:?}");
            }
            let (mut ours, _) = everything(memory.desk(), None).await;
            let (mut theirs, _) = everything(file.desk(), None).await;
            for rows in [&mut ours, &mut theirs] {
                rows.sort_by(|a, b| a.id.cmp(&b.id));
                rows.dedup();
            }
            assert_eq!(ours, theirs);
            for row in ours {
                assert_eq!(memory.desk().get(&row.id).await, file.desk().get(&row.id).await);
            }
        });
    }
}
