//! Release gates: what must hold before a change is scheduled or begun, and how one who may overrides it, with a reason.

use crate::domain::field::Field;
use crate::domain::ticket::Ticket;
use crate::named_enum;

named_enum! {
    /// A check that blocks, and that can be overridden.
    pub enum ReleaseGate {
        /// Nothing stands in the way.
        Conflicts = "conflicts",
        /// It is not begun in a freeze.
        Freeze = "freeze",
        /// Those who were asked said yes to what stands there now.
        Approvals = "approvals",
        /// A risky change was tried before.
        Evidence = "evidence",
    }
}

/// The overrides of a change, as its field holds them: `gate: reason`, one a line. A clause for people where they
/// cannot be read.
pub fn read(text: &str) -> Result<Vec<(ReleaseGate, &str)>, String> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (gate, reason) = line.split_once(':').ok_or_else(|| format!("`{line}` is no `gate: reason`"))?;
        let gate = ReleaseGate::parse(gate)
            .ok_or_else(|| format!("`{gate}` is no gate; gates are {}", ReleaseGate::choices()))?;
        if reason.trim().is_empty() {
            return Err(format!("`{gate}` is overridden without a reason"));
        }
        found.push((gate, reason.trim()));
    }
    Ok(found)
}

/// Why this gate does not hold the change back; none where nobody overrode it.
pub fn overridden(change: &Ticket, gate: ReleaseGate) -> Option<&str> {
    let all = read(change.text(&Field::Override)).ok()?;
    all.into_iter().find(|(held, _)| *held == gate).map(|(_, reason)| reason)
}

/// The text of the field with one more override.
pub fn with(text: &str, gate: ReleaseGate, reason: &str) -> String {
    let line = format!("{gate}: {}", reason.trim());
    let kept = text.lines().filter(|line| !line.trim_start().starts_with(&format!("{gate}:")));
    kept.map(str::to_owned).chain([line]).collect::<Vec<_>>().join("\n")
}
