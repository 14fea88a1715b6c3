//! The tickets that a fresh fake holds.

use jiff::SignedDuration;
use serde_json::json;

use super::world::{World, now};

pub const INCIDENT: u64 = 1;
pub const STORIED: u64 = 2;
pub const REQUEST: u64 = 3;
pub const PROBLEM: u64 = 4;
pub const CHANGE: u64 = 5;
pub const HOSTILE: u64 = 6;
pub const PARENT: u64 = 7;
pub const CLOSED: u64 = 9;
/// Open ones, and one closed lately.
pub const IN_SCOPE: usize = 50;

pub fn world() -> World {
    let mut world = World::new();
    world.put(INCIDENT, 1, "Laptop does not boot", 30).assigned = Some(18);
    world.issues.get_mut(&INCIDENT).unwrap().fields.insert(13, "Network".into());
    world.put(STORIED, 1, "VPN drops every afternoon", 40);
    story(&mut world);
    world.put(REQUEST, 2, "New laptop for starter", 50);
    world.put(PROBLEM, 3, "Repeated VPN drops", 60);
    world.put(CHANGE, 4, "Replace the VPN concentrator", 70);
    world.put(HOSTILE, 1, "\u{1b}]0;owned\u{7}Printer \u{202e}exe.fdp <b>jams</b>\u{9b}31m", 20);
    let hostile = world.issues.get_mut(&HOSTILE).unwrap();
    hostile.description = "\u{1b}[2Jgone\u{0}\u{200b} <script>x</script>\u{85}".into();
    world.put(PARENT, 1, "Branch office is offline", 25);
    world.put(8, 1, "Branch office is offline, till 2", 24).parent = Some(PARENT);
    let closed = world.put(CLOSED, 1, "Old mouse", 100);
    (closed.status, closed.closed) = (11, Some(now() - SignedDuration::from_hours(90)));
    for number in 10..=IN_SCOPE as u64 {
        world.put(number, 1 + number % 4, &format!("Ordinary ticket {number}"), 200 + number as i64);
    }
    world
}

fn story(world: &mut World) {
    let at = |hours: i64| now() - SignedDuration::from_hours(hours);
    let detail = |name: &str, old: Option<&str>, new: &str| json!({ "property": "attr", "name": name, "old_value": old, "new_value": new });
    let details = vec![detail("assigned_to_id", None, "7"), detail("status_id", Some("1"), "3")];
    world.note(STORIED, 7, "", false, details, at(39));
    world.note(STORIED, 7, "Looked at the concentrator's log.", true, Vec::new(), at(38));
    world.note(STORIED, 12, "Still the same.", false, Vec::new(), at(37));
    world.note(STORIED, 7, "Please try again.", false, Vec::new(), at(36));
    let issue = world.issues.get_mut(&STORIED).unwrap();
    (issue.assigned, issue.status) = (Some(7), 3);
}
