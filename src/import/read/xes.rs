//! Rows of an event log in XES (IEEE 1849): each event of a trace is a row. Its columns are the event's attributes by
//! their keys, and those of its trace as `trace:KEY`. Nested attributes and what stands outside traces are passed over.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::import::mapping::{Header, Plan, Ref};
use crate::import::read::{Next, Rows};
use crate::import::row::{Bad, Row};

/// Marks the attributes of a trace.
const TRACE: &str = "trace:";

/// An open event log.
pub struct Xes<R> {
    reader: Reader<Lines<R>>,
    buffer: Vec<u8>,
    ready: VecDeque<Row>,
    /// Events read so far.
    rows: u64,
}

/// Attributes as key and value.
type Attributes = Vec<(String, String)>;

impl<R: BufRead> Xes<R> {
    pub fn open(text: R) -> Self {
        let reader = Reader::from_reader(Lines { from: text, line: 1 });
        Self { reader, buffer: Vec::new(), ready: VecDeque::new(), rows: 0 }
    }

    fn line(&self) -> u64 {
        self.reader.get_ref().line
    }

    fn event(&mut self) -> Result<Event<'static>, Bad> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => Ok(event.into_owned()),
            Err(error) => Err(Bad::new(self.line(), error.to_string())),
        }
    }

    /// Reads up to the end of the next trace; none at the end of the log.
    fn trace(&mut self, plan: &Plan<'_>) -> Result<Option<Vec<Row>>, Bad> {
        loop {
            match self.event()? {
                Event::Start(tag) if tag.local_name().as_ref() == "trace" => return self.inside(plan).map(Some),
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    fn inside(&mut self, plan: &Plan<'_>) -> Result<Vec<Row>, Bad> {
        let mut common = Attributes::new();
        let mut events: Vec<(u64, Attributes)> = Vec::new();
        loop {
            match self.event()? {
                Event::Start(tag) if tag.local_name().as_ref() == "event" => {
                    let line = self.line();
                    events.push((line, self.attributes("event")?));
                }
                Event::Empty(tag) if tag.local_name().as_ref() == "event" => events.push((self.line(), Vec::new())),
                Event::Empty(tag) => common.extend(attribute(&tag)),
                Event::Start(tag) => {
                    common.extend(attribute(&tag));
                    self.skip(tag.local_name().as_ref())?;
                }
                Event::End(tag) if tag.local_name().as_ref() == "trace" => break,
                Event::Eof => return Err(Bad::new(self.line(), "the log ends within a trace")),
                _ => {}
            }
        }
        let mut rows = Vec::with_capacity(events.len());
        for (line, own) in &events {
            self.rows += 1;
            rows.push(row(plan, (*line, self.rows), own, &common));
        }
        Ok(rows)
    }

    fn attributes(&mut self, end: &str) -> Result<Attributes, Bad> {
        let mut found = Attributes::new();
        loop {
            match self.event()? {
                Event::Empty(tag) => found.extend(attribute(&tag)),
                Event::Start(tag) => {
                    found.extend(attribute(&tag));
                    self.skip(tag.local_name().as_ref())?;
                }
                Event::End(tag) if tag.local_name().as_ref() == end => return Ok(found),
                Event::Eof => return Err(Bad::new(self.line(), "the log ends within an event")),
                _ => {}
            }
        }
    }

    /// Passes over what is nested in an attribute.
    fn skip(&mut self, name: &str) -> Result<(), Bad> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.event()? {
                Event::Start(tag) if tag.local_name().as_ref() == name => depth += 1,
                Event::End(tag) if tag.local_name().as_ref() == name => depth -= 1,
                Event::Eof => return Err(Bad::new(self.line(), "the log ends within an attribute")),
                _ => {}
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Rows for Xes<R> {
    fn next(&mut self, plan: &Plan<'_>) -> Next {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Next::Row(row);
            }
            match self.trace(plan) {
                Ok(Some(rows)) if rows.is_empty() => {
                    return Next::Bad(Bad::new(self.line(), "the trace has no events"));
                }
                Ok(Some(rows)) => self.ready.extend(rows),
                Ok(None) => return Next::End,
                Err(bad) => return Next::Broken(bad),
            }
        }
    }

    fn header(&self) -> &Header {
        &Header::Open
    }
}

/// `<string key="…" value="…"/>` and the like; none for other elements.
fn attribute(tag: &BytesStart<'_>) -> Option<(String, String)> {
    let text = |name: &str| {
        let found = tag.try_get_attribute(name).ok().flatten()?;
        found.normalized_value(XmlVersion::default()).ok().map(std::borrow::Cow::into_owned)
    };
    Some((text("key")?, text("value")?))
}

fn row(plan: &Plan<'_>, (line, number): (u64, u64), own: &Attributes, common: &Attributes) -> Row {
    let mut row = Row::at(line);
    for slot in &plan.slots {
        let Ref::Name(name) = slot else {
            row.push(&number.to_string());
            continue;
        };
        let cell = match name.strip_prefix(TRACE) {
            Some(key) => find(common, key),
            None => find(own, name),
        };
        row.push(cell);
    }
    row
}

fn find<'a>(all: &'a Attributes, key: &str) -> &'a str {
    all.iter().find(|(held, _)| held == key).map_or("", |(_, value)| value)
}

/// Counts the lines that were read.
struct Lines<R> {
    from: R,
    line: u64,
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.from.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if let Ok(buffer) = self.from.fill_buf() {
            let read = &buffer[..count.min(buffer.len())];
            self.line += memchr::memchr_iter(b'\n', read).count() as u64;
        }
        self.from.consume(count);
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.line += memchr::memchr_iter(b'\n', &buffer[..count]).count() as u64;
        Ok(count)
    }
}
