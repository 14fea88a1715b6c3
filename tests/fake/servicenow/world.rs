//! What the instance holds: tables of rows of text, and how they point at each other and are shown.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

pub type Row = BTreeMap<String, String>;

pub const PASSWORD: &str = "deskside-pass";
pub const TASKS: [&str; 5] = ["incident", "problem", "change_request", "sc_req_item", "sc_task"];

/// One instance. Everything that can be switched is public.
#[derive(Debug, Default)]
pub struct World {
    pub tables: BTreeMap<String, Vec<Row>>,
    pub files: HashMap<String, Vec<u8>>,
    /// Bearer tokens and whose they are.
    pub tokens: HashMap<String, String>,
    /// Records that rights hide from everybody but their owners: after the limit was applied.
    pub hidden: BTreeSet<String>,
    /// Tables whose rows rights hide: an empty list, no refusal.
    pub unreadable: BTreeSet<String>,
    /// Columns that may not be written: dropped without a word.
    pub read_only: BTreeSet<String>,
    /// `glide.invalid_query.returns_no_rows`.
    pub strict_queries: bool,
    /// Since Rome a problem's state does not move over the Table API.
    pub frozen_problems: bool,
    /// A problem moves only when it is somebody's.
    pub owned_problems: bool,
    pub no_batch: bool,
    pub no_change_api: bool,
    /// Changes have a type and no model: nothing is told of the conditions of their steps.
    pub typed_changes: bool,
    /// A batch serves so many and leaves the rest.
    pub serves: Option<usize>,
    /// An empty list is a 404, as in v1.
    pub version_one: bool,
    /// No X-Total-Count.
    pub uncounted: bool,
    next: u64,
}

/// Columns beside `sys_*`; what is not here does not exist.
fn columns(table: &str) -> Vec<&'static str> {
    const TASK: &str = "number short_description description state active priority impact urgency assignment_group assigned_to cmdb_ci \
        business_service location opened_at opened_by closed_at closed_by due_date parent contact_type work_notes comments approval \
        correlation_id correlation_display watch_list escalation made_sla sla_due reassignment_count close_notes";
    let own = match table {
        "incident" => {
            "caller_id category subcategory incident_state hold_reason severity resolved_at resolved_by close_code reopen_count \
            parent_incident problem_id rfc caused_by major_incident_state u_vorgang u_stoergrad u_ext_ref"
        }
        "problem" => {
            "problem_state known_error workaround cause_notes fix_notes resolution_code duplicate_of major_problem category resolved_at rfc u_kern"
        }
        "change_request" => {
            "type risk category start_date end_date work_start work_end justification implementation_plan backout_plan \
            test_plan close_code on_hold on_hold_reason conflict_status requested_by phase_state"
        }
        "sc_req_item" => "request cat_item requested_for stage quantity price",
        "sc_task" => "request_item request",
        "sys_user" => "user_name name email active time_zone phone department location vip title roles",
        "sys_user_group" => "name manager email active description",
        "sys_user_grmember" => "user group",
        "sys_choice" => "name element value label sequence inactive language dependent_value",
        "sys_dictionary" => "name element internal_type reference mandatory read_only max_length column_label active",
        "sys_db_object" => "name label super_class",
        "sys_journal_field" => "name element element_id value",
        "sys_audit" => "tablename documentkey fieldname oldvalue newvalue user record_checkpoint",
        "sys_audit_delete" => "tablename documentkey display_value",
        "task_sla" => {
            "task sla stage active has_breached start_time end_time planned_end_time percentage business_time_left time_left"
        }
        "contract_sla" => "name target type",
        "sysapproval_approver" => "sysapproval approver state comments",
        "cmdb_ci" | "cmdb_ci_service" => {
            "name serial_number asset_tag assigned_to location operational_status support_group busines_criticality"
        }
        "cmn_location" | "cmn_department" | "sc_cat_item" => "name",
        "sc_request" => "number requested_for request_state",
        "kb_knowledge" => "number short_description text wiki workflow_state article_type sys_view_count",
        "sys_attachment" => "table_name table_sys_id file_name content_type size_bytes download_link",
        _ => return Vec::new(),
    };
    let task = if TASKS.contains(&table) { TASK } else { "" };
    own.split_whitespace().chain(task.split_whitespace()).collect()
}

