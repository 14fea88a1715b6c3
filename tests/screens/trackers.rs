//! What the console shows of desks that are slow, away, or shared with others: how they stand, what waits for them, and
//! what a colleague changed first.

use std::sync::Arc;

use deskside::app::conflict::{self, Merge, Side};
use deskside::app::effect::{Effect, Room};
use deskside::app::homes::{self, Homes};
use deskside::app::message::Message;
use deskside::app::overlay::Overlay;
use deskside::backend::{Attachment, Capabilities, Cursor, Delta, Found, Health, Line, Member, Schema, Sort};
use deskside::domain::change::{Audience, Change, Handover, Target};
use deskside::domain::directory::Directory;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::ticket::Ticket;
use deskside::runtime::files;
use deskside::text::{Clean, width};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::desk::{Desk, Fault, World, directory};

fn ticket(world: &World) -> (Desk<'_>, String) {
    let id = world.register(Kind::Incident, "No network", &[(Field::Group, Value::name("Service Desk"))]);
    let mut desk = world.me();
    desk.open_ticket(&id);
    (desk, id)
}

fn number(world: &World, id: &str, field: &Field) -> Option<i64> {
    world.ticket(id).get(field).and_then(Value::as_number)
}

fn notes(world: &World, id: &str) -> usize {
    let is_note = |change: &Change| matches!(change, Change::Say { audience: Audience::Internal, .. });
    world.ticket(id).timeline.iter().filter(|event| is_note(&event.change)).count()
}

fn stand(desk: &Desk<'_>) -> Vec<(Name, Health)> {
    let now = desk.world.now();
    let ago = |minutes| Some(now - SignedDuration::from_mins(minutes));
    let health = |line, as_of| Health { line, as_of, ..Health::default() };
    let since = now - SignedDuration::from_mins(78);
    vec![
        (Name::new("rt"), health(Line::Refreshing, ago(49))),
        (Name::new("redmine"), health(Line::Offline { since, why: "It does not answer.".into() }, ago(80))),
        (Name::new("sn"), health(Line::SignedOut { why: "The token has run out.".into() }, ago(5))),
        (Name::new("itop"), health(Line::Loading { rows: 1200 }, None)),
        (Name::new("jira"), health(Line::Fresh, ago(0))),
    ]
}

#[test]
fn how_each_desk_stands_is_in_the_first_line_where_there_is_room() {
    let world = World::empty();
    let mut desk = world.me().sized(240, 30);
    let health = stand(&desk);
    desk.take(Message::Health(health));
    let screen = desk.screen();
    let first = screen.lines().next().unwrap();
    let all = "rt as of 09:41, refreshing  redmine offline since 09:12  sn signed out: R signs in  itop loading 1,200";
    assert!(first.contains(all), "{first}");
    assert!(!first.contains("jira"), "what is well needs no words: {first}");
}

#[test]
fn in_eighty_columns_the_worst_comes_first_and_the_outbox_is_still_counted() {
    let world = World::empty();
    let (desk, id) = ticket(&world);
    let mut desk = desk.sized(80, 24);
    desk.fails(Some(&id), Fault::Offline);
    desk.press("fi1");
    let health = stand(&desk);
    desk.take(Message::Health(health));
    desk.model.notice = None;
    let screen = desk.screen();
    let first = screen.lines().next().unwrap();
    assert!(first.contains("sn signed out +3  outbox 1"), "{first}");
    assert!(screen.lines().all(|line| width(line) <= 80));
    assert!(screen.contains("rt as of 09:41, refreshing"), "the whole stands above the keys:\n{screen}");
    let alone = vec![desk.model.desk.health[2].clone()];
    desk.take(Message::Health(alone));
    let screen = desk.screen();
    assert!(screen.contains("sn signed out: R signs in"), "{screen}");
}

