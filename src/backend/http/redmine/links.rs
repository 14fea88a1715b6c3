//! Relations, parents and children as links, and back.

use super::view::View;
use super::wire::{Issue, Relation};
use crate::backend::{Error, Result};
use crate::domain::change::{Link, LinkKind};
use crate::domain::kind::Kind;
use crate::domain::name::TicketId;

impl View<'_> {
    /// The links of an issue; none where its relations were not read.
    pub fn links(&self, kind: Kind, issue: &Issue) -> Option<Vec<Link>> {
        let relations = issue.relations.as_ref()?;
        let to = |how, other: u64| Link { how, other: TicketId::new(&other.to_string()) };
        let mut links: Vec<Link> = issue.parent.iter().map(|parent| to(LinkKind::ChildOf, parent.id)).collect();
        links.extend(issue.children.iter().flatten().map(|child| to(LinkKind::ParentOf, child.id)));
        links.extend(relations.iter().map(|relation| {
            let other = other_end(relation, issue.id);
            to(self.how(kind, relation, issue.id), other)
        }));
        links.sort();
        links.dedup();
        Some(links)
    }

    /// What a relation is to the issue at this end of it.
    pub fn how(&self, kind: Kind, relation: &Relation, here: u64) -> LinkKind {
        let seen = match relation.relation_type.as_str() {
            "duplicates" => LinkKind::DuplicateOf,
            "duplicated" => LinkKind::DuplicatedBy,
            "blocks" => LinkKind::Fixes,
            "blocked" => LinkKind::FixedBy,
            "precedes" => LinkKind::FollowedBy,
            "follows" => LinkKind::Follows,
            _ => LinkKind::RelatesTo,
        };
        let forward = relation.issue_id == here;
        if seen != LinkKind::RelatesTo {
            return if forward { seen } else { seen.inverse() };
        }
        // A plain relation between an incident and a problem says that the one has its cause in the other.
        let other = self.learned.kinds.get(&other_end(relation, here));
        match (kind, relation.relation_type == "relates", other) {
            (Kind::Incident, true, Some(Kind::Problem)) => LinkKind::ProblemIs,
            (Kind::Problem, true, Some(Kind::Incident)) => LinkKind::ProblemOf,
            _ => LinkKind::RelatesTo,
        }
    }

    /// The sort of relation that makes this link, seen from the issue that holds it. Parents are none.
    ///
    /// # Errors
    /// `Unsupported` for what would be read back as something else.
    pub fn relation(&self, kind: Kind, link: &Link) -> Result<&'static str> {
        let other = link.other.as_str().parse().ok().and_then(|id: u64| self.learned.kinds.get(&id)).copied();
        let cause =
            matches!((kind, other), (Kind::Incident, Some(Kind::Problem)) | (Kind::Problem, Some(Kind::Incident)));
        let no = |why: &str| Err(Error::Unsupported(why.into()));
        Ok(match (link.how, cause) {
            (LinkKind::DuplicateOf, _) => "duplicates",
            (LinkKind::DuplicatedBy, _) => "duplicated",
            (LinkKind::Fixes, _) => "blocks",
            (LinkKind::FixedBy, _) => "blocked",
            (LinkKind::FollowedBy, _) => "precedes",
            (LinkKind::Follows, _) => "follows",
            (LinkKind::ProblemIs, true) if kind == Kind::Incident => "relates",
            (LinkKind::ProblemOf, true) if kind == Kind::Problem => "relates",
            (LinkKind::RelatesTo, false) => "relates",
            (LinkKind::RelatesTo, true) => {
                return no(
                    "an incident and a problem that are related are shown as cause and effect here. Link the problem.",
                );
            }
            (LinkKind::ProblemIs | LinkKind::ProblemOf, _) => {
                return no("this link goes between an incident and a problem.");
            }
            (LinkKind::CausedBy | LinkKind::Caused, _) => {
                return no("Redmine has no relation for what a change brought about. Link it as related.");
            }
            (LinkKind::ChildOf | LinkKind::ParentOf, _) => return no("parents are no relations."),
        })
    }
}

pub const fn other_end(relation: &Relation, here: u64) -> u64 {
    if relation.issue_id == here { relation.issue_to_id } else { relation.issue_id }
}
