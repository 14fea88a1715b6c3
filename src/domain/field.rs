//! The fields of a ticket and the values they hold. One vocabulary for queries, bulk previews, playbooks and stores.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::name::Name;
use crate::text::Clean;

/// A field of a ticket that is set by itself. State, owner, links and words have changes of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    Title,
    Description,
    Caller,
    Contact,
    Channel,
    Impact,
    Urgency,
    /// A priority set by hand, kept beside the computed one.
    PriorityOverride,
    PriorityReason,
    Category,
    Group,
    Service,
    Asset,
    Location,
    HoldReason,
    WakeAt,
    ResolutionCode,
    Resolution,
    Verified,
    FirstContact,
    CancelReason,
    Supplier,
    SupplierReference,
    SupplierPromise,
    /// When the caller was promised the next word.
    PromisedUpdate,
    CatalogItem,
    Approver,
    NeededBy,
    AccessUntil,
    Level,
    Domain,
    /// What made somebody raise a problem.
    Trigger,
    CauseCategory,
    Cause,
    Evidence,
    /// Why, and why that: one answer a line.
    Whys,
    /// Causes of causes: one a line, set in under what it brings about.
    CauseTree,
    Workaround,
    /// Whether the caller of an incident was given a workaround, and took it.
    WorkaroundGiven,
    KnownError,
    Fix,
    /// Why a problem needs no action that keeps it from coming back.
    Prevention,
    ReviewDate,
    /// When an open problem is looked at again, and when it last was.
    NextReview,
    Reviewed,
    /// What the review of a major problem found.
    ReviewRecord,
    ChangeType,
    Reason,
    Risk,
    PlannedStart,
    PlannedEnd,
    ActualStart,
    ActualEnd,
    Plan,
    BackOut,
    TestPlan,
    Outcome,
    /// The answers to the questions of risk.
    RiskAnswers,
    /// The template that a standard change was made from.
    Template,
    /// The gates that somebody overrode, with their reasons.
    Override,
    Major,
    /// A field that only this desk or its tracker has, named `x.something`.
    Custom(Name),
}

/// What sort of value a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    Lines,
    Name,
    Number,
    Time,
    Flag,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Text(Clean),
    Name(Name),
    Number(i64),
    Time(Timestamp),
    Flag(bool),
}

