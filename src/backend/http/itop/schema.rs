//! Who I am, who and what there is to choose from. A handful of requests, whatever the size of the desk.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::names::Me;
use super::wire::Object;
use super::{Itop, oql};
use crate::backend::http::client::Credential;
use crate::backend::http::words::named;
use crate::backend::{Error, Result, Schema};
use crate::domain::directory::{Category, Directory, Group, Level, Person, Service};
use crate::domain::field::Field;
use crate::domain::name::Name;
use crate::text::Clean;

impl Itop {
    /// See `Tracker::schema`.
    pub(super) async fn told(&self) -> Result<Schema> {
        let me = self.who().await?;
        let name = me.name.clone();
        self.names().me = Some(me);
        let memberships = self.all("lnkPersonToTeam", "", &["person_id", "team_id", "person_id_friendlyname"]).await?;
        let teams = self.all("Team", "", &["friendlyname", "status"]).await?;
        let staff: BTreeSet<&str> = memberships.iter().map(|link| link.text("person_id")).collect();
        let people = if staff.is_empty() {
            Vec::new()
        } else {
            let output =
                ["friendlyname", "status", "email", "phone", "org_id_friendlyname", "location_id_friendlyname"];
            self.all("Person", &oql::any_of("id", &staff), &output).await?
        };
        let services = self.all("Service", "", &["friendlyname", "status"]).await?;
        let categories = self.all("ServiceSubcategory", "", &["friendlyname", "status"]).await?;
        let mut names = self.names();
        names.teams = teams
            .iter()
            .map(|team| (Name::new(team.text("friendlyname")), &team.key))
            .map(|(name, key)| (name.as_str().to_owned(), key.clone()))
            .collect();
        names.members = members(&memberships);
        let team_names: BTreeMap<String, Name> =
            teams.iter().map(|team| (team.key.clone(), Name::new(team.text("friendlyname")))).collect();
        // Twice: a second person of one name gives the first one a number, too.
        let _ = people.iter().map(|one| names.person(&one.key, one.text("friendlyname"))).count();
        let person = |one: &Object| {
            let login = names.person(&one.key, one.text("friendlyname"));
            let groups = names.teams_of(&one.key).into_iter().filter_map(|team| team_names.get(team).cloned());
            let groups = groups.collect();
            let told = |code: &str| named(one.text(code));
            Person {
                level: Some(Level::Engineer),
                groups,
                department: told("org_id_friendlyname"),
                location: told("location_id_friendlyname"),
                phone: told("phone"),
                email: told("email"),
                ..Person::named(login, Name::new(one.text("friendlyname")))
            }
        };
        let active = |one: &&Object| !matches!(one.text("status"), "inactive" | "obsolete");
        let people = people.iter().filter(active).map(person).collect();
        drop(names);
        let name_of = |one: &Object| Name::new(one.text("friendlyname"));
        let mut categories: Vec<Category> =
            categories.iter().filter(active).map(name_of).map(Category::named).collect();
        categories.sort_by(|one, other| one.name.cmp(&other.name));
        categories.dedup_by(|one, other| one.name == other.name);
        // iTop cannot be asked for them: they are those that the mapping names.
        let choices = |field: &Field| self.setup.mapping.values_of(field).into_iter().collect();
        let directory = Directory {
            name: Clean::line("iTop"),
            people,
            groups: teams.iter().filter(active).map(name_of).map(Group::named).collect(),
            services: services.iter().filter(active).map(name_of).map(Service::named).collect(),
            categories,
            channels: choices(&Field::Channel),
            resolution_codes: choices(&Field::ResolutionCode),
            catalog_items: choices(&Field::CatalogItem),
            ..Directory::default()
        };
        Ok(self.setup.schema(name, directory))
    }

    /// The contact of this account; the account's own name where it has none.
    pub(super) async fn who(&self) -> Result<Me> {
        let key = json!("SELECT Person WHERE id = :current_contact_id");
        let found = self.get("Person", &key, &["friendlyname", "org_id"], 1).await?;
        Ok(match found.objects.0.first() {
            Some(person) => {
                let display = person.text("friendlyname").to_owned();
                let name = self.names().person(&person.key, &display);
                let org = Some(person.text("org_id").to_owned());
                Me { name, display, person: Some(person.key.clone()), org }
            }
            None => {
                let user = match &self.client.site().credential {
                    Credential::Form { user, .. } | Credential::Basic { user, .. } => user.as_str(),
                    _ => "me",
                };
                Me { name: Name::new(user), display: user.to_owned(), person: None, org: None }
            }
        })
    }

    /// All objects of a class; none where it may not be read, or where this iTop has no such class.
    async fn all(&self, class: &str, condition: &str, output: &[&str]) -> Result<Vec<Object>> {
        let condition = if condition.is_empty() { String::new() } else { format!(" WHERE {condition}") };
        match self.get(class, &json!(format!("SELECT {class}{condition}")), output, 0).await {
            Ok(answer) => Ok(answer.objects.0),
            Err(Error::Forbidden(why) | Error::Invalid { reason: why, .. } | Error::Unsupported(why)) => {
                tracing::warn!("{class} cannot be read: {why}");
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }
}

fn members(links: &[Object]) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for link in links {
        all.entry(link.text("team_id").to_owned()).or_default().insert(link.text("person_id").to_owned());
    }
    all
}
