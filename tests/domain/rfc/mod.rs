//! Changes: how risky, approved by whom, when, and what is in the way. The numbers are those of the reference.

mod conflicts;
mod flow;
mod guard;
mod weigh;
mod windows;
