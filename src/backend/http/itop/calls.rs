//! Questions to iTop: few at once, and without what a class of this instance turned out not to have.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::Itop;
use super::wire::{self, Answer};
use crate::backend::http::client::Failure;
use crate::backend::http::held::hold;
use crate::backend::{Error, Result};

/// Attributes that a class may turn out not to have before we give up.
pub(super) const UNKNOWN: usize = 24;

impl Itop {
    /// Asks for objects of a class; a limit of 0 is none.
    pub(super) async fn get(&self, class: &str, key: &Json, output: &[&str], limit: usize) -> Result<Answer> {
        Ok(self.asked(class, key, output, limit, 1).await?.0)
    }

    /// The same, by page, with iTop's own clock. What the class does not have is left out and not asked for again.
    pub(super) async fn asked(
        &self,
        class: &str,
        key: &Json,
        output: &[&str],
        limit: usize,
        page: usize,
    ) -> Result<(Answer, Option<Timestamp>)> {
        for _ in 0..UNKNOWN {
            let output = self.known(class, output);
            let mut operation = json!({ "operation": "core/get", "class": class, "key": key, "output_fields": output });
            if limit > 0 {
                operation["limit"] = json!(limit);
                operation["page"] = json!(page);
            }
            match self.exchange(wire::ask(&operation)?).await {
                Ok((answer, date)) => return Ok((answer, date)),
                Err(failure) => {
                    let words = said(&failure);
                    if let Some(class) = wire::unknown_class(&words) {
                        tracing::warn!("This iTop has no class {class}; it is left out.");
                        hold(&self.absent).classes.insert(class.to_owned());
                    }
                    let Some(code) = wire::unknown_attribute(&words) else { return Err(failure.into()) };
                    tracing::warn!("This iTop's {class} has no {code}; it is left out.");
                    // Where there is no key, what it points at has no name either.
                    let key = code.strip_suffix("_friendlyname").unwrap_or(code);
                    let both = [key.to_owned(), format!("{key}_friendlyname")];
                    hold(&self.absent).attributes.entry(class.to_owned()).or_default().extend(both);
                }
            }
        }
        Err(Error::Unexpected(format!("{class} of this iTop has too little in common with what is known of it.")))
    }

    pub(super) fn known(&self, class: &str, output: &[&str]) -> String {
        let absent = hold(&self.absent);
        let absent = absent.attributes.get(class);
        let known = output.iter().filter(|code| !absent.is_some_and(|absent| absent.contains(**code)));
        known.copied().collect::<Vec<_>>().join(",")
    }

    /// Whether this class turned out not to be there: sites choose which modules of iTop they install.
    pub(super) fn lacks(&self, class: &str) -> bool {
        hold(&self.absent).classes.contains(class)
    }

    pub(super) async fn exchange(
        &self,
        request: crate::backend::http::client::Request,
    ) -> Result<(Answer, Option<Timestamp>), Failure> {
        let _turn = self.turns.acquire().await.map_err(|_| Error::Offline("the desk is closing.".into()))?;
        let answer = self.client.json::<Option<Answer>>(request).await?;
        let date = answer.head.date();
        Ok((answer.body.unwrap_or_default(), date))
    }
}

/// The words of a refusal.
pub(super) fn said(failure: &Failure) -> String {
    let answer = failure.reply.as_ref().and_then(|reply| serde_json::from_slice::<Answer>(&reply.body).ok());
    answer.and_then(|answer| answer.message).unwrap_or_default()
}
