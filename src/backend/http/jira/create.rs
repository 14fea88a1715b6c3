//! New tickets, and looking for one that an earlier attempt may have made.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Map, json};

use super::history::person;
use super::pages::{minute, quoted};
use super::plan::is_rich;
use super::site::{Project, Type, desk_api};
use super::view::View;
use super::wire::{Issue, RequestFields, RequestType, Screen};
use crate::backend::http::client::Request;
use crate::backend::http::tracker::{Part, Wanted};
use crate::backend::http::words::same;
use crate::backend::{Error, Result};
use crate::domain::field::Field;
use crate::domain::kind::Kind;

/// How far the clocks of console and tracker may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

impl View<'_> {
    /// The project and type that take a new ticket of this kind.
    ///
    /// # Errors
    /// There is none where this user may make one.
    pub fn new_place(&self, kind: Kind) -> Result<(&Project, &Type)> {
        if self.mapping.kind(kind).is_none() {
            return Err(Error::Unsupported(format!("this Jira holds no {kind}s.")));
        }
        let mut fitting = self.site.projects.iter().filter_map(|project| Some((project, project.types.get(&kind)?)));
        fitting.next().ok_or_else(|| Error::Forbidden(format!("no project of yours lets you make a {kind}.")))
    }

    /// The request type by which customers see it: as the profile names it, else the first of its type.
    pub fn request_type<'p>(&self, kind: Kind, project: &'p Project, sort: &Type) -> Option<&'p RequestType> {
        let named = self.mapping.site.get(&format!("request_type.{kind}"));
        let all = &project.request_types;
        match named {
            Some(name) => all.iter().find(|one| same(&one.name, name) || one.id == *name),
            None => all.iter().find(|one| one.issue_type_id == sort.id),
        }
    }

    /// A request as its customer would make it, with the fields that its form shows; the rest follows.
    pub fn new_request(
        &self,
        kind: Kind,
        wanted: &Wanted,
        (project, sort): (&Project, &Type),
        request_type: &RequestType,
        form: &RequestFields,
    ) -> Result<Request> {
        let mut fields = Map::new();
        for part in &wanted.parts {
            let Part::Field(field, Some(value)) = part else { continue };
            if *field == Field::Caller {
                continue;
            }
            let Some(key) = self.key_of(kind, field) else { continue };
            let Some(shown) =
                form.request_type_fields.iter().find(|one| one.field_id == key && one.visible != Some(false))
            else {
                continue;
            };
            let fallback = Screen { schema: shown.jira_schema.clone(), ..Screen::default() };
            let screen = sort.fields.get(&key).unwrap_or(&fallback);
            // The service desk takes words where the platform of Cloud takes documents; what it makes of markup is put right
            // after reading back.
            let told = if is_rich(&screen.schema) {
                self.mapping.to_native(kind, field, value).into()
            } else {
                self.native(kind, field, Some(value), screen)?
            };
            fields.insert(key, told);
        }
        let mut body = json!({
            "serviceDeskId": project.desk, "requestTypeId": request_type.id, "requestFieldValues": fields,
        });
        let caller = wanted.text(&Field::Caller);
        if !caller.is_empty() && form.can_raise_on_behalf_of {
            body["raiseOnBehalfOf"] = self.account("caller", caller)?.into();
        }
        desk_api(Request::post("rest/servicedeskapi/request")).json(&body)
    }

    /// A plain issue: where there is no request type for it.
    pub fn new_issue(&self, kind: Kind, wanted: &Wanted, (project, sort): (&Project, &Type)) -> Result<Request> {
        let mut fields = Map::new();
        fields.insert("project".into(), json!({ "key": project.key }));
        fields.insert("issuetype".into(), json!({ "id": sort.id }));
        for part in &wanted.parts {
            match part {
                Part::Field(field, Some(value)) => {
                    let key = self.key_of(kind, field);
                    let Some((key, screen)) = key.and_then(|key| Some((key.clone(), sort.fields.get(&key)?))) else {
                        continue;
                    };
                    fields.insert(key, self.native(kind, field, Some(value), screen)?);
                }
                Part::Owner(name) if sort.fields.contains_key("assignee") => {
                    fields.insert("assignee".into(), person(self.account("owner", name)?, self.site.cloud));
                }
                _ => {}
            }
        }
        Request::post(self.site.api("issue")).json(&json!({ "fields": fields }))
    }

    /// Issues that I made since, newest first.
    pub fn mine_since(&self, kind: Kind, wanted: &Wanted, zone: &TimeZone) -> Result<String> {
        let (project, sort) = self.new_place(kind)?;
        let since = minute(wanted.at.saturating_sub(SKEW).unwrap_or(wanted.at), zone);
        Ok(format!(
            "project = {} AND issuetype = {} AND creator = currentUser() AND created >= \"{since}\" ORDER BY created DESC, key DESC",
            quoted(&project.key),
            quoted(&sort.id)
        ))
    }

    /// The newest issue of the project that takes it, whoever made it.
    pub fn newest(&self, kind: Kind) -> Result<String> {
        let (project, _) = self.new_place(kind)?;
        Ok(format!("project = {} ORDER BY created DESC, key DESC", quoted(&project.key)))
    }

    /// Whether this is the ticket that the act was to make.
    pub fn is_it(&self, issue: &Issue, kind: Kind, wanted: &Wanted) -> bool {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let since = wanted.at.saturating_sub(SKEW).unwrap_or(wanted.at);
        let caller = wanted.text(&Field::Caller);
        let reporter = issue.user("reporter").map(|who| self.people.called(&who));
        self.kind(issue) == Some(kind)
            && issue.user("creator").is_none_or(|who| who.number() == self.site.me.number())
            && issue.time("created").is_some_and(|at| at >= since)
            && words(issue.part_text("summary")) == words(wanted.text(&Field::Title))
            && (caller.is_empty() || reporter.is_none_or(|reporter| reporter.as_str() == caller))
    }
}

impl Issue {
    fn part_text(&self, key: &str) -> &str {
        self.field(key).as_str().unwrap_or_default()
    }
}
