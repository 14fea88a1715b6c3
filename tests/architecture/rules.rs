//! What never depends on what, as a table, and the checker that reads a source file against it.

use super::code;

/// A folder of `src` and what its files may name.
struct Folder {
    name: &'static str,
    /// Folders of this crate, itself included.
    may: &'static [&'static str],
    /// Crates beside the standard library.
    crates: &'static [&'static str],
    /// Words of code that must not stand in it.
    never: &'static [&'static str],
}

/// The present time comes in from outside: as an argument, or as `Message::Tick`.
const CLOCKS: [&str; 5] = ["Timestamp::now", "Zoned::now", "SystemTime::now", "Instant::now", "Clock::System"];
const ASYNC: [&str; 3] = [".await", "async fn", "async move"];
/// Starting threads, tasks and other programs.
const SPAWNS: [&str; 6] =
    ["tokio::spawn", "spawn_blocking", "thread::spawn", "thread::Builder", "thread::scope", "Command::new"];
const OUTPUT: [&str; 5] = ["println!", "print!", "eprintln!", "eprint!", "dbg!"];

const FOLDERS: &[Folder] = &[
    Folder {
        name: "text",
        may: &["text"],
        crates: &["serde", "memchr", "unicode_segmentation", "unicode_width"],
        never: &[],
    },
    Folder {
        name: "domain",
        may: &["domain", "text"],
        crates: &["serde", "jiff", "memchr", "hashbrown", "thiserror"],
        never: &["std::fs", "std::env", "std::io"],
    },
    Folder {
        name: "config",
        may: &["config", "domain", "text"],
        crates: &["serde", "jiff", "memchr", "thiserror", "toml", "minijinja"],
        never: &[],
    },
    Folder {
        name: "backend",
        may: &["backend", "domain", "text"],
        crates: &[
            "async_trait",
            "base64",
            "jiff",
            "nix",
            "notify",
            "rusqlite",
            "serde",
            "serde_json",
            "thiserror",
            "tokio",
            "toml",
            "tracing",
            "uuid",
            "reqwest",
            "base64",
            "futures_util",
            "rustls",
            "serde_path_to_error",
            "zeroize",
        ],
        never: &[],
    },
    Folder {
        name: "store",
        may: &["store", "backend", "domain", "text"],
        crates: &["async_trait", "rusqlite", "serde", "serde_json", "jiff", "thiserror", "tokio", "tracing", "uuid"],
        never: &[],
    },
    Folder {
        name: "command",
        may: &["command", "app", "backend", "domain", "text"],
        crates: &["serde", "jiff", "thiserror"],
        never: &[],
    },
    Folder {
        name: "app",
        may: &["app", "command", "backend", "domain", "text"],
        crates: &["serde", "serde_json", "jiff", "nucleo_matcher", "thiserror", "uuid"],
        never: &["std::fs", "std::env"],
    },
    Folder {
        name: "ui",
        may: &["ui", "app", "command", "domain", "text"],
        crates: &["jiff", "ratatui"],
        never: &["&mut Model", "std::fs", "std::env"],
    },
    Folder {
        name: "import",
        may: &["import", "backend", "config", "domain", "text"],
        crates: &["csv", "flate2", "jiff", "memchr", "quick_xml", "serde", "thiserror", "toml", "zip"],
        never: &[],
    },
    Folder {
        name: "runtime",
        may: &["runtime", "ui", "app", "command", "store", "backend", "domain", "text"],
        crates: &[
            "anyhow",
            "jiff",
            "memchr",
            "nix",
            "ratatui",
            "thiserror",
            "tokio",
            "tracing",
            "tracing_subscriber",
            "unicode_width",
            "uuid",
        ],
        never: &["domain::lifecycle", "domain::priority", "domain::sla", "domain::escalation", "domain::ownership"],
    },
];

/// Pure folders read no clock, await nothing, start nothing.
const PURE: [&str; 6] = ["text", "domain", "config", "command", "app", "ui"];
/// The clock of a desk, and of a copy of one; all others are given the time.
const TAKES_TIME: [&str; 4] = ["src/backend/", "src/store/mirror/", "src/runtime/", "src/cli/"];
/// Besides `runtime`: desks and copies in a file work off the async threads, the store writes behind, the import reads
/// ahead, and secrets come from other programs.
const MAY_SPAWN: [&str; 6] = [
    "src/runtime/",
    "src/backend/sqlite/",
    "src/backend/http/client/keys/",
    "src/store/mod.rs",
    "src/store/mirror/core.rs",
    "src/cli/",
];

