//! What is judged from the environment, and the sequences that leave for the clipboard.

use deskside::runtime::terminal::clipboard::{CopyError, sequence};
use deskside::runtime::terminal::{ColorMode, Multiplexer, NoTerminal, Terminal};
use deskside::text::Clean;

fn terminal(env: &[(&str, &str)]) -> Result<Terminal, NoTerminal> {
    Terminal::from_env(|name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
}

#[test]
fn colours_follow_the_environment() {
    for (env, mode) in [
        (&[("TERM", "xterm-256color")][..], ColorMode::Ansi256),
        (&[("TERM", "xterm")], ColorMode::Ansi16),
        (&[("TERM", "xterm"), ("COLORTERM", "truecolor")], ColorMode::True),
        (&[("TERM", "xterm-kitty")], ColorMode::True),
        (&[("TERM", "vt100")], ColorMode::Mono),
        (&[("TERM", "linux")], ColorMode::Ansi16),
        (&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], ColorMode::Mono),
        (&[("TERM", "xterm-kitty"), ("NO_COLOR", "")], ColorMode::True),
    ] {
        assert_eq!(terminal(env).unwrap().color, mode, "{env:?}");
    }
}

#[test]
fn symbols_follow_the_locale() {
    for (env, unicode, utf8) in [
        (&[("LANG", "en_GB.UTF-8")][..], true, true),
        (&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], false, false),
        (&[("LANG", "C"), ("LC_CTYPE", "de_DE.utf8")], true, true),
        (&[("LANG", "de_DE.ISO-8859-1")], false, false),
        (&[("LANG", "C.UTF-8"), ("DESKSIDE_ASCII", "1")], false, true),
        (&[], true, true),
        (&[("TERM", "linux"), ("LANG", "C.UTF-8")], false, true),
    ] {
        let mut env = env.to_vec();
        env.push(("TERM", "xterm"));
        let terminal = terminal(&env).unwrap();
        assert_eq!((terminal.unicode, terminal.utf8), (unicode, utf8), "{env:?}");
    }
}

#[test]
fn no_terminal_is_said_with_what_to_do() {
    assert_eq!(terminal(&[("TERM", "dumb")]), Err(NoTerminal::Dumb));
    assert_eq!(terminal(&[]), Err(NoTerminal::Unnamed));
    for error in [NoTerminal::Dumb, NoTerminal::Unnamed, NoTerminal::NotATerminal] {
        assert!(error.to_string().contains("deskside list"), "{error}");
    }
}

#[test]
fn ssh_and_multiplexers_are_seen() {
    let over_ssh = terminal(&[("TERM", "tmux-256color"), ("SSH_TTY", "/dev/pts/3"), ("TMUX", "/tmp/t,1,0")]).unwrap();
    assert!(over_ssh.remote);
    assert_eq!(over_ssh.multiplexer, Multiplexer::Tmux);
    let console = terminal(&[("TERM", "linux")]).unwrap();
    assert!(!console.remote && !console.scroll && !console.sync && !console.title);
}

#[test]
fn a_copy_is_base64_in_the_right_envelope() {
    let copied =
        |text: &str, multiplexer| String::from_utf8(sequence(&Clean::body(text), multiplexer).unwrap()).unwrap();
    assert_eq!(copied("Man", Multiplexer::None), "\x1b]52;c;TWFu\x07");
    assert_eq!(copied("Ma", Multiplexer::None), "\x1b]52;c;TWE=\x07");
    assert_eq!(copied("é", Multiplexer::None), "\x1b]52;c;w6k=\x07");
    assert_eq!(copied("M", Multiplexer::Tmux), "\x1b]52;c;TQ==\x07\x1bPtmux;\x1b\x1b]52;c;TQ==\x07\x1b\\");
    let long = copied(&"x".repeat(2_000), Multiplexer::Screen);
    assert!(long.split("\x1b\\").all(|piece| piece.len() < 768), "screen drops longer strings");
    let joined = long.replace("\x1b\\", "").replace("\x1bP", "");
    assert!(joined.starts_with("\x1b]52;c;eHh4") && joined.ends_with('\x07'));
    assert!(matches!(sequence(&Clean::body(&"x".repeat(80_000)), Multiplexer::None), Err(CopyError::TooLong(80_000))));
}
