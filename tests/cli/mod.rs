//! The subcommands as functions: what they print and what they refuse.

mod sla;
