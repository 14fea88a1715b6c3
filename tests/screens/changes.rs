//! Changes by keys: risk, plans, approval, what is in the way, the calendar, the agenda; and the change beside an
//! incident. Everything at 80 by 24.

use deskside::app::effect::Effect;
use deskside::domain::approval::{ApprovalStep, Standing, Verdict};
use deskside::domain::change::{Change, LinkKind, Target};
use deskside::domain::directory::Role;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::state::State;
use deskside::text::Clean;
use jiff::{SignedDuration, Timestamp};

use super::desk::{Desk, NOW, World, directory};

const SERVICE: &str = "Laptops and desktops";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn hours(n: i64) -> Timestamp {
    now() + SignedDuration::from_hours(n)
}

fn with(role: Role) -> String {
    directory().people.iter().find(|p| p.roles.contains(&role)).unwrap().login.to_string()
}

/// A colleague of the group who is none of those named.
pub fn peer(group: &str, but: &[&str]) -> String {
    let fits = |p: &&deskside::domain::directory::Person| {
        p.level.is_some() && p.groups.iter().any(|g| &**g == group) && !but.contains(&&*p.login)
    };
    directory().people.iter().find(fits).unwrap().login.to_string()
}

/// A normal change of mine with its whole plan, for the day after tomorrow at noon.
fn planned(world: &World, title: &str) -> String {
    let group =
        directory().people.iter().find(|p| &*p.login == deskside::backend::sample::ME).unwrap().groups[0].clone();
    let text = |field, words: &str| (field, Value::text(words));
    let id = world.register(
        Kind::Change,
        title,
        &[
            text(Field::Description, "What"),
            text(Field::Reason, "Why"),
            text(Field::Plan, "One, two"),
            text(Field::BackOut, "Two, one"),
            text(Field::TestPlan, "Look"),
            (Field::Service, Value::name(SERVICE)),
            (Field::Group, Value::Name(group)),
            (Field::PlannedStart, Value::Time(hours(49))),
            (Field::PlannedEnd, Value::Time(hours(51))),
        ],
    );
    let accept = deskside::domain::change::Handover::Accept { by: Name::new(deskside::backend::sample::ME) };
    world.does(
        deskside::backend::sample::ME,
        Target::Ticket(TicketId::new(&id)),
        vec![Change::Handover { step: accept }],
    );
    id
}

pub fn votes(world: &World, who: &str, id: &str) {
    let step = ApprovalStep::Vote { verdict: Verdict::Approved, words: Clean::default() };
    world.does(who, Target::Ticket(TicketId::new(id)), vec![Change::Approval { step }]);
}

fn opened<'w>(world: &'w World, who: &str, id: &str) -> Desk<'w> {
    let mut desk = world.console(who).sized(80, 24);
    desk.press(":").write(&format!("show {id}")).press("<enter>");
    assert!(desk.screen().contains(id), "{}", desk.screen());
    desk
}

#[test]
fn eight_digits_answer_the_questions_of_risk() {
    let world = World::small();
    let id = planned(&world, "Replace the docks");
    let mut desk = opened(&world, deskside::backend::sample::ME, &id);
    desk.press("cr");
    assert!(desk.screen().contains("How many people does it touch?"), "{}", desk.screen());
    desk.press("22211111 <ctrl-s>");
    let ticket = world.ticket(&id);
    assert_eq!(ticket.text(&Field::Risk), "moderate", "{}", desk.screen());
    assert!(ticket.text(&Field::RiskAnswers).starts_with("users=2 service=2 rollback=2 tested=1"));
    assert!(desk.screen().contains("risk answered: 11 points, moderate"), "{}", desk.screen());
}

#[test]
fn a_plan_is_written_over_what_stands_there() {
    let world = World::small();
    let id = planned(&world, "Replace the docks");
    let mut desk = opened(&world, deskside::backend::sample::ME, &id);
    desk.press("cp");
    assert!(desk.screen().contains("One, two"), "{}", desk.screen());
    desk.press("<ctrl-s>");
    assert!(desk.screen().contains("stands so already"), "{}", desk.screen());
    desk.press("<esc>").press("ce").write("Ran in the lab.").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).text(&Field::Evidence), "Ran in the lab.");
}

