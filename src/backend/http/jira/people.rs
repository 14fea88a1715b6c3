//! People and what we call them: by their log-in on Data Center, by their full name on Cloud, whose accounts have no other.

use std::collections::BTreeMap;

use super::wire::User;
use crate::domain::directory::{Level, Person};
use crate::domain::name::Name;

/// Who is known, by account id or log-in.
#[derive(Debug, Clone, Default)]
pub struct People {
    people: BTreeMap<String, Person>,
    numbers: BTreeMap<Name, String>,
}

/// As many letters of an account as tell two people of one name apart.
const TELLING: usize = 6;

impl People {
    /// Learns somebody; who belongs to the desk can be assigned.
    pub fn add(&mut self, user: &User, staff: bool) {
        let number = user.number();
        if number.is_empty() {
            return;
        }
        if let Some(known) = self.people.get_mut(number) {
            if staff {
                known.level = Some(Level::Engineer);
            }
            return;
        }
        let full = Name::new(user.display_name.as_deref().unwrap_or(number));
        let mut login = if user.account_id.is_some() { full.clone() } else { Name::new(number) };
        if self.numbers.contains_key(&login) {
            let start = number.char_indices().rev().nth(TELLING - 1).map_or(0, |(at, _)| at);
            login = Name::new(&format!("{login} ({})", number.get(start..).unwrap_or(number)));
        }
        self.numbers.insert(login.clone(), number.to_owned());
        let email = user.email_address.as_deref().map(Name::new).filter(|mail| !mail.is_empty());
        let person = Person { level: staff.then_some(Level::Engineer), email, ..Person::named(login, full) };
        self.people.insert(number.to_owned(), person);
    }

    /// What somebody in an answer is called.
    pub fn called(&self, user: &User) -> Name {
        let known = self.people.get(user.number()).map(|person| person.login.clone());
        known.unwrap_or_else(|| Name::new(user.display_name.as_deref().unwrap_or(user.number())))
    }

    /// What somebody is called of whom only the account is told.
    pub fn by_number(&self, number: &str) -> Option<&Name> {
        self.people.get(number).map(|person| &person.login)
    }

    /// The account of that name.
    pub fn number(&self, name: &str) -> Option<&str> {
        self.numbers.get(&Name::new(name)).map(String::as_str)
    }

    pub fn is_staff(&self, number: &str) -> bool {
        self.people.get(number).is_some_and(|person| person.level.is_some())
    }

    pub fn all(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }
}
