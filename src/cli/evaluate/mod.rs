//! `deskside evaluate`: how good the suggestions of triage are on a set whose answers are known.

mod report;
mod set;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};

use crate::cli::exit::{Exit, Usage};
use crate::cli::place::Place;
use crate::cli::print;
use crate::cli::settings::Places;
use crate::domain::field::Field;
use crate::domain::suggest::{Answer, Example, MOST_LEARNT, Part, Settings, measure, sample};
use crate::import::labelled;
use report::{How, Report};
use set::Set;

/// How good the suggestions would be on a set whose answers are known.
///
/// What triage suggests with learns from a part of the set and is asked for the rest; nothing that is asked for took
/// part in the learning. FILE is a log (CSV or XES) read through a mapping, or a table (CSV, TSV, with gzip or zip) of
/// texts and labels named with --text and --label; without FILE the tickets of the desk are asked for. Beside the
/// result stand plain nearest neighbours (k = 5, each ticket guessed from all others) and the most frequent answer, for
/// groups also the most frequent of each category.
///
/// Columns are found by their names in the header, in any case. Of a set of more than 20,000 tickets so many are taken,
/// as triage learns from so many at most: without times any, else the newest. It says so. An answer that stands on one
/// ticket alone cannot be guessed and counts as wrong.
///
/// With `--json` an array of an object for each field, of `field`, `tickets` (that have an answer), `examples` (of them
/// taken), `answers` (different ones), `once` (answers that stand on one ticket alone), `left_out`,
/// `method` (`folds` or `time`), `folds`, `learnt`, `asked`, `top1`, `top3` (shares of the asked), `nearest` (share, or
/// null), `most_frequent` and `most_frequent_of_category` (objects of `top1` and `top3`, the second perhaps null),
/// `spoken` (null, or an object of `coverage` and `precision` at the threshold that triage would have measured on the
/// learning part), `curve` (objects of `coverage`, `accuracy`, `strength`) and `seconds`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EvaluateArgs {
    /// The set: CSV or XES, plain, gzip, or in a zip archive
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How the columns of a log become tickets: uci498, vinst-problems, or a TOML file of your own
    #[arg(long, value_name = "NAME|FILE", requires = "file")]
    pub mapping: Option<String>,
    /// The column of a table that holds the text; several are laid one behind the other
    #[arg(long, value_name = "COLUMN", requires = "file", conflicts_with = "mapping")]
    pub text: Vec<String>,
    /// The column of a table that holds the answer
    #[arg(long, value_name = "COLUMN", requires = "text")]
    pub label: Option<String>,
    /// Other columns that tell something, such as the caller: five at most
    #[arg(long, value_name = "COLUMN", requires = "text")]
    pub also: Vec<String>,
    /// The field to guess; without it every one that has answers
    #[arg(long, value_name = "FIELD", value_parser = field, conflicts_with = "label")]
    pub field: Option<Field>,
    /// Learn from the older, ask for the newest; else each ticket is asked for once, by what learnt from other folds
    #[arg(long, value_name = "HOW", value_parser = ["time", "folds"])]
    pub split: Option<String>,
    /// So many folds; as many as there are tickets leave out one at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub folds: Option<u32>,
    /// The newest percentage that is asked for
    #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=90))]
    pub newest: u8,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn field(text: &str) -> Result<Field, String> {
    let known = [Field::Category, Field::Group, Field::Impact, Field::Urgency];
    known
        .into_iter()
        .find(|field| field.name() == text)
        .ok_or_else(|| "write one of: category, group, impact, urgency".to_owned())
}

