//! The subcommands: thin, each calls what the panes call. May use everything; takes no domain decisions.

pub mod import;
pub mod sla;