/// The table that a column points at.
fn target(column: &str) -> Option<&'static str> {
    Some(match column {
        "caller_id" | "assigned_to" | "opened_by" | "resolved_by" | "closed_by" | "requested_for" | "manager"
        | "user" | "approver" | "requested_by" => "sys_user",
        "assignment_group" | "group" | "support_group" => "sys_user_group",
        "problem_id" | "duplicate_of" => "problem",
        "rfc" | "caused_by" => "change_request",
        "parent" | "sysapproval" | "task" => "task",
        "parent_incident" => "incident",
        "cmdb_ci" => "cmdb_ci",
        "business_service" => "cmdb_ci_service",
        "cat_item" => "sc_cat_item",
        "request" => "sc_request",
        "request_item" => "sc_req_item",
        "sla" => "contract_sla",
        "location" => "cmn_location",
        "department" => "cmn_department",
        _ => return None,
    })
}

pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

pub fn now() -> String {
    stamp(Timestamp::now())
}

fn parsed(text: &str) -> Option<Timestamp> {
    jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text)
        .ok()?
        .to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

impl World {
    pub fn exists(&self, table: &str) -> bool {
        table == "task" || !columns(table).is_empty()
    }

    pub fn rows(&self, table: &str) -> Vec<&Row> {
        if table == "task" {
            return TASKS.iter().flat_map(|table| self.rows(table)).collect();
        }
        // Everything that looks after something is a configuration item.
        let more = if table == "cmdb_ci" { self.tables.get("cmdb_ci_service") } else { None };
        self.tables.get(table).into_iter().chain(more).flatten().collect()
    }

    pub fn find(&self, table: &str, sys_id: &str) -> Option<&Row> {
        self.rows(table).into_iter().find(|row| row["sys_id"] == sys_id)
    }

    pub fn by(&self, table: &str, column: &str, value: &str) -> Option<&Row> {
        self.rows(table).into_iter().find(|row| row.get(column).is_some_and(|held| held == value))
    }

    /// The key of whatever has that name, log-in or number.
    pub fn key(&self, table: &str, name: &str) -> String {
        let column = match table {
            "sys_user" => "user_name",
            "task" | "incident" | "problem" | "change_request" | "sc_req_item" | "sc_task" => "number",
            _ => "name",
        };
        self.by(table, column, name).unwrap_or_else(|| panic!("no {name} in {table}"))["sys_id"].clone()
    }

    pub fn fresh(&mut self) -> String {
        self.next += 1;
        // Scattered, so that keys and times have different orders.
        format!("{:016x}{:016x}", self.next.wrapping_mul(0x9e37_79b9_7f4a_7c15), self.next)
    }

