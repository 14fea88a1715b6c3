//! Canned replies: what ships, what is refused, what is never sent.

use deskside::config::replies::{self, SHIPPED, compose};
use deskside::config::template::Unfilled;
use deskside::config::{Source, guard};
use deskside::domain::audience::{Setting, check_public};
use deskside::domain::change::{Audience, Change};
use deskside::domain::directory::Directory;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::reply::{Facts, Telling};
use deskside::domain::ticket::Ticket;
use jiff::Timestamp;
use jiff::tz::TimeZone;

static UTC: TimeZone = TimeZone::UTC;

fn now() -> Timestamp {
    "2026-11-24T10:20:00Z".parse().unwrap()
}

pub fn directory() -> Directory {
    toml::from_str(
        r#"
        name = "Harbour House"
        people = [
            { login = "dwhit", name = "Dana Whitfield" },
            { login = "sam", name = "Sam Okafor", level = "engineer", groups = ["Service Desk"] },
        ]
        groups = [
            { name = "Service Desk", line = 1, manager = "sam" },
            { name = "Network", line = 2, manager = "sam" },
        ]
        "#,
    )
    .unwrap()
}

pub fn ticket() -> Ticket {
    let mut ticket = Ticket::blank(TicketId::new("INC-812"), Kind::Incident, Name::new("sam"), now());
    ticket.fields.insert(Field::Title, Value::text("VPN drops {{ me.name }}"));
    ticket.fields.insert(Field::Caller, Value::name("dwhit"));
    ticket
}

fn telling<'a>(ticket: &'a Ticket, directory: &'a Directory) -> Telling<'a> {
    Telling { ticket, directory, me: "sam", now: now(), zone: &UTC, due: None, desk: None }
}

fn load(name: &str, text: &str) -> Result<replies::Replies, String> {
    replies::load(&[&[Source::new(name, text)]]).map_err(|faults| faults.to_string())
}

#[test]
fn a_caller_reads_the_number_that_the_tracker_gave() {
    let (directory, mut ticket) = (directory(), ticket());
    ticket.id = TicketId::new("rt:29");
    let number = |desk| {
        let facts = Facts::of(&Telling { desk, ..telling(&ticket, &directory) });
        facts.get("ticket.id").map(str::to_owned)
    };
    assert_eq!(number(Some("rt")).as_deref(), Some("29"));
    assert_eq!(number(None).as_deref(), Some("rt:29"), "one desk may number its tickets as it likes");
}

#[test]
fn what_ships_is_sound_and_says_nothing_internal() {
    let replies = replies::load(&[SHIPPED]).unwrap();
    assert_eq!(
        replies.iter().count(),
        std::fs::read_dir("config/replies").unwrap().count(),
        "every file is compiled in"
    );
    assert_eq!(replies.on_key(1).unwrap().name, Name::new("ack"));
    let (directory, mut ticket) = (directory(), ticket());
    for (field, value) in [
        (Field::Workaround, "Use the web mail."),
        (Field::Group, "Network"),
        (Field::Supplier, "Contoso"),
        (Field::Resolution, "The driver was replaced."),
    ] {
        ticket.fields.insert(field, Value::text(value));
    }
    let guard = guard::load(guard::SHIPPED).unwrap();
    for reply in replies.iter() {
        let words =
            compose(reply, &telling(&ticket, &directory)).unwrap_or_else(|error| panic!("{}: {error}", reply.name));
        assert!(words.text.starts_with("Hello Dana,\n\n") && words.text.ends_with("\n\nSam Okafor"), "{}", words.text);
        assert!(!words.text.contains("\n\n\n") && !words.text.contains("{%"), "{}", words.text);
        let setting = Setting { ticket: Some(&ticket.id), known: &[] };
        assert_eq!(check_public(&words.text, &guard, setting), [], "{}", reply.name);
        let changes = words.changes(&ticket);
        assert!(matches!(&changes[0], Change::Say { audience: Audience::Public, .. }));
        assert_eq!(changes.len() == 2, reply.promise.is_some());
    }
}

#[test]
fn an_acknowledgement_reads_as_a_person_would_write_it() {
    let replies = replies::load(&[SHIPPED]).unwrap();
    let (directory, mut ticket) = (directory(), ticket());
    let text = |ticket: &Ticket| compose(replies.get("ack").unwrap(), &telling(ticket, &directory)).unwrap().text;
    assert_eq!(
        text(&ticket).as_str(),
        "Hello Dana,\n\nthank you for getting in touch. Your incident is registered as INC-812, \
         \"VPN drops {{ me.name }}\".\n\nSam Okafor"
    );
    ticket.fields.insert(Field::Group, Value::name("Network"));
    ticket.fields.insert(Field::PromisedUpdate, Value::Time("2026-11-24T16:30:00Z".parse().unwrap()));
    assert!(
        text(&ticket).contains("and is with Network.\nYou will hear from us again by today 16:30.\n\nSam"),
        "{}",
        text(&ticket)
    );
}

