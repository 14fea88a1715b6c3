//! Names for what iTop knows by number: people and tickets. Pure; what the calls have read is kept here.
//!
//! Agents may not read users, so a person is known by the friendly name that stands in tickets and logs. Two people of
//! one name are told apart by their number: `Ann Lee (76)`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::name::{Name, TicketId};

/// What an external key holds that points at nothing.
pub const NONE: &str = "0";

/// Which object a ticket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The concrete class.
    pub class: String,
    pub key: String,
}

/// Me, as far as iTop tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    pub name: Name,
    /// As logs write it.
    pub display: String,
    /// None when the account has no contact.
    pub person: Option<String>,
    /// My organisation.
    pub org: Option<String>,
}

/// What was read so far.
#[derive(Debug, Default)]
pub struct Names {
    people: BTreeMap<String, BTreeSet<String>>,
    places: HashMap<TicketId, Place>,
    refs: HashMap<String, String>,
    pub me: Option<Me>,
    /// Teams: name to number.
    pub teams: BTreeMap<String, String>,
    /// Numbers of teams, each with the numbers of its members.
    pub members: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    /// The name of that person. What is seen once is known from then on.
    pub fn person(&mut self, number: &str, friendly: &str) -> Name {
        let plain = Name::new(friendly);
        let plain = if plain.is_empty() { Name::new(&format!("person {number}")) } else { plain };
        let known = self.people.entry(plain.as_str().to_owned()).or_default();
        known.insert(number.to_owned());
        if known.len() > 1 { Name::new(&format!("{plain} ({number})")) } else { plain }
    }

    /// The numbers of those who may be meant by a name.
    pub fn people_called(&self, name: &str) -> Vec<String> {
        self.people.get(name).map(|all| all.iter().cloned().collect()).unwrap_or_default()
    }

    /// Who wrote a log's line: logs know display names only.
    pub fn writer(&self, display: &str) -> Name {
        match &self.me {
            Some(me) if me.display == display => me.name.clone(),
            _ => Name::new(display),
        }
    }

    /// The identifier of that ticket: its reference, which iTop lets be empty, changed, and given twice. A second ticket
    /// with the same one is told apart by its number.
    pub fn ticket(&mut self, class: &str, key: &str, reference: &str) -> TicketId {
        let plain = Name::new(reference);
        let holder = self.refs.entry(plain.as_str().to_owned()).or_insert_with(|| key.to_owned());
        let own = holder == key && !plain.is_empty();
        let id = if own { TicketId::new(&plain) } else { TicketId::new(&format!("{plain}~{key}")) };
        self.places.insert(id.clone(), Place { class: class.to_owned(), key: key.to_owned() });
        id
    }

    /// That ticket holds this reference from now on, unless another does.
    pub fn hold(&mut self, reference: &str, key: &str) {
        let holder = self.refs.entry(Name::new(reference).as_str().to_owned()).or_default();
        if holder.is_empty() {
            key.clone_into(holder);
        }
    }

    /// Somebody holds this reference, and it is not known who.
    pub fn shared(&mut self, reference: &str) {
        self.refs.entry(Name::new(reference).as_str().to_owned()).or_default();
    }

    pub fn place(&self, id: &TicketId) -> Option<&Place> {
        self.places.get(id)
    }

    /// The identifier of an object that was seen.
    pub fn id_at(&self, class: &str, key: &str) -> Option<TicketId> {
        let is_it = |place: &Place| place.class == class && place.key == key;
        self.places.iter().find(|(_, place)| is_it(place)).map(|(id, _)| id.clone())
    }

    /// It is not there any more.
    pub fn forget(&mut self, id: &TicketId) {
        if let Some(place) = self.places.remove(id) {
            self.refs.retain(|_, key| *key != place.key);
        }
    }

    pub fn is_member(&self, team: &str, person: &str) -> bool {
        self.members.get(team).is_some_and(|members| members.contains(person))
    }

    /// The teams of a person.
    pub fn teams_of<'n>(&'n self, person: &str) -> Vec<&'n str> {
        let of = self.members.iter().filter(|(_, members)| members.contains(person));
        of.map(|(team, _)| team.as_str()).collect()
    }

    pub fn team_name<'n>(&'n self, number: &'n str) -> &'n str {
        self.teams.iter().find(|(_, known)| *known == number).map_or(number, |(name, _)| name)
    }
}

/// The number that a name carries to be told from others: `Ann Lee (76)`, `I-000012~340`.
pub fn number_in(name: &str) -> Option<&str> {
    let inner = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("))?.1;
    (!inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit())).then_some(inner)
}

/// The same for tickets.
pub fn key_in(id: &TicketId) -> Option<&str> {
    let key = id.as_str().rsplit_once('~')?.1;
    (!key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())).then_some(key)
}
