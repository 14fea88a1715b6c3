//! The life cycles of the stock data model, each step as the console takes it.

use deskside::backend::http::tracker::{Part, Sent, Tracker};
use deskside::domain::field::{Field, Value};
use deskside::domain::name::TicketId;
use deskside::domain::state::Verb;

use super::{Bench, stock, wanted};
use crate::fake::itop::clean;
use crate::trackers::site::Site as _;

/// Takes these steps one after the other, each with what the mapping says it needs; the native state after each.
async fn walk(bench: &Bench, title: &str, verbs: &[Verb]) -> Vec<String> {
    let itop = bench.as_ada();
    let schema = itop.schema().await.unwrap();
    let mapping = stock();
    let mut states = Vec::new();
    let id: TicketId = bench.id(title);
    for verb in verbs {
        let on = itop.glance(&id).await.unwrap();
        let steps = &mapping.kind(on.kind).unwrap().steps;
        let from =
            |step: &&deskside::domain::mapping::StepMap| step.from.iter().any(|from| from == on.native_state.as_str());
        let step = steps
            .iter()
            .filter(from)
            .find(|step| step.verb == *verb)
            .unwrap_or_else(|| panic!("{verb} from {}", on.native_state));
        let mut parts: Vec<Part> =
            step.needs.iter().map(|field| Part::Field(field.clone(), Some(bench.value(field, &schema)))).collect();
        if *verb == Verb::Assign {
            parts.insert(0, Part::Field(Field::Group, Some(Value::name("Service Desk"))));
            parts.dedup();
            parts.push(Part::Owner("Ada Byron".into()));
        }
        parts.push(Part::Step(*verb, mapping.state(on.kind, &step.to).unwrap()));
        for write in itop
            .plan(&on, &wanted(parts))
            .await
            .unwrap_or_else(|error| panic!("{verb} from {}: {error}", on.native_state))
        {
            let sent =
                itop.send(&on, &write).await.unwrap_or_else(|error| panic!("{verb} from {}: {error}", on.native_state));
            assert_eq!(sent, Sent::Taken);
        }
        let now = itop.glance(&id).await.unwrap();
        assert_eq!(now.state, mapping.state(on.kind, &step.to).unwrap(), "{verb} from {}", on.native_state);
        states.push(now.native_state.as_str().to_owned());
    }
    states
}

#[tokio::test]
async fn an_incident_goes_all_its_way() {
    let bench = Bench::with(clean());
    let verbs = [Verb::Assign, Verb::Hold, Verb::Resume, Verb::Resolve, Verb::Reopen, Verb::Resolve, Verb::Close];
    let states = walk(&bench, "Laptop will not wake", &verbs).await;
    assert_eq!(states, ["assigned", "pending", "assigned", "resolved", "assigned", "resolved", "closed"]);
}

#[tokio::test]
async fn a_request_is_approved_or_rejected_and_fulfilled() {
    let bench = Bench::with(clean());
    let verbs = [
        Verb::Authorize,
        Verb::Reject,
        Verb::Revert,
        Verb::Authorize,
        Verb::Approve,
        Verb::Assign,
        Verb::Fulfil,
        Verb::Close,
    ];
    let states = walk(&bench, "A second screen", &verbs).await;
    let want = [
        "waiting_for_approval",
        "rejected",
        "new",
        "waiting_for_approval",
        "approved",
        "assigned",
        "resolved",
        "closed",
    ];
    assert_eq!(states, want);
}

#[tokio::test]
async fn a_problem_is_taken_up_again_from_resolved() {
    let bench = Bench::with(clean());
    let states = walk(
        &bench,
        "Concentrator restarts",
        &[Verb::Assign, Verb::Resolve, Verb::Reanalyse, Verb::Resolve, Verb::Close],
    )
    .await;
    assert_eq!(states, ["assigned", "resolved", "assigned", "resolved", "closed"]);
}

#[tokio::test]
async fn a_normal_change_is_validated_planned_refused_planned_again_and_approved() {
    let bench = Bench::with(clean());
    let verbs = [
        Verb::Reject,
        Verb::Reopen,
        Verb::Assess,
        Verb::Assign,
        Verb::Authorize,
        Verb::Reject,
        Verb::Authorize,
        Verb::Approve,
        Verb::Implement,
        Verb::Review,
        Verb::Close,
    ];
    let states = walk(&bench, "New concentrator", &verbs).await;
    let want = [
        "rejected",
        "new",
        "validated",
        "assigned",
        "plannedscheduled",
        "notapproved",
        "plannedscheduled",
        "approved",
        "implemented",
        "monitored",
        "closed",
    ];
    assert_eq!(states, want);
    assert_eq!(bench.fake.desk().faults, Vec::<String>::new());
}

#[tokio::test]
async fn an_emergency_change_skips_validation_and_a_routine_one_approval() {
    let bench = Bench::with(clean());
    let states =
        walk(&bench, "Patch it", &[Verb::Assign, Verb::Authorize, Verb::Approve, Verb::Implement, Verb::Close]).await;
    assert_eq!(states, ["assigned", "plannedscheduled", "approved", "implemented", "closed"]);
    let states =
        walk(&bench, "Weekly restart", &[Verb::Assign, Verb::Authorize, Verb::Implement, Verb::Review, Verb::Close])
            .await;
    assert_eq!(states, ["assigned", "plannedscheduled", "implemented", "monitored", "closed"]);
}

#[tokio::test]
async fn who_takes_a_step_that_wants_an_owner_and_names_none_takes_the_ticket() {
    let bench = Bench::with(clean());
    let itop = bench.as_ada();
    itop.schema().await.unwrap();
    let on = itop.glance(&bench.id("Laptop will not wake")).await.unwrap();
    let step = Part::Step(Verb::Assign, deskside::domain::state::State::Assigned);
    for write in itop.plan(&on, &wanted(vec![step])).await.unwrap() {
        itop.send(&on, &write).await.unwrap();
    }
    assert_eq!(bench.truth(&on.id).await.unwrap().owner.as_deref(), Some("Ada Byron"));
}
