//! Links within an act: both ends hold one, so each link writes its inverse on the other ticket.

use super::Draft;
use crate::domain::change::{Change, Link, LinkKind};
use crate::domain::kind::Kind;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::Ticket;

impl Draft<'_> {
    pub(super) fn link(&mut self, link: &Link) -> Result<(), Refusal> {
        if self.ticket.links.contains(link) {
            return Ok(());
        }
        if link.other == self.ticket.id {
            let message = "A record cannot be linked with itself.";
            return Err(self.no("links join two records", message, "Give the id of another."));
        }
        let Some(other) = self.related.ticket(&link.other) else {
            let message = format!("There is no {} on this desk.", link.other);
            return Err(self.no("links join two records", message, "Look the id up with the jump list."));
        };
        self.kinds(link.how, &other)?;
        self.no_circle(link)?;
        self.others.record(&link.other, Change::Link { link: self.inverse(link) });
        self.record(Change::Link { link: link.clone() });
        Ok(())
    }

    pub(super) fn unlink(&mut self, link: &Link) {
        if self.ticket.links.contains(link) {
            self.others.record(&link.other, Change::Unlink { link: self.inverse(link) });
            self.record(Change::Unlink { link: link.clone() });
        }
    }

    /// A duplicate that comes back is no duplicate any more.
    pub(super) fn no_more_duplicate(&mut self) {
        let held: Vec<Link> = self.ticket.links.iter().filter(|l| l.how == LinkKind::DuplicateOf).cloned().collect();
        for link in held {
            self.unlink(&link);
        }
    }

    pub(super) fn inverse(&self, link: &Link) -> Link {
        Link { how: link.how.inverse(), other: self.ticket.id.clone() }
    }

    /// Which kinds a link can join.
    fn kinds(&self, how: LinkKind, other: &Ticket) -> Result<(), Refusal> {
        let mine = self.ticket.kind;
        let (fits, wants) = match how {
            LinkKind::ProblemIs => (other.kind == Kind::Problem, "a problem"),
            LinkKind::ProblemOf => (mine == Kind::Problem, "a link from a problem"),
            LinkKind::FixedBy | LinkKind::CausedBy => (other.kind == Kind::Change, "a change"),
            LinkKind::Fixes | LinkKind::Caused => (mine == Kind::Change, "a link from a change"),
            LinkKind::ChildOf | LinkKind::ParentOf | LinkKind::DuplicateOf | LinkKind::DuplicatedBy => {
                (other.kind == mine, "two records of one kind")
            }
            LinkKind::Follows | LinkKind::FollowedBy | LinkKind::RelatesTo => (true, ""),
        };
        if fits {
            return Ok(());
        }
        let message = format!("`{how}` cannot join this {mine} and the {} {}", other.kind, other.id);
        Err(self.no(
            "links fit their kinds",
            format!("{message}: it needs {wants}."),
            "Use `relates_to`, or another record.",
        ))
    }

    /// Parents and duplicates form no circle: walking up from the other end must not come back here.
    fn no_circle(&self, link: &Link) -> Result<(), Refusal> {
        let up = match link.how {
            LinkKind::ChildOf | LinkKind::DuplicateOf => link.how,
            LinkKind::ParentOf | LinkKind::DuplicatedBy => link.how.inverse(),
            _ => return Ok(()),
        };
        let (start, goal) =
            if link.how == up { (&link.other, &self.ticket.id) } else { (&self.ticket.id, &link.other) };
        let mut seen = vec![start.clone()];
        let mut next = 0;
        while let Some(id) = seen.get(next).cloned() {
            next += 1;
            let ticket = if id == self.ticket.id { Some(self.ticket.clone()) } else { self.related.ticket(&id) };
            for above in ticket.iter().flat_map(|t| &t.links).filter(|l| l.how == up) {
                if above.other == *goal {
                    let message = format!("{} stands the other way round already, if over others.", link.other);
                    return Err(self.no("no circles", message, "Remove that link first."));
                }
                if !seen.contains(&above.other) {
                    seen.push(above.other.clone());
                }
            }
        }
        Ok(())
    }
}