#[test]
fn in_sixty_columns_it_is_said_that_something_waits_and_which_desk_is_away() {
    let world = World::sample();
    let mut desk = world.me().sized(60, 15);
    let first = |desk: &mut Desk<'_>| desk.screen().lines().next().unwrap().trim_end().to_owned();
    assert!(first(&mut desk).contains("Incidents 1"), "all is counted while all is well: {}", first(&mut desk));
    desk.fails(None, Fault::Offline);
    desk.press("fi1");
    assert!(first(&mut desk).ends_with("outbox 1"), "{}", first(&mut desk));
    let health = vec![stand(&desk).remove(1)];
    desk.take(Message::Health(health));
    assert!(first(&mut desk).contains("redmine offline"), "{}", first(&mut desk));
    assert!(first(&mut desk).ends_with("  outbox 1"), "{}", first(&mut desk));
    desk.press("n").resize(40, 10);
    let whole = desk.screen().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(whole, "deskside needs 60x15, this is 40x10. Make the window larger; the text is kept.");
}

#[test]
fn the_first_rows_of_a_tracker_come_in_by_themselves() {
    let world = World::empty();
    let mut desk = world.me();
    desk.press("v").write("all").press("<enter>");
    let stands = |line| Message::Health(vec![(Name::new("rt"), Health { line, ..Health::default() })]);
    assert!(desk.screen().contains("There is none of this kind on the desk."), "{}", desk.screen());
    desk.take(stands(Line::Loading { rows: 0 }));
    assert!(desk.screen().contains("Reading the desk."), "nobody knows yet what there is: {}", desk.screen());
    let register = |title: &str| world.register(Kind::Incident, title, &[]);
    let first = register("No network");
    desk.look();
    assert!(desk.screen().contains("No network"), "{}", desk.screen());
    assert_eq!(desk.here(), first);
    register("No telephone");
    desk.look();
    assert!(desk.screen().contains("No telephone") && !desk.screen().contains("new (R)"), "{}", desk.screen());
    assert_eq!(desk.here(), first, "the cursor stays on its ticket");
    desk.take(stands(Line::Fresh));
    register("No power");
    desk.look();
    register("No light");
    desk.look();
    let screen = desk.screen();
    assert!(screen.contains("1 new (R)") && !screen.contains("No light"), "what comes later waits:\n{screen}");
}

#[test]
fn nothing_is_said_where_all_is_well() {
    let world = World::sample();
    let mut desk = world.me().sized(80, 24);
    let before = desk.screen();
    desk.take(Message::Health(vec![(Name::new(""), Health::default())]));
    assert_eq!(desk.screen(), before);
    let polled = Health { line: Line::Refreshing, as_of: Some(world.now()), ..Health::default() };
    desk.take(Message::Health(vec![(Name::new("rt"), polled)]));
    assert_eq!(desk.screen(), before, "a look at every half minute is no news");
}

#[test]
fn a_key_shows_each_desk_with_what_waits_for_it() {
    let world = World::empty();
    let mut desk = world.me();
    let health = stand(&desk);
    desk.take(Message::Health(health));
    desk.press("gd");
    let screen = desk.screen();
    for words in
        ["redmine  offline since 09:12", "It does not answer.", "agreed with it at 09:10", "0 in the outbox", "jira"]
    {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
    desk.press("r");
    assert!(desk.asked.contains(&Effect::Pull), "{}", desk.said());
    desk.press("<esc>");
    assert!(desk.overlay().is_none());
}

#[test]
fn the_outbox_says_what_waits_since_when_and_why() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(Some(&id), Fault::Offline);
    desk.press("fi1");
    desk.press("n").write("Only us").press("<ctrl-s>");
    let screen = desk.screen();
    for words in ["impact 1: not sent yet, `g o` says why", "internal note: waits for the one before it"] {
        assert!(screen.contains(words), "the ticket says of neither that it is on its way:\n{screen}");
    }
    desk.press("go");
    let screen = desk.screen();
    for words in [
        &*id,
        "impact",
        "done 10:30",
        "the line is down",
        "Tried once",
        "waits for the one before",
        "Only us",
        "2 waiting",
    ] {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
    assert!(screen.lines().next().unwrap().contains("outbox 2"), "{screen}");
    desk.press("j r");
    assert!(desk.said().contains("comes first"), "{}", desk.said());
    desk.press("k r");
    assert_eq!((number(&world, &id, &Field::Impact), notes(&world, &id)), (Some(1), 1), "{}", desk.said());
    assert!(desk.screen().contains("Nothing waits"), "{}", desk.screen());
}

#[test]
fn what_waits_for_the_sign_in_goes_when_it_is_asked_for() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(Some(&id), Fault::SignedOut);
    desk.press("fi1");
    assert!(desk.said().contains("kept until you sign in and press `R`."), "{}", desk.said());
    desk.wait(3600);
    assert_eq!(number(&world, &id, &Field::Impact), Some(3), "nobody tries a wrong password for ever");
    desk.press("go");
    assert!(desk.screen().contains("again when you ask for it"), "{}", desk.screen());
    desk.press("R");
    assert_eq!(number(&world, &id, &Field::Impact), Some(1), "{}", desk.said());
}