/// A change that waits for the board, as its maker and a peer bring it there by keys; and who the board is.
fn on_the_agenda(world: &World, title: &str) -> (String, String) {
    let me = deskside::backend::sample::ME;
    let id = planned(world, title);
    let group = world.ticket(&id).text(&Field::Group).to_owned();
    let mut desk = opened(world, me, &id);
    desk.press("cr11111111 <ctrl-s>").press("ms").write("assess").press("<enter>").press("ca");
    let ticket = world.ticket(&id);
    assert_eq!(ticket.state, State::Assess, "{}", desk.screen());
    assert_eq!(ticket.approval.as_ref().map(|held| held.standing), Some(Standing::Waiting), "{}", desk.screen());
    desk.look();
    assert!(desk.screen().contains("Peers") && desk.screen().contains("CAB"), "{}", desk.screen());
    let manager = with(Role::ChangeManager);
    votes(world, &peer(&group, &[me, &manager]), &id);
    desk.look();
    desk.press("ms").write("authorize").press("<enter>");
    assert_eq!(world.ticket(&id).state, State::Authorize, "{}", desk.screen());
    (id, manager)
}

#[test]
fn approval_is_asked_by_policy_and_decided_on_in_the_meeting() {
    let world = World::small();
    let (id, manager) = on_the_agenda(&world, "Replace the docks");
    let mut board = world.console(&manager).sized(80, 24);
    board.press("cm");
    let screen = board.screen();
    assert!(screen.contains("Agenda") && screen.contains(&id), "{screen}");
    board.resize(60, 15);
    let narrow = board.screen();
    let owner = board.model.display(&world.ticket(&id).owner).to_owned();
    let standing = narrow.lines().filter(|line| line.starts_with("│     ")).collect::<String>();
    assert!(!standing.contains('…') && standing.contains(&owner), "who is asked stands there whole:\n{narrow}");
    board.resize(80, 24);
    board.press("a");
    assert_eq!(world.ticket(&id).approval.unwrap().standing, Standing::Approved, "{}", board.screen());
    board.press("m");
    let copied = board.asked.iter().rev().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.to_string()),
        _ => None,
    });
    let minutes = copied.unwrap();
    assert!(minutes.starts_with("# Change meeting, 2026-11-25"), "{minutes}");
    assert!(minutes.contains(&format!("## {id} Replace the docks")) && minutes.contains("approved"), "{minutes}");
    // The same as a file, as the review of a major incident is written.
    board.press("e");
    let screen = board.screen();
    let head = screen.lines().find(|line| line.contains("Minutes as a document")).unwrap();
    assert!(!head.contains("CHG-"), "they are about all: {head}");
    board.write("/tmp").press("<enter>");
    let written = board.asked.iter().rev().find_map(|effect| match effect {
        Effect::SaveText { name, to, text } => Some((name.to_string(), to.clone(), text.to_string())),
        _ => None,
    });
    assert_eq!(written, Some(("change-meeting-2026-11-25.md".into(), "/tmp".into(), minutes)), "{}", board.screen());
}

#[test]
fn a_reason_begun_for_one_change_of_the_agenda_does_not_stand_in_the_form_of_the_next() {
    let world = World::small();
    // Of two at the same time, the newer one stands first.
    let [below, _] = ["Replace the docks", "Replace the screens"].map(|title| on_the_agenda(&world, title).0);
    let mut board = world.console(&with(Role::ChangeManager)).sized(80, 24);
    board.press("cm").press("d").write("Its maker is away.").press("<esc>").press("j d");
    let screen = board.screen();
    assert!(screen.contains(&format!("Defer – {below}")) && !screen.contains("Its maker is away."), "{screen}");
    board.press("<esc>").press("k d");
    assert!(board.screen().contains("Its maker is away."), "{}", board.screen());
    board.press("<enter>").press("d");
    assert!(!board.screen().contains("Its maker is away."), "it has gone with the note: {}", board.screen());
}

#[test]
fn what_is_in_the_way_is_told_and_a_free_time_taken_with_one_key() {
    let world = World::empty();
    let first = planned(&world, "Replace the docks");
    let id = planned(&world, "Update the docks");
    let mut desk = opened(&world, deskside::backend::sample::ME, &id);
    assert!(desk.screen().contains("In the way: who makes it makes another"), "{}", desk.screen());
    desk.press("cs");
    let screen = desk.screen();
    assert!(screen.contains(&format!("In the way of {id}")) && screen.contains(&first), "{screen}");
    desk.press("<enter>");
    let ticket = world.ticket(&id);
    let start = ticket.time(&Field::PlannedStart).unwrap();
    assert_eq!(start, now(), "half past ten, at once: {}", desk.screen());
    assert_eq!(ticket.time(&Field::PlannedEnd).unwrap().duration_since(start), SignedDuration::from_hours(2));
    desk.look();
    assert!(!desk.screen().contains("In the way"), "{}", desk.screen());
}

