//! What waits for my hands on several desks at once: by what each calls me, and by the groups that I am in there.

use std::sync::Arc;

use deskside::backend::Backend;
use deskside::backend::embedded::Clock;
use deskside::backend::memory::Memory;
use deskside::backend::several::Several;
use deskside::domain::change::{Change, Handover, Op, OpKey, Party, Target};
use deskside::domain::directory::Group;
use deskside::domain::field::{Field, Value};
use deskside::domain::name::{Name, TicketId};
use deskside::domain::proposal::ProposalStep;
use deskside::domain::task::{Asked, TaskSort, TaskStep};
use deskside::text::Clean;

use super::console::{Console, Kept};
use crate::backends::bench::{NOW, rules, staff, tickets};

/// I am `mia` on this desk and in another group; there is somebody else who is called `ana`.
fn plant() -> Memory {
    let mut people = staff();
    people.groups.push(Group { name: "Infra".into(), line: 2, manager: "mia".into() });
    for person in people.people.iter_mut().filter(|person| *person.login == *"mia") {
        person.groups = vec!["Infra".into()];
    }
    Memory::new("mia".into(), people, tickets(5), rules(), Clock::fixed(NOW))
}

async fn does(desk: &Memory, who: &str, ticket: u64, what: &str, change: Change) {
    let op = Op {
        key: OpKey(format!("{who}-{ticket}-{what}")),
        target: Target::Ticket(TicketId::new(&format!("INC-{ticket}"))),
        expect: None,
        at: NOW,
        changes: vec![change],
        again: false,
        desk: None,
    };
    desk.console(who.into()).apply(&op).await.unwrap();
}

fn task(to: Party) -> Change {
    let title = Clean::line("Look at it");
    Change::Task {
        step: TaskStep::Add(Asked { sort: TaskSort::FollowUp, title, to: Some(to), due: None, four_eyes: false }),
    }
}

fn shown(console: &Console) -> Vec<String> {
    let list = console.model.list();
    let mut ids: Vec<String> = list.rows.iter().map(|row| console.model.table.id(*row).to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn what_waits_for_me_is_found_by_my_name_and_my_groups_on_each_desk() {
    let home = Memory::new("ana".into(), staff(), tickets(3), rules(), Clock::fixed(NOW));
    let plant = plant();
    let (person, group) = (|login: &str| Party::Person(login.into()), |name: &str| Party::Group(name.into()));
    does(&home, "ben", 1, "task", task(group("Service Desk"))).await;
    does(&home, "ben", 2, "task", task(person("ben"))).await;
    does(&plant, "ben", 1, "task", task(group("Infra"))).await;
    does(&plant, "ben", 2, "task", task(person("ana"))).await;
    does(&plant, "ben", 3, "task", task(person("mia"))).await;
    let ben_takes = Change::Handover { step: Handover::Accept { by: "ben".into() } };
    does(&plant, "ben", 4, "takes", ben_takes).await;
    let urgent = Change::Set { field: Field::Urgency, from: Some(Value::Number(2)), to: Some(Value::Number(1)) };
    let step = ProposalStep::Make { changes: vec![urgent], reason: Clean::line("It spreads.") };
    does(&plant, "ana", 4, "proposes", Change::Proposal { step }).await;

    let desks: Vec<(Name, Arc<dyn Backend>)> =
        vec![(Name::new("home"), Arc::new(home)), (Name::new("plant"), Arc::new(plant.console("mia".into())))];
    let mut console = Console::at(Arc::new(Several::new(desks)), Kept::new(), Some(NOW), false).await;
    console.answers().await;
    console.look().await;
    console.press("g w").await;
    for (query, wanted) in [
        ("tasked", &["home:INC-1", "plant:INC-1", "plant:INC-3"][..]),
        ("task:infra", &["plant:INC-1"]),
        ("task:ana@plant", &["plant:INC-2"]),
        ("approving or answering", &["plant:INC-4"]),
        ("proposed:ana@plant", &["plant:INC-4"]),
        ("proposed:me", &[]),
    ] {
        console.filter(query).await;
        assert_eq!(shown(&console), wanted, "{query}\n{}", console.screen());
    }
    // The views ask the same, and what waits there is answered with one key.
    console.press("<esc>").await;
    console.line("view \"for my word\"").await;
    assert_eq!(shown(&console), ["plant:INC-4"], "{}", console.screen());
    console.open_ticket("plant:INC-4").await.press("y").await;
    let ticket = plant.get(&TicketId::new("INC-4")).await.unwrap();
    assert_eq!(ticket.said(&Field::Urgency), 1, "{}", console.said());
    assert_eq!(ticket.proposals[0].answered.as_ref().map(|(by, _)| by.as_str()), Some("mia"));
}
