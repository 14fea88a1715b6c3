//! Approvals: who is asked, who counts, and what the votes come to.

use std::collections::BTreeSet;

use deskside::domain::approval::{ApprovalStep, Enough, OnReject, Stage, Standing, Verdict};
use deskside::domain::change::{Change, Party};
use deskside::domain::name::Name;
use deskside::domain::refusal::Refusal;
use deskside::domain::state::Verb;
use deskside::text::Clean;
use proptest::prelude::*;

use super::small::Small;

fn stage(of: &[&str], enough: Enough, on_reject: OnReject) -> Stage {
    let of = of.iter().map(|login| Party::Person(Name::new(login))).collect();
    Stage { name: Name::new("Stage"), of, enough, on_reject, patience: None, then: None }
}

/// An incident whose approval was asked for by ann, with dan barred.
fn asked(stages: Vec<Stage>) -> (Small, String) {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    let barred = BTreeSet::from([Name::new("lea")]);
    let step = ApprovalStep::Ask { stages, expires: None, barred };
    desk.act("ann", &id, vec![Change::Approval { step }]).unwrap();
    (desk, id)
}

fn vote(desk: &mut Small, id: &str, who: &str, verdict: Verdict) -> Result<(), Refusal> {
    let step = ApprovalStep::Vote { verdict, words: Clean::line("Because.") };
    desk.act(who, id, vec![Change::Approval { step }]).map(drop)
}

fn standing(desk: &Small, id: &str) -> (u8, Standing) {
    let approval = desk.get(id).approval.as_ref().unwrap();
    (approval.stage, approval.standing)
}

#[test]
fn each_rule_asks_for_its_number() {
    use Enough::{All, Any, AtLeast, Quorum};
    let of = ["ann", "bob", "pam"];
    for (enough, wanted) in [(All, 3), (Any, 1), (AtLeast(2), 2), (Quorum(50), 2), (Quorum(67), 3), (Quorum(0), 1)] {
        let (mut desk, id) = asked(vec![stage(&of, enough, OnReject::Stop)]);
        for (before, who) in of.iter().enumerate().take(wanted) {
            assert_eq!(standing(&desk, &id).1, Standing::Waiting, "{enough:?} after {before}");
            vote(&mut desk, &id, who, Verdict::Approved).unwrap();
        }
        assert_eq!(standing(&desk, &id).1, Standing::Approved, "{enough:?}");
    }
}

#[test]
fn stages_follow_each_other_and_a_no_stops_or_goes_back() {
    let stages = || vec![stage(&["bob"], Enough::All, OnReject::Stop), stage(&["pam"], Enough::All, OnReject::Return)];
    let (mut desk, id) = asked(stages());
    vote(&mut desk, &id, "pam", Verdict::Approved).unwrap_err();
    vote(&mut desk, &id, "bob", Verdict::Approved).unwrap();
    assert_eq!(standing(&desk, &id), (1, Standing::Waiting));
    vote(&mut desk, &id, "pam", Verdict::Rejected).unwrap();
    assert_eq!(standing(&desk, &id), (0, Standing::Waiting));
    vote(&mut desk, &id, "bob", Verdict::Rejected).unwrap();
    assert_eq!(standing(&desk, &id), (0, Standing::Rejected));
}

#[test]
fn a_no_that_leaves_enough_others_decides_nothing() {
    let (mut desk, id) = asked(vec![stage(&["ann", "bob", "pam"], Enough::AtLeast(2), OnReject::Stop)]);
    vote(&mut desk, &id, "ann", Verdict::Rejected).unwrap();
    assert_eq!(standing(&desk, &id).1, Standing::Waiting);
    vote(&mut desk, &id, "bob", Verdict::Rejected).unwrap();
    assert_eq!(standing(&desk, &id).1, Standing::Rejected);
}

#[test]
fn who_is_barred_or_answered_does_not_count_and_nobody_counts_the_votes_by_hand() {
    let (mut desk, id) = asked(vec![stage(&["bob", "lea", "pam"], Enough::All, OnReject::Stop)]);
    assert_eq!(vote(&mut desk, &id, "lea", Verdict::Approved).unwrap_err().rule, "nobody approves their own");
    vote(&mut desk, &id, "bob", Verdict::Approved).unwrap();
    vote(&mut desk, &id, "bob", Verdict::Approved).unwrap_err();
    let step = ApprovalStep::Turn { stage: 0, standing: Standing::Approved, reason: Clean::default() };
    desk.act("bob", &id, vec![Change::Approval { step }]).unwrap_err();
    vote(&mut desk, &id, "pam", Verdict::Approved).unwrap();
    assert_eq!(standing(&desk, &id).1, Standing::Approved);
}

#[test]
fn on_hold_nobody_needs_to_answer() {
    let (mut desk, id) = asked(vec![stage(&["bob"], Enough::All, OnReject::Stop)]);
    desk.hold("ann", &id, "caller").unwrap();
    assert_eq!(standing(&desk, &id).1, Standing::NotNeeded);
    vote(&mut desk, &id, "bob", Verdict::Approved).unwrap_err();
    desk.go("ann", &id, Verb::Resume, vec![]).unwrap();
}

proptest! {
    /// Whatever is voted in whatever order: it is approved only when enough said yes, and then nothing changes any more.
    #[test]
    fn no_approval_without_enough_votes(votes in prop::collection::vec((0..3usize, any::<bool>()), 0..8), wanted in 1..4u8) {
        let of = ["ann", "bob", "pam"];
        let (mut desk, id) = asked(vec![stage(&of, Enough::AtLeast(wanted), OnReject::Stop)]);
        for (who, yes) in votes {
            let verdict = if yes { Verdict::Approved } else { Verdict::Rejected };
            let ended = standing(&desk, &id).1 != Standing::Waiting;
            let answered = vote(&mut desk, &id, of[who], verdict).is_ok();
            prop_assert!(!(ended && answered));
        }
        let approval = desk.get(&id).approval.as_ref().unwrap();
        let yes = approval.votes.iter().filter(|vote| vote.verdict == Verdict::Approved).count();
        prop_assert_eq!(approval.standing == Standing::Approved, yes >= usize::from(wanted));
    }
}
