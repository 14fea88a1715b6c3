//! The console is killed in the middle of sending what waits, again and again: every act is stored once.
//!
//! A kill drops the desk at some step of its work, or cuts the line after some bytes of some answer; then a desk that
//! knows nothing sends the rest again.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use deskside::backend::Backend;

use super::bench::{Bench, Desk, again};
use super::faults::Tried;
use super::site::{Site, Who};
use crate::fake::proxy::Fault;

/// How often it is killed.
const KILLS: u64 = 200;

/// SplitMix64: the same kills every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// Runs for so many steps and is dropped then; how many it took where it came to its end.
async fn killed_after<T>(steps: u64, work: impl Future<Output = T>) -> Result<(T, u64), u64> {
    let mut work = pin!(work);
    let mut made = 0;
    std::future::poll_fn(|context| {
        if made >= steps {
            return Poll::Ready(Err(made));
        }
        made += 1;
        work.as_mut().poll(context).map(|answer| Ok((answer, made)))
    })
    .await
}

/// Sends what is left of the outbox in turn; what is answered leaves it.
async fn flush<S: Site>(bench: &Bench<S>, desk: &Desk, outbox: &mut Vec<Tried>, first: bool, seed: u64) -> bool {
    while let Some(act) = outbox.first() {
        let op = if first { act.op.clone() } else { again(&act.op) };
        let answer = desk.apply(&op).await;
        if !act.check(bench, &answer, &format!("seed {seed}")).await {
            return false;
        }
        if let Err(error) = answer {
            panic!("seed {seed}: {error:?}");
        }
        outbox.remove(0);
    }
    true
}

pub async fn every_act_is_stored_once_whenever_the_kill_comes<S: Site>(bench: Bench<S>) {
    let with_line = !bench.site.address().is_empty();
    let setup = bench.desk(Who::Agent);
    // How long it takes when nobody kills it.
    let mut outbox = vec![Tried::on_a_ticket(&bench, &setup).await, Tried::new_ticket(&bench)];
    let desk = bench.desk(Who::Agent);
    bench.forget();
    let run = killed_after(u64::MAX, flush(&bench, &desk, &mut outbox, true, 0)).await;
    let Ok((true, steps)) = run else { panic!("it does not go through at all") };
    let requests = bench.requests() as u64;
    let (mut died, mut cut) = (0, 0);
    for seed in 0..KILLS {
        let mut chance = Chance(seed);
        let ticket = Tried::on_a_ticket(&bench, &setup).await;
        let mut outbox = vec![ticket, Tried::new_ticket(&bench)];
        if seed % 2 == 1 {
            outbox.reverse();
        }
        let desk = bench.desk(Who::Agent);
        if with_line && seed % 4 >= 2 {
            let at = chance.below(requests);
            if at > 0 {
                bench.proxy().on("", "", usize::try_from(at).unwrap(), Fault::Delay(Duration::ZERO));
            }
            let faults = [Fault::CutBefore, Fault::CutAfter];
            let bytes = Fault::CutBody(usize::try_from(chance.below(400)).unwrap());
            let fault = faults.get(usize::try_from(chance.below(4)).unwrap()).cloned().unwrap_or(bytes);
            bench.proxy().on("", "", 1, fault);
            cut += usize::from(!flush(&bench, &desk, &mut outbox, true, seed).await);
            bench.proxy().heal();
        } else {
            let steps = chance.below(steps);
            died += usize::from(killed_after(steps, flush(&bench, &desk, &mut outbox, true, seed)).await.is_err());
        }
        drop(desk);
        if with_line {
            bench.proxy().quiet().await;
        }
        // Started again; it may be killed once more.
        if chance.below(3) == 0 {
            let desk = bench.desk(Who::Agent);
            let _ = killed_after(chance.below(steps), flush(&bench, &desk, &mut outbox, false, seed)).await;
            drop(desk);
            if with_line {
                bench.proxy().quiet().await;
            }
        }
        for act in &outbox {
            act.see_through(&bench, &format!("seed {seed}")).await;
        }
    }
    println!("killed at a step: {died}; line cut: {cut}; of {KILLS}");
    assert!(died > 60, "only {died} kills came in time");
    assert!(!with_line || cut > 20, "only {cut} cuts were felt");
}
