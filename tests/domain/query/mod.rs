//! The query language: what it reads, how it writes it, what it finds, in which order.

mod evaluate;
mod language;
mod naive;
mod order;
