//! Snooze.

use deskside::domain::sla::Percent;
use deskside::domain::wake::{Signs, Snooze, Wake};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

fn now() -> Timestamp {
    "2026-11-24T10:20:00Z".parse().unwrap()
}

fn read(text: &str) -> Result<Wake, String> {
    Wake::parse(text, now(), &TimeZone::UTC).map_err(|error| error.to_string())
}

#[test]
fn a_snooze_is_a_time_a_reply_or_a_share_of_the_target() {
    assert_eq!(read("until tomorrow 9:00"), Ok(Wake::At("2026-11-25T09:00:00Z".parse().unwrap())));
    assert_eq!(read("Reply"), Ok(Wake::Reply));
    assert_eq!(read("sla 75%"), Ok(Wake::SlaPercent(75)));
    assert_eq!(read("90 %"), Ok(Wake::SlaPercent(90)));
    assert!(read("sla lots").unwrap_err().contains("sla 75%"));
    assert!(read("sla 0").unwrap_err().contains("from 1 to 200"));
    assert!(read("today 8:00").unwrap_err().contains("past"));
    let error = read("someday").unwrap_err();
    assert!(error.contains("tomorrow 9:00") && error.contains("reply"), "{error}");
}

#[test]
fn it_wakes_when_its_sign_comes_and_not_before() {
    let later = |minutes| now() + SignedDuration::from_mins(minutes);
    let signs = |minutes, heard: Option<i64>, used: Option<i64>| Signs {
        now: later(minutes),
        heard: heard.map(later),
        used: used.map(|part| Percent { part, whole: 1000 }),
    };
    let awake = |wake, signs| Snooze { wake, since: now() }.is_awake(&signs);
    assert!(!awake(Wake::At(later(60)), signs(59, Some(59), Some(999))));
    assert!(awake(Wake::At(later(60)), signs(60, None, None)));
    assert!(!awake(Wake::Reply, signs(500, Some(0), None)), "what was written before does not count");
    assert!(awake(Wake::Reply, signs(500, Some(1), None)));
    assert!(!awake(Wake::SlaPercent(75), signs(500, None, Some(749))));
    assert!(awake(Wake::SlaPercent(75), signs(500, None, Some(750))));
    assert!(!awake(Wake::SlaPercent(75), signs(500, None, None)));
    assert!(!Snooze { wake: Wake::SlaPercent(1), since: now() }.is_awake(&Signs {
        now: now(),
        heard: None,
        used: Some(Percent { part: 5, whole: 0 })
    }));
}

#[test]
fn it_is_said_in_words_and_stored() {
    assert_eq!(Wake::SlaPercent(75).phrase(now(), &TimeZone::UTC), "until 75 % of its target is used");
    assert_eq!(read("16:30").unwrap().phrase(now(), &TimeZone::UTC), "until today 16:30");
    for wake in [Wake::Reply, Wake::SlaPercent(75), Wake::At(now())] {
        assert_eq!(serde_json::from_str::<Wake>(&serde_json::to_string(&wake).unwrap()).unwrap(), wake);
    }
}