#[test]
fn it_is_said_once_and_counted_that_a_desk_is_away() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    for _ in 0..3 {
        desk.fails(Some(&id), Fault::Offline);
    }
    desk.press("fi1");
    assert!(desk.said().contains("the line is down"), "{}", desk.said());
    desk.model.notice = None;
    desk.wait(6);
    desk.wait(6);
    assert_eq!(desk.said(), "", "it is not said again and again");
    desk.press("go");
    assert!(desk.screen().contains("Tried 3 times"), "{}", desk.screen());
}

#[test]
fn dropping_asks_and_gives_the_words_back() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(Some(&id), Fault::Doubtful);
    desk.press("n").write("Only us").press("<ctrl-s> go d");
    assert!(desk.said().contains("may have stored it already"), "{}", desk.said());
    assert_eq!(desk.room(Room::Outbox).len(), 1);
    desk.press("d");
    assert_eq!(desk.room(Room::Outbox).len(), 0, "{}", desk.said());
    desk.press("<esc> n");
    assert!(desk.screen().contains("Only us"), "{}", desk.screen());
    assert_eq!(notes(&world, &id), 0);
}

#[test]
fn editing_writes_the_words_anew_to_the_same_reader() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("r").write("Dear customer").press("<ctrl-s> <esc> go e e");
    let Some(Overlay::Compose(compose)) = desk.overlay() else { panic!("{}", desk.said()) };
    assert_eq!((compose.command.id, compose.text.raw()), ("reply", "Dear customer".to_owned()));
    assert_eq!(desk.here(), id);
    assert!(desk.model.pending.is_empty());
    desk.write(", hello").press("<ctrl-s>").wait(60);
    let said: Vec<Clean> = world
        .ticket(&id)
        .timeline
        .iter()
        .filter_map(|event| match &event.change {
            Change::Say { audience: Audience::Public, text } => Some(text.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(said, [Clean::body("Dear customer, hello")]);
}

#[test]
fn an_edited_new_ticket_is_in_its_form_again() {
    let world = World::empty();
    let mut desk = world.me();
    desk.fails(None, Fault::Offline);
    desk.press("N 1").write("Printer on fire").press("<tab>").write("zahmed").press("<ctrl-s>");
    assert_eq!(desk.model.pending.len(), 1, "{}", desk.said());
    desk.press("go e e");
    assert!(desk.screen().contains("Printer on fire"), "{}", desk.screen());
    assert!(desk.model.pending.is_empty());
}

#[test]
fn what_a_colleague_left_alone_goes_again_by_itself() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(Some(&id), Fault::Beside("zahmed"));
    desk.press("fi1");
    assert_eq!(number(&world, &id, &Field::Impact), Some(1));
    assert!(world.ticket(&id).text(&Field::Location).starts_with("Leeds"));
    assert!(desk.said().contains("beside what Zara Ahmed changed"), "{}", desk.said());
    assert!(desk.model.pending.is_empty() && desk.room(Room::Outbox).is_empty() && desk.overlay().is_none());
}

#[test]
fn both_changed_the_same_and_mine_is_chosen() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(Some(&id), Fault::Overtaken("zahmed"));
    desk.press("fi1");
    let screen = desk.screen();
    assert!(matches!(desk.overlay(), Some(Overlay::Conflict(_))), "{screen}");
    assert!(screen.contains("Zara Ahmed was first") && screen.contains("outbox 1"), "{screen}");
    let line = screen.lines().find(|line| line.contains("▸impact")).unwrap();
    let seen: Vec<&str> = line.split_whitespace().filter(|word| word.parse::<u8>().is_ok()).collect();
    assert_eq!(seen, ["3", "1", "2"], "before, mine, theirs: {line}");
    desk.press("<enter>");
    assert!(desk.said().contains("Choose in every row"), "{}", desk.said());
    desk.press("m <enter>");
    assert_eq!(number(&world, &id, &Field::Impact), Some(1), "{}", desk.said());
    assert!(desk.model.pending.is_empty() && desk.room(Room::Outbox).is_empty());
}

