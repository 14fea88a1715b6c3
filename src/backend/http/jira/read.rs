//! Single issues with their words, searches, and the people whom they name.

use std::collections::BTreeSet;

use serde_json::json;

use super::ask::AHEAD;
use super::site::Site;
use super::wire::{self, Issue, Issues};
use super::{Jira, pages, search};
use crate::backend::http::client::Request;
use crate::backend::http::tracker::{Record, Wanted};
use crate::backend::http::words::same;
use crate::backend::{Error, Result};
use crate::domain::field::{Field, Value};
use crate::domain::name::{Name, TicketId};

impl Jira {
    /// The issue of that key. One that was moved answers to its old key with its new one.
    pub(super) async fn issue(&self, site: &Site, id: &TicketId, beside: &str) -> Result<Issue> {
        if !is_key(id.as_str()) {
            return Err(Error::NotFound(id.clone()));
        }
        let fields = self.with(site, |view| view.wanted(false)).join(",");
        let mut asked = Request::get(site.issue(id.as_str(), "")).query("fields", fields);
        if !beside.is_empty() {
            asked = asked.query("expand", beside);
        }
        let issue = self.client.json::<Issue>(asked).await.map_err(|failure| failure.missing(id))?.body;
        if !same(&issue.key, id.as_str()) {
            let to = TicketId::new(&issue.key);
            return Err(if is_key(to.as_str()) {
                Error::Moved { id: id.clone(), to }
            } else {
                Error::NotFound(id.clone())
            });
        }
        self.learn(std::slice::from_ref(&issue));
        Ok(issue)
    }

    /// The newest comments, and how many there are. A page may be shorter than what is asked for.
    pub(super) async fn comments(
        &self,
        site: &Site,
        id: &TicketId,
        start: usize,
    ) -> Result<(Vec<wire::Comment>, usize)> {
        let asked = Request::get(site.issue(id.as_str(), "/comment")).query("expand", "properties");
        let asked = asked.query("orderBy", "-created").query("startAt", start).query("maxResults", 1000);
        let answer = self.client.json::<wire::Comments>(asked).await.map_err(|failure| failure.missing(id))?.body;
        let mut people = self.people();
        answer.comments.iter().filter_map(|one| one.author.as_ref()).for_each(|who| people.add(who, false));
        Ok((answer.comments, answer.total as usize))
    }

    /// The oldest acts, where Cloud put only the newest beside the issue.
    pub(super) async fn oldest(&self, site: &Site, id: &TicketId, log: &mut wire::Changelog) -> Result<()> {
        let asked = Request::get(site.issue(id.as_str(), "/changelog")).query("startAt", 0).query("maxResults", 100);
        let older = self.client.json::<wire::Values<wire::History>>(asked).await?.body.values;
        let known: BTreeSet<String> = log.histories.iter().map(|one| one.id.clone()).collect();
        log.histories.extend(older.into_iter().filter(|one| !known.contains(&one.id)));
        Ok(())
    }

    pub(super) fn record(&self, site: &Site, issue: &Issue, comments: Option<&[wire::Comment]>) -> Result<Record> {
        let record = self.with(site, |view| view.record(issue, comments));
        record.ok_or_else(|| {
            let sort = Name::new(issue.part("issuetype", "name"));
            Error::Unexpected(format!(
                "{} is of the type `{sort}`, which the profile's mapping does not name.",
                issue.key
            ))
        })
    }

    pub(super) async fn search_issues(&self, site: &Site, jql: &str, rows: usize) -> Result<Issues> {
        let fields = self.with(site, |view| view.wanted(true));
        let asked = pages::search(jql, &fields, rows, (0, None), site.cloud.then(|| self.mine()))?;
        Ok(self.client.json::<Issues>(asked).await?.body)
    }

    /// New tickets of which searches of Cloud do not know yet: issues are found by their keys at once.
    pub(super) async fn unsearched(&self, site: &Site, newest: &str) -> Result<Vec<Issue>> {
        let Some((project, number)) = newest.rsplit_once('-') else { return Ok(Vec::new()) };
        let Ok(number) = number.parse::<u64>() else { return Ok(Vec::new()) };
        let keys: Vec<String> = (1..=AHEAD).map(|n| format!("{project}-{}", number + n)).collect();
        let fields = self.with(site, |view| view.wanted(true));
        let asked = Request::post(site.api("issue/bulkfetch")).reading();
        let asked = asked.json(&json!({ "issueIdsOrKeys": keys, "fields": fields }))?;
        Ok(self.client.json::<Issues>(asked).await?.body.issues)
    }

    /// Learns the people whom issues name.
    pub(super) fn learn(&self, issues: &[Issue]) {
        let mut people = self.people();
        for issue in issues {
            let users = ["assignee", "reporter", "creator"].iter().filter_map(|key| issue.user(key));
            users.for_each(|user| people.add(&user, false));
        }
    }

    /// Looks for people whom nobody named yet.
    pub(super) async fn look_up(&self, site: &Site, wanted: &Wanted) -> Result<()> {
        let caller = wanted.field(&Field::Caller).and_then(Value::as_str);
        let names: Vec<Name> = caller.map(Name::new).into_iter().chain(wanted.owner().cloned()).collect();
        for name in names {
            if self.people().number(&name).is_none() {
                let found = search::users(&self.client, site, &name, 20).await?;
                let mut people = self.people();
                found.iter().for_each(|user| people.add(user, false));
            }
        }
        Ok(())
    }
}

/// Whether it could be the key of an issue: letters, a hyphen, digits.
fn is_key(id: &str) -> bool {
    let Some((project, number)) = id.rsplit_once('-') else { return false };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !project.is_empty() && project.chars().all(word) && number.parse::<u64>().is_ok_and(|number| number > 0)
}