#[test]
fn the_calendar_shows_weeks_months_and_freezes() {
    let world = World::empty();
    let id = planned(&world, "Replace the docks");
    let mut desk = world.me().sized(80, 24);
    desk.press("cc");
    let screen = desk.screen();
    assert!(screen.contains("week of 23 November 2026") && screen.contains("Wed 25 Nov (today)"), "{screen}");
    assert!(screen.contains("11:30-13:30") && screen.contains(&id), "{screen}");
    desk.press("v");
    assert!(desk.screen().contains("November 2026") && desk.screen().contains("1 change"), "{}", desk.screen());
    desk.press("J");
    let screen = desk.screen();
    assert!(screen.contains("December 2026") && screen.contains("freeze"), "{screen}");
    desk.press("tv").press("ll <enter>");
    assert_eq!(desk.model.detail.as_ref().map(|detail| detail.id.to_string()), Some(id), "{}", desk.screen());
}

#[test]
fn an_override_needs_who_may_and_a_reason() {
    let world = World::empty();
    let id = planned(&world, "Replace the docks");
    let manager = with(Role::ChangeManager);
    let mut desk = opened(&world, &manager, &id);
    desk.press("co").press("1").write("The board agreed by phone.").press("<ctrl-s>");
    assert_eq!(world.ticket(&id).text(&Field::Override), "conflicts: The board agreed by phone.", "{}", desk.screen());
    desk.look();
    assert!(desk.screen().contains("Overridden, conflicts"), "{}", desk.screen());
}

#[test]
fn a_standard_change_is_raised_from_its_template() {
    let world = World::empty();
    let mut desk = world.me();
    desk.press(":")
        .write("standard-change template:Patching from:\"tomorrow 9:00\" to:\"tomorrow 10:00\"")
        .press("<enter>");
    let made = world.ticket("CHG-1");
    assert_eq!(made.text(&Field::Template), "Patching", "{}", desk.screen());
    assert_eq!((made.text(&Field::ChangeType), made.tasks.len()), ("standard", 2));
    desk.press(":").write("show CHG-1").press("<enter>").press("ms").write("schedule").press("<enter>");
    assert_eq!(world.ticket("CHG-1").state, State::Scheduled, "{}", desk.screen());
}

#[test]
fn an_unauthorised_change_is_recorded_with_its_review() {
    let world = World::empty();
    let mut desk = world.me();
    let line = "unauthorised-change title:\"Somebody moved a switch\" description:\"It was found in another room.\" \
                reason:\"The room was wanted\" began:\"yesterday 9:00\" ended:\"yesterday 10:00\"";
    desk.press(":").write(line).press("<enter>");
    let made = world.ticket("CHG-1");
    assert_eq!(made.text(&Field::ChangeType), "retrospective", "{}", desk.screen());
    assert_eq!(made.tasks.len(), 1, "a review is due");
}

#[test]
fn one_key_says_that_a_change_caused_the_incident() {
    let world = World::empty();
    let me = deskside::backend::sample::ME;
    let change = planned(&world, "Replace the docks");
    let times = [(Field::ActualStart, hours(-5)), (Field::ActualEnd, hours(-3))];
    for (field, at) in times {
        world.sets(me, &change, field, Value::Time(at));
    }
    let incident = world.register(Kind::Incident, "No picture", &[(Field::Service, Value::name(SERVICE))]);
    let mut desk = opened(&world, me, &incident);
    let screen = desk.screen();
    assert!(screen.contains(&format!("Change {change} on the same service")), "{screen}");
    assert!(screen.contains("caused by it"), "{screen}");
    desk.press("i");
    let ticket = world.ticket(&incident);
    assert!(ticket.links.iter().any(|link| link.how == LinkKind::CausedBy && link.other.as_str() == change));
    assert!(world.ticket(&change).links.iter().any(|link| link.how == LinkKind::Caused));
    desk.look();
    assert!(!desk.screen().contains("caused by it)"), "{}", desk.screen());
}
