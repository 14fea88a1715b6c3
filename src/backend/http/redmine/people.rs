//! Numbers of people and groups, and the names that we call them by: a person's log-in, a group's name.

use std::collections::BTreeMap;

use super::wire::{Named, User};
use crate::backend::http::words::named;
use crate::domain::directory::{Level, Person};
use crate::domain::name::Name;

/// Who is known.
#[derive(Debug, Clone, Default)]
pub struct People {
    people: BTreeMap<u64, Person>,
    groups: BTreeMap<u64, Name>,
    me: Option<u64>,
}

impl People {
    pub fn add(&mut self, user: &User) {
        let full = format!("{} {}", user.firstname, user.lastname);
        let full = Name::new(full.trim());
        let login = if user.login.is_empty() { full.clone() } else { Name::new(&user.login) };
        let email = user.mail.as_deref().and_then(named);
        self.people.insert(user.id, Person { email, ..Person::named(login, full) });
    }

    /// Somebody whose log-in cannot be read is called by the full name.
    pub fn add_unseen(&mut self, who: &Named) {
        let name = Name::new(&who.name);
        self.people.entry(who.id).or_insert_with(|| Person::named(name.clone(), name));
    }

    pub fn add_group(&mut self, group: &Named) {
        self.groups.insert(group.id, Name::new(&group.name));
    }

    /// Whoever may change issues belongs to the desk.
    pub fn set_staff(&mut self, id: u64) {
        if let Some(person) = self.people.get_mut(&id) {
            person.level = Some(Level::Engineer);
        }
    }

    pub fn set_me(&mut self, id: u64) {
        self.me = Some(id);
    }

    pub fn is_me(&self, id: u64) -> bool {
        self.me == Some(id)
    }

    pub fn knows(&self, id: u64) -> bool {
        self.people.contains_key(&id) || self.groups.contains_key(&id)
    }

    pub fn group(&self, id: u64) -> Option<&Name> {
        self.groups.get(&id)
    }

    /// The log-in of that number.
    pub fn login(&self, id: u64) -> Option<&Name> {
        self.people.get(&id).map(|person| &person.login)
    }

    pub fn full_name(&self, id: u64) -> Option<&Name> {
        self.people.get(&id).map(|person| &person.name)
    }

    pub fn is_staff(&self, id: u64) -> bool {
        self.people.get(&id).is_some_and(|person| person.level.is_some())
    }

    /// What somebody in an answer is called.
    pub fn called(&self, who: &Named) -> Name {
        let known = self.login(who.id).or_else(|| self.group(who.id)).cloned();
        known.unwrap_or_else(|| Name::new(&who.name))
    }

    /// The number of somebody by log-in, else by full name.
    pub fn number(&self, name: &str) -> Option<u64> {
        let by =
            |fits: &dyn Fn(&Person) -> bool| self.people.iter().find(|(_, person)| fits(person)).map(|(id, _)| *id);
        by(&|person| person.login.as_str() == name).or_else(|| by(&|person| person.name.as_str() == name))
    }

    pub fn group_number(&self, name: &str) -> Option<u64> {
        self.groups.iter().find(|(_, group)| group.eq_ignore_ascii_case(name)).map(|(id, _)| *id)
    }

    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    pub fn groups(&self) -> impl Iterator<Item = &Name> {
        self.groups.values()
    }
}