    /// Puts a row in as it is, without a rule.
    pub fn put(&mut self, table: &str, values: &[(&str, &str)]) -> String {
        let sys_id = self.fresh();
        let mut row: Row = columns(table).into_iter().map(|column| (column.to_owned(), String::new())).collect();
        for column in ["sys_created_by", "sys_updated_by"] {
            row.insert(column.into(), "admin".into());
        }
        for column in ["sys_created_on", "sys_updated_on"] {
            row.insert(column.into(), now());
        }
        row.insert("sys_mod_count".into(), "0".into());
        row.insert("sys_class_name".into(), table.into());
        row.insert("sys_tags".into(), String::new());
        row.insert("sys_id".into(), sys_id.clone());
        row.extend(values.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())));
        self.tables.entry(table.to_owned()).or_default().push(row);
        sys_id
    }

    pub fn row_mut(&mut self, table: &str, sys_id: &str) -> Option<&mut Row> {
        self.tables.get_mut(table)?.iter_mut().find(|row| row["sys_id"] == sys_id)
    }

    /// Notes that somebody wrote it just now.
    pub fn touch(&mut self, table: &str, sys_id: &str) {
        let row = self.row_mut(table, sys_id).unwrap();
        let count: u64 = row["sys_mod_count"].parse().unwrap();
        row.insert("sys_mod_count".into(), (count + 1).to_string());
        row.insert("sys_updated_on".into(), now());
        row.insert("sys_updated_by".into(), "fay.field".into());
    }

    /// Makes it a record of another class: it leaves its table and keeps its key and its number.
    pub fn reclassify(&mut self, from: &str, sys_id: &str, to: &str, state: &str) {
        let rows = self.tables.get_mut(from).unwrap();
        let old = rows.remove(rows.iter().position(|row| row["sys_id"] == sys_id).unwrap());
        let mut row: Row = columns(to).into_iter().map(|column| (column.to_owned(), String::new())).collect();
        row.extend(old);
        row.insert("sys_class_name".into(), to.into());
        row.insert("state".into(), state.into());
        self.tables.entry(to.to_owned()).or_default().push(row);
        self.touch(to, sys_id);
    }

    /// A value by its path: `caller_id.user_name`; none for what does not exist.
    pub fn walk(&self, row: &Row, path: &str) -> Option<String> {
        let Some((first, rest)) = path.split_once('.') else { return row.get(path).cloned() };
        let (held, target) = (row.get(first)?, target(first)?);
        match self.find(target, held) {
            Some(next) => self.walk(next, rest),
            None => Some(String::new()),
        }
    }

    /// Whether a reference is shown so.
    pub fn shows(&self, field: &str, held: &str, words: &str) -> bool {
        let column = field.rsplit('.').next().unwrap_or(field);
        target(column).is_some_and(|table| !held.is_empty() && self.name_of(table, held) == words)
    }

    fn name_of(&self, table: &str, sys_id: &str) -> String {
        let row = self.find(table, sys_id);
        row.and_then(|row| row.get("number").or_else(|| row.get("name")).cloned()).unwrap_or_default()
    }

    /// One field in the shape that was asked for.
    pub fn cell(&self, row: &Row, path: &str, mode: &str, links: bool, zone: &TimeZone) -> Option<Json> {
        let value = self.walk(row, path)?;
        let column = path.rsplit('.').next().unwrap_or(path);
        let shown = self.shown(row, path, column, &value, zone);
        let value = if matches!(column, "comments" | "work_notes") { String::new() } else { value };
        let link = target(column)
            .filter(|_| links && !value.is_empty())
            .map(|table| format!("https://dev.example.service-now.com/api/now/table/{table}/{value}"));
        Some(match (mode, link) {
            ("all", None) => json!({ "display_value": shown, "value": value }),
            ("all", Some(link)) => json!({ "display_value": shown, "link": link, "value": value }),
            ("true", None) => json!(shown),
            ("true", Some(link)) => json!({ "display_value": shown, "link": link }),
            (_, None) => json!(value),
            (_, Some(link)) => json!({ "link": link, "value": value }),
        })
    }

    fn shown(&self, row: &Row, path: &str, column: &str, value: &str, zone: &TimeZone) -> String {
        if matches!(column, "comments" | "work_notes") && !path.contains('.') {
            return self.journal(row, column, zone);
        }
        if value.is_empty() {
            return String::new();
        }
        if let Some(table) = target(column) {
            return self.name_of(table, value);
        }
        if let Some(at) = parsed(value).filter(|_| !column.contains("time_left")) {
            return at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        }
        let class = row.get("sys_class_name").map_or("", String::as_str);
        let choices = self.rows("sys_choice");
        let label = |table: &str| {
            let fits =
                |choice: &&&Row| choice["name"] == table && choice["element"] == column && choice["value"] == value;
            choices.iter().find(fits).map(|choice| choice["label"].clone())
        };
        label(class).or_else(|| label("task")).unwrap_or_else(|| value.to_owned())
    }

    fn journal(&self, row: &Row, element: &str, zone: &TimeZone) -> String {
        let label = if element == "comments" { "Additional comments" } else { "Work notes" };
        let mut all: Vec<&Row> = self
            .rows("sys_journal_field")
            .into_iter()
            .filter(|said| said["element_id"] == row["sys_id"] && said["element"] == element)
            .collect();
        all.reverse();
        let one = |said: &&Row| {
            let who = self
                .by("sys_user", "user_name", &said["sys_created_by"])
                .map_or("?".into(), |user| user["name"].clone());
            let at = parsed(&said["sys_created_on"]).unwrap_or_default().to_zoned(zone.clone());
            format!("{} - {who} ({label})\n{}\n\n", at.strftime("%Y-%m-%d %H:%M:%S"), said["value"])
        };
        all.iter().map(one).collect()
    }

    pub fn zone(&self, login: &str) -> TimeZone {
        let zone = self.by("sys_user", "user_name", login).map_or("", |user| user["time_zone"].as_str());
        TimeZone::get(zone).unwrap_or(TimeZone::UTC)
    }

    /// Some time ago, as it is stored.
    pub fn ago(minutes: i64) -> String {
        stamp(Timestamp::now() - SignedDuration::from_mins(minutes))
    }
}
