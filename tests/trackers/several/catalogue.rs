//! Something from the catalogue on trackers, which keep none: what is lacking is said in the form, and everything that was
//! filled in stands in the ticket of the tracker, readable.

use deskside::backend::Backend;
use deskside::domain::field::Field;
use deskside::domain::name::TicketId;

use super::hall::Hall;
use crate::trackers::site::Who;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_tracker_cannot_keep_of_a_request_is_said_first_and_goes_along_as_words() {
    let hall = Hall::new().await;
    let mut console = hall.read().await;
    console.press("g n").await.write("Remote access").await.press("<enter>").await;
    let screen = console.screen();
    assert!(screen.contains("(approval, checklist, taking it back: as words)"), "{screen}");
    assert!(console.said().contains("This desk keeps no catalogue: approval, checklist and taking it back go along"));
    console.press("<esc>").await;
    for (desk, caller) in [("rt", &hall.rt.fixture.caller), ("redmine", &hall.redmine.fixture.caller)] {
        let title = format!("Visio over {desk}");
        let answers = "product:Visio seats:2 cost_centre:4711 needed_by:\"2030-03-04 10:00\" approver:boss";
        let more = "description:\"As agreed with the lab.\"";
        let line =
            format!("request \"Software licence\" desk:{desk} caller:{caller} title:\"{title}\" {answers} {more}");
        console.line(&line).await;
        let made = |console: &mut super::console::Console| {
            console.model.table.iter().any(|row| console.model.table.title(row) == title)
        };
        console.until("it is there", made).await;
        let row = console.model.table.iter().find(|row| console.model.table.title(*row) == title).unwrap();
        let id = console.model.table.id(row).strip_prefix(&format!("{desk}:")).map(TicketId::new).unwrap();
        let ticket = if desk == "rt" {
            hall.rt.desk(Who::Agent).get(&id).await.unwrap()
        } else {
            hall.redmine.desk(Who::Agent).get(&id).await.unwrap()
        };
        let text = ticket.text(&Field::Description);
        for words in [
            "Software licence",
            &format!("({caller})"),
            "Product: Visio",
            "Seats: 2",
            "Cost centre: 4711",
            "Category: software/licence",
            "Needed by: 2030-03-04 10:00",
            "As agreed with the lab.",
            "To be approved:",
            "- Line manager: boss",
            "To be done:",
            "Look for a free seat, else buy one (within 3d)",
            "Assign it and note the renewal (within 4d)",
        ] {
            assert!(text.contains(words), "{desk}: {words} is not in\n{text}");
        }
    }
}
