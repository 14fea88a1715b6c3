//! The wrong-audience guard, with the guard that ships: what it finds, and what it must let pass.

use deskside::config::guard;
use deskside::domain::audience::{Concern, Finding, Guard, Setting, check_public};
use deskside::domain::name::TicketId;
use proptest::prelude::*;

fn shipped() -> Guard {
    guard::load(guard::SHIPPED).unwrap()
}

fn find(text: &str) -> Vec<(Concern, String)> {
    let found = check_public(text, &shipped(), Setting::default());
    found.into_iter().map(|Finding { what, at }| (what, text[at].to_owned())).collect()
}

#[test]
fn what_was_not_meant_for_a_customer_is_found() {
    use Concern::*;
    for (text, what, excerpt) in [
        ("Internal only: ask Sam", InternalWord, "Internal only"),
        ("Please do not\ntell the caller", InternalWord, "do not\ntell"),
        ("Classic 'PEBKAC'.", InternalWord, "PEBKAC"),
        ("what idiots", InternalWord, "idiots"),
        ("don’t tell her", InternalWord, "don’t tell"),
        ("Your password: Summer2026!", Credential, "Summer2026!"),
        ("pwd=letmein", Credential, "letmein"),
        ("Temporary password:\nWelcome1", Credential, "Welcome1"),
        ("Password: rosebud", Credential, "rosebud"),
        ("The password is Tr0ub4dor", Credential, "Tr0ub4dor"),
        ("Password - Welcome1", Credential, "Welcome1"),
        ("your PIN is 4821.", Credential, "4821"),
        ("api key: 9f8a7b6c5d4e3f2a", Credential, "9f8a7b6c5d4e3f2a"),
        ("use ghp_16C7e42F292c6912E7710c838347Ae178B4a", Credential, "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        ("AKIAIOSFODNN7EXAMPLE.", Credential, "AKIAIOSFODNN7EXAMPLE"),
        (
            "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
            Credential,
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        ),
        (
            "Key 123456-234567-345678-456789-567890-678901-789012-890123 unlocks it",
            RecoveryKey,
            "123456-234567-345678-456789-567890-678901-789012-890123",
        ),
        ("card 4111 1111 1111 1111 please", PaymentCard, "4111 1111 1111 1111"),
        ("5500005555555559", PaymentCard, "5500005555555559"),
        ("amex 3714 496353 98431", PaymentCard, "3714 496353 98431"),
        ("her NHS number 9434765919", HealthNumber, "9434765919"),
        ("943 476 5919", HealthNumber, "943 476 5919"),
        ("NI: AB 12 34 56 C.", NationalInsurance, "AB 12 34 56 C"),
        ("AB123456C", NationalInsurance, "AB123456C"),
        ("pay to GB82 WEST 1234 5698 7654 32.", BankAccount, "GB82 WEST 1234 5698 7654 32"),
        ("DE89370400440532013000", BankAccount, "DE89370400440532013000"),
        ("sort code 20-11-12, account 12345678", BankAccount, "20-11-12, account 12345678"),
        ("40-47-84 70872490", BankAccount, "40-47-84 70872490"),
        ("on \\\\fs01\\finance$ now", InternalPath, "\\\\fs01\\finance$"),
        ("ping 10.20.30.40,", PrivateAddress, "10.20.30.40"),
        ("via 192.168.1.1", PrivateAddress, "192.168.1.1"),
        ("restart srv-print02.corp first", InternalHost, "srv-print02.corp"),
        ("same as INC-812", OtherTicket, "INC-812"),
        ("see inc0008120", OtherTicket, "inc0008120"),
    ] {
        assert_eq!(find(text), [(what, excerpt.to_owned())], "{text}");
    }
    let key = "here:\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----\nok";
    assert_eq!(find(key)[0].0, PrivateKey);
    assert!(!find(key)[0].1.contains("ok"));
}

#[test]
fn ordinary_replies_pass() {
    for text in [
        "Hello Dana, your password has expired. Password: please choose a new one with 12 characters.",
        "The password is at least 12 characters long. Your password is expired. Password: changed!",
        "Password reset: done. Password reset is complete",
        "The key is under the mat. Press a key: F5. The PIN is 4 digits long.",
        "Token is 30 days old. The secret is simple. Pass: yes",
        "See https://example.com/reset?id=1 for the new password: https://example.com/r",
        "Call us on 020 7946 0958 or +44 1632 960 983, order 1234567890, between 9-10.",
        "Card 4111 1111 1111 1112 fails the check; IMEI 356938035643809; serial 1234567890123456.",
        "NHS number 9434765918 is mistyped.",
        "Ring 943-476-5919 for the helpline.",
        "Asset LT-0423, model HP 840 G8, room AB 12, QQ123456C, BG123456A, AB1234567C.",
        "GB82 WEST 1234 5698 7654 33 is mistyped. GB is a country.",
        "On 24-11-26 12345678 units were sold; 2026-11-24 10:00.",
        "version 10.0.22.1 and driver: 10.1.2.3 from 8.8.8.8 or 172.32.0.1, 10.0.19045.1",
        "Your files are in C:\\Users\\Dana and /home/dana; mail dana@example.local",
        "Local printing works; the corp is fine. www.example.com/local",
        "The printer is user-friendly; the increase REQUIRES-2 approvals; INC- and INC-12b.",
        "We blamed nobody. Unidiotic. The users are happy.",
    ] {
        assert_eq!(find(text), [], "{text}");
    }
}

#[test]
fn the_tickets_that_the_caller_knows_are_no_secret() {
    let (own, linked) = (TicketId::new("INC-812"), [TicketId::new("PRB-7")]);
    let setting = Setting { ticket: Some(&own), known: &linked };
    let found = check_public("INC-812 waits for PRB-7, like INC-813 and INC-8120.", &shipped(), setting);
    assert_eq!(found.iter().map(|f| f.what).collect::<Vec<_>>(), [Concern::OtherTicket; 2]);
}

#[test]
fn a_question_does_not_repeat_a_secret() {
    let text = "password: Summer2026! on 10.0.0.1";
    let said: Vec<String> =
        check_public(text, &shipped(), Setting::default()).iter().map(|finding| finding.describe(text)).collect();
    assert_eq!(said, ["a password, token or key: Su…", "an internal address: 10.0.0.1"]);
}

fn luhn_completed(mut digits: Vec<u8>) -> String {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| {
            let d = u32::from(*d);
            if at % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d }
        })
        .sum();
    digits.push(((10 - sum % 10) % 10) as u8);
    digits.iter().map(|d| char::from(b'0' + d)).collect()
}

proptest! {
    #[test]
    fn it_never_panics_and_points_into_the_text(
        text in "\\PC{0,80}|([a-zA-Z0-9 :=.\\-\\\\]|password|is |INC-|GB82|-----BEGIN |PRIVATE KEY|é|\n){0,40}",
    ) {
        let mut end = 0;
        for finding in check_public(&text, &shipped(), Setting::default()) {
            prop_assert!(finding.at.start >= end && finding.at.end > finding.at.start);
            prop_assert!(text.get(finding.at.clone()).is_some());
            end = finding.at.end;
            finding.describe(&text);
        }
    }

    #[test]
    fn every_visa_number_is_found_and_none_with_a_wrong_check_digit(middle in prop::collection::vec(0u8..10, 14)) {
        let number = luhn_completed(std::iter::once(4).chain(middle).collect());
        prop_assert_eq!(find(&number).len(), 1);
        let last = number.as_bytes()[15] - b'0';
        let wrong = format!("{}{}", &number[..15], (last + 1) % 10);
        prop_assert_eq!(find(&wrong).len(), 0);
    }
}
