//! What ships as text, and what is said about text that is wrong.

mod catalogue;
mod guard;
mod playbooks;
mod radar;
mod replies;
mod sla;
