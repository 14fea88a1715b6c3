//! The tasks of a ticket by keys: begun, ended, signed by a colleague.

use deskside::backend::sample::ME;
use deskside::domain::change::{Change, Target};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::task::{Asked, TaskSort, TaskState, TaskStep};
use deskside::text::Clean;

use super::desk::{World, with_role};

#[test]
fn a_task_is_ended_by_one_and_signed_by_another() {
    let world = World::empty();
    let id = world.register(Kind::Change, "Replace the switch", &[(Field::Group, Value::name("Network"))]);
    let title = Clean::line("Swap it");
    let asked = Asked { sort: TaskSort::Implement, title, to: None, due: None, four_eyes: true };
    let add = Change::Task { step: TaskStep::Add(asked) };
    world.does(ME, Target::Ticket(TicketId::new(&id)), vec![add]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    desk.press(":").write("task-start 1").press("<enter>");
    assert_eq!(world.ticket(&id).tasks[0].state, TaskState::Doing, "{}", desk.said());
    desk.press(":").write("task-end 1 failed").press("<enter>");
    if desk.overlay().is_some() {
        desk.press("<ctrl-s>");
    }
    assert_eq!(world.ticket(&id).tasks[0].state, TaskState::Doing, "without a word: {}", desk.said());
    while desk.overlay().is_some() {
        desk.press("<esc>");
    }
    desk.press(":").write("task-end 1 done words:\"New one in.\"").press("<enter>");
    assert_eq!(world.ticket(&id).tasks[0].state, TaskState::Done, "{}", desk.screen());
    let mut colleague = world.console(&with_role("change_manager"));
    colleague.open_ticket(&id);
    colleague.press(":").write("task-sign 1").press("<enter>");
    assert!(world.ticket(&id).tasks[0].is_over(), "{}", colleague.said());
}
