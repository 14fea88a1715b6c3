//! What a field is called at this site, and what its column holds: a plain value, a person, a group, a record, markup.

use crate::backend::http::tracker::Setup;
use crate::domain::change::LinkKind;
use crate::domain::field::Field;
use crate::domain::kind::Kind;

/// A column of a table. In a mapping: `column`, or `user:column`, `group:column`, `ref:table:column`, `html:column`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'m> {
    pub name: &'m str,
    pub sort: Sort<'m>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort<'m> {
    Plain,
    User,
    Group,
    /// A record of that table, known by its name.
    Record(&'m str),
    /// Text with markup.
    Html,
}

impl<'m> Column<'m> {
    pub fn of(field: &Field, native: &'m str) -> Self {
        match native.rsplit_once(':') {
            Some(("user", name)) => Self { name, sort: Sort::User },
            Some(("group", name)) => Self { name, sort: Sort::Group },
            Some(("html", name)) => Self { name, sort: Sort::Html },
            Some(("plain", name)) => Self { name, sort: Sort::Plain },
            Some((sort, name)) => Self { name, sort: Sort::Record(sort.strip_prefix("ref:").unwrap_or(sort)) },
            None => Self { name: native, sort: usual(field) },
        }
    }
}

fn usual(field: &Field) -> Sort<'static> {
    match field {
        Field::Caller | Field::Approver => Sort::User,
        Field::Group => Sort::Group,
        Field::Service => Sort::Record("cmdb_ci_service"),
        Field::Asset => Sort::Record("cmdb_ci"),
        Field::Location => Sort::Record("cmn_location"),
        Field::CatalogItem => Sort::Record("sc_cat_item"),
        _ => Sort::Plain,
    }
}

/// A column that points at another ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer<'m> {
    pub how: LinkKind,
    pub column: &'m str,
}

/// The tables of all kinds, each with its kind; the one for new tickets of a kind comes first.
pub fn tables(setup: &Setup) -> Vec<(Kind, &str)> {
    let kinds = setup.mapping.kinds.iter();
    kinds
        .flat_map(|(kind, map)| map.place.split('|').map(|table| (*kind, table.trim())))
        .filter(|(_, t)| !t.is_empty())
        .collect()
}

pub fn kind_of(setup: &Setup, table: &str) -> Option<Kind> {
    tables(setup).into_iter().find(|(_, held)| *held == table).map(|(kind, _)| kind)
}

/// The columns of a table that point at other tickets: `links.incident = "problem_is=problem_id fixed_by=rfc"`.
pub fn pointers<'m>(setup: &'m Setup, table: &str) -> Vec<Pointer<'m>> {
    let words = setup.mapping.site.get(&format!("links.{table}")).map_or("", String::as_str);
    let one = |word: &'m str| {
        let (how, column) = word.split_once('=')?;
        Some(Pointer { how: LinkKind::parse(how)?, column })
    };
    words.split_whitespace().filter_map(one).collect()
}

/// Whether such a pointer from that table can point at that one.
pub fn may_point(pointer: &Pointer, from: &str, at: &str, at_kind: Kind) -> bool {
    match pointer.how {
        LinkKind::ProblemIs => at_kind == Kind::Problem,
        LinkKind::FixedBy | LinkKind::CausedBy => at_kind == Kind::Change,
        LinkKind::DuplicateOf => from == at,
        LinkKind::ChildOf if pointer.column == "parent_incident" => at == "incident",
        LinkKind::ChildOf if pointer.column == "request_item" => at == "sc_req_item",
        _ => true,
    }
}

/// The table that numbers of this look belong to: `prefix.INC = "incident"`; the site's own prefixes come before ours.
pub fn by_number<'m>(setup: &'m Setup, number: &str) -> Option<&'m str> {
    let letters = number.trim_end_matches(|c: char| c.is_ascii_digit());
    let table = setup.mapping.site.get(&format!("prefix.{}", letters.to_ascii_uppercase()))?;
    Some(table.as_str())
}

/// Columns read of every row of this table.
pub fn wanted(setup: &Setup, kind: Kind, table: &str, words: bool) -> Vec<String> {
    const CORE: &[&str] = &[
        "sys_id",
        "number",
        "sys_class_name",
        "state",
        "active",
        "priority",
        "opened_at",
        "opened_by",
        "opened_by.user_name",
        "sys_created_on",
        "sys_created_by",
        "sys_updated_on",
        "sys_mod_count",
        "assigned_to",
        "assigned_to.user_name",
        "assignment_group",
        "closed_at",
        "correlation_id",
    ];
    let mut all: Vec<String> = CORE.iter().map(|name| (*name).to_owned()).collect();
    match kind {
        Kind::Incident => all.extend(["resolved_at".into(), "caller_id".into(), "caller_id.user_name".into()]),
        Kind::Problem => all.push("resolved_at".into()),
        Kind::Change => all.extend(["on_hold".into(), "type".into()]),
        Kind::Request => {}
    }
    for (field, native) in setup.mapping.fields_of(kind) {
        let column = Column::of(field, native);
        all.push(column.name.to_owned());
        if column.sort == Sort::User {
            all.push(format!("{}.user_name", column.name));
        }
    }
    all.extend(pointers(setup, table).iter().map(|pointer| pointer.column.to_owned()));
    if words {
        all.extend(["comments".into(), "work_notes".into()]);
    }
    all.sort();
    all.dedup();
    all
}
