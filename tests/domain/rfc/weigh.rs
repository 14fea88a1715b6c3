//! Risk and the success score.

use deskside::domain::directory::Directory;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::lifecycle::ChangeType;
use deskside::domain::name::TicketId;
use deskside::domain::rfc::Practice;
use deskside::domain::rfc::risk::{Answers, Condition, Risk, assess, band};
use deskside::domain::rfc::score::Record;
use deskside::domain::ticket::Ticket;

use crate::domain::small::{directory, start};

pub fn shipped() -> Practice {
    use deskside::config::changes::{SHIPPED, WINDOWS, load};
    load(SHIPPED, WINDOWS).unwrap()
}

fn change(answers: &str) -> Ticket {
    let mut t = Ticket::blank(TicketId::new("CHG-1"), Kind::Change, "bob".into(), start());
    t.fields.insert(Field::RiskAnswers, Value::text(answers));
    t.fields.insert(Field::Service, Value::name("WLAN"));
    t
}

fn all(points: u8) -> String {
    shipped().question.iter().map(|q| format!("{}={points}", q.name)).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_sum_falls_into_its_band() {
    for (sum, risk) in [
        (0, Risk::Low),
        (5, Risk::Low),
        (6, Risk::Moderate),
        (11, Risk::Moderate),
        (12, Risk::High),
        (17, Risk::High),
        (18, Risk::VeryHigh),
        (24, Risk::VeryHigh),
    ] {
        assert_eq!(band(sum), risk, "{sum}");
    }
}

#[test]
fn eight_questions_of_three_points_are_answered_each_once() {
    let questions = shipped().question;
    assert_eq!(questions.len(), 8);
    assert!(questions.iter().any(|q| &*q.name == "safety"), "harm to people is asked");
    let top = Answers::read(&all(3), &questions).unwrap();
    assert_eq!((top.sum(), top.text()), (24, all(3)));
    for wrong in ["users=4", "users", "users=1 users=1", "colour=1", "users=1"] {
        assert!(Answers::read(wrong, &questions).is_err(), "{wrong}");
    }
}

#[test]
fn the_highest_of_the_methods_counts() {
    let questions = shipped().question;
    let rule = |risk| Condition {
        name: "critical".into(),
        types: vec![ChangeType::Normal],
        services: Vec::new(),
        critical: Some(true),
        risk,
    };
    let of = |answers: &str, rules: &[Condition]| assess(&change(answers), &questions, rules, &directory());
    assert_eq!(of(&all(0), &[rule(Risk::Moderate)]).risk(), Some(Risk::Moderate));
    assert_eq!(of(&all(2), &[rule(Risk::Moderate)]).risk(), Some(Risk::High), "16 points");
    assert_eq!(of(&all(0), &[]).answers, Some((0, Risk::Low)));
    assert_eq!(of("", &[]).risk(), None);
    // The first that applies counts, not the highest of the rules.
    assert_eq!(of(&all(0), &[rule(Risk::Low), rule(Risk::VeryHigh)]).risk(), Some(Risk::Low));
    let elsewhere = assess(&change(&all(0)), &questions, &[rule(Risk::High)], &Directory::default());
    assert_eq!(elsewhere.risk(), Some(Risk::Low), "a service that nobody called critical");
}

#[test]
fn the_score_of_the_reference_is_24() {
    let mut record = Record { successful: 15, with_issues: 2, unsuccessful: 2, caused: [0; 3] };
    record.caused(2);
    record.caused(3);
    record.caused(4);
    assert_eq!(record.score(), 45 - 4 - 10 - 5 - 2);
    assert_eq!((record.score(), record.made()), (24, 19));
    record.caused(1);
    assert_eq!(record.score(), 14);
}
