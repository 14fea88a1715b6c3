//! What this terminal can do, judged from the environment alone: no query is sent, so nobody waits for an answer.

use super::colour::ColorMode;

/// Whether a multiplexer stands between the console and the terminal that the user looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplexer {
    None,
    Tmux,
    Screen,
}

/// The abilities that decide what is drawn and how it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub color: ColorMode,
    /// Box drawing and symbols beyond ASCII may be drawn.
    pub unicode: bool,
    /// The terminal decodes UTF-8. Where it does not, other characters are sent as `?`: their bytes could be controls.
    pub utf8: bool,
    /// Scroll regions and their scrolling (DECSTBM, SU, SD) are known to work.
    pub scroll: bool,
    /// Large frames may be bracketed as one update (DEC 2026); a terminal that lacks it ignores the bracket.
    pub sync: bool,
    /// The title can be set (OSC 2) and put back.
    pub title: bool,
    /// The console runs on another machine than the user's screen, so the clipboard must go through the terminal.
    pub remote: bool,
    pub multiplexer: Multiplexer,
}

/// Why there is no terminal to draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTerminal {
    #[error("the console needs a terminal, and its output goes to a file or a pipe; use `deskside list` there")]
    NotATerminal,
    #[error("the console needs a terminal that can move its cursor, and TERM is `dumb`; use `deskside list` there")]
    Dumb,
    #[error(
        "the console cannot tell which terminal this is, as TERM is not set; set it (TERM=xterm-256color fits most), or use `deskside list`"
    )]
    Unnamed,
}

impl Terminal {
    /// Judges by environment variables: NO_COLOR, TERM, COLORTERM, LC_ALL, LC_CTYPE, LANG, SSH_TTY, SSH_CONNECTION, TMUX,
    /// STY and our own DESKSIDE_ASCII (`1` keeps the drawing in ASCII, `0` does not).
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, NoTerminal> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let term = get("TERM").ok_or(NoTerminal::Unnamed)?;
        if term == "dumb" {
            return Err(NoTerminal::Dumb);
        }
        let console = term == "linux" || term.starts_with("vt1") || term.starts_with("vt2");
        // Without any locale the guess is UTF-8: containers set none, and the terminals around them decode it.
        let locale = get("LC_ALL").or_else(|| get("LC_CTYPE")).or_else(|| get("LANG"));
        let utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let unicode = match get("DESKSIDE_ASCII").as_deref() {
            Some("0") => utf8,
            Some(_) => false,
            None => utf8 && !console,
        };
        let multiplexer = match () {
            () if get("TMUX").is_some() => Multiplexer::Tmux,
            () if get("STY").is_some() => Multiplexer::Screen,
            () => Multiplexer::None,
        };
        Ok(Self {
            color: color_mode(&term, &get),
            unicode,
            utf8,
            scroll: !console,
            sync: !console,
            title: !console,
            remote: get("SSH_TTY").is_some() || get("SSH_CONNECTION").is_some(),
            multiplexer,
        })
    }
}

fn color_mode(term: &str, get: &impl Fn(&str) -> Option<String>) -> ColorMode {
    const TRUE: [&str; 6] = ["direct", "kitty", "alacritty", "foot", "wezterm", "ghostty"];
    if get("NO_COLOR").is_some() || term.starts_with("vt1") || term.starts_with("vt2") || term.ends_with("-m") {
        return ColorMode::Mono;
    }
    let declared = get("COLORTERM").unwrap_or_default().to_ascii_lowercase();
    match () {
        () if declared == "truecolor" || declared == "24bit" => ColorMode::True,
        () if TRUE.iter().any(|name| term.contains(name)) => ColorMode::True,
        () if term.contains("256color") => ColorMode::Ansi256,
        () => ColorMode::Ansi16,
    }
}
