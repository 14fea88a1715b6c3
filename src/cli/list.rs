//! `deskside list`: the tickets that a query finds, by the code that fills the panes.

use std::io::{self, BufWriter, Write as _};
use std::str::FromStr as _;

use anyhow::Result;

use crate::app::lists;
use crate::app::model::Model;
use crate::app::pane::{Column, Pane, View};
use crate::cli::exit::{Exit, Usage};
use crate::cli::place::Place;
use crate::cli::print;
use crate::cli::row::{Columns, RowJson};
use crate::cli::session::{Keeping, Session};
use crate::cli::settings::Places;
use crate::domain::kind::Kind;
use crate::domain::query::{self, Query};
use crate::domain::table::{NameColumn, Row};
use crate::ui::cells;

/// The tickets that match, as text, JSON or CSV.
///
/// Without --view and --query: every ticket of the desk, also closed ones.
///
/// With `--json` an array of objects, one to a line, of
/// `id`, `kind` (`incident`, `request`, `problem`, `change`), `state`, `title`, `impact`, `urgency`, `priority` (as it
/// counts), `priority_by_hand` (bool), `category`, `group`, `owner` (the registrar until `accepted`), `accepted` (bool),
/// `offered_to`, `caller`, `service`, `asset`, `location`, `channel`, `hold` (why it waits), `opened`, `updated`,
/// `responded`, `resolved`, `closed`, `sla` (of the clock that matters most: `state`, one of `none`, `running`,
/// `at_risk`, `breached`, `paused`, `met`; `metric`, `response` or `resolution`; `due`), `update_due` (when the caller is
/// owed the next word), `review` (when a problem is looked at again), `awaits_reply` (bool), `reopens`, `reassignments`,
/// `links` (counts), `escalated`, `major`, `known_error` (bools), `level`, `domain` and `trigger` (of problems),
/// `workaround_given` (of incidents: `given`, `accepted`, `declined`), `desk` (the profile of its tracker, null on a desk
/// in a file) and `custom` (an object of `x.NAME` and texts). Names are log-ins and names as the desk's records spell
/// them; instants are RFC 3339 in UTC; what is not set is null. `--csv` has the same fields in one line each, `sla` as
/// `sla_state`, `sla_metric`, `sla_due`, every custom field as a column of its own, and an apostrophe before what a
/// spreadsheet would take for a formula. Fields may be added, none is renamed or removed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ListArgs {
    /// Only this kind: incident, request, problem or change
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub kind: Option<Kind>,
    /// What to find, as in the filter: `group:network breach<2h sort:-opened`
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// A saved view; the query narrows it
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// The columns, with commas between: of the screen, or with --csv its fields
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', conflicts_with_all = ["json", "count"])]
    pub columns: Option<Vec<String>>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Print how many there are, and nothing else
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub count: bool,
}

/// A kind by its name, for arguments.
pub fn kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| format!("write one of: {}", Kind::choices()))
}

pub fn run(args: &ListArgs, place: &Place, places: &Places) -> Result<Exit> {
    // What is wrong with the words is said before a desk is read.
    let asked = args.query.as_deref().map(Query::from_str).transpose().map_err(|e| Usage::error(e.to_string()))?;
    let csv = args.csv.then(|| args.columns.as_deref().map(Columns::named)).flatten();
    let csv = csv.transpose().map_err(Usage::error)?;
    let session = Session::open(place, places, Keeping::Nothing)?;
    let model = &session.model;
    let view = args.view.as_deref().map(|name| view(model, name, args.kind)).transpose()?;
    let rows = found(model, view, asked.as_ref(), args.kind);
    if args.count {
        print::text(&rows.len().to_string())?;
    } else if args.json {
        json(model, &rows)?;
    } else if args.csv {
        write_csv(model, &rows, csv)?;
    } else {
        let columns = columns(model, args.columns.as_deref(), view)?;
        text(model, &rows, &columns)?;
    }
    Ok(Exit::Done)
}

