//! The wrong-audience guard: what in a text to a customer was most likely not meant for a customer.
//!
//! It only asks once more; it forbids nothing. So it would rather miss an oddity than cry wolf: every pattern has a
//! checksum, a label beside it, or a shape that nothing else has. Pure: the lists come from `config/guard.toml`.

mod numbers;
mod phrases;
mod places;
mod secrets;

use std::ops::Range;

use crate::domain::name::TicketId;
use crate::named_enum;

pub use phrases::Phrase;

named_enum! {
    /// What sort of thing does not belong before a customer.
    pub enum Concern {
        InternalWord = "internal_word",
        Credential = "credential",
        PrivateKey = "private_key",
        RecoveryKey = "recovery_key",
        PaymentCard = "payment_card",
        BankAccount = "bank_account",
        NationalInsurance = "national_insurance",
        HealthNumber = "health_number",
        InternalHost = "internal_host",
        InternalPath = "internal_path",
        PrivateAddress = "private_address",
        OtherTicket = "other_ticket",
    }
}

/// One place in the text that asks for a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub what: Concern,
    /// Bytes of the text; always on the borders of characters.
    pub at: Range<usize>,
}

/// What this desk counts as internal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    pub phrases: Vec<Phrase>,
    /// Endings of internal host names, such as `.corp`, in lower case.
    pub hosts: Vec<String>,
    /// Letters before the number of a ticket, such as `INC`, in upper case.
    pub tickets: Vec<String>,
}

/// Whom the text goes to: the ticket, and the others that its caller may know of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setting<'a> {
    pub ticket: Option<&'a TicketId>,
    pub known: &'a [TicketId],
}

/// Everything in `text` that a customer should perhaps not read, in the order of the text and without overlaps.
pub fn check_public(text: &str, guard: &Guard, setting: Setting<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |what: Concern, at: Range<usize>| found.push(Finding { what, at });
    secrets::find(text, &mut add);
    numbers::find(text, &mut add);
    places::find(text, guard, setting, &mut add);
    phrases::find(text, &guard.phrases, &mut add);
    // Of two that overlap the one that begins first stays, and of those the longer.
    found.sort_by_key(|finding| (finding.at.start, std::cmp::Reverse(finding.at.end)));
    let mut end = 0;
    found.retain(|finding| {
        let keeps = finding.at.start >= end;
        end = if keeps { finding.at.end } else { end };
        keeps
    });
    found
}

impl Concern {
    /// In words, to follow "this looks like".
    pub const fn describe(self) -> &'static str {
        match self {
            Self::InternalWord => "words for the desk only",
            Self::Credential => "a password, token or key",
            Self::PrivateKey => "a private key",
            Self::RecoveryKey => "a disk recovery key",
            Self::PaymentCard => "a payment card number",
            Self::BankAccount => "a bank account",
            Self::NationalInsurance => "a National Insurance number",
            Self::HealthNumber => "an NHS number",
            Self::InternalHost => "an internal host name",
            Self::InternalPath => "an internal share",
            Self::PrivateAddress => "an internal address",
            Self::OtherTicket => "the number of another ticket",
        }
    }

    /// Must not be repeated in full, not even in a question.
    pub const fn is_secret(self) -> bool {
        !matches!(
            self,
            Self::InternalWord | Self::InternalHost | Self::InternalPath | Self::PrivateAddress | Self::OtherTicket
        )
    }
}

impl Finding {
    /// What was found, to be shown in the question; secrets are cut after two characters.
    pub fn describe(&self, text: &str) -> String {
        let excerpt = text.get(self.at.clone()).unwrap_or_default();
        let shown: String = if self.what.is_secret() {
            excerpt.chars().take(2).chain(['…']).collect()
        } else {
            excerpt.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        format!("{}: {shown}", self.what.describe())
    }
}

/// Where the scanners put what they find.
type Add<'a> = dyn FnMut(Concern, Range<usize>) + 'a;

/// The runs of characters that `part` accepts, with their places.
fn runs<'a>(text: &'a str, part: impl Fn(char) -> bool + 'a) -> impl Iterator<Item = (Range<usize>, &'a str)> + 'a {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(&part)?;
        let end = text[start..].find(|c| !part(c)).map_or(text.len(), |len| start + len);
        at = end;
        Some((start..end, &text[start..end]))
    })
}

/// Words as people see them: letters, digits and the apostrophe within.
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let quote = ['\'', '’'];
    runs(text, move |c| c.is_alphanumeric() || quote.contains(&c)).filter_map(move |(at, run)| {
        let start = at.end - run.trim_start_matches(quote).len();
        let word = run.trim_matches(quote);
        (!word.is_empty()).then(|| (start..start + word.len(), word))
    })
}

/// What stands between spaces, without the punctuation around it.
fn tokens(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    runs(text, |c| !c.is_whitespace()).filter_map(|(at, token)| {
        let head = token.trim_start_matches(['(', '"', '\'', '<', '[', '`', '“', '‘']);
        let start = at.end - head.len();
        let token = head.trim_end_matches([')', '"', '\'', '>', ']', '`', ',', ';', '?', '.', ':', '”', '’']);
        (!token.is_empty()).then(|| (start..start + token.len(), token))
    })
}
