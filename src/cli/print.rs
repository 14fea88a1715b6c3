//! The way out: standard output for what was asked for, standard error for what people should know. What is printed
//! passes the gate here once more, whatever it was made of.

use std::io::{self, IsTerminal, Write};

use crate::text::Clean;

/// Prints text of several lines, and a newline where it lacks one.
pub fn text(text: &str) -> io::Result<()> {
    let text = Clean::body(text);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(end.as_bytes())?;
    out.flush()
}

/// Prints bytes whose writer has let every text through the gate: JSON, CSV, a man page.
pub fn made(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Says what went wrong. When nobody can hear it, there is nothing left to do about it.
pub fn fault(text: &Clean) {
    let mut err = io::stderr().lock();
    drop(writeln!(err, "deskside: {text}"));
}

/// Says something beside the answer.
pub fn note(text: &str) {
    let mut err = io::stderr().lock();
    drop(writeln!(err, "{}", Clean::line(text)));
}

/// The columns of the terminal that the answer goes to; none when it goes to a file or a pipe.
pub fn columns() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    ratatui::crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// A table with two spaces between its columns: as wide as it needs to be, or cut to fit `room` by shortening the
/// column `give`. The last column is not padded.
pub fn table(head: &[&str], rows: &[Vec<String>], room: Option<usize>, give: usize) -> String {
    use crate::text::{fit, width};
    let mut widths: Vec<usize> = head.iter().map(|title| width(title)).collect();
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    if let Some(room) = room {
        let all: usize = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
        if let Some(widest) = widths.get_mut(give) {
            *widest = widest.saturating_sub(all.saturating_sub(room)).max(8.min(*widest));
        }
    }
    let mut text = String::new();
    let head: Vec<String> = head.iter().map(|title| (*title).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (at, (cell, widest)) in row.iter().zip(&widths).enumerate() {
            let cell = fit(cell, *widest, "~");
            line.push_str(&cell);
            if at + 1 < row.len() {
                line.extend(std::iter::repeat_n(' ', widest + 2 - width(&cell)));
            }
        }
        let line = line.trim_end();
        text.push_str(room.map_or(line, |room| crate::text::head(line, room)));
        text.push('\n');
    }
    text
}