#[test]
fn what_waits_behind_a_conflict_writes_over_nobody_either() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    // Neither what stands there nor mine.
    let hers = 5 - number(&world, &id, &Field::Urgency).unwrap();
    desk.fails(Some(&id), Fault::Offline);
    desk.press("fi1 fu1 n").write("Only us").press("<ctrl-s>");
    world.sets("zahmed", &id, Field::Impact, Value::Number(2));
    world.sets("zahmed", &id, Field::Urgency, Value::Number(hers));
    desk.wait(60);
    assert!(desk.screen().contains("Zara Ahmed was first"), "{}", desk.screen());
    desk.press("m <enter>");
    assert_eq!(number(&world, &id, &Field::Impact), Some(1), "{}", desk.said());
    assert_eq!(number(&world, &id, &Field::Urgency), Some(hers), "hers stands until something else is chosen");
    assert!(desk.screen().contains("▸urgency"), "{}", desk.screen());
    desk.press("t <enter>");
    assert_eq!((number(&world, &id, &Field::Urgency), notes(&world, &id)), (Some(hers), 1), "{}", desk.screen());
    assert!(desk.model.pending.is_empty(), "{}", desk.screen());
}

#[test]
fn a_note_that_goes_first_takes_no_change_over_a_colleague_s() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(Some(&id), Fault::Offline);
    desk.press("n").write("Only us").press("<ctrl-s> fi1");
    world.sets("zahmed", &id, Field::Impact, Value::Number(2));
    desk.wait(60);
    assert_eq!((number(&world, &id, &Field::Impact), notes(&world, &id)), (Some(2), 1), "{}", desk.screen());
    assert!(desk.screen().contains("outbox 1"), "{}", desk.screen());
}

#[test]
fn theirs_can_stand_or_it_is_chosen_later_from_the_outbox() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(Some(&id), Fault::Overtaken("zahmed"));
    desk.press("fi1 <esc>");
    let row = desk.model.table.row(&TicketId::new(&id)).unwrap();
    assert_eq!(desk.model.table.summary(row).impact, 2, "what is shown meanwhile is theirs");
    desk.press("go");
    assert!(desk.screen().contains("conflict: Zara Ahmed changed the same"), "{}", desk.screen());
    desk.press("<enter> T <enter>");
    assert_eq!(number(&world, &id, &Field::Impact), Some(2), "{}", desk.said());
    assert!(desk.model.pending.is_empty() && desk.room(Room::Outbox).is_empty());
}

#[test]
fn a_choice_that_was_not_made_is_asked_again_after_a_kill() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.fails(Some(&id), Fault::Overtaken("zahmed"));
    desk.press("fi1");
    let mut again = desk.restarted();
    assert_eq!(again.model.pending.len(), 1, "{}", again.said());
    assert_eq!(number(&world, &id, &Field::Impact), Some(2));
    again.press("go <enter> m <enter>");
    assert_eq!(number(&world, &id, &Field::Impact), Some(1), "{}", again.said());
}

