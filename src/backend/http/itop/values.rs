//! From our values to iTop's: names to numbers, words to HTML, instants to local times.

use serde_json::{Map, Value as Json, json};

use super::map::{self, Native};
use super::model::{self, Sort};
use super::names::number_in;
use super::plan::no_place;
use super::wire::Object;
use super::{Itop, oql, time};
use crate::backend::{Error, Result};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::text::to_html;

/// Bytes of a text, as iTop has wrapped it.
const LONGEST_TEXT: usize = 65_500;
/// Characters of a title.
const LONGEST_TITLE: usize = 255;

impl Itop {
    /// Puts a field into what is sent.
    ///
    /// # Errors
    /// iTop has no place for it, or what it names is not there, or there is more than one of that name.
    pub(super) async fn put(
        &self,
        kind: Kind,
        native: &Native,
        field: &Field,
        value: Option<&Value>,
        out: &mut Map<String, Json>,
    ) -> Result<()> {
        let mapping = &self.setup.mapping;
        if *field == Field::PriorityOverride {
            // It computes: what is written there is taken and forgotten.
            return if value.is_none() { Ok(()) } else { Err(computed()) };
        }
        let Some(attribute) = model::attribute(mapping, kind, &native.class, field) else {
            return if value.is_none() { Ok(()) } else { Err(no_place(field, kind)) };
        };
        let sort = model::sort(mapping, attribute);
        let words = value.map(|value| mapping.to_native(kind, field, value)).unwrap_or_default();
        let json = match (&sort, value) {
            (Sort::Class, Some(_)) if native.class.is_empty() || native.class == words => return Ok(()),
            (Sort::Class, _) => {
                let why = format!("A {kind} keeps its class in iTop: make a new one as {words}.");
                return Err(Error::invalid(field.name(), why));
            }
            (Sort::Choice, None) => {
                return Err(Error::invalid(field.name(), format!("iTop cannot leave {} empty.", field.name())));
            }
            (Sort::Choice, Some(value)) if mapping.is_of_another_kind(kind, field, value) => {
                let ours = mapping.spellings(kind, field).into_iter().flat_map(|values| values.keys());
                let ours = ours.map(String::as_str).collect::<Vec<_>>().join(", ");
                let why = format!("In iTop a {kind} cannot have {value} there. It takes {ours}.");
                return Err(Error::invalid(field.name(), why));
            }
            (Sort::Key(_), _) if words.is_empty() => json!(0),
            (_, None) => json!(""),
            (Sort::Html, Some(_)) => json!(fitting(field, to_html(&words))?),
            (Sort::Time, Some(Value::Time(at))) => json!(time::write(*at, &self.setup.zone)),
            (Sort::Time, Some(_)) => json!(time::typed(&words).ok_or_else(|| {
                let why = format!("“{words}” is no time. Write it as 2026-12-01 14:30, on iTop's clocks.");
                Error::invalid(field.name(), why)
            })?),
            (Sort::Key(class), _) if class == "ServiceSubcategory" => {
                return self.category(kind, native, field, attribute, &words, out).await;
            }
            (Sort::Key(class), _) if class == "Person" => json!(self.person(&Name::new(&words)).await?),
            (Sort::Key(class), _) => json!(self.key_of(class, &words, field.name()).await?),
            _ if *field == Field::Title && words.chars().count() > LONGEST_TITLE => {
                let why = format!("iTop takes {LONGEST_TITLE} characters at most. Shorten the title.");
                return Err(Error::invalid(field.name(), why));
            }
            _ => json!(words),
        };
        out.insert(attribute.to_owned(), json);
        Ok(())
    }

