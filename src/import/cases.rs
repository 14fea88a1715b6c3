//! Rows brought together by the ticket that they speak of.

use std::collections::{HashMap, HashSet};

use crate::import::mapping::Plan;
use crate::import::row::{Bad, Row};

/// The rows of one ticket, in the order of the file.
#[derive(Debug)]
pub struct Case {
    pub id: String,
    pub rows: Vec<Row>,
}

/// Cases in the making.
#[derive(Debug)]
pub struct Cases<'p> {
    plan: &'p Plan<'p>,
    grouped: bool,
    open: Vec<Case>,
    places: HashMap<String, usize>,
    /// Of a grouped file: cases that are over.
    over: HashSet<String>,
}

impl<'p> Cases<'p> {
    pub fn new(plan: &'p Plan<'p>) -> Self {
        let grouped = plan.mapping.log.case.grouped;
        Self { plan, grouped, open: Vec::new(), places: HashMap::new(), over: HashSet::new() }
    }

    /// Takes a row; hands out the case that it ends, where rows are grouped.
    pub fn take(&mut self, row: Row) -> Result<Option<Case>, Bad> {
        let line = row.line;
        let id = self.plan.id.text(&row).map_err(|reason| Bad::new(line, reason))?;
        let Some(id) = id.map(std::borrow::Cow::into_owned) else {
            return Err(Bad::new(line, format!("{}: it does not say which case it belongs to", self.plan.id.key)));
        };
        if !self.grouped {
            self.put(id, row);
            return Ok(None);
        }
        match self.open.last_mut() {
            Some(case) if case.id == id => {
                case.rows.push(row);
                return Ok(None);
            }
            _ => {}
        }
        if self.over.contains(&id) {
            let say = format!("case {id} comes again after other cases; set `case.grouped = false` in the mapping");
            return Err(Bad::new(line, say));
        }
        let done = self.open.pop();
        if let Some(done) = &done {
            self.over.insert(done.id.clone());
        }
        self.open.push(Case { id, rows: vec![row] });
        Ok(done)
    }

    fn put(&mut self, id: String, row: Row) {
        match self.places.get(&id) {
            Some(place) => self.open[*place].rows.push(row),
            None => {
                self.places.insert(id.clone(), self.open.len());
                self.open.push(Case { id, rows: vec![row] });
            }
        }
    }

    /// The cases that no row ended, in the order of their first rows.
    pub fn rest(self) -> Vec<Case> {
        self.open
    }
}
