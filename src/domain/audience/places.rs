//! Hosts, shares and addresses that mean nothing outside, and the tickets of other people.

use std::net::Ipv4Addr;

use super::{Add, Concern, Guard, Setting, runs, tokens};

pub(super) fn find(text: &str, guard: &Guard, setting: Setting<'_>, add: &mut Add) {
    for (at, token) in tokens(text) {
        if is_share(token) {
            add(Concern::InternalPath, at);
        }
    }
    let host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    for (at, run) in runs(text, host) {
        let name = run.trim_matches(['.', '-', '_']);
        let start = at.start + run.len() - run.trim_start_matches(['.', '-', '_']).len();
        let place = start..start + name.len();
        if is_private(name) && !names_a_version(&text[..start]) {
            add(Concern::PrivateAddress, place);
        } else if is_internal(name, &guard.hosts) && !text[..start].ends_with('@') {
            add(Concern::InternalHost, place);
        } else if is_other_ticket(name, guard, setting) {
            add(Concern::OtherTicket, place);
        }
    }
}

/// `\\server\share`.
fn is_share(token: &str) -> bool {
    let Some(rest) = token.strip_prefix("\\\\") else { return false };
    let Some((server, share)) = rest.split_once('\\') else { return false };
    !server.is_empty() && !share.is_empty() && server.chars().all(|c| c.is_alphanumeric() || ".-_$".contains(c))
}

/// The address ranges of RFC 1918.
fn is_private(name: &str) -> bool {
    name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_private())
}

fn names_a_version(before: &str) -> bool {
    let last = before.trim_end_matches([' ', ':']).rsplit(|c: char| !c.is_alphanumeric()).next();
    let last = last.unwrap_or_default().to_lowercase();
    matches!(last.as_str(), "version" | "ver" | "build" | "release" | "firmware" | "driver")
}

fn is_internal(name: &str, endings: &[String]) -> bool {
    let name = name.to_ascii_lowercase();
    endings.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending.as_str()))
}

/// `INC-812`, `INC0008120`: not this ticket, nor one that its caller knows of.
fn is_other_ticket(name: &str, guard: &Guard, setting: Setting<'_>) -> bool {
    let own = |id: &str| id.eq_ignore_ascii_case(name);
    if setting.ticket.is_some_and(|id| own(id.as_str())) || setting.known.iter().any(|id| own(id.as_str())) {
        return false;
    }
    guard.tickets.iter().any(|prefix| {
        let head = name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        let tail = if head { &name[prefix.len()..] } else { "" };
        let digits = tail.strip_prefix('-').unwrap_or(tail);
        let least = if tail.starts_with('-') { 1 } else { 4 };
        digits.len() >= least && digits.bytes().all(|b| b.is_ascii_digit())
    })
}
