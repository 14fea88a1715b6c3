//! Tasks inside a ticket: what is recorded and what is refused.

use deskside::domain::change::{Change, Party};
use deskside::domain::name::Name;
use deskside::domain::task::{Asked, TaskSort, TaskState, TaskStep};
use deskside::text::Clean;

use super::small::Small;

fn task(step: TaskStep) -> Vec<Change> {
    vec![Change::Task { step }]
}

fn asked(title: &str, four_eyes: bool) -> TaskStep {
    let title = Clean::line(title);
    TaskStep::Add(Asked { sort: TaskSort::Fulfil, title, to: None, due: None, four_eyes })
}

fn end(number: u16, how: TaskState, words: &str) -> TaskStep {
    TaskStep::End { number, how, words: Clean::line(words) }
}

#[test]
fn tasks_keep_their_numbers_and_tell_who_ended_them() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    for title in ["Order it", "Set it up"] {
        desk.act("ann", &id, task(asked(title, false))).unwrap();
    }
    desk.act("ann", &id, task(TaskStep::Start { number: 2 })).unwrap();
    desk.act("bob", &id, task(end(1, TaskState::Done, ""))).unwrap();
    let ticket = desk.get(&id);
    let states: Vec<_> = ticket.tasks.iter().map(|task| (task.number, task.state)).collect();
    assert_eq!(states, [(1, TaskState::Done), (2, TaskState::Doing)]);
    assert_eq!(ticket.tasks[0].by.as_deref(), Some("bob"));
    desk.act("ann", &id, task(TaskStep::Reopen { number: 1 })).unwrap();
    assert_eq!((desk.get(&id).tasks[0].state, &desk.get(&id).tasks[0].by), (TaskState::Open, &None));
}

#[test]
fn a_second_person_signs_what_wants_four_eyes() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.act("ann", &id, task(asked("Delete the account", true))).unwrap();
    let sign = || task(TaskStep::Sign { number: 1 });
    assert_eq!(desk.act("bob", &id, sign()).unwrap_err().rule, "four eyes");
    desk.act("ann", &id, task(end(1, TaskState::Done, ""))).unwrap();
    assert!(!desk.get(&id).tasks[0].is_over());
    assert_eq!(desk.act("ann", &id, sign()).unwrap_err().rule, "four eyes");
    desk.act("bob", &id, sign()).unwrap();
    assert!(desk.get(&id).tasks[0].is_over());
}

#[test]
fn what_cannot_be_done_with_a_task_is_refused_and_changes_nothing() {
    let mut desk = Small::new();
    let id = desk.incident("ann");
    desk.act("ann", &id, task(asked("Order it", false))).unwrap();
    let nobody = Some(Party::Person(Name::new("nobody")));
    for step in [
        asked(" ", false),
        TaskStep::Start { number: 7 },
        TaskStep::Give { number: 1, to: nobody },
        end(1, TaskState::Doing, ""),
        end(1, TaskState::Failed, ""),
        TaskStep::Reopen { number: 1 },
        TaskStep::Sign { number: 1 },
    ] {
        let before = desk.get(&id).clone();
        desk.act("ann", &id, task(step)).unwrap_err();
        assert_eq!(*desk.get(&id), before);
    }
    desk.hold("ann", &id, "caller").unwrap();
    assert_eq!(
        desk.act("ann", &id, task(end(1, TaskState::Done, ""))).unwrap_err().rule,
        "tasks wait with their ticket"
    );
}
