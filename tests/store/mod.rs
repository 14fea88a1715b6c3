//! This user's local state: the copy of a desk.

mod desk;
mod mirror;
mod order;