/// The view of that name, of the pane of that kind where several have one.
fn view<'a>(model: &'a Model, name: &str, kind: Option<Kind>) -> Result<&'a View> {
    let pane = kind.map_or(Pane::Work, Pane::of);
    let mut named = model.settings.views.iter().filter(|view| view.name == name);
    let in_pane = model.settings.views_of(pane).find(|view| view.name == name);
    in_pane.or_else(|| named.next()).ok_or_else(|| {
        let known: Vec<&str> = model.settings.views.iter().map(|view| view.name.as_str()).collect();
        Usage::error(format!("There is no view `{name}`; there are {}.", known.join(", ")))
    })
}

/// The rows in their order: the query's, else the view's, else by due time.
fn found(model: &Model, view: Option<&View>, asked: Option<&Query>, kind: Option<Kind>) -> Vec<Row> {
    let (table, context) = (&model.table, lists::context(model));
    let mut rows: Vec<Row> = table.iter().collect();
    for query in view.map(|view| &view.query).into_iter().chain(asked) {
        rows = query.compile(table, &context).filter(table, &rows);
    }
    rows.retain(|row| kind.is_none_or(|kind| table.kind(*row) == kind));
    // A view holds here what it holds on the screen.
    if view.is_some_and(|view| !view.text.contains("snoozed")) {
        rows.retain(|row| !lists::is_asleep(model, *row));
    }
    let orders = [asked.map(|query| &query.sort), view.map(|view| &view.query.sort)];
    let order = orders.into_iter().flatten().find(|order| !order.is_empty());
    query::sort(table, &mut rows, order.map_or(&[], Vec::as_slice), model.now);
    rows
}

fn json(model: &Model, rows: &[Row]) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    out.write_all(b"[")?;
    for (at, row) in rows.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        let (summary, desk) = (model.table.summary(*row), model.table.name(*row, NameColumn::Desk));
        serde_json::to_writer(&mut out, &RowJson::of(&summary, desk, model.now)).map_err(io::Error::from)?;
    }
    out.write_all(if rows.is_empty() { b"]\n" } else { b"\n]\n" })?;
    out.flush()?;
    Ok(())
}

fn write_csv(model: &Model, rows: &[Row], columns: Option<Columns>) -> Result<()> {
    let desk = |row: &Row| model.table.name(*row, NameColumn::Desk);
    let rows: Vec<_> = rows.iter().map(|row| (model.table.summary(*row), desk(row))).collect();
    let columns = columns.unwrap_or_else(|| Columns::all(rows.iter().map(|(row, _)| row)));
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    let written = (|| {
        out.write_record(columns.head())?;
        for (row, desk) in &rows {
            out.write_record(columns.cells(row, *desk, model.now))?;
        }
        Ok(out.flush()?)
    })();
    written.map_err(|error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => anyhow::anyhow!("The CSV cannot be written: {other:?}."),
    })
}

/// The columns of the screen that were asked for, else the view's, else the usual ones.
fn columns(model: &Model, names: Option<&[String]>, view: Option<&View>) -> Result<Vec<Column>> {
    const USUAL: &[Column] =
        &[Column::Sla, Column::Id, Column::Priority, Column::State, Column::Group, Column::Owner, Column::Title];
    let Some(names) = names else {
        return Ok(lists::with_desk(model, view.map_or(USUAL, |view| &view.columns)));
    };
    let read = |name: &String| {
        Column::parse(name).ok_or_else(|| {
            Usage::error(format!("`{name}` is no column of the screen; there are {}.", Column::choices()))
        })
    };
    names.iter().map(read).collect()
}

fn text(model: &Model, rows: &[Row], columns: &[Column]) -> Result<()> {
    if rows.is_empty() {
        print::note("No ticket matches.");
        return Ok(());
    }
    let head: Vec<&str> = columns.iter().map(|column| cells::head(*column).0).collect();
    let lines: Vec<Vec<String>> =
        rows.iter().map(|row| columns.iter().map(|column| cells::text(model, *row, *column)).collect()).collect();
    let title = columns.iter().position(|column| *column == Column::Title).unwrap_or(0);
    print::text(&print::table(&head, &lines, print::columns(), title))?;
    Ok(())
}
