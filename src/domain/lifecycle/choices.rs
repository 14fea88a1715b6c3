//! The values that the rules know for fields of choice, and those that the directory offers.

use crate::domain::directory::Directory;
use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::HoldReason;
use crate::domain::ticket::Ticket;
use crate::named_enum;

named_enum! {
    /// How much a change is authorized beforehand.
    pub enum ChangeType {
        Normal = "normal",
        /// From a template that is authorized for good.
        Standard = "standard",
        Emergency = "emergency",
        /// It happened before anybody asked.
        Retrospective = "retrospective",
    }
}

impl ChangeType {
    /// The type of a change; normal where nobody said.
    pub fn of(ticket: &Ticket) -> Self {
        Self::parse(ticket.text(&Field::ChangeType)).unwrap_or(Self::Normal)
    }
}

/// Whether the desk asked the caller that it works: yes, no, or there was nobody to ask.
pub const VERIFIED: &[&str] = &["yes", "no", "na"];
/// At what height a problem lies.
pub const LEVELS: &[&str] = &["operational", "tactical", "strategic"];
/// In what a problem lies.
pub const DOMAINS: &[&str] = &["system", "process", "service"];
/// What made somebody raise a problem.
pub const TRIGGERS: &[&str] = &["incident", "trend", "supplier", "proactive"];
/// Whether the caller of an incident was given a workaround: given, and taken or not.
pub const GIVEN: &[&str] = &["given", "accepted", "declined"];
/// How a problem ended.
pub const FIX_APPLIED: &str = "fix_applied";
pub const RISK_ACCEPTED: &str = "risk_accepted";
const ENDS: &[&str] = &[FIX_APPLIED, RISK_ACCEPTED];
/// How a change went.
pub const OUTCOMES: &[&str] = &["successful", "successful_with_issues", "partially", "backed_out", "failed"];
/// How risky a change is.
pub const RISKS: &[&str] = &["low", "moderate", "high", "very_high"];
/// Why a record is cancelled; each kind knows some of them.
pub const DUPLICATE: &str = "duplicate";
pub const CONVERTED: &str = "converted";
const WITHDRAWN: &str = "withdrawn";

/// The reasons for which a record of this kind is cancelled.
pub const fn cancel_reasons(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Incident => &[DUPLICATE, "not_an_incident", WITHDRAWN, CONVERTED],
        Kind::Request => &[DUPLICATE, "not_a_request", WITHDRAWN, CONVERTED],
        Kind::Problem => &[DUPLICATE, "not_a_problem", WITHDRAWN],
        Kind::Change => &[DUPLICATE, "not_needed", WITHDRAWN],
    }
}

/// The values that the rules fix for a field; none where it is free or the directory's.
pub fn fixed(field: &Field, kind: Kind) -> Option<Vec<&'static str>> {
    Some(match field {
        Field::HoldReason => HoldReason::ALL.iter().map(|r| r.as_str()).collect(),
        Field::ChangeType => ChangeType::ALL.iter().map(|t| t.as_str()).collect(),
        Field::CancelReason => cancel_reasons(kind).to_vec(),
        Field::Verified => VERIFIED.to_vec(),
        Field::Level => LEVELS.to_vec(),
        Field::Domain => DOMAINS.to_vec(),
        Field::Trigger => TRIGGERS.to_vec(),
        Field::WorkaroundGiven => GIVEN.to_vec(),
        Field::Outcome if kind == Kind::Problem => ENDS.to_vec(),
        Field::Outcome => OUTCOMES.to_vec(),
        Field::Risk => RISKS.to_vec(),
        _ => return None,
    })
}

/// The names that the directory knows for a field; empty where it does not keep a list of them.
pub fn known<'a>(field: &Field, directory: &'a Directory) -> Vec<&'a Name> {
    match field {
        Field::Group => directory.groups.iter().map(|g| &g.name).collect(),
        Field::Service => directory.services.iter().map(|s| &s.name).collect(),
        Field::Category => directory.categories.iter().map(|c| &c.name).collect(),
        Field::Channel => directory.channels.iter().collect(),
        Field::ResolutionCode => directory.resolution_codes.iter().collect(),
        Field::Supplier => directory.suppliers.iter().collect(),
        Field::CatalogItem => {
            let listed = |name: &Name| directory.catalog_items.contains(name);
            let agreed = directory.catalogue.iter().map(|item| &item.name).filter(|name| !listed(name));
            directory.catalog_items.iter().chain(agreed).collect()
        }
        Field::Approver => directory.people.iter().map(|p| &p.login).collect(),
        _ => Vec::new(),
    }
}

/// What a picker offers for a field: the rules' values, or the directory's, or nothing for a free one.
pub fn choices(field: &Field, kind: Kind, directory: &Directory) -> Vec<Name> {
    match fixed(field, kind) {
        Some(values) => values.into_iter().map(Name::new).collect(),
        None => known(field, directory).into_iter().cloned().collect(),
    }
}

/// One spelling of a choice: lower case with underscores.
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}
