//! The review after the fact, as a document. What was written by hand stands beside what the record knows by itself.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{LineSort, Major};
use crate::domain::change::{Change, LinkKind};
use crate::domain::lifecycle;
use crate::domain::task::TaskSort;
use crate::domain::ticket::Ticket;
use crate::text::spaced;

/// The parts that people write; the others come from the record.
pub const PARTS: &[&str] = &["overview", "findings", "resolution", "went well", "went badly"];

/// The review as Markdown. `name` calls people by their names, `when` writes an instant as people of the desk read it.
pub fn document(ticket: &Ticket, name: &dyn Fn(&str) -> String, when: &dyn Fn(Timestamp) -> String) -> String {
    let mut out = String::new();
    let Some(major) = &ticket.major else { return out };
    // Writing into a string does not fail.
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!("# Post-incident review of {}: {}\n", ticket.id, escaped(ticket.title())));
    for (label, at) in instants(ticket, major) {
        line(format!("- {label}: {}", at.map_or_else(|| "not recorded".to_owned(), when)));
    }
    line(format!("- Reason: {}", escaped(&major.reason)));
    line(format!("- Impact on the business: {}", escaped(&major.impact)));
    for (role, who) in &major.roles {
        let who: Vec<String> = who.iter().map(|login| name(login)).collect();
        line(format!("- {}: {}", spaced(role.as_str()), who.join(", ")));
    }
    for part in PARTS {
        let text = major.review.get(*part).map_or("Not written yet.", |text| text.as_str());
        line(format!("\n## {}\n\n{}", heading(part), escaped(text)));
    }
    line("\n## Timeline\n".into());
    for (at, text) in timeline(ticket, major, name) {
        line(format!("- {}: {}", when(at), escaped(&text)));
    }
    line("\n## Actions\n".into());
    let actions: Vec<_> = ticket.tasks.iter().filter(|task| task.asked.sort == TaskSort::FollowUp).collect();
    for task in &actions {
        let owner = task.asked.to.as_ref().map_or_else(|| name(&ticket.owner), |to| name(to.name()));
        let due = task.asked.due.map_or_else(|| "no date".to_owned(), when);
        line(format!("- [{}] {} ({owner}, {due})", if task.is_over() { "x" } else { " " }, escaped(&task.asked.title)));
    }
    if actions.is_empty() {
        line("None.".into());
    }
    line("\n## Problems and changes\n".into());
    let mut linked = false;
    for link in &ticket.links {
        if matches!(link.how, LinkKind::ProblemIs | LinkKind::FixedBy | LinkKind::CausedBy) {
            line(format!("- {} {}", spaced(link.how.as_str()), link.other));
            linked = true;
        }
    }
    if !linked {
        line("None.".into());
    }
    out
}

fn instants(ticket: &Ticket, major: &Major) -> [(&'static str, Option<Timestamp>); 5] {
    [
        ("Opened", Some(ticket.opened)),
        ("Proposed", Some(major.proposed)),
        ("Accepted", major.accepted),
        ("Service restored", major.restored),
        ("Resolved", ticket.resolved),
    ]
}

/// What happened by itself and what the scribe wrote, in order.
fn timeline(ticket: &Ticket, major: &Major, name: &dyn Fn(&str) -> String) -> Vec<(Timestamp, String)> {
    let mut lines: Vec<(Timestamp, String)> = major
        .log
        .iter()
        .map(|held| {
            let mark = match held.sort {
                LineSort::Fact => String::new(),
                sort => format!("{}: ", heading(&spaced(sort.as_str()))),
            };
            (held.at, format!("{mark}{} ({})", held.text, name(&held.by)))
        })
        .collect();
    lines.extend(
        major
            .words
            .iter()
            .filter(|word| !word.text.is_empty())
            .map(|word| (word.at, format!("Told {}: {}", word.audience, word.text))),
    );
    for event in &ticket.timeline {
        if let Change::Move { to, .. } = event.change {
            lines.push((event.at, format!("{} ({})", lifecycle::words(to), name(&event.actor))));
        }
    }
    lines.sort_by_key(|(at, _)| *at);
    lines
}

fn heading(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Text of people that must not become Markdown of its own.
fn escaped(text: &str) -> String {
    text.lines()
        .map(|line| match line.trim_start().chars().next() {
            Some('#' | '>' | '-' | '*' | '+' | '=' | '|' | '`') => format!("\\{}", line.trim_start()),
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
        .replace('<', "&lt;")
}
