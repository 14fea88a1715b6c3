//! Whatever happens in whatever order, in the end the copy is like the desk.

use std::time::Duration;

use deskside::backend::Backend;
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest};
use tokio::time::timeout;

use super::desk::{Desk, open, pace, until_same};
use crate::backends::bench::{op, title};

#[derive(Debug, Clone)]
enum Step {
    Retitle(u64),
    Add,
    Remove(u64),
    Leave(u64),
    LinkQuietly(u64),
    Act(u64),
    Open(u64),
    Forget,
    Away,
    CutAfter(u32),
    Back,
    Kill,
    LookAtAll,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let ticket = || 1_u64..30;
    prop_oneof![
        4 => ticket().prop_map(Step::Retitle),
        2 => Just(Step::Add),
        2 => ticket().prop_map(Step::Remove),
        2 => ticket().prop_map(Step::Leave),
        2 => ticket().prop_map(Step::LinkQuietly),
        2 => ticket().prop_map(Step::Act),
        1 => ticket().prop_map(Step::Open),
        1 => Just(Step::Forget),
        1 => Just(Step::Away),
        2 => (0_u32..4).prop_map(Step::CutAfter),
        3 => Just(Step::Back),
        2 => Just(Step::Kill),
        2 => Just(Step::LookAtAll),
        6 => (1_u64..8).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn in_the_end_the_copy_is_like_the_desk(steps in vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(follow(steps));
    }
}

async fn follow(steps: Vec<Step>) {
    let (place, desk) = (tempfile::tempdir().unwrap(), Desk::new(24));
    let path = place.path().join("copy.db");
    // Nothing counts as open for long, so that what leaves the scope leaves the list.
    let pace = deskside::store::mirror::Pace { lifetime: Duration::ZERO, ..pace() };
    desk.inside().page = 7;
    let mut mirror = Some(open(&path, &desk, pace));
    for (at, step) in steps.into_iter().enumerate() {
        let console = mirror.as_ref().unwrap();
        match step {
            Step::Retitle(n) => desk.retitle(n, &format!("Title {at}")),
            Step::Add => drop(desk.add()),
            Step::Remove(n) => drop(desk.inside().rows.remove(&n)),
            Step::Leave(n) => drop(desk.inside().out_of_scope.insert(n)),
            Step::LinkQuietly(n) => desk.link_quietly(n),
            Step::Act(n) => drop(console.apply(&op(n, None, vec![title(&format!("Act {at}"))])).await),
            Step::Open(n) => drop(console.get(&crate::backends::bench::id(n)).await),
            Step::Forget => desk.forget(),
            Step::Away => desk.away(),
            Step::CutAfter(pages) => desk.inside().cut_after = Some(pages),
            Step::Back => desk.back(),
            Step::Kill => {
                drop(mirror.take());
                mirror = Some(open(&path, &desk, pace));
            }
            Step::LookAtAll => console.look_at_everything(),
            Step::Wait(ms) => drop(timeout(Duration::from_millis(ms), console.changed()).await),
        }
    }
    desk.back();
    let mirror = mirror.unwrap();
    mirror.look_at_everything();
    mirror.refresh().await.unwrap();
    until_same(&mirror, &desk).await;
}
