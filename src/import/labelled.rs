//! Texts with labels out of a table, for those who want to know how well texts like theirs can be guessed: no mapping,
//! only the names of columns. Delimiter and encoding are found out from the file.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use crate::import::Error;

/// What a cell without an answer says, in small letters.
const MISSING: [&str; 8] = ["", "?", "-", "na", "n/a", "nan", "null", "none"];
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// More than this is no table of texts.
const MOST: u64 = 1 << 30;

/// Which columns are wanted, by their names in the header, in any case.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Laid one behind the other.
    pub text: Vec<String>,
    pub label: String,
    /// Other columns that tell something.
    pub also: Vec<String>,
}

/// A row that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    pub text: String,
    pub label: String,
    /// As many as were asked for.
    pub also: Vec<Option<String>>,
}

/// The rows of a file, and how many had to be left out.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub rows: Vec<Labelled>,
    /// Rows without a text or without a label.
    pub empty: usize,
    /// Rows that are no rows of this table.
    pub bad: usize,
}

/// The names of the columns, with commas between; none for what is no table, such as XES.
pub fn header(path: &Path) -> Result<Option<String>, Error> {
    let text = decode(bytes(path)?);
    let Some(head) = first_line(&text).filter(|line| !line.trim_start().starts_with('<')) else { return Ok(None) };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(head)).from_reader(head.as_bytes());
    Ok(reader.headers().ok().map(listed))
}

fn first_line(text: &str) -> Option<&str> {
    text.lines().find(|line| !line.trim().is_empty())
}

fn delimiter(head: &str) -> u8 {
    DELIMITERS.into_iter().max_by_key(|d| head.bytes().filter(|b| b == d).count()).unwrap_or(b',')
}

fn listed(header: &csv::StringRecord) -> String {
    header.iter().map(str::trim).collect::<Vec<_>>().join(", ")
}

/// Reads them: CSV with a header, plain, gzip, or the only table in a zip archive.
pub fn read(path: &Path, columns: &Columns) -> Result<Table, Error> {
    let text = decode(bytes(path)?);
    let wrong = |reason: String| Error::File { file: path.display().to_string(), reason };
    let head = first_line(&text).ok_or_else(|| wrong("it is empty".into()))?;
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(head)).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let place = |name: &str| {
        let same = |cell: &str| cell.trim() == name.trim();
        let alike = |cell: &str| plain(cell) == plain(name);
        header
            .iter()
            .position(same)
            .or_else(|| header.iter().position(alike))
            .ok_or_else(|| wrong(format!("it has no column `{name}`; its columns are {}", listed(&header))))
    };
    let texts = columns.text.iter().map(|name| place(name)).collect::<Result<Vec<_>, _>>()?;
    let label = place(&columns.label)?;
    let also = columns.also.iter().map(|name| place(name)).collect::<Result<Vec<_>, _>>()?;
    let mut found = Table::default();
    for record in reader.records() {
        let Ok(record) = record else {
            found.bad += 1;
            continue;
        };
        if record.len() != header.len() {
            found.bad += 1;
            continue;
        }
        let cell = |at: usize| record.get(at).map(str::trim).filter(|cell| !is_missing(cell));
        let text = texts.iter().filter_map(|at| cell(*at)).collect::<Vec<_>>().join("\n");
        match cell(label) {
            Some(label) if !text.is_empty() => found.rows.push(Labelled {
                text,
                label: label.to_owned(),
                also: also.iter().map(|at| cell(*at).map(str::to_owned)).collect(),
            }),
            _ => found.empty += 1,
        }
    }
    if found.rows.is_empty() {
        return Err(wrong(format!(
            "none of its rows has both a text and a label ({} lack one, {} are no rows of this table)",
            found.empty, found.bad
        )));
    }
    Ok(found)
}

/// A name without regard to case and blanks.
fn plain(name: &str) -> String {
    name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn is_missing(cell: &str) -> bool {
    cell.len() <= 4 && MISSING.contains(&cell.to_lowercase().as_str())
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let wrong = |reason: String| Error::File { file: path.display().to_string(), reason };
    let mut raw = Vec::new();
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    file.take(MOST).read_to_end(&mut raw).map_err(|error| wrong(error.to_string()))?;
    if raw.starts_with(b"PK\x03\x04") {
        let mut archive = ZipArchive::new(Cursor::new(raw)).map_err(|error| wrong(error.to_string()))?;
        let is_table = |name: &String| {
            let lower = name.to_lowercase();
            let lower = lower.strip_suffix(".gz").unwrap_or(&lower);
            [".csv", ".tsv", ".txt"].iter().any(|ending| lower.ends_with(ending)) && !lower.contains("__macosx/")
        };
        let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        let tables: Vec<&String> = names.iter().filter(|name| is_table(name)).collect();
        let [table] = tables.as_slice() else {
            return Err(wrong(format!("the archive must hold one table; it holds {}", names.join(", "))));
        };
        let mut inside = Vec::new();
        let member = archive.by_name(table).map_err(|error| wrong(error.to_string()))?;
        member.take(MOST).read_to_end(&mut inside).map_err(|error| wrong(error.to_string()))?;
        raw = inside;
    }
    if raw.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        MultiGzDecoder::new(Cursor::new(raw)).take(MOST).read_to_end(&mut plain).map_err(|e| wrong(e.to_string()))?;
        raw = plain;
    }
    Ok(raw)
}

/// UTF-8, UTF-16 with its mark, else latin-1.
fn decode(raw: Vec<u8>) -> String {
    let wide = |raw: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = raw[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match raw.get(..2) {
        Some([0xff, 0xfe]) => wide(&raw, u16::from_le_bytes),
        Some([0xfe, 0xff]) => wide(&raw, u16::from_be_bytes),
        _ => String::from_utf8(raw).unwrap_or_else(|error| error.into_bytes().iter().map(|b| char::from(*b)).collect()),
    };
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}
