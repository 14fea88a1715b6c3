//! Taking back on trackers, by the console's own key: where the tracker has a way back it stands as before, and where it
//! has none the console says why and writes nothing.

use std::sync::Arc;

use deskside::backend::Backend;
use deskside::backend::several::Several;
use deskside::domain::field::{Field, Value};
use deskside::domain::name::{Name, TicketId};
use deskside::domain::ticket::Ticket;

use super::bench::{Bench, can};
use super::several::console::{Console, Kept};
use super::site::{Site, Who};

/// What a ticket is, but for its history.
fn standing(ticket: &Ticket) -> impl PartialEq + std::fmt::Debug {
    let priority = ticket.get(&Field::PriorityOverride).cloned();
    let fields: Vec<(Field, Value)> =
        ticket.fields.iter().map(|(field, value)| (field.clone(), value.clone())).collect();
    (ticket.state, ticket.owner.clone(), ticket.accepted, priority, fields, ticket.links.clone())
}

/// Presses that, then the key that takes back, and says what came of both.
async fn there_and_back<S: Site>(bench: &Bench<S>, console: &mut Console, id: &TicketId, command: &str) -> String {
    let desk = bench.desk(Who::Agent);
    let before = desk.get(id).await.unwrap();
    let writes = bench.writes();
    console.line(command).await;
    let done = console.said();
    if bench.writes() == writes {
        return format!("{command}: not done: {done}");
    }
    let after = desk.get(id).await.unwrap();
    let (writes, held) = (bench.writes(), console.kept.len());
    console.press("u").await;
    let said = console.said();
    let now = desk.get(id).await.unwrap();
    if said.starts_with("Cannot be undone") {
        assert_eq!(bench.writes(), writes, "{command}: {said}");
        assert_eq!(standing(&now), standing(&after), "{command}: {said}");
        let why = said.split_once(": ").map_or("", |(_, why)| why);
        assert!(why.len() > 20, "{command}: a reason is a sentence: {said}");
    } else if said.contains("was not stored") || said.contains("Not done") {
        // The tracker itself has the last word, and it is shown.
        assert!(said.len() > 40, "{command}: {said}");
    } else {
        assert!(said.starts_with("Undone on"), "{command} ({done}): {said}");
        assert_eq!(standing(&now), standing(&before), "{command}: {said}");
        assert!(console.kept.len() <= held, "{command}: it is no longer in the journal");
    }
    assert!(console.model.pending.is_empty(), "{command}: {said}");
    format!("{command}: {said}")
}

/// Every act that the console has on one ticket of that tracker.
pub async fn what_was_done_is_taken_back_or_it_is_said_why<S: Site>(bench: Bench<S>) {
    let can = can(&bench.desk(Who::Agent)).await;
    let desk: Arc<dyn Backend> = Arc::new(bench.desk(Who::Agent));
    let desk = Arc::new(Several::new(vec![(Name::new("it"), desk)]));
    let mut console = Console::open(desk, Kept::new()).await;
    console.answers().await;
    let own = bench.incident(&bench.desk(Who::Agent), "To be undone").await.ticket.id;
    console.look().await;
    console.open_ticket(&format!("it:{own}")).await;
    let (group, colleague) = (&bench.fixture.other_group, &bench.fixture.colleague);
    let mut commands = vec![
        "impact 1".to_owned(),
        "urgency 1".to_owned(),
        "priority 1 \"Board room\"".to_owned(),
        "title \"Another title\"".to_owned(),
        format!("group \"{group}\""),
        "take".to_owned(),
        format!("offer {colleague} \"Yours\""),
        "take".to_owned(),
        "note \"Only us\"".to_owned(),
        "hold supplier \"\" \"They look\"".to_owned(),
        "resume".to_owned(),
        "resolve fixed yes \"New cable\"".to_owned(),
        "reopen \"Again\"".to_owned(),
    ];
    if can.links {
        commands.push(format!("link it:{}", bench.fixture.storied));
    }
    let mut told = Vec::new();
    for command in &commands {
        told.push(there_and_back(&bench, &mut console, &own, command).await);
    }
    let told = told.join("\n");
    println!("{told}");
    assert!(told.contains("Undone on"), "{told}");
    assert!(told.contains("Cannot be undone"), "{told}");
    assert!(told.contains("notes stay") || !can.internal_notes, "{told}");
}
