//! The subcommands: the built program, run as a user or a script runs it, in a home of its own.

mod change;
mod desk;
mod evaluate;
mod first;
mod perform;
mod records;
mod reference;
mod requests;
mod settings;
mod sla;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A home folder with nothing in it.
pub struct Home(tempfile::TempDir);

/// What a run said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A home with a new desk in `desk.db`, which every run finds by its variable.
    pub fn with_desk() -> Self {
        let home = Self::new();
        home.done(&["new-desk", &home.file("desk.db")]);
        home
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }

    /// A file of settings.
    pub fn config(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join("config/deskside").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskside"));
        command.args(words).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TZ", "UTC").env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
        for (name, below) in [("CONFIG", "config"), ("STATE", "state"), ("DATA", "data")] {
            command.env(format!("XDG_{name}_HOME"), self.path().join(below));
        }
        let desk = self.path().join("desk.db");
        if desk.exists() {
            command.env("DESKSIDE_DB", desk);
        }
        command
    }

    pub fn run(&self, words: &[&str]) -> Said {
        said(self.command(words).output().unwrap())
    }

    /// What it printed; it must end well and have nothing to say beside it.
    #[track_caller]
    pub fn done(&self, words: &[&str]) -> String {
        let said = self.run(words);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}: {said:?}");
        said.out
    }

    /// What it said when it refused, with that code; nothing may be printed beside it.
    #[track_caller]
    pub fn refused(&self, code: i32, words: &[&str]) -> String {
        let said = self.run(words);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{words:?}: {said:?}");
        said.err
    }

    #[track_caller]
    pub fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[words, &["--json"]].concat())).unwrap()
    }

    /// Registers an incident; its id.
    #[track_caller]
    pub fn incident(&self, title: &str) -> String {
        let words = ["new", "incident", "--title", title, "--caller", "ana", "--impact", "3", "--urgency", "2"];
        self.json(&words)["id"].as_str().unwrap().to_owned()
    }
}

pub fn said(output: std::process::Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}
