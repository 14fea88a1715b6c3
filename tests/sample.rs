//! The sample desk: the same from the same seed, lawful, alive at whatever hour, and readable.

use std::collections::{BTreeMap, BTreeSet};

use deskside::backend::sample::{self, ME, Sample};
use deskside::config::changes::{SHIPPED, WINDOWS};
use deskside::domain::approval::{ApprovalStep, Standing};
use deskside::domain::change::{Change, Event, Op, Target};
use deskside::domain::desk::{Rules, decide, due};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::priority::Matrix;
use deskside::domain::proposal::ProposalState;
use deskside::domain::rfc::gates::{ReleaseGate, overridden};
use deskside::domain::state::{State, Verb};
use deskside::domain::summary::{GlanceState, Summary};
use deskside::domain::task::{Asked, TaskSort, TaskStep};
use deskside::domain::ticket::Ticket;
use jiff::Timestamp;

/// A Wednesday morning, a Sunday night, Boxing Day, the hour that summer time takes away.
const MOMENTS: &[&str] =
    &["2026-11-25T10:30:00Z", "2026-11-22T03:00:00Z", "2026-12-26T12:00:00Z", "2027-03-28T01:30:00Z"];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn desk(moment: &str) -> Sample {
    sample::generate(7, at(moment), 2000).unwrap()
}

fn tickets(sample: Sample) -> Vec<Ticket> {
    let fold = |(id, events): (TicketId, Vec<Event>)| Ticket::from_events(id, events).expect("begins with a Create");
    sample.tickets.into_iter().map(fold).collect()
}

#[test]
fn the_texts_name_only_what_exists() {
    if let Err(fault) = sample::check() {
        panic!("{fault}");
    }
}

#[test]
fn the_same_seed_gives_the_same_desk_and_another_one_another() {
    let now = at(MOMENTS[0]);
    let one = sample::generate(7, now, 400).unwrap();
    assert_eq!(one, sample::generate(7, now, 400).unwrap());
    assert_ne!(one.tickets, sample::generate(8, now, 400).unwrap().tickets);
}

#[test]
fn it_has_as_many_tickets_as_were_asked_for() {
    for number in [1, 60, 1000, 3000] {
        assert_eq!(sample::generate(3, at(MOMENTS[1]), number).unwrap().tickets.len(), number);
    }
}

#[test]
fn events_are_in_order_unique_and_not_of_the_future() {
    for moment in MOMENTS {
        let (now, sample) = (at(moment), desk(moment));
        let mut seen = BTreeMap::new();
        for (id, events) in &sample.tickets {
            assert!(matches!(events[0].change, Change::Create { .. }), "{id}");
            for pair in events.windows(2) {
                assert!(pair[0].at <= pair[1].at && pair[0].seq < pair[1].seq, "{id}: {pair:?}");
            }
            for event in events {
                assert!(event.at <= now && event.stored <= now, "{id}: {event:?}");
                assert!(seen.insert(event.seq, event.at).is_none(), "{id}: seq {} twice", event.seq);
            }
        }
        assert!(seen.values().is_sorted());
    }
}

#[test]
fn an_act_is_of_one_time_and_one_person() {
    let mut acts = BTreeMap::new();
    for (id, events) in desk(MOMENTS[0]).tickets {
        for event in events {
            let held = acts.entry(event.op.0.clone()).or_insert_with(|| (event.at, event.actor.clone()));
            assert_eq!(*held, (event.at, event.actor.clone()), "{id}: {}", event.op.0);
        }
    }
}

#[test]
fn what_an_event_found_is_what_the_one_before_left() {
    for (id, events) in desk(MOMENTS[0]).tickets {
        let mut ticket = Ticket::from_events(id.clone(), events[..1].to_vec()).unwrap();
        for event in &events[1..] {
            match &event.change {
                Change::Set { field, from, .. } => assert_eq!(from.as_ref(), ticket.get(field), "{id}: {event:?}"),
                Change::Move { from, .. } => assert_eq!(*from, ticket.state, "{id}: {event:?}"),
                _ => {}
            }
            ticket.apply(event);
        }
    }
}

#[test]
fn links_are_held_at_both_ends() {
    let tickets = tickets(desk(MOMENTS[0]));
    let held: BTreeSet<_> =
        tickets.iter().flat_map(|t| t.links.iter().map(|link| (t.id.clone(), link.how, link.other.clone()))).collect();
    assert!(held.len() > 60);
    for (id, how, other) in &held {
        assert!(held.contains(&(other.clone(), how.inverse(), id.clone())), "{id} {how} {other}");
    }
}

