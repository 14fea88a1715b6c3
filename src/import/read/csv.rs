//! Rows of comma-, semicolon- or tab-separated text, quoted newlines included.

use std::io::Read;
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::import::Error;
use crate::import::mapping::{FileFormat, Header, Plan, Ref};
use crate::import::read::{Next, Rows};
use crate::import::row::{Bad, Row};

/// An open CSV file.
pub struct Csv<R> {
    reader: Reader<R>,
    record: ByteRecord,
    header: Header,
    width: usize,
    /// Rows read so far.
    rows: u64,
    /// Without a header the first record was read to count its columns and is still to be handed out.
    first: bool,
}

impl<R: Read> Csv<R> {
    pub fn open(text: R, path: &Path, format: &FileFormat) -> Result<Self, Error> {
        let mut reader = ReaderBuilder::new()
            .delimiter(format.delimiter.0)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(text);
        let file = || path.display().to_string();
        let mut record = ByteRecord::new();
        let some = reader
            .read_byte_record(&mut record)
            .map_err(|error| Error::File { file: file(), reason: error.to_string() })?;
        if !some {
            return Err(Error::File { file: file(), reason: "it is empty".into() });
        }
        let width = record.len();
        let header = if format.header {
            let name = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
            Header::Named(record.iter().map(name).collect())
        } else {
            Header::Counted(width)
        };
        Ok(Self { reader, record, header, width, rows: 0, first: !format.header })
    }

    fn row(&self, plan: &Plan<'_>) -> Next {
        let line = self.record.position().map_or(0, csv::Position::line);
        if self.record.len() != self.width {
            let say = format!("it has {} columns, the first row has {}", self.record.len(), self.width);
            return Next::Bad(Bad::new(line, say));
        }
        let mut row = Row::at(line);
        for slot in &plan.slots {
            let place = match slot {
                Ref::Place(place) => *place,
                Ref::Row => {
                    row.push(&self.rows.to_string());
                    continue;
                }
                Ref::Name(_) => 0,
            };
            let cell = place.checked_sub(1).and_then(|at| self.record.get(at)).unwrap_or_default();
            match std::str::from_utf8(cell) {
                Ok(cell) => row.push(cell),
                Err(_) => {
                    let say =
                        format!("column {place} is not UTF-8; is `encoding = \"latin-1\"` missing in the mapping?");
                    return Next::Bad(Bad::new(line, say));
                }
            }
        }
        Next::Row(row)
    }
}

impl<R: Read> Rows for Csv<R> {
    fn next(&mut self, plan: &Plan<'_>) -> Next {
        if !std::mem::take(&mut self.first) {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Next::End,
                Err(error) => return Next::Broken(Bad::new(self.reader.position().line(), error.to_string())),
            }
        }
        self.rows += 1;
        self.row(plan)
    }

    fn header(&self) -> &Header {
        &self.header
    }
}
