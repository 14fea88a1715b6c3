//! What ships as text, and what is said about text that is wrong.

mod guard;
mod playbooks;
mod radar;
mod replies;
mod sla;
