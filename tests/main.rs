mod command;
mod domain;
