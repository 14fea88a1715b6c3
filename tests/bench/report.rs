//! The figures, their targets, and the table of both.

use std::collections::BTreeMap;

use super::sample::{Sample, median};

/// What is measured, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    Start,
    StartCpu,
    Loaded,
    Down,
    Preview,
    Scroll,
    Burst,
    Page,
    End,
    Filter,
    Open,
    Back,
    Write,
    IdleBytes,
    IdleWakes,
    IdleCpu,
    Memory,
}

/// The three faces of a step's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    Paint,
    Bytes,
    Cpu,
}

/// One desk, or several as one.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub tickets: usize,
    pub figures: Figures,
}

/// Figures of several rounds over one desk.
#[derive(Debug, Default)]
pub struct Figures(BTreeMap<(Row, Option<Face>), Vec<f64>>);

impl Figures {
    pub fn add(&mut self, row: Row, value: f64, face: Option<Face>) {
        self.0.entry((row, face)).or_default().push(value);
    }

    /// A step's cost over its keys, brought together by `fold`.
    pub fn keys(&mut self, row: Row, samples: &[Sample], fold: fn(&[f64]) -> f64) {
        let mut face = |face, values: Vec<f64>| {
            if !values.is_empty() {
                self.add(row, fold(&values), Some(face));
            }
        };
        face(Face::Paint, samples.iter().filter_map(|sample| sample.paint).collect());
        face(Face::Bytes, samples.iter().map(|sample| sample.bytes as f64).collect());
        face(Face::Cpu, samples.iter().map(|sample| sample.cpu_ms).collect());
    }
}

/// What the row is called, and its unit.
fn title(row: Row, face: Option<Face>) -> String {
    let name = match row {
        Row::Start => "start to list, ms",
        Row::StartCpu => "start, CPU ms",
        Row::Loaded => "start to the last change, ms",
        Row::Down => "down inside the screen",
        Row::Preview => "down, preview shown",
        Row::Scroll => "scrolling down by one, mean of 100",
        Row::Burst => "100 downs in one burst",
        Row::Page => "page down",
        Row::End => "jump to end or start",
        Row::Filter => "filter, slowest key",
        Row::Open => "open a ticket",
        Row::Back => "back to the list",
        Row::Write => "a write, key to shown",
        Row::IdleBytes => "idle 10 s, bytes",
        Row::IdleWakes => "idle 10 s, wake-ups",
        Row::IdleCpu => "idle 10 s, CPU ms",
        Row::Memory => "memory (PSS), MB",
    };
    match face {
        None => name.into(),
        Some(Face::Paint) => format!("{name}: paint ms"),
        Some(Face::Bytes) => format!("{name}: bytes"),
        Some(Face::Cpu) => format!("{name}: CPU ms"),
    }
}

/// The most that a figure should be, by the number of tickets. A thousand tickets are held to the targets of ten thousand.
fn target(row: Row, face: Option<Face>, tickets: usize) -> Option<f64> {
    let by_size = |small: f64, middle: f64, large: f64| match tickets {
        ..=10_000 => small,
        10_001..=100_000 => middle,
        _ => large,
    };
    Some(match (row, face) {
        (Row::Start, _) => by_size(12.0, 30.0, 60.0),
        (Row::StartCpu, _) if tickets <= 10_000 => 12.0,
        (Row::Loaded, _) => by_size(200.0, 200.0, 2_000.0),
        (Row::Down, Some(Face::Paint)) => 0.8,
        (Row::Down, Some(Face::Bytes)) => 60.0,
        (Row::Down, Some(Face::Cpu)) => 0.5,
        (Row::Preview, Some(Face::Paint)) => 0.8,
        (Row::Preview, Some(Face::Cpu)) => 0.5,
        (Row::Scroll, Some(Face::Paint)) => 1.0,
        (Row::Scroll, Some(Face::Bytes)) => 300.0,
        (Row::Burst, Some(Face::Paint)) => 2.0,
        (Row::Burst, Some(Face::Bytes)) => 8_000.0,
        (Row::Page | Row::End, Some(Face::Paint)) => by_size(1.2, 1.2, 2.0),
        (Row::Page | Row::End, Some(Face::Bytes)) => 5_000.0,
        (Row::Filter, Some(Face::Paint)) => by_size(2.0, 5.0, 25.0),
        (Row::Open | Row::Back | Row::Write, Some(Face::Paint)) => 2.0,
        (Row::IdleBytes, _) => 0.0,
        (Row::IdleWakes, _) => 10.0,
        (Row::IdleCpu, _) => 5.0,
        (Row::Memory, _) => by_size(16.0, 40.0, 300.0),
        _ => return None,
    })
}

/// Prints one line a figure: the figure, its target, and figure over target for every desk.
pub fn print(columns: &[Column]) {
    let width = 46;
    print!("\n{:width$}", "median over the rounds");
    for column in columns {
        print!("{:>34}", format!("{}: figure/target", column.name));
    }
    println!();
    let mut missed = 0;
    let rows: std::collections::BTreeSet<_> =
        columns.iter().flat_map(|column| column.figures.0.keys().copied()).collect();
    for (row, face) in rows {
        print!("{:width$}", title(row, face));
        for Column { tickets, figures, .. } in columns {
            let figure = figures.0.get(&(row, face)).map(|values| median(values));
            let target = target(row, face, *tickets);
            missed += usize::from(figure.zip(target).is_some_and(|(figure, target)| figure > target));
            print!("{:>34}", entry(figure, target));
        }
        println!();
    }
    println!("\n{missed} figures miss their target (marked !).");
}

fn entry(figure: Option<f64>, target: Option<f64>) -> String {
    let number = |value: f64| match value {
        value if value >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        value => format!("{value:.2}"),
    };
    match (figure, target) {
        (None, _) => "-".into(),
        (Some(figure), None) => number(figure),
        (Some(figure), Some(target)) => {
            let ratio = if target > 0.0 { format!(" = {:.2}x", figure / target) } else { String::new() };
            let mark = if figure > target { " !" } else { "  " };
            format!("{}/{}{ratio}{mark}", number(figure), number(target))
        }
    }
}
