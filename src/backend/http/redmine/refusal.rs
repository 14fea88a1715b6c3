//! Whom a refusal is about: Redmine gives sentences in the user's language and no keys.

use crate::backend::Error;
use crate::backend::http::client::Failure;
use crate::backend::http::tracker::{Part, Record, Write};
use crate::domain::field::Field;
use crate::domain::mapping::Mapping;

/// The error of a write, with our field where the words name the custom field of it.
pub fn named(mapping: &Mapping, on: &Record, write: &Write, failure: Failure) -> Error {
    let Error::Invalid { reason, .. } = &failure.error else { return failure.missing(&on.id) };
    let names = |field: &Field| {
        let custom = mapping.field(on.kind, field).and_then(|native| native.strip_prefix("cf:"));
        custom.is_some_and(|name| reason.contains(name))
    };
    let sent =
        |field: &Field| write.carries.iter().any(|part| matches!(part, Part::Field(carried, _) if carried == field));
    let all: Vec<&Field> = mapping.fields_of(on.kind).into_keys().filter(|field| names(field)).collect();
    let found = all.iter().find(|field| sent(field)).or(all.first());
    Error::invalid(found.map_or("", |field| field.name()), reason.clone())
}
