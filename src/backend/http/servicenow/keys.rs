//! Names to keys: people, groups, tickets and other records, each asked for where it is not known.

use super::ServiceNow;
use super::calls::Ask;
use super::query::Query;
use super::wire::Row;
use crate::backend::{Error, Result};
use crate::domain::field::Field;
use crate::domain::name::{Name, TicketId};

impl ServiceNow {
    pub(super) async fn person_key(&self, login: &Name, field: &str) -> Result<String> {
        if let Some(key) = self.facts().people.get(login.as_str()) {
            return Ok(key.clone());
        }
        let query = Query::new().is("user_name", login).to_string();
        let got = self
            .calls
            .ask(&Ask::rows("person", "sys_user", &query, &["sys_id", "user_name", "name", "email"], 2))
            .await?;
        let Some(row) = got.rows.iter().find(|row| row.value("user_name").eq_ignore_ascii_case(login)) else {
            return Err(Error::invalid(field, format!("ServiceNow knows nobody with the log-in {login}.")));
        };
        Ok(row.value("sys_id").to_owned())
    }

    pub(super) async fn group_key(&self, name: &str) -> Result<String> {
        if let Some(key) = self.facts().groups.get(name) {
            return Ok(key.clone());
        }
        self.named("sys_user_group", name, &Field::Group).await
    }

    pub(super) async fn record_key(&self, table: &str, name: &str, field: &Field) -> Result<String> {
        self.named(table, name, field).await
    }

    pub(super) async fn named(&self, table: &str, name: &str, field: &Field) -> Result<String> {
        let query = Query::new().is("name", name).to_string();
        let got = self.calls.ask(&Ask::rows("named", table, &query, &["sys_id", "name"], 3)).await?;
        let fitting: Vec<&Row> = got.rows.iter().filter(|row| row.value("name") == name).collect();
        match fitting.as_slice() {
            [one] => Ok(one.value("sys_id").to_owned()),
            [] => Err(Error::invalid(field.name(), format!("ServiceNow knows no {} called {name}.", field.name()))),
            _ => Err(Error::invalid(
                field.name(),
                format!("Several records in {table} are called {name}; choose it in the browser."),
            )),
        }
    }

    /// Table and key of a ticket.
    pub(super) async fn ticket_key(&self, id: &TicketId) -> Result<(String, String)> {
        self.place_of(id).await.map(|native| (native.table, native.sys_id))
    }
}
