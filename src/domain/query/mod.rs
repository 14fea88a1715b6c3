//! The one language in which lists are asked for: by the filter, the views, the `:` line and the command line.
//!
//! ```text
//! vpn "blue screen"                 words, in the identifier, title, caller, owner, group, category or asset
//! group:network p<=2 breach<2h      fields; FIELDS lists them
//! state:new,on_hold p:1..2          lists and ranges
//! opened:2016-03 age>3d             days, months, lengths of time
//! -major not (mine or unowned)      negation, alternatives, parentheses; flags are listed in FLAGS
//! x.cost>50 sort:-opened,priority   fields of this desk, an order
//! ```
//!
//! [`Query::parse`] reads it, `Display` writes it in one canonical way, [`Query::compile`] fits it to a
//! [`Table`](super::table::Table), [`complete`] helps to write it. Knows no clock: the present is in the [`Context`].

mod ast;
mod compile;
mod complete;
mod error;
mod field;
mod fit;
mod head;
mod leaf;
mod narrow;
mod parse;
mod print;
mod probe;
mod rank;
mod sort;
mod value;
mod when;

pub use ast::{Clause, Expr, Op, Query, SlaTest, SortKey, StateTest, Value, When};
pub use compile::{Compiled, Context};
pub use complete::{Candidate, complete};
pub use error::QueryError;
pub use field::{FIELDS, FLAGS, FieldDoc, Flag, Key};
pub use parse::Partial;
pub use sort::{sort, sort_first};