/// Macros stand at the root of the crate, wherever they are written.
const MACROS: [&str; 1] = ["named_enum"];

/// Forms in which a user writes longer text are the widget's own state, so the model holds one.
const EXCEPTIONS: &[(&str, &[&str])] = &[("src/app/text_form.rs", &["ratatui", "tui_textarea"])];

/// Every place in this file where the rules are broken, as `path:line: what`. `crates` are the dependencies by the name
/// under which code calls them.
pub fn faults(path: &str, text: &str, crates: &[String]) -> Vec<String> {
    let plain = code::plain(text);
    let mut found = Found { path, plain: &plain, faults: Vec::new() };
    if !text.starts_with("//!") {
        found.faults.push(format!("{path}:1: starts without a //! header that says what the module is for"));
    }
    for word in ["todo!", "unimplemented!", "dbg!", "#[ignore", "#[allow", "#![allow"] {
        found.never(word, "is never left in");
    }
    if let Some(inside) = path.strip_prefix("src/") {
        found.source(inside, crates);
    }
    found.faults
}

struct Found<'a> {
    path: &'a str,
    plain: &'a str,
    faults: Vec<String>,
}

impl Found<'_> {
    fn never(&mut self, word: &str, why: &str) {
        for line in code::lines_with(self.plain, word) {
            self.faults.push(format!("{}:{line}: `{word}` {why}", self.path));
        }
    }

    fn source(&mut self, inside: &str, crates: &[String]) {
        for word in [".unwrap()", ".expect(", ".unwrap_err()", "panic!", "unreachable!"] {
            self.never(word, "panics; give a typed error");
        }
        self.never("crate::{", "hides which folders are used; write one `use` for each");
        let talks = inside.starts_with("cli/") || inside == "main.rs";
        if !talks {
            OUTPUT.iter().for_each(|word| self.never(word, "writes over the screen; only cli prints"));
        }
        if !TAKES_TIME.iter().any(|start| self.path.starts_with(start)) {
            CLOCKS.iter().for_each(|word| self.never(word, "reads the clock; take the time as an argument"));
        }
        if !MAY_SPAWN.iter().any(|start| self.path.starts_with(start)) {
            SPAWNS.iter().for_each(|word| self.never(word, "starts something; that is for runtime"));
        }
        let name = inside.split('/').next().unwrap_or_default();
        if PURE.contains(&name) {
            ASYNC.iter().for_each(|word| self.never(word, "waits; return an effect"));
        }
        match FOLDERS.iter().find(|folder| folder.name == name) {
            Some(folder) => self.folder(folder, crates),
            None if name == "cli" || !inside.contains('/') => {}
            None => self.faults.push(format!("{}:1: the folder `{name}` has no row in FOLDERS", self.path)),
        }
    }

    fn folder(&mut self, folder: &Folder, crates: &[String]) {
        for (line, used) in code::after(self.plain, "crate::") {
            if !MACROS.contains(&used.as_str()) && !folder.may.contains(&used.as_str()) {
                self.faults.push(format!("{}:{line}: {} must not use crate::{used}", self.path, folder.name));
            }
        }
        let excepted = EXCEPTIONS.iter().find(|(path, _)| *path == self.path).map_or(&[][..], |(_, crates)| crates);
        for other in crates.iter().filter(|name| !folder.crates.contains(&name.as_str())) {
            if !excepted.contains(&other.as_str()) {
                let why = format!("is not for {}", folder.name);
                self.never(&format!("{other}::"), &why);
            }
        }
        for word in folder.never {
            let why = format!("is not for {}", folder.name);
            self.never(word, &why);
        }
    }
}

/// The folders that have a row, and `cli`, which may use all of them.
pub fn folders() -> impl Iterator<Item = &'static str> {
    FOLDERS.iter().map(|folder| folder.name).chain(["cli"])
}
