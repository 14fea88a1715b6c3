//! What an instance does to a record when somebody writes: its rules, policies, journals, trails and clocks.

use jiff::{SignedDuration, Timestamp};

use super::world::{Row, TASKS, World, now, stamp};

/// Status, message, detail.
pub type Refused = (u16, String, String);

fn refused(detail: &str) -> Refused {
    (403, "Operation Failed".into(), detail.into())
}

fn mandatory(labels: &str) -> Refused {
    refused(&format!("Data Policy Exception: The following fields are mandatory: {labels}"))
}

fn aborted(table: &str, rule: &str) -> Refused {
    refused(&format!(
        "Operation against file '{table}' was aborted by Business Rule '{rule}^5a1b2c3d4e5f60718293a4b5c6d7e8f9'. Business Rule Stack:{rule}"
    ))
}

fn may_write(user: &str, what: &str) -> Result<(), Refused> {
    if matches!(user, "reed.only" | "nora.none" | "rita.caller") {
        return Err(refused(&format!("ACL Exception {what} Failed due to security constraints")));
    }
    Ok(())
}

impl World {
    pub fn insert(&mut self, table: &str, values: &Row, user: &str) -> Result<String, Refused> {
        may_write(user, "Insert")?;
        let prefix = match table {
            "incident" => "INC",
            "problem" => "PRB",
            "change_request" => "CHG",
            "sc_req_item" => "RITM",
            "sc_task" => "SCTASK",
            "sc_request" => "REQ",
            _ => "",
        };
        let count = self.rows(table).len() + self.rows("sys_audit_delete").len() + 10_001;
        let number = format!("{prefix}{count:07}");
        let me = self.by("sys_user", "user_name", user).map_or(String::new(), |row| row["sys_id"].clone());
        let state = match table {
            "problem" => "101",
            "change_request" => "-5",
            _ => "1",
        };
        let mut first = vec![("sys_created_by", user), ("sys_updated_by", user)];
        let at = now();
        if TASKS.contains(&table) {
            first.extend([
                ("number", number.as_str()),
                ("state", state),
                ("active", "true"),
                ("impact", "3"),
                ("urgency", "3"),
                ("priority", "5"),
                ("opened_at", &at),
                ("opened_by", &me),
            ]);
            if table == "change_request" {
                first.extend([("type", "normal"), ("on_hold", "false"), ("risk", "3"), ("approval", "not requested")]);
            }
        } else if table == "sc_request" {
            first.push(("number", &number));
        }
        let sys_id = self.put(table, &first);
        let written = self.rules(table, &sys_id, values, user, true);
        if written.is_err() {
            self.tables.get_mut(table).unwrap().retain(|row| row["sys_id"] != sys_id);
        } else if table == "incident" {
            self.promise(&sys_id);
        }
        written.map(|()| sys_id)
    }

    pub fn update(&mut self, table: &str, sys_id: &str, values: &Row, user: &str) -> Result<(), Refused> {
        may_write(user, "Update")?;
        self.rules(table, sys_id, values, user, false)
    }

    pub fn delete(&mut self, table: &str, sys_id: &str, user: &str) -> Result<(), Refused> {
        may_write(user, "Delete")?;
        let number = self.find(table, sys_id).and_then(|row| row.get("number").cloned()).unwrap_or_default();
        for rows in self.tables.values_mut() {
            rows.retain(|row| {
                row["sys_id"] != sys_id
                    && row.get("element_id").is_none_or(|held| held != sys_id)
                    && row.get("task").is_none_or(|held| held != sys_id)
            });
        }
        self.put("sys_audit_delete", &[("tablename", table), ("documentkey", sys_id), ("display_value", &number)]);
        Ok(())
    }

    fn rules(&mut self, table: &str, sys_id: &str, values: &Row, user: &str, new: bool) -> Result<(), Refused> {
        let Some(before) = self.find(table, sys_id).cloned() else {
            return Err((
                404,
                "No Record found".into(),
                "Record doesn't exist or ACL restricts the record retrieval".into(),
            ));
        };
        let mut after = before.clone();
        for (column, value) in values {
            let own = column.starts_with("sys_")
                || matches!(column.as_str(), "number" | "comments" | "work_notes")
                || column == "opened_by" && !new;
            if !own && before.contains_key(column) && !self.read_only.contains(column) {
                after.insert(column.clone(), value.clone());
            }
        }
        if TASKS.contains(&table) {
            self.task_rules(table, &before, &mut after, values, user, new)?;
        }
        if table == "sysapproval_approver" && before["state"] != after["state"] {
            self.approved(&after, user)?;
        }
        let said: Vec<(&str, String)> = ["comments", "work_notes"]
            .into_iter()
            .filter(|_| TASKS.contains(&table))
            .filter_map(|element| Some((element, values.get(element)?.clone())).filter(|(_, text)| !text.is_empty()))
            .collect();
        // Without a change nothing is written and nothing is counted.
        if after == before && said.is_empty() {
            return Ok(());
        }
        let at = now();
        if !new {
            let count = after["sys_mod_count"].parse::<u64>().unwrap_or(0) + 1;
            after.insert("sys_mod_count".into(), count.to_string());
        }
        after.insert("sys_updated_on".into(), at.clone());
        after.insert("sys_updated_by".into(), user.into());
        if TASKS.contains(&table) && !new {
            for (column, value) in &after {
                if !column.starts_with("sys_") && before[column] != *value {
                    let trail = [
                        ("tablename", table),
                        ("documentkey", sys_id),
                        ("fieldname", column),
                        ("oldvalue", &before[column]),
                        ("newvalue", value),
                        ("user", user),
                        ("record_checkpoint", &after["sys_mod_count"]),
                    ];
                    self.put("sys_audit", &trail);
                }
            }
        }
        for (element, text) in said {
            self.put(
                "sys_journal_field",
                &[
                    ("name", table),
                    ("element", element),
                    ("element_id", sys_id),
                    ("value", &text),
                    ("sys_created_by", user),
                    ("sys_created_on", &at),
                ],
            );
        }
        if before.get("state") != after.get("state") {
            self.clocks(sys_id, &after["state"]);
        }
        *self.row_mut(table, sys_id).unwrap() = after;
        Ok(())
    }

