//! Names and values as trackers spell them, where all of them are read alike.

use crate::domain::field::Field;
use crate::domain::kind::Kind;
use crate::domain::name::Name;
use crate::domain::state::State;

/// Whether two names are one to people: blanks around them and capitals aside.
pub fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// A name; none where there are no words.
pub fn named(words: &str) -> Option<Name> {
    Some(Name::new(words)).filter(|name| !name.is_empty())
}

/// Whether a field of yes and no says yes.
pub fn is_yes(words: &str) -> bool {
    ["true", "yes", "1"].iter().any(|yes| yes.eq_ignore_ascii_case(words.trim()))
}

/// The field under which a field of the site is shown that nobody mapped: `x.cost_centre`, of "Cost Centre".
pub fn own_field(name: &str) -> Field {
    let mut slug = String::from("x.");
    for letter in name.to_lowercase().chars() {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with(['_', '.']) {
            slug.push('_');
        }
    }
    Field::Custom(Name::new(slug.trim_end_matches('_')))
}

/// What a state that nobody mapped is nearest to, where all one knows is that the ticket is open: at work, with nothing
/// claimed to be decided.
pub const fn at_work(kind: Kind) -> State {
    match kind {
        Kind::Incident => State::InProgress,
        Kind::Request => State::InFulfilment,
        Kind::Problem => State::RootCause,
        Kind::Change => State::Assess,
    }
}
