//! What ships as text, and what is said about text that is wrong.

mod guard;
mod replies;
mod sla;
