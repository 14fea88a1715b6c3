//! This user's local state, and copies of desks.

pub mod desk;
mod local;
mod mirror;
mod order;
