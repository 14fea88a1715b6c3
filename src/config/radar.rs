//! `radar.toml`: what the radar for repeat incidents looks for.

use serde::Deserialize;
use toml::Spanned;

use crate::config::fault::{Faults, Source};
use crate::domain::radar::{KeyField, Rules};

/// What ships.
pub const SHIPPED: Source<'static> =
    Source { file: "config/radar.toml", text: include_str!("../../config/radar.toml") };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    window_days: Spanned<u16>,
    baseline_days: Spanned<u16>,
    least: Spanned<usize>,
    factor: Spanned<f64>,
    chance: Spanned<f64>,
    similar: Spanned<f32>,
    room: Spanned<usize>,
    change_days: u16,
    keys: Vec<Vec<Spanned<String>>>,
}

/// The rules that this file describes, with every fault in it.
pub fn load(source: Source) -> Result<Rules, Faults> {
    let file: File = source.toml()?;
    let mut faults = Faults::default();
    let mut check = |fits: bool, span: std::ops::Range<usize>, key: &str, say: &str| {
        if !fits {
            faults.push(source.fault_at(&span, key, say));
        }
    };
    let days = 1..=366;
    check(days.contains(file.window_days.get_ref()), file.window_days.span(), "window_days", "Write 1 to 366 days.");
    let is_long = *file.baseline_days.get_ref() >= *file.window_days.get_ref() && *file.baseline_days.get_ref() <= 1100;
    check(is_long, file.baseline_days.span(), "baseline_days", "Write at least as many as window_days, at most 1100.");
    check(*file.least.get_ref() >= 2, file.least.span(), "least", "One ticket repeats nothing; write 2 or more.");
    check(*file.factor.get_ref() >= 1.0, file.factor.span(), "factor", "Write 1 or more.");
    let chance = *file.chance.get_ref();
    check(chance > 0.0 && chance < 1.0, file.chance.span(), "chance", "Write a number between 0 and 1.");
    let similar = *file.similar.get_ref();
    check(similar > 0.0 && similar <= 1.0, file.similar.span(), "similar", "Write a number between 0 and 1.");
    let room = *file.room.get_ref();
    check(room >= *file.least.get_ref(), file.room.span(), "room", "A group must have room for `least` tickets.");
    let mut keys = Vec::new();
    for row in &file.keys {
        let mut fields = Vec::new();
        for name in row {
            match KeyField::parse(name.get_ref()) {
                Some(field) => fields.push(field),
                None => {
                    let say = format!(
                        "`{}` is nothing to count by; allowed are asset, service, category, location, caller, group \
                         and x.name.",
                        name.get_ref()
                    );
                    faults.push(source.fault_at(&name.span(), "keys", &say));
                }
            }
        }
        keys.push(fields);
    }
    faults.or(Rules {
        window_days: file.window_days.into_inner(),
        baseline_days: file.baseline_days.into_inner(),
        least: file.least.into_inner(),
        factor: file.factor.into_inner(),
        chance,
        similar,
        room,
        change_days: file.change_days,
        keys,
    })
}