/// `(field, its name, its shape)`: the one list of the fields that are not custom.
const FIELDS: &[(Field, &str, Shape)] = &[
    (Field::Title, "title", Shape::Text),
    (Field::Description, "description", Shape::Lines),
    (Field::Caller, "caller", Shape::Name),
    (Field::Contact, "contact", Shape::Text),
    (Field::Channel, "channel", Shape::Name),
    (Field::Impact, "impact", Shape::Number),
    (Field::Urgency, "urgency", Shape::Number),
    (Field::PriorityOverride, "priority_override", Shape::Number),
    (Field::PriorityReason, "priority_reason", Shape::Text),
    (Field::Category, "category", Shape::Name),
    (Field::Group, "group", Shape::Name),
    (Field::Service, "service", Shape::Name),
    (Field::Asset, "asset", Shape::Name),
    (Field::Location, "location", Shape::Name),
    (Field::HoldReason, "hold_reason", Shape::Name),
    (Field::WakeAt, "wake_at", Shape::Time),
    (Field::ResolutionCode, "resolution_code", Shape::Name),
    (Field::Resolution, "resolution", Shape::Lines),
    (Field::Verified, "verified", Shape::Name),
    (Field::FirstContact, "first_contact", Shape::Flag),
    (Field::CancelReason, "cancel_reason", Shape::Text),
    (Field::Supplier, "supplier", Shape::Name),
    (Field::SupplierReference, "supplier_reference", Shape::Text),
    (Field::SupplierPromise, "supplier_promise", Shape::Time),
    (Field::PromisedUpdate, "promised_update", Shape::Time),
    (Field::CatalogItem, "catalog_item", Shape::Name),
    (Field::Approver, "approver", Shape::Name),
    (Field::NeededBy, "needed_by", Shape::Time),
    (Field::AccessUntil, "access_until", Shape::Time),
    (Field::Level, "level", Shape::Name),
    (Field::Domain, "domain", Shape::Name),
    (Field::Trigger, "trigger", Shape::Name),
    (Field::CauseCategory, "cause_category", Shape::Name),
    (Field::Cause, "cause", Shape::Lines),
    (Field::Evidence, "evidence", Shape::Lines),
    (Field::Whys, "whys", Shape::Lines),
    (Field::CauseTree, "cause_tree", Shape::Lines),
    (Field::Workaround, "workaround", Shape::Lines),
    (Field::WorkaroundGiven, "workaround_given", Shape::Name),
    (Field::KnownError, "known_error", Shape::Flag),
    (Field::Fix, "fix", Shape::Lines),
    (Field::Prevention, "prevention", Shape::Lines),
    (Field::ReviewDate, "review_date", Shape::Time),
    (Field::NextReview, "next_review", Shape::Time),
    (Field::Reviewed, "reviewed", Shape::Time),
    (Field::ReviewRecord, "review_record", Shape::Lines),
    (Field::ChangeType, "change_type", Shape::Name),
    (Field::Reason, "reason", Shape::Lines),
    (Field::Risk, "risk", Shape::Name),
    (Field::PlannedStart, "planned_start", Shape::Time),
    (Field::PlannedEnd, "planned_end", Shape::Time),
    (Field::ActualStart, "actual_start", Shape::Time),
    (Field::ActualEnd, "actual_end", Shape::Time),
    (Field::Plan, "plan", Shape::Lines),
    (Field::BackOut, "back_out", Shape::Lines),
    (Field::TestPlan, "test_plan", Shape::Lines),
    (Field::Outcome, "outcome", Shape::Name),
    (Field::RiskAnswers, "risk_answers", Shape::Text),
    (Field::Template, "template", Shape::Name),
    (Field::Override, "override", Shape::Lines),
    (Field::Major, "major", Shape::Flag),
];

impl Field {
    /// Every field that is not custom, in the order in which forms and previews show them.
    pub fn all() -> impl Iterator<Item = &'static Field> {
        FIELDS.iter().map(|(field, ..)| field)
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Custom(name) => name,
            known => FIELDS.iter().find(|(field, ..)| field == known).map_or("", |(_, name, _)| name),
        }
    }

    /// The field of that name: `impact`, `x.made_sla`.
    pub fn parse(name: &str) -> Option<Self> {
        if name.starts_with("x.") {
            return Some(Self::Custom(Name::new(name)));
        }
        let name = name.replace('-', "_");
        FIELDS.iter().find(|(_, known, _)| *known == name).map(|(field, ..)| field.clone())
    }

    pub fn shape(&self) -> Shape {
        match self {
            Self::Custom(_) => Shape::Name,
            known => FIELDS.iter().find(|(field, ..)| field == known).map_or(Shape::Text, |(.., shape)| *shape),
        }
    }
}

impl Value {
    pub fn text(raw: &str) -> Self {
        Self::Text(Clean::body(raw))
    }

    pub fn name(raw: &str) -> Self {
        Self::Name(Name::new(raw))
    }

    /// The words of a text or a name; nothing for the other shapes.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<i64> {
        if let Self::Number(n) = self { Some(*n) } else { None }
    }

    pub fn as_time(&self) -> Option<Timestamp> {
        if let Self::Time(t) = self { Some(*t) } else { None }
    }

    pub fn as_flag(&self) -> Option<bool> {
        if let Self::Flag(f) = self { Some(*f) } else { None }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Name(name) => name.fmt(f),
            Self::Number(n) => n.fmt(f),
            Self::Time(t) => t.fmt(f),
            Self::Flag(flag) => f.pad(if *flag { "yes" } else { "no" }),
        }
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&name).ok_or_else(|| {
            let known: Vec<&str> = FIELDS.iter().map(|(_, name, _)| *name).collect();
            serde::de::Error::custom(format!(
                "`{}` is no field; known are {}, and x.NAME",
                name.escape_debug(),
                known.join(", ")
            ))
        })
    }
}