#[test]
fn who_took_it_first_is_said_politely() {
    let world = World::empty();
    let (desk, id) = ticket(&world);
    let theirs = world.does(
        "zahmed",
        Target::Ticket(TicketId::new(&id)),
        vec![Change::Handover { step: Handover::Accept { by: Name::new("zahmed") } }],
    );
    let step = Handover::Accept { by: desk.model.me.clone() };
    let merged = conflict::merge(&[Change::Handover { step }], Some(&desk.model.me), &theirs.ticket);
    assert_eq!(merged, Merge::Lost);
}

fn base(values: &[(usize, i64)]) -> Ticket {
    let at = super::desk::NOW.parse().unwrap();
    let mut ticket = Ticket::blank(TicketId::new("T-1"), Kind::Incident, Name::new("me"), at);
    for (field, value) in values {
        ticket.fields.insert(FIELDS[*field].clone(), Value::Number(*value));
    }
    ticket
}

const FIELDS: [Field; 4] = [Field::Impact, Field::Urgency, Field::PriorityOverride, Field::Level];

fn lay(ticket: &mut Ticket, changes: &[Change]) {
    for change in changes {
        if let Change::Set { field, to, .. } = change {
            match to {
                Some(value) => ticket.fields.insert(field.clone(), value.clone()),
                None => ticket.fields.remove(field),
            };
        }
    }
}

proptest! {
    /// By itself only what they left alone is written; with all mine everything of mine stands, with all theirs
    /// everything of theirs; words always go.
    #[test]
    fn a_merge_writes_over_nobody_and_loses_nothing(
        before in prop::collection::vec((0usize..4, 1i64..4), 0..4),
        mine in prop::collection::btree_map(0usize..4, prop::option::of(1i64..4), 0..4),
        theirs in prop::collection::btree_map(0usize..4, prop::option::of(1i64..4), 0..4),
    ) {
        let before = base(&before);
        let set = |(field, to): (&usize, &Option<i64>)| Change::Set {
            field: FIELDS[*field].clone(),
            from: before.get(&FIELDS[*field]).cloned(),
            to: to.map(Value::Number),
        };
        let ours: Vec<Change> = mine.iter().map(set).collect();
        let said = Change::Say { audience: Audience::Internal, text: Clean::line("words") };
        let mut changes = ours.clone();
        changes.push(said.clone());
        let mut after = before.clone();
        lay(&mut after, &theirs.iter().map(set).collect::<Vec<_>>());
        let (go, clashes) = match conflict::merge(&changes, None, &after) {
            Merge::Clear(go) => (go, Vec::new()),
            Merge::Ask(go, clashes) => (go, clashes),
            Merge::Lost => panic!("nobody changed hands"),
        };
        prop_assert!(go.contains(&said));
        for field in &FIELDS {
            let touched = before.get(field) != after.get(field);
            let written = go.iter().any(|change| matches!(change, Change::Set { field: held, .. } if held == field));
            prop_assert!(!(touched && written), "{field:?} is theirs");
        }
        for side in [Side::Mine, Side::Theirs] {
            let mut clashes = clashes.clone();
            clashes.iter_mut().for_each(|clash| clash.choice = Some(side));
            let chosen = conflict::chosen(&conflict::Conflict { who: "z".into(), go: go.clone(), clashes }).unwrap();
            let mut end = after.clone();
            lay(&mut end, &chosen);
            for (field, to) in &mine {
                let field = &FIELDS[*field];
                let touched = before.get(field) != after.get(field);
                let wanted = if touched && side == Side::Theirs { after.get(field).cloned() } else { to.map(Value::Number) };
                prop_assert_eq!(end.get(field).cloned(), wanted, "{:?} with {:?}", field, side);
            }
        }
    }
}

fn can() -> Capabilities {
    let more = Capabilities { attachments: true, people_search: true, knowledge_search: true, ..Capabilities::FULL };
    Capabilities { create: true, ..more }
}

