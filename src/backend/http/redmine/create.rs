//! New issues, and looking for one that an earlier attempt may have made.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::pages::{Filter, asked, places};
use super::plan::{Draft, Onto};
use super::site::{Project, number};
use super::view::{Custom, Native, View};
use super::wire::Issue;
use crate::backend::http::client::Request;
use crate::backend::http::tracker::{Part, Wanted};
use crate::backend::{Error, Result};
use crate::domain::change::LinkKind;
use crate::domain::field::Field;
use crate::domain::kind::Kind;

/// How far the clocks of console and tracker may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

impl View<'_> {
    /// The project and the tracker that take a new ticket of this kind.
    ///
    /// # Errors
    /// There is none where this user may make one.
    pub fn place(&self, kind: Kind) -> Result<(&Project, u64)> {
        let map = self.mapping.kind(kind);
        let map = map.ok_or_else(|| Error::Unsupported(format!("this Redmine holds no {kind}s.")))?;
        let tracker = |project: &Project| number(&project.trackers, &map.place);
        let mut fitting = self.site.projects.iter().filter_map(|project| Some((project, tracker(project)?))).peekable();
        if fitting.peek().is_none() {
            return Err(Error::Unsupported(format!("no project of yours has the tracker `{}`.", map.place)));
        }
        fitting.find(|(project, _)| project.rights.add).ok_or_else(|| {
            Error::Forbidden(format!("your roles in this Redmine do not include making a ticket ({}).", map.place))
        })
    }

    /// The request that makes it: fields, owner and parent at once; words, links and steps follow.
    ///
    /// # Errors
    /// As for `writes`.
    pub fn new_issue(&self, kind: Kind, wanted: &Wanted, fields: &BTreeMap<String, Custom>) -> Result<Request> {
        let (project, tracker) = self.place(kind)?;
        let native = Native { project: project.id, tracker, fields: fields.clone(), ..Native::default() };
        let onto = Onto { kind, native: &native };
        let mut draft = Draft::default();
        draft.set("project_id", project.id);
        draft.set("tracker_id", tracker);
        for part in &wanted.parts {
            match part {
                Part::Field(field, value) => self.field(onto, field, value.as_ref(), &mut draft)?,
                Part::Owner(name) => draft.set("assigned_to_id", self.person(name)?),
                Part::Link(link) if link.how == LinkKind::ChildOf => draft.set("parent_issue_id", link.other.as_str()),
                // A private note would be none without its right: known before anything is made.
                Part::Say(..) => self.may_say(part, project)?,
                Part::Link(_) | Part::Unlink(_) | Part::Step(..) => {}
            }
        }
        Request::post("issues.json").json(&draft.body())
    }

    /// Issues of mine that were made since, newest first.
    pub fn mine_since(&self, kind: Kind, wanted: &Wanted) -> Result<Request> {
        let (_, tracker) = self.place(kind)?;
        let since = wanted.at.saturating_sub(SKEW).unwrap_or(wanted.at);
        let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let filters = vec![
            places(self.site),
            Filter::new("tracker_id", "=", [tracker.to_string()]),
            Filter::new("status_id", "*", []),
            Filter::new("author_id", "=", ["me".to_owned()]),
            Filter::new("created_on", ">=", [since]),
        ];
        Ok(asked(filters).query("sort", "id:desc").query("limit", 100))
    }

    /// Whether this is the ticket that the act was to make. A filter may have been ignored: everything is looked at.
    pub fn is_it(&self, issue: &Issue, kind: Kind, wanted: &Wanted) -> bool {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let caller = wanted.text(&Field::Caller);
        let called = self.record(issue);
        let held = called.as_ref().and_then(|record| record.fields.get(&Field::Caller));
        let since = wanted.at.saturating_sub(SKEW).unwrap_or(wanted.at);
        self.kind(issue) == Some(kind)
            && issue.author.as_ref().is_some_and(|author| self.learned.people.is_me(author.id))
            && issue.created_on >= since
            && words(&issue.subject) == words(wanted.text(&Field::Title))
            && (caller.is_empty() || held.is_none_or(|held| held.as_str() == Some(caller)))
    }
}

/// A list that shows one issue of that tracker: which custom fields it has.
pub fn example(project: u64, tracker: u64) -> Request {
    let filters = vec![
        Filter::new("project_id", "=", [project.to_string()]),
        Filter::new("tracker_id", "=", [tracker.to_string()]),
        Filter::new("status_id", "*", []),
    ];
    asked(filters).query("sort", "id:desc").query("limit", 1)
}

/// Issues by number, whatever their status: of what sort they are.
pub fn ids(all: &[u64]) -> Request {
    let filters = vec![
        Filter::new("status_id", "*", []),
        Filter::new("issue_id", "=", [all.iter().map(u64::to_string).collect::<Vec<_>>().join(",")]),
    ];
    asked(filters).query("limit", 100)
}