#[test]
fn there_is_always_enough_to_do() {
    for moment in MOMENTS {
        let tickets = tickets(desk(moment));
        let open = |kind| tickets.iter().filter(|t| t.kind == kind && t.state.is_open()).count();
        let [incidents, requests, problems, changes] =
            [Kind::Incident, Kind::Request, Kind::Problem, Kind::Change].map(open);
        assert!((150..230).contains(&incidents), "{moment}: {incidents} incidents");
        assert!((60..110).contains(&requests), "{moment}: {requests} requests");
        assert!((8..18).contains(&problems), "{moment}: {problems} problems");
        assert!((24..40).contains(&changes), "{moment}: {changes} changes");
        let mine = tickets.iter().filter(|t| t.state.is_open() && t.accepted && &*t.owner == ME).count();
        let offered =
            |to: &str| tickets.iter().filter(|t| t.offer.as_ref().is_some_and(|o| &**o.to.name() == to)).count();
        assert!((12..60).contains(&mine), "{moment}: {mine} mine");
        assert!(offered(ME) >= 4, "{moment}: {} offered to me", offered(ME));
        assert!(offered("Service Desk") + offered("Deskside Leeds") >= 1, "{moment}: none offered to my groups");
        assert!(tickets.iter().filter(|t| t.state.is_open() && !t.accepted).count() > 40, "{moment}");
    }
}

#[test]
fn every_slot_is_filled_and_nothing_hides_in_the_text() {
    for (id, events) in desk(MOMENTS[2]).tickets {
        for event in events {
            let text = serde_json::to_string(&event.change).unwrap();
            for slot in text.split('{').skip(1).filter_map(|rest| rest.split_once('}')) {
                let plain = !slot.0.is_empty() && slot.0.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
                assert!(!plain, "{id}: {text}");
            }
            let clean = |c: char| !c.is_control();
            assert!(text.replace("\\n", " ").chars().all(clean), "{id}: {text}");
        }
    }
}

#[test]
fn no_title_strikes_the_eye_on_a_screen_of_open_tickets() {
    for moment in MOMENTS {
        let open: Vec<Ticket> = tickets(desk(moment)).into_iter().filter(|t| t.state.is_open()).collect();
        for screen in open.chunks(40) {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            for ticket in screen {
                *seen.entry(ticket.text(&Field::Title)).or_default() += 1;
            }
            let (title, most) = seen.iter().max_by_key(|(_, n)| **n).unwrap();
            assert!(*most <= 2, "{moment}: {most} times {title}");
        }
    }
}

/// Every act is put before the judge of the embedded desks, who must allow it and record just what is there.
#[test]
fn every_act_is_one_that_the_desk_allows() {
    for moment in &MOMENTS[..2] {
        let sample = desk(moment);
        // The windows that ship are those of real years.
        let mut changes = deskside::config::changes::load(SHIPPED, WINDOWS).unwrap();
        changes.window.clear();
        let rules = Rules { changes: changes.into(), ..Rules::standard(sample.directory.clone()) };
        // Who is away today was there when changes were scheduled.
        let mut there = rules.clone();
        there.directory.people.iter_mut().for_each(|person| person.absent_until = None);
        let known: BTreeMap<TicketId, Ticket> =
            tickets(sample.clone()).into_iter().map(|ticket| (ticket.id.clone(), ticket)).collect();
        let related = |id: &TicketId| known.get(id).cloned();
        let mut refused = BTreeMap::new();
        for (id, events) in &sample.tickets {
            let Change::Create { kind, opened, .. } = events[0].change else { panic!("{id} has no beginning") };
            let mut ticket = Ticket::blank(id.clone(), kind, events[0].actor.clone(), opened);
            for (number, act) in events.chunk_by(|a, b| a.op == b.op).enumerate() {
                let target = if number == 0 { Target::New(kind) } else { Target::Ticket(id.clone()) };
                let changes: Vec<Change> = act.iter().map(|event| event.change.clone()).collect();
                let first = &act[0];
                let op = Op {
                    key: first.op.clone(),
                    target,
                    expect: None,
                    at: first.at,
                    // What the desk makes of the votes is its own to record.
                    changes: changes
                        .iter()
                        .filter(|change| !is_the_desks_own(kind, change, &changes))
                        .cloned()
                        .collect(),
                    again: false,
                    desk: None,
                };
                let judge = if kind == Kind::Change { &there } else { &rules };
                match decide(&ticket, &op, &first.actor, first.at, judge, &related) {
                    Ok(decision) if decision.changes == changes => {}
                    Ok(decision) => {
                        let odd: Vec<_> = changes.iter().filter(|c| !decision.changes.contains(c)).collect();
                        let new: Vec<_> = decision.changes.iter().filter(|c| !changes.contains(c)).collect();
                        refused.insert(format!("{odd:?} became {new:?}").chars().take(400).collect(), id.clone());
                    }
                    Err(refusal) => {
                        refused.insert(format!("{}: {}", refusal.rule, refusal.message), id.clone());
                    }
                }
                for event in act {
                    ticket.apply(event);
                    ticket.timeline.push(event.clone());
                }
            }
        }
        let all: Vec<String> =
            refused.iter().take(30).map(|(why, id): (&String, &TicketId)| format!("{id}: {why}")).collect();
        assert!(all.is_empty(), "{moment}: {} sorts of unlawful acts\n{}", refused.len(), all.join("\n"));
    }
}