#[test]
fn files_are_listed_saved_and_added() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.press("mf");
    assert!(desk.said().contains("does not offer it: files"), "{}", desk.said());
    desk.model.homes = Homes::new(can());
    desk.press("mf");
    let ticket = TicketId::new(&id);
    assert!(desk.asked.contains(&Effect::ListFiles(ticket.clone())));
    let file = Attachment {
        key: Name::new("77"),
        name: Clean::line("log.txt"),
        media_type: Clean::line("text/plain"),
        size: Some(1234),
        at: Some(world.now()),
        by: Name::new("zahmed"),
    };
    desk.take(Message::Files(ticket.clone(), Ok(vec![file])));
    let screen = desk.screen();
    assert!(screen.contains("log.txt") && screen.contains("1234 B") && screen.contains("Zara Ahmed"), "{screen}");
    desk.press("s").write("out.txt").press("<enter>");
    let wanted = Effect::SaveFile {
        ticket: ticket.clone(),
        file: Name::new("77"),
        name: Clean::line("log.txt"),
        to: "out.txt".into(),
    };
    assert!(desk.asked.contains(&wanted), "{:?}", desk.asked);
    assert!(desk.said().contains("being fetched"), "{}", desk.said());
    desk.press("a").write("in.txt").press("<enter>");
    assert!(desk.asked.contains(&Effect::AddFile { ticket: ticket.clone(), from: "in.txt".into() }), "{}", desk.said());
    let before = desk.asked.len();
    desk.take(Message::FileMoved(ticket.clone(), Ok(Clean::line("in.txt is there now."))));
    assert_eq!(desk.asked[before..], [Effect::ListFiles(ticket)], "the list is read again");
    assert_eq!(desk.said(), "in.txt is there now.");
}

#[test]
fn a_saved_file_is_for_the_user_alone_and_overwrites_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let name = Clean::line("../../etc/passwd");
    let typed = folder.path().to_str().unwrap();
    let path = files::save(typed, &name, b"one").unwrap();
    assert_eq!(path.parent(), Some(folder.path()), "its name leads nowhere else: {}", path.display());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = files::save(path.to_str().unwrap(), &name, b"two").unwrap_err();
    assert!(again.contains("is there already"), "{again}");
    assert_eq!(std::fs::read(&path).unwrap(), b"one");
    assert_eq!(files::read(path.to_str().unwrap()).unwrap().bytes, b"one");
    assert!(files::read(typed).unwrap_err().contains("not a file"));
}

fn found(name: &str, title: &str, text: &str) -> Found {
    Found { name: Name::new(name), title: Clean::line(title), text: Clean::body(text) }
}

#[test]
fn people_beyond_the_list_are_found_and_only_the_newest_answer_counts() {
    let world = World::empty();
    let (mut desk, id) = ticket(&world);
    desk.model.homes = Homes::new(can());
    desk.press("fr").write("quentin");
    let asked: Vec<u64> = desk
        .asked
        .iter()
        .filter_map(|effect| match effect {
            Effect::Search(token, wanted) if wanted.sort == Sort::People => Some(*token),
            _ => None,
        })
        .collect();
    assert_eq!(asked.len(), "quentin".len() - 2, "from three letters on");
    let [.., before, last] = asked.as_slice() else { panic!() };
    desk.take(Message::Found(*before, Ok(vec![found("old", "Old answer", "")])));
    desk.take(Message::Found(*last, Ok(vec![found("qtarantino", "Quentin T.", "")])));
    let screen = desk.screen();
    assert!(screen.contains("qtarantino") && !screen.contains("Old answer"), "{screen}");
    desk.press("<enter>");
    let caller = desk.asked.iter().any(|effect| format!("{effect:?}").contains("qtarantino"));
    assert!(caller, "{} {id}", desk.said());
}

#[test]
fn knowledge_is_looked_up_by_words() {
    let world = World::empty();
    let (mut desk, _) = ticket(&world);
    desk.press("gk");
    assert!(desk.said().contains("does not offer it"), "{}", desk.said());
    desk.model.homes = Homes::new(can());
    desk.press("gk").write("vpn drops").press("<enter>");
    let token = desk.model.lookups;
    let rows = vec![found("KB1", "VPN on trains", "Tunnels."), found("KB2", "VPN at home", "Change the MTU.")];
    desk.take(Message::Found(token, Ok(rows)));
    desk.press("j");
    let screen = desk.screen();
    assert!(screen.contains("VPN on trains") && screen.contains("Change the MTU."), "{screen}");
}

