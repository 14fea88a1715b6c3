//! The one gate for text that comes from outside: tickets, people, files, pastes.
//!
//! Nothing is drawn, logged, exported, copied, put into a title or handed to an editor unless it is a [`Clean`].
//! May use std, serde and the unicode crates only.

mod clean;
mod entities;
mod gate;
mod html;
mod measure;

pub(crate) use clean::read_text;
pub use clean::{Clean, csv_cell};
pub use html::{from_html, to_html};
pub use measure::{fit, head, one_line, spaced, width, wrap};