fn is_the_desks_own(kind: Kind, change: &Change, act: &[Change]) -> bool {
    let review = |asked: &Asked| asked.sort == TaskSort::FollowUp;
    let moves = |wanted: Verb| act.iter().any(|change| matches!(change, Change::Move { verb, .. } if *verb == wanted));
    let votes = act.iter().any(|change| matches!(change, Change::Approval { step: ApprovalStep::Vote { .. } }));
    match change {
        // Of a request the step asks those who approve, and the last answer moves it.
        Change::Approval { step: ApprovalStep::Ask { .. } } => kind == Kind::Request && moves(Verb::Authorize),
        Change::Move { verb: Verb::Approve | Verb::Reject, .. } => kind == Kind::Request && votes,
        Change::Approval { step } => matches!(step, ApprovalStep::Turn { .. }),
        Change::Task { step: TaskStep::Add(asked) } => review(asked),
        _ => false,
    }
}

/// Where the next clock of an incident stands at that moment, as the list shows it.
fn stage(ticket: &Ticket, now: Timestamp) -> &'static str {
    thread_local! {
        static POLICY: deskside::domain::sla::Policy = deskside::config::sla::load(None).unwrap();
    }
    let row = POLICY.with(|policy| Summary::of(ticket, policy, &Matrix::standard()));
    let (now, minute) = (now.as_millisecond(), 60_000);
    match (row.glance.state, row.glance.due, row.glance.risk) {
        (GlanceState::Paused, ..) => "paused",
        (GlanceState::Running | GlanceState::Breached, Some(due), risk) => match due - now {
            left if left < -600 * minute => "long breached",
            left if left < 0 => "breached",
            left if left < 30 * minute => "minutes",
            _ if risk.is_some_and(|risk| risk <= now) => "at risk",
            _ => "fresh",
        },
        (GlanceState::Breached, ..) => "long breached",
        _ => "none",
    }
}

#[test]
fn clocks_stand_at_every_stage_whatever_the_hour() {
    for moment in MOMENTS {
        let mut stages: BTreeMap<&str, usize> = BTreeMap::new();
        for ticket in tickets(desk(moment)).iter().filter(|t| t.kind == Kind::Incident && t.state.is_open()) {
            *stages.entry(stage(ticket, at(moment))).or_default() += 1;
        }
        for (wanted, least) in [("fresh", 30), ("at risk", 10), ("breached", 1), ("long breached", 5), ("paused", 12)] {
            assert!(stages.get(wanted).is_some_and(|n| *n >= least), "{moment}: {wanted} is too rare in {stages:?}");
        }
        // Out of hours only the clocks that run day and night come near their end.
        assert!(stages.contains_key("minutes"), "{moment}: {stages:?}");
    }
}

#[test]
fn words_are_owed_and_awaited() {
    for moment in MOMENTS {
        let (now, tickets) = (at(moment), tickets(desk(moment)));
        let open = || tickets.iter().filter(|t| t.state.is_open());
        let promised = |soon: bool| {
            open().filter_map(|t| t.time(&Field::PromisedUpdate)).filter(|due| (*due > now) == soon).count()
        };
        assert!(promised(true) >= 3 && promised(false) >= 3, "{moment}: {} {}", promised(true), promised(false));
        let waits = |t: &&Ticket| t.last_heard > t.last_public && t.last_heard.is_some();
        assert!(open().filter(waits).count() >= 5, "{moment}");
        let major = |t: &&Ticket| t.get(&Field::Major).is_some_and(|v| v.as_flag() == Some(true));
        assert_eq!(open().filter(major).count(), 1, "{moment}: one live outage");
        let known = |t: &&Ticket| t.get(&Field::KnownError).is_some_and(|v| v.as_flag() == Some(true));
        assert!(
            open().filter(known).filter(|t| !t.text(&Field::Workaround).is_empty() && t.links.len() > 2).count() >= 2
        );
    }
}