    /// A category belongs to a service and is for incidents or for requests; iTop itself would take any other.
    async fn category(
        &self,
        kind: Kind,
        native: &Native,
        field: &Field,
        attribute: &str,
        name: &str,
        out: &mut Map<String, Json>,
    ) -> Result<()> {
        let key = format!("SELECT ServiceSubcategory WHERE friendlyname = {}", oql::quote(name));
        let output = ["friendlyname", "service_id", "request_type"];
        let mut found = self.get("ServiceSubcategory", &json!(key), &output, 50).await?;
        let is_for = |one: &Object| match kind {
            Kind::Incident => one.text("request_type") == "incident",
            Kind::Request => one.text("request_type") == "service_request",
            Kind::Problem | Kind::Change => true,
        };
        // Where there is none for this sort, as with simple tickets, the other will do.
        if found.objects.0.iter().any(is_for) {
            found.objects.0.retain(is_for);
        }
        let service = out.get("service_id").and_then(Json::as_str).unwrap_or(&native.service).to_owned();
        let mut all = found.objects.0.iter();
        let chosen = if map::is_set(&service) {
            all.find(|one| one.text("service_id") == service)
        } else {
            all.next().filter(|_| found.objects.0.len() == 1)
        };
        let Some(chosen) = chosen else {
            let why = match found.objects.0.len() {
                0 => format!("There is no category {name} in iTop."),
                _ if map::is_set(&service) => format!("{name} is no category of this ticket's service."),
                _ => format!("Several services have a category {name}. Set the service, too."),
            };
            return Err(Error::invalid(field.name(), why));
        };
        if !map::is_set(&service) {
            out.insert("service_id".into(), json!(chosen.text("service_id")));
        }
        out.insert(attribute.to_owned(), json!(chosen.key));
        Ok(())
    }

    /// The number of a person: by the number in the name, by what was read before, else asked for by name or address.
    pub(super) async fn person(&self, name: &Name) -> Result<String> {
        if let Some(number) = number_in(name) {
            return Ok(number.to_owned());
        }
        let (me, known) = {
            let names = self.names();
            (names.me.clone(), names.people_called(name))
        };
        if let Some(me) = me.filter(|me| me.name == *name) {
            let why = "Your account in iTop has no contact, so tickets cannot be yours. Ask its administrator for one.";
            return me.person.ok_or_else(|| Error::invalid("owner", why));
        }
        if let [only] = known.as_slice() {
            return Ok(only.clone());
        }
        let quoted = oql::quote(name);
        let key = format!("SELECT Person WHERE friendlyname = {quoted} OR email = {quoted}");
        let found = self.get("Person", &json!(key), &["friendlyname", "email"], 10).await?;
        let mut names = self.names();
        let all: Vec<Name> =
            found.objects.0.iter().map(|one| names.person(&one.key, one.text("friendlyname"))).collect();
        drop(names);
        match found.objects.0.as_slice() {
            [only] => Ok(only.key.clone()),
            [] => Err(Error::invalid("person", format!("There is nobody called {name} in iTop."))),
            _ => {
                let keys = found.objects.0.iter().zip(all).map(|(one, _)| format!("{name} ({})", one.key));
                let keys = keys.collect::<Vec<_>>().join(", ");
                Err(Error::invalid("person", format!("Several people are called {name}. Choose one: {keys}.")))
            }
        }
    }

    /// The number of what has that name.
    pub(super) async fn key_of(&self, class: &str, name: &str, field: &str) -> Result<String> {
        if class == "Team"
            && let Some(number) = self.names().teams.get(name)
        {
            return Ok(number.clone());
        }
        if let Some(number) = number_in(name) {
            return Ok(number.to_owned());
        }
        let key = format!("SELECT {class} WHERE friendlyname = {}", oql::quote(name));
        let found = self.get(class, &json!(key), &["friendlyname"], 3).await?;
        match found.objects.0.as_slice() {
            [only] => Ok(only.key.clone()),
            [] => Err(Error::invalid(field, format!("There is no {field} called {name} in iTop."))),
            several => {
                let keys: Vec<String> = several.iter().map(|one| format!("{name} ({})", one.key)).collect();
                Err(Error::invalid(field, format!("iTop has several called {name}. Choose one: {}.", keys.join(", "))))
            }
        }
    }
}

fn fitting(field: &Field, html: String) -> Result<String> {
    if html.len() <= LONGEST_TEXT {
        return Ok(html);
    }
    Err(Error::invalid(field.name(), "iTop takes 65,535 bytes of text at most. Shorten it, or attach it as a file."))
}

fn computed() -> Error {
    let why = "iTop computes the priority from impact and urgency and ignores what is written there. Set those.";
    Error::invalid(Field::PriorityOverride.name(), why)
}
