//! Opens a log and hands out its rows one by one: plain, gzip or in a zip archive, CSV or XES. Holds no more of the
//! file than one row, or one trace of an event log.

mod bytes;
mod csv;
mod xes;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use crate::import::Error;
use crate::import::mapping::{Encoding, Header, Mapping, Plan, Shape};
use crate::import::row::{Bad, Row};
use bytes::{Latin1, SkipBom};

/// What a reader has next.
#[derive(Debug)]
pub enum Next {
    Row(Row),
    /// A row that cannot be read; the ones after it can.
    Bad(Bad),
    End,
    /// The rest of the file cannot be read.
    Broken(Bad),
}

/// A log that hands out its rows.
pub trait Rows {
    fn next(&mut self, plan: &Plan<'_>) -> Next;
    fn header(&self) -> &Header;
}

/// How far the file has been read.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    read: Arc<AtomicU64>,
    total: u64,
}

impl Meter {
    /// Between 0 and 1.
    #[expect(clippy::cast_precision_loss, reason = "a share for people needs no more digits")]
    pub fn share(&self) -> f64 {
        let read = self.read.load(Ordering::Relaxed) as f64;
        if self.total == 0 { 1.0 } else { (read / self.total as f64).min(1.0) }
    }
}

struct Metered {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Seek for Metered {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Opens the file and calls `use_it` with its rows. The rows borrow the opened archive, hence no plain return.
pub fn with_rows<T>(
    path: &Path,
    mapping: &Mapping,
    use_it: impl FnOnce(&mut dyn Rows, &Meter) -> Result<T, Error>,
) -> Result<T, Error> {
    let unreadable = |error: io::Error| Error::File { file: path.display().to_string(), reason: error.to_string() };
    let mut file = File::open(path).map_err(unreadable)?;
    let meter = Meter { read: Arc::default(), total: file.metadata().map_err(unreadable)?.len() };
    let mut magic = [0_u8; 4];
    let count = file.read(&mut magic).map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let file = BufReader::with_capacity(1 << 16, Metered { file, read: Arc::clone(&meter.read) });
    if magic[..count].starts_with(b"PK\x03\x04") {
        let zipped =
            |error: zip::result::ZipError| Error::File { file: path.display().to_string(), reason: error.to_string() };
        let mut archive = ZipArchive::new(file).map_err(zipped)?;
        let name = member(&archive, path, mapping)?;
        let inside = archive.by_name(&name).map_err(zipped)?;
        let gzipped = Path::new(&name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
        let inside: Box<dyn Read + '_> = if gzipped { Box::new(MultiGzDecoder::new(inside)) } else { Box::new(inside) };
        return rows_of(inside, path, mapping, &meter, use_it);
    }
    let plain: Box<dyn Read> =
        if magic.starts_with(&[0x1f, 0x8b]) { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    rows_of(plain, path, mapping, &meter, use_it)
}

fn rows_of<T>(
    plain: Box<dyn Read + '_>,
    path: &Path,
    mapping: &Mapping,
    meter: &Meter,
    use_it: impl FnOnce(&mut dyn Rows, &Meter) -> Result<T, Error>,
) -> Result<T, Error> {
    let text: Box<dyn Read + '_> = match mapping.log.file.encoding {
        Encoding::Utf8 => Box::new(SkipBom::new(plain)),
        Encoding::Latin1 => Box::new(Latin1::new(plain)),
    };
    match mapping.log.file.format {
        Shape::Csv => use_it(&mut csv::Csv::open(text, path, &mapping.log.file)?, meter),
        Shape::Xes => use_it(&mut xes::Xes::open(BufReader::with_capacity(1 << 16, text)), meter),
    }
}

/// The file in the archive that the mapping names, or the only one of the mapping's format.
fn member<R: Read + Seek>(archive: &ZipArchive<R>, path: &Path, mapping: &Mapping) -> Result<String, Error> {
    let all: Vec<String> = archive.file_names().filter_map(|name| name.ok().map(|name| name.into_owned())).collect();
    let ending = mapping.log.file.format.as_str();
    let wanted = mapping.log.file.member.as_deref();
    let fits = |name: &&String| match wanted {
        Some(wanted) => name.as_str() == wanted || name.rsplit('/').next() == Some(wanted),
        None => {
            let lower = name.to_ascii_lowercase();
            let lower = lower.strip_suffix(".gz").unwrap_or(&lower);
            lower.rsplit_once('.').is_some_and(|(_, last)| last == ending) && !lower.contains("__macosx/")
        }
    };
    let mut found = all.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.clone()),
        (first, _) => {
            let fault = if first.is_none() { "holds no such file" } else { "holds more than one such file" };
            let what = wanted.map_or_else(|| format!("the only .{ending}"), |wanted| format!("`{wanted}`"));
            let reason =
                format!("the archive {fault} ({what}); it has {}. Name one as `member` in the mapping", all.join(", "));
            Err(Error::File { file: path.display().to_string(), reason })
        }
    }
}
