//! Every tracker keeps the same promises; fakes in every run, real servers where one is named in the environment.

mod redmine;
pub mod site;
