//! `levels.toml`: which acts ask for a level or a manager role.

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::domain::gate::{Gate, Gates, Pass};

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/levels.toml", text: include_str!("../../config/levels.toml") };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    gate: Vec<Spanned<Pass>>,
}

/// The gates of these files, later ones over earlier ones by the act that they are about.
pub fn load(sources: &[Source]) -> Result<Gates, Faults> {
    let mut faults = Faults::default();
    let mut gates: Vec<Pass> = Vec::new();
    for source in sources {
        let file: File = match source.toml() {
            Ok(file) => file,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let mut seen: Vec<Gate> = Vec::new();
        for entry in file.gate {
            let (span, pass) = (entry.span(), entry.into_inner());
            if seen.contains(&pass.act) {
                let message = format!("`{}` stands in this file twice; leave one out.", pass.act);
                faults.push(source.fault_at(&span, "gate.act", &message));
            }
            seen.push(pass.act);
            match gates.iter_mut().find(|held| held.act == pass.act) {
                Some(held) => *held = pass,
                None => gates.push(pass),
            }
        }
    }
    faults.or(Gates(gates))
}