#[test]
fn a_promise_in_words_is_a_promise_on_the_ticket() {
    let replies = replies::load(&[SHIPPED]).unwrap();
    let (directory, ticket) = (directory(), ticket());
    let words = compose(replies.get("delay").unwrap(), &telling(&ticket, &directory)).unwrap();
    assert!(words.text.contains("by today 14:20"));
    let due = Value::Time("2026-11-24T14:20:00Z".parse().unwrap());
    assert_eq!(words.changes(&ticket)[1], Change::Set { field: Field::PromisedUpdate, from: None, to: Some(due) });
}

#[test]
fn a_letter_never_has_a_hole() {
    let replies = replies::load(&[SHIPPED]).unwrap();
    let (directory, ticket) = (directory(), ticket());
    let error = compose(replies.get("workaround").unwrap(), &telling(&ticket, &directory)).unwrap_err();
    assert_eq!(error, Unfilled::Missing(vec!["workaround".into()]));
    assert!(error.to_string().contains("need workaround, which is not known"));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let unknown =
        load("r/hi.txt", "---\ntitle = \"Hi\"\n---\nHello {{ caller.name }},\n\n{{ caller.nme }}\n").unwrap_err();
    assert!(unknown.starts_with("r/hi.txt:6: `caller.nme` is not known; known are caller.name, "), "{unknown}");
    let filter = load("hi.txt", "---\ntitle = \"Hi\"\n---\n\n{{ me.name|shout }}").unwrap_err();
    assert!(filter.starts_with("hi.txt:5: ") && filter.contains("shout"), "{filter}");
    let bracket = load("hi.txt", "---\ntitle = \"Hi\"\n---\n{{ me[\"nme\"] }}").unwrap_err();
    assert!(bracket.starts_with("hi.txt:4: "), "{bracket}");
    let syntax = load("hi.txt", "---\ntitle = \"Hi\"\n---\nhello\n{% if due %}").unwrap_err();
    assert!(syntax.starts_with("hi.txt:5: The template is wrong"), "{syntax}");
    let key = load("hi.txt", "---\ntitle = \"Hi\"\nkeys = 1\n---\nhello").unwrap_err();
    assert!(key.starts_with("hi.txt:3: keys: unknown field `keys`, expected one of"), "{key}");
    let kind = load("hi.txt", "---\ntitle = \"Hi\"\nkinds = [\"incdent\"]\n---\nhello").unwrap_err();
    assert!(kind.contains("incident, request, problem, change"), "{kind}");
    let promise = load("hi.txt", "---\ntitle = \"Hi\"\npromise = \"soon\"\n---\nhello").unwrap_err();
    assert!(promise.starts_with("hi.txt:3: promise: `soon`"), "{promise}");
    assert!(load("hi.txt", "hello").unwrap_err().contains("begins with a head"));
    let all = load("hi.txt", "---\ntitle = \" \"\nkey = 12\n---\n").unwrap_err();
    assert_eq!(all.lines().count(), 3, "all faults at once: {all}");
}

#[test]
fn a_users_reply_takes_the_place_and_the_key_of_the_one_that_ships() {
    let own = [
        Source::new("me/ack.txt", "---\ntitle = \"Mine\"\n---\nHi."),
        Source::new("me/new.txt", "---\ntitle = \"New\"\nkey = 3\n---\nHi."),
    ];
    let replies = replies::load(&[SHIPPED, &own]).unwrap();
    assert_eq!(replies.get("ack").unwrap().title.as_str(), "Mine");
    assert_eq!(replies.on_key(3).unwrap().name, Name::new("new"));
    assert_eq!(replies.get("ask-details").unwrap().key, None);
    let twice = [Source::new("a.txt", "---\ntitle = \"A\"\nkey = 3\n---\nHi."), own[1]];
    let faults = replies::load(&[&twice]).unwrap_err().to_string();
    assert_eq!(faults, "me/new.txt:3: key: The key is taken by `a`; choose another digit.");
}

#[test]
fn what_comes_out_went_through_the_gate() {
    let (directory, mut ticket) = (directory(), ticket());
    let replies = load("x.txt", "---\ntitle = \"X\"\n---\nA\u{202e}B {{ ticket.title|upper }}\u{1b}[31m").unwrap();
    ticket.fields.insert(Field::Title, Value::text("a\u{1b}b"));
    let words = compose(replies.get("x").unwrap(), &telling(&ticket, &directory)).unwrap();
    assert!(!words.text.contains(['\u{1b}', '\u{202e}']), "{}", words.text.escape_debug());
}