    fn task_rules(
        &self,
        table: &str,
        before: &Row,
        after: &mut Row,
        sent: &Row,
        user: &str,
        new: bool,
    ) -> Result<(), Refused> {
        let (from, to) = (before["state"].clone(), after["state"].clone());
        let moved = from != to;
        let lacks = |row: &Row, column: &str| row[column].is_empty();
        match table {
            "incident" => {
                if moved && to == "6" && (lacks(after, "close_code") || lacks(after, "close_notes")) {
                    return Err(mandatory("Resolution code, Resolution notes"));
                }
                if moved && to == "3" && lacks(after, "hold_reason") {
                    return Err(mandatory("On hold reason"));
                }
                if moved
                    && to == "3"
                    && after["hold_reason"] == "1"
                    && sent.get("comments").is_none_or(String::is_empty)
                {
                    return Err(mandatory("Additional comments"));
                }
                if moved && to == "7" && user != "ines.incident" {
                    return Err(aborted(table, "Check close"));
                }
                if moved && to == "6" {
                    after.insert("resolved_at".into(), now());
                }
                if moved && from == "6" && to == "2" {
                    after.insert("resolved_at".into(), String::new());
                }
                after.insert("incident_state".into(), to.clone());
                let sum =
                    after["impact"].parse::<i64>().unwrap_or(3) + after["urgency"].parse::<i64>().unwrap_or(3) - 1;
                after.insert("priority".into(), sum.clamp(1, 5).to_string());
            }
            "problem" => {
                if moved && self.frozen_problems {
                    after.insert("state".into(), from.clone());
                } else if moved && self.owned_problems && lacks(after, "assigned_to") {
                    return Err(mandatory("Assigned to"));
                }
                after.insert("priority".into(), "4".into());
            }
            "change_request" if moved && !new => {
                if !self.next_states(before).contains(&to.as_str()) {
                    // No error: it stays where it is.
                    after.insert("state".into(), from.clone());
                } else if to == "3" && (lacks(after, "close_code") || lacks(after, "close_notes")) {
                    return Err(mandatory("Close code, Close notes"));
                }
            }
            _ => {}
        }
        let state = after["state"].clone();
        let over = match table {
            "incident" => ["7", "8"].contains(&state.as_str()),
            "problem" => state == "107",
            _ => ["3", "4", "7"].contains(&state.as_str()),
        };
        if over != (before["active"] == "false") {
            after.insert("active".into(), (!over).to_string());
            after.insert("closed_at".into(), if over { now() } else { String::new() });
        }
        Ok(())
    }

    /// Where a change may go by hand.
    pub fn next_states(&self, row: &Row) -> Vec<&'static str> {
        if row["on_hold"] == "true" {
            return vec!["4"];
        }
        match row["state"].as_str() {
            "-5" if row["assignment_group"].is_empty() => vec!["4"],
            "-5" => vec!["-4", "4"],
            "-4" | "-3" => vec!["4"],
            "-2" => vec!["-1", "4"],
            "-1" => vec!["0", "4"],
            "0" => vec!["3"],
            _ => vec![],
        }
    }

    fn approved(&mut self, approval: &Row, user: &str) -> Result<(), Refused> {
        let mine = self.by("sys_user", "user_name", user).is_some_and(|row| row["sys_id"] == approval["approver"]);
        if !mine {
            return Err(refused("ACL Exception Update Failed due to security constraints"));
        }
        if approval["state"] == "rejected" && approval["comments"].is_empty() {
            return Err(mandatory("Comments"));
        }
        let change = approval["sysapproval"].clone();
        let Some(row) = self.row_mut("change_request", &change) else { return Ok(()) };
        let next = match (approval["state"].as_str(), row["state"].as_str()) {
            ("approved", "-4") => "-3",
            ("approved", "-3") => "-2",
            ("rejected", _) => "-5",
            _ => return Ok(()),
        };
        row.insert("state".into(), next.into());
        row.insert("sys_updated_on".into(), now());
        let count = row["sys_mod_count"].parse::<u64>().unwrap_or(0) + 1;
        row.insert("sys_mod_count".into(), count.to_string());
        Ok(())
    }

    /// A target is promised for a new incident.
    fn promise(&mut self, task: &str) {
        let sla = self
            .by("contract_sla", "name", "Priority 3 resolution (1 day)")
            .map_or(String::new(), |row| row["sys_id"].clone());
        let end = stamp(Timestamp::now() + SignedDuration::from_hours(24));
        let start = now();
        self.put(
            "task_sla",
            &[
                ("task", task),
                ("sla", &sla),
                ("stage", "in_progress"),
                ("active", "true"),
                ("has_breached", "false"),
                ("start_time", &start),
                ("planned_end_time", &end),
                ("business_time_left", "1970-01-02 00:00:00"),
            ],
        );
    }

    /// Clocks follow the state; the task does not move with them.
    fn clocks(&mut self, task: &str, state: &str) {
        for row in self.tables.entry("task_sla".into()).or_default().iter_mut().filter(|row| row["task"] == task) {
            let stage = match state {
                "3" => "paused",
                "6" | "7" => "completed",
                "8" => "cancelled",
                _ => "in_progress",
            };
            row.insert("stage".into(), stage.into());
            row.insert("sys_updated_on".into(), now());
        }
    }
}