fn two(world: &World) -> Desk<'_> {
    let mut desk = world.me();
    let member = |name: &str, create: bool| Member {
        name: Name::new(name),
        capabilities: Capabilities { create, ..Capabilities::FULL },
        schema: Schema {
            me: desk.model.me.clone(),
            directory: Directory::default(),
            workflow: None,
            members: Vec::new(),
        },
    };
    let members = vec![member("redmine", true), member("rt", true), member("wiki", false)];
    let me = desk.model.me.clone();
    let schema = Schema { me, directory: (*desk.model.directory).clone(), workflow: None, members };
    desk.take(Message::Schema(Box::new(Ok(schema))));
    desk
}

#[test]
fn a_new_ticket_is_asked_for_its_desk_where_there_are_several() {
    let world = World::empty();
    let mut desk = two(&world);
    desk.slow = true;
    desk.press("N 1 rt <tab>").write("Printer").press("<tab>").write("zahmed").press("<ctrl-s>");
    let sent = desk.asked.iter().find_map(|effect| match effect {
        Effect::Send(op) => op.desk.clone(),
        _ => None,
    });
    assert_eq!(sent, Some(Name::new("rt")), "{}", desk.said());
    let mut alone = world.me();
    alone.press("N");
    assert!(!alone.screen().contains("Desk*"), "{}", alone.screen());
}

#[test]
fn what_a_list_does_not_tell_stands_in_the_head_all_the_same() {
    let world = World::empty();
    let known = directory();
    let (service, category, asset) = (&known.services[0].name, &known.categories[0].name, &known.assets[0].tag);
    let fields = [
        (Field::Group, Value::name("Service Desk")),
        (Field::Service, Value::Name(service.clone())),
        (Field::Category, Value::Name(category.clone())),
        (Field::Asset, Value::Name(asset.clone())),
        (Field::Impact, Value::Number(3)),
        (Field::Urgency, Value::Number(2)),
    ];
    let id = world.register(Kind::Incident, "Printer jams", &fields);
    let mut desk = world.me().sized(120, 40);
    desk.open_ticket(&id);
    let row = desk.model.table.row(&TicketId::new(&id)).unwrap();
    let mut told = desk.model.table.summary(row);
    (told.impact, told.urgency, told.shallow) = (0, 0, true);
    (told.category, told.service, told.asset) = (None, None, None);
    let next = Cursor("later".into());
    desk.take(Message::Delta(Ok(Delta { changed: vec![told], removed: Vec::new(), next, more: false })));
    let screen = desk.screen();
    for words in [format!("Asset {asset}"), format!("Service {service}"), format!("Category {category}")] {
        assert!(screen.contains(&words), "{words}:\n{screen}");
    }
    assert!(screen.contains("P4 (impact 3 x urgency 2)"), "{screen}");
    desk.fails(Some(&id), Fault::Offline);
    desk.press("fi1");
    assert!(desk.screen().contains("P2 (impact 1 x urgency 2)"), "what waits and what is known:\n{}", desk.screen());
}

#[test]
fn of_a_supplier_that_a_tracker_has_no_place_for_a_note_tells() {
    let world = World::empty();
    let id = world.register(Kind::Incident, "Printer jams", &[]);
    let mut ticket = world.ticket(&id);
    ticket.workflow = Some(Arc::default());
    let set = |field, to: &str| Change::Set { field, from: None, to: Some(Value::name(to)) };
    let given = vec![set(Field::Supplier, "Brother"), set(Field::SupplierReference, "BR-1")];
    let can = Capabilities::FULL;
    let fitted = homes::fit(given, &can, &ticket, &ticket.owner);
    let [Change::Say { audience: Audience::Internal, text }] = fitted.as_slice() else { panic!("{fitted:?}") };
    assert_eq!(text.as_str(), "supplier: Brother\nsupplier reference: BR-1");
}
