//! The rules under which an embedded desk stands: what it has agreed on, and the promises that its rows show.

use std::fmt::{self, Write};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::catalogue::Item;
use crate::domain::desk;
use crate::domain::directory::Directory;
use crate::domain::gate::Gates;
use crate::domain::kind::Kind;
use crate::domain::priority::Matrix;
use crate::domain::rfc::Practice;
use crate::domain::rules;
use crate::domain::sla::{Metric, Policy};
use crate::domain::state::{HoldReason, State};
use crate::domain::summary::Summary;
use crate::domain::ticket::Ticket;
use crate::domain::waits;

/// Counts when a program makes other rows of the same events, so that rows of older programs are made anew.
const MAKING: u32 = 2;

/// The rules of a desk, as its configuration gives them, over the people that it has.
#[derive(Debug, Clone)]
pub struct Rules {
    pub policy: Arc<Policy>,
    /// What `decide` asks; its directory is the desk's own.
    pub agreed: rules::Rules,
}

impl Rules {
    pub fn new(policy: Policy, agreed: rules::Rules) -> Self {
        Self { policy: Arc::new(policy), agreed }
    }

    /// The rules of a desk that has agreed on these promises and this matrix, over no people yet.
    ///
    /// The days of the reopen window are those of the calendar `uk`, where there is one.
    pub fn of(policy: Policy, matrix: Matrix) -> Self {
        let calendar = policy.calendars().get("uk").map(|calendar| calendar.as_ref().clone());
        Self::new(policy, rules::Rules { matrix, calendar, ..rules::Rules::standard(Directory::default()) })
    }

    /// The same rules, with problems watched like this.
    #[must_use]
    pub fn watching(mut self, watch: rules::Watch) -> Self {
        self.agreed.periods = self.agreed.periods.watching(watch);
        self
    }

    /// The same rules with this practice of changes.
    #[must_use]
    pub fn with_changes(mut self, changes: Practice) -> Self {
        self.agreed.changes = Arc::new(changes);
        self
    }

    /// The same rules with this catalogue and these gates.
    #[must_use]
    pub fn with(mut self, catalogue: Vec<Item>, gates: Gates) -> Self {
        (self.agreed.directory.catalogue, self.agreed.directory.gates) = (catalogue, gates);
        self
    }

    /// The same rules over other people. The catalogue and the gates are agreed on, whatever the people bring.
    #[must_use]
    pub fn over(&self, directory: Directory) -> Self {
        let (catalogue, gates) = (self.agreed.directory.catalogue.clone(), self.agreed.directory.gates.clone());
        let directory = Directory { catalogue, gates, ..directory };
        Self { policy: Arc::clone(&self.policy), agreed: rules::Rules { directory, ..self.agreed.clone() } }
    }

    pub fn changes(&self) -> &Practice {
        &self.agreed.changes
    }

    pub fn directory(&self) -> &Directory {
        &self.agreed.directory
    }

    /// The ticket's row under these rules.
    pub fn summary(&self, ticket: &Ticket) -> Summary {
        let mut row = Summary::of(ticket, &self.policy, &self.agreed.matrix);
        row.custom.extend(waits::pairs(ticket, self.directory()));
        row
    }

    /// When something falls due on the ticket by itself.
    pub fn falls_due(&self, ticket: &Ticket) -> Option<Timestamp> {
        desk::falls_due(ticket, &self.agreed)
    }

    /// Differs between rules that would make other rows: promises, calendars, the matrix, periods, and the
    /// lists by whose places a row names a state.
    pub fn fingerprint(&self) -> String {
        let lists = (Kind::ALL, State::ALL, HoldReason::ALL, Metric::ALL);
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        // A hash takes whatever is written to it.
        let _ = write!(hash, "{MAKING} {lists:?} {:?} {:?}", self.agreed.matrix, self.agreed.periods);
        // Each calendar once: by way of the promises it would be read through for every one of them, at each start.
        let _ = write!(hash, " {:?}", self.policy.calendars());
        let _ = write!(hash, " {:?} {:?}", self.directory().catalogue, self.directory().gates);
        for rule in self.policy.rules() {
            let _ = write!(hash, " {:?}", rule.definition);
        }
        format!("{:016x}", hash.0)
    }
}

/// FNV-1a: the same on every machine and in every version of the program.
struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}
