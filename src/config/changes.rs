//! `changes.toml` and `windows.toml`: how a desk weighs and approves its changes, and when they may be made. Each file
//! is replaced as a whole by the user's own.

use serde::Deserialize;

use crate::config::fault::{Faults, Source};
use crate::domain::rfc::approve::{WHOM, is_whom};
use crate::domain::rfc::{Practice, Window};

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/changes.toml", text: include_str!("../../config/changes.toml") };

/// The windows that ship.
pub const WINDOWS: Source<'static> =
    Source { file: "config/windows.toml", text: include_str!("../../config/windows.toml") };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Windows {
    #[serde(default)]
    window: Vec<Window>,
}

/// The practice of these two files, with every fault in them.
pub fn load(changes: Source, windows: Source) -> Result<Practice, Faults> {
    let mut faults = Faults::default();
    let mut practice: Practice = changes.toml().unwrap_or_else(|fault| {
        faults.push(fault);
        Practice::default()
    });
    let windows_file = windows;
    match windows_file.toml::<Windows>() {
        Ok(held) => practice.window.extend(held.window),
        Err(fault) => faults.push(fault),
    }
    for (key, message) in wrong(&practice) {
        let source = if key.starts_with("window") { &windows_file } else { &changes };
        faults.push(source.fault(0, &key, &message));
    }
    faults.or(practice)
}

/// What is wrong with a practice, by key.
fn wrong(practice: &Practice) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut no = |key: String, message: &str| found.push((key, message.to_owned()));
    for (at, question) in practice.question.iter().enumerate() {
        if question.answers.len() != 4 {
            no(format!("question.{}.answers", question.name), "There are four answers, for 0 to 3 points.");
        }
        if question.name.contains(['=', ' ']) || question.name.is_empty() {
            no(format!("question.{}", question.name), "A question has a name of one word.");
        }
        if practice.question.iter().take(at).any(|held| held.name == question.name) {
            no(format!("question.{}", question.name), "Another question has that name; choose another.");
        }
    }
    for policy in &practice.policy {
        for stage in &policy.stages {
            let named = stage.of.iter().chain(&stage.then);
            if let Some(stray) = named.into_iter().find(|text| !is_whom(text)) {
                let key = format!("policy.{}.stages.{}", policy.name, stage.name);
                no(key, &format!("`{stray}` is nobody; say {WHOM}."));
            }
        }
        if policy.stages.is_empty() {
            no(format!("policy.{}.stages", policy.name), "It has no stage; say who approves.");
        }
    }
    for (at, template) in practice.template.iter().enumerate() {
        if practice.template.iter().take(at).any(|held| held.name == template.name) {
            no(format!("template.{}", template.name), "Another template has that name; choose another.");
        }
    }
    for (at, window) in practice.window.iter().enumerate() {
        if let Some((key, message)) = window.fault(None) {
            no(format!("window.{}.{key}", window.name), &message);
        }
        if practice.window.iter().take(at).any(|held| held.name == window.name) {
            no(format!("window.{}", window.name), "Another window has that name; choose another.");
        }
    }
    found
}
