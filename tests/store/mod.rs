//! This user's local state, and copies of desks.

mod desk;
mod local;
mod mirror;
mod order;