#[test]
fn requests_stand_at_every_stage_and_who_learns_proposes() {
    for moment in MOMENTS {
        let (now, tickets) = (at(moment), tickets(desk(moment)));
        let requests = || tickets.iter().filter(|ticket| ticket.kind == Kind::Request);
        for state in [
            State::Draft,
            State::Submitted,
            State::WaitingForApproval,
            State::Approved,
            State::Rejected,
            State::InFulfilment,
            State::OnHold,
            State::Fulfilled,
            State::Closed,
            State::Cancelled,
        ] {
            assert!(requests().any(|ticket| ticket.state == state), "{moment}: no request is {state}");
        }
        let partly = |ticket: &&Ticket| {
            let over = ticket.tasks.iter().filter(|task| task.is_over()).count();
            ticket.state == State::InFulfilment && over > 0 && over < ticket.tasks.len()
        };
        assert!(requests().filter(partly).count() > 2, "{moment}: none is fulfilled in part");
        let reminded = |ticket: &&Ticket| ticket.approval.as_ref().is_some_and(|held| held.reminded.is_some());
        assert!(requests().any(|ticket| reminded(&ticket)), "{moment}");
        let proposed = |ticket: &&Ticket| ticket.proposals.iter().any(|held| held.state == ProposalState::Waiting);
        assert!(tickets.iter().filter(proposed).count() > 1, "{moment}: nobody proposes anything");
        // Nothing of it is overdue when the desk is opened.
        let rules = Rules::standard(sample::generate(7, now, 2000).unwrap().directory);
        for ticket in requests().filter(|ticket| ticket.state == State::WaitingForApproval) {
            assert_eq!(due(ticket, now, &rules), [], "{moment}: {}", ticket.id);
        }
    }
}

#[test]
fn a_change_nobody_asked_for_an_overridden_gate_and_a_borne_risk_are_there() {
    for moment in MOMENTS {
        let (now, tickets) = (at(moment), tickets(desk(moment)));
        let changes = || tickets.iter().filter(|ticket| ticket.kind == Kind::Change);
        let unasked: Vec<&Ticket> =
            changes().filter(|change| change.text(&Field::ChangeType) == "retrospective").collect();
        assert_eq!(unasked.len(), 1, "{moment}");
        let waits = unasked[0].approval.as_ref().is_some_and(|held| held.standing == Standing::Waiting);
        assert!(unasked[0].state == State::Authorize && waits && !unasked[0].tasks.is_empty(), "{moment}");
        let untried: Vec<&Ticket> = changes().filter(|change| !change.text(&Field::Override).is_empty()).collect();
        assert_eq!(untried.len(), 1, "{moment}");
        assert!(overridden(untried[0], ReleaseGate::Evidence).is_some() && untried[0].state == State::Scheduled);
        assert_eq!((untried[0].text(&Field::Risk), untried[0].text(&Field::Evidence)), ("high", ""), "{moment}");
        let borne: Vec<&Ticket> = tickets
            .iter()
            .filter(|ticket| ticket.kind == Kind::Problem && ticket.text(&Field::Outcome) == "risk_accepted")
            .collect();
        assert_eq!(borne.len(), 1, "{moment}");
        assert_ne!(borne[0].text(&Field::Approver), &*borne[0].owner, "{moment}: somebody else bears it");
        let again = borne[0].get(&Field::ReviewDate).and_then(Value::as_time);
        assert!(again > Some(now), "{moment}: {again:?}");
    }
}

#[test]
fn a_stream_tells_the_same_tickets() {
    let now = at(MOMENTS[1]);
    let whole = sample::generate(5, now, 300).unwrap();
    let (directory, stream) = sample::stream(5, now, 300, None).unwrap();
    assert_eq!(directory, whole.directory);
    let bare = |events: Vec<Event>| events.into_iter().map(|event| Event { seq: 0, ..event }).collect::<Vec<_>>();
    for ((id, events), (other, told)) in whole.tickets.into_iter().zip(stream) {
        assert_eq!((id, bare(events)), (other, bare(told)));
    }
}
