//! `problems.toml`: how often problems are looked at, and how long their fixes are watched.

use crate::config::fault::{Faults, Source};
use crate::domain::rules::Watch;

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/problems.toml", text: include_str!("../../config/problems.toml") };

/// The days that this file gives.
pub fn load(source: Source) -> Result<Watch, Faults> {
    Ok(source.toml()?)
}