pub fn run(args: &EvaluateArgs, place: &Place, places: &Places) -> Result<Exit> {
    let set = match (&args.file, &args.mapping, args.text.is_empty()) {
        (None, ..) => Set::of_desk(place, places)?,
        (Some(file), Some(mapping), _) => Set::of_log(file, mapping, places)?,
        (Some(file), None, false) => {
            let label = args.label.clone();
            let label = label.ok_or_else(|| Usage::error("Name the column of the answers: --label COLUMN."))?;
            Set::of_table(file, &args.text, &label, &args.also)?
        }
        (Some(file), None, true) => {
            let columns = labelled::header(file)?.map_or(String::new(), |names| format!(" Its columns: {names}."));
            let say =
                "Say what the file is: --mapping for a log, or --text COLUMN --label COLUMN for a table of texts.";
            return Err(Usage::error(format!("{say}{columns}")));
        }
    };
    let reports = evaluate(args, &set)?;
    if args.json {
        let mut text = serde_json::to_string_pretty(&reports)?;
        text.push('\n');
        print::made(text.as_bytes())?;
    } else {
        let texts: Vec<String> = reports.iter().map(Report::to_string).collect();
        print::text(&texts.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn evaluate(args: &EvaluateArgs, set: &Set) -> Result<Vec<Report>> {
    let mut reports = Vec::new();
    for field in [Field::Category, Field::Group, Field::Impact, Field::Urgency] {
        if args.field.as_ref().is_none_or(|asked| *asked == field) {
            reports.extend(of_field(args, set, &field)?);
        }
    }
    if reports.is_empty() {
        let field = args.field.as_ref().map_or("category, group, impact or urgency", |field| field.name());
        let (rows, left_out) = (set.examples().count(), set.left_out);
        return Err(anyhow!(
            "There is nothing to guess: fewer than {ENOUGH} tickets with two different answers in {field}. Tickets that \
             can be used: {rows}; left out: {left_out}."
        ));
    }
    Ok(reports)
}

/// Fewer tickets than this tell nothing.
const ENOUGH: usize = 20;

/// Nothing for a field without answers that differ.
fn of_field(args: &EvaluateArgs, set: &Set, field: &Field) -> Result<Option<Report>> {
    let mut examples: Vec<Example> = set.examples().filter(|example| example.answer(field).is_some()).collect();
    let answers: std::collections::BTreeSet<String> = examples.iter().filter_map(|e| e.answer(field)).collect();
    if examples.len() < ENOUGH || answers.len() < 2 {
        return Ok(None);
    }
    let started = Instant::now();
    let by_time = match args.split.as_deref() {
        Some("time") if !set.has_times => {
            return Err(Usage::error("These rows have no times to split by; leave --split out, or use a mapping."));
        }
        Some(split) => split == "time",
        None => set.has_times && args.folds.is_none(),
    };
    let of = examples.len();
    let (parts, how) = if by_time {
        // As in triage the newest teach; together with those that are asked for.
        examples.drain(..of.saturating_sub(MOST_LEARNT * 100 / (100 - usize::from(args.newest))));
        let learnt = examples.len() - (examples.len() * usize::from(args.newest)).div_ceil(100);
        let part = Part { learn: (0..learnt).collect(), ask: (learnt..examples.len()).collect() };
        (vec![part], How::Time)
    } else {
        examples = sample(of, MOST_LEARNT).into_iter().map(|at| examples[at].clone()).collect();
        let usual = if examples.len() <= 10_000 { 10 } else { 5 };
        let folds = args.folds.map_or(usual, |folds| folds as usize).min(examples.len());
        (Part::folds(&examples, folds, field), How::Folds(folds))
    };
    let answered = ask(&examples, &parts, field, by_time);
    let mut report = Report::of(field, &examples, &parts, &answered, how);
    report.left_out = set.left_out;
    report.tickets = of;
    report.seconds = started.elapsed().as_secs_f64();
    Ok(Some(report))
}

/// The parts, some at a time.
fn ask(examples: &[Example], parts: &[Part], field: &Field, speak: bool) -> Vec<Answer> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(parts.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            answers.extend(measure(examples, part, field, Settings::default(), speak));
        }
        answers
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}
