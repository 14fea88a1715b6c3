//! Looks for people, assets, knowledge and tickets beyond what is copied.

use std::cmp::Reverse;

use serde_json::json;

use super::map::line;
use super::model::TICKET;
use super::page::class_of;
use super::wire::Object;
use super::{Itop, oql};
use crate::backend::http::words::is_yes;
use crate::backend::{Error, Found, Lookup, Result, Sort};
use crate::domain::name::Name;
use crate::text::{Clean, from_html};

impl Itop {
    /// See `Tracker::search`.
    pub(super) async fn searched(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        if wanted.words.split_whitespace().next().is_none() {
            return Ok(Vec::new());
        }
        let mut found = match wanted.sort {
            Sort::People => self.people(wanted).await?,
            Sort::Assets => self.assets(wanted).await?,
            Sort::Knowledge => self.knowledge(wanted).await?,
            Sort::Tickets => self.tickets(wanted).await?,
        };
        found.truncate(wanted.limit);
        Ok(found)
    }

    async fn matching(
        &self,
        class: &str,
        attributes: &[&str],
        output: &[&str],
        wanted: &Lookup,
    ) -> Result<Vec<Object>> {
        let condition = oql::words_in(attributes, &wanted.words);
        // Some of what is found is obsolete and left out below.
        let limit = wanted.limit.saturating_mul(2).max(1);
        let answer = self.get(class, &json!(format!("SELECT {class} WHERE {condition}")), output, limit).await?;
        let mut all = answer.objects.0;
        all.retain(|object| !is_obsolete(object));
        Ok(all)
    }

    async fn people(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let output = ["friendlyname", "email", "phone", "org_id_friendlyname", "obsolescence_flag"];
        let all = self.matching("Person", &["friendlyname", "email", "phone"], &output, wanted).await?;
        let mut names = self.names();
        let _ = all.iter().map(|one| names.person(&one.key, one.text("friendlyname"))).count();
        let one = |person: &Object| Found {
            name: names.person(&person.key, person.text("friendlyname")),
            title: line(person, "friendlyname"),
            text: told(person, &["email", "phone", "org_id_friendlyname"]),
        };
        Ok(all.iter().map(one).collect())
    }

    async fn assets(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let output = ["friendlyname", "finalclass", "org_id_friendlyname", "obsolescence_flag"];
        let all = self.matching("FunctionalCI", &["friendlyname"], &output, wanted).await?;
        let one = |asset: &Object| Found {
            name: Name::new(asset.text("friendlyname")),
            title: Clean::line(&format!("{} {}", class_of(asset), asset.text("friendlyname"))),
            text: told(asset, &["org_id_friendlyname"]),
        };
        Ok(all.iter().map(one).collect())
    }

    /// Known errors, then answers to frequent questions. An account that may not read one of them gets the other.
    async fn knowledge(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let output = ["name", "symptom", "root_cause", "workaround", "solution", "error_code"];
        let errors =
            self.matching("KnownError", &["name", "symptom", "workaround", "error_code"], &output, wanted).await;
        let output = ["title", "summary", "description"];
        let answers = self.matching("FAQ", &["title", "summary", "description"], &output, wanted).await;
        if let (Err(error), Err(_)) = (&errors, &answers) {
            return Err(error.clone());
        }
        let mut found = Vec::new();
        for error in readable(errors)? {
            // Plain text in iTop, whatever it looks like.
            let parts = [
                ("Symptom", "symptom"),
                ("Cause", "root_cause"),
                ("Workaround", "workaround"),
                ("Solution", "solution"),
            ];
            let parts = parts.iter().filter(|(_, code)| !error.text(code).trim().is_empty());
            let text: Vec<String> = parts.map(|(head, code)| format!("{head}:\n{}", error.text(code).trim())).collect();
            found.push(Found {
                name: Name::new(&format!("KE {}", error.key)),
                title: line(&error, "name"),
                text: Clean::body(&text.join("\n\n")),
            });
        }
        for answer in readable(answers)? {
            let text = format!("{}\n\n{}", answer.text("summary").trim(), from_html(answer.text("description")));
            found.push(Found {
                name: Name::new(&format!("FAQ {}", answer.key)),
                title: line(&answer, "title"),
                text: Clean::body(text.trim()),
            });
        }
        Ok(found)
    }

    async fn tickets(&self, wanted: &Lookup) -> Result<Vec<Found>> {
        let output = ["ref", "title", "finalclass", "last_update", "operational_status", "caller_id_friendlyname"];
        let mut all = self.matching(TICKET, &["ref", "title", "description"], &output, wanted).await?;
        all.sort_by_key(|ticket| Reverse(ticket.text("last_update").to_owned()));
        let mut names = self.names();
        let one = |ticket: &Object| {
            let id = names.ticket(class_of(ticket), &ticket.key, ticket.text("ref"));
            Found {
                name: Name::new(id.as_str()),
                title: line(ticket, "title"),
                text: told(ticket, &["finalclass", "operational_status", "caller_id_friendlyname"]),
            }
        };
        Ok(all.iter().map(one).collect())
    }
}

fn readable(found: Result<Vec<Object>>) -> Result<Vec<Object>> {
    match found {
        Err(Error::Forbidden(_) | Error::Invalid { .. } | Error::Unsupported(_)) => Ok(Vec::new()),
        found => found,
    }
}

fn is_obsolete(object: &Object) -> bool {
    is_yes(object.text("obsolescence_flag"))
}

fn told(object: &Object, attributes: &[&str]) -> Clean {
    let parts = attributes.iter().map(|code| object.text(code).trim()).filter(|text| !text.is_empty());
    Clean::line(&parts.collect::<Vec<_>>().join(" · "))
}
