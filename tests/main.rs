mod command;
mod domain;
mod text;
