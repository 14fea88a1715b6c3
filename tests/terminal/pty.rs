//! A real pseudo terminal around the real program, with an emulator that shows what a user would see.
//!
//! Shared by the terminal tests and the pty bench. The reading thread does nothing but stamp what comes with the time;
//! the emulator is fed by whoever asks for the screen.

#![expect(dead_code, reason = "the tests and the bench each use a part")]

use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use deskside::command::key::{Code, Key, Keys};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How the program is started: its arguments, its surroundings, the size of its terminal.
#[derive(Clone, Debug)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    home: PathBuf,
    size: (u16, u16),
}

impl Launch {
    /// The console, with a home directory of its own (nothing of the user's is read or written).
    pub fn new(home: &Path, arguments: &[&str]) -> Self {
        Self::program(home, env!("CARGO_BIN_EXE_deskside"), arguments)
    }

    /// Any program in the same surroundings.
    pub fn program(home: &Path, program: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { program: program.into(), arguments, variables: Vec::new(), home: home.into(), size: (100, 30) }
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    pub fn spawn(&self) -> Pty {
        let mut command = CommandBuilder::new(&self.program);
        command.args(&self.arguments);
        command.cwd(&self.home);
        command.env_clear();
        for (name, below) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            command.env(name, self.home.join(below));
        }
        command.env("HOME", &self.home);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("USER", "casey");
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        self.variables.iter().for_each(|(name, value)| command.env(name, value));

        let (columns, rows) = self.size;
        let pair = native_pty_system().openpty(pty_size(columns, rows)).unwrap();
        let reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let wire = Arc::new(Wire::default());
        let seen = Arc::clone(&wire);
        thread::spawn(move || seen.listen(reader));
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        Pty {
            child,
            line: Some((pair.master, writer)),
            wire,
            emulator: vt100::Parser::new(some(rows), some(columns), 0),
            sent: Vec::new(),
            started,
        }
    }
}

/// Output in the order it came, each piece with its time.
#[derive(Default)]
struct Wire {
    inbox: Mutex<Inbox>,
    news: Condvar,
}

#[derive(Default)]
struct Inbox {
    pieces: VecDeque<(Instant, Vec<u8>)>,
    closed: bool,
    unplug: bool,
}

impl Wire {
    fn listen(&self, mut reader: Box<dyn Read + Send>) {
        let mut bytes = vec![0; 1 << 16];
        loop {
            let count = reader.read(&mut bytes).unwrap_or(0);
            let at = Instant::now();
            let mut inbox = self.inbox.lock().unwrap();
            inbox.closed = count == 0 || inbox.unplug;
            inbox.pieces.push_back((at, bytes[..count].to_vec()));
            self.news.notify_all();
            if inbox.closed {
                return;
            }
        }
    }
}

/// A program on a terminal. Dropping it kills the program.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    line: Option<(Box<dyn MasterPty + Send>, Box<dyn Write + Send>)>,
    wire: Arc<Wire>,
    emulator: vt100::Parser,
    sent: Vec<u8>,
    pub started: Instant,
}

/// Long enough for a loaded machine; a test that passes never waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

impl Pty {
    /// Writes keys as a terminal would send them: `"j j enter"`, `"ctrl-w j"`, `"esc"`.
    pub fn keys(&mut self, keys: &str) -> Instant {
        let keys: Keys = keys.parse().unwrap();
        let bytes: Vec<u8> = keys.0.iter().flat_map(bytes_of).collect();
        self.send(&bytes)
    }

    /// Writes bytes in one go; gives the moment just before.
    pub fn send(&mut self, bytes: &[u8]) -> Instant {
        let (_, writer) = self.line.as_mut().expect("the line is cut");
        let at = Instant::now();
        writer.write_all(bytes).unwrap();
        writer.flush().unwrap();
        at
    }

    /// Types text, each character as its key.
    pub fn type_text(&mut self, text: &str) -> Instant {
        self.send(text.as_bytes())
    }

    pub fn paste(&mut self, text: &str) -> Instant {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes())
    }

    /// The screen as it is now.
    pub fn screen(&mut self) -> &vt100::Screen {
        while self.next_piece(Instant::now()).is_some() {}
        self.emulator.screen()
    }

    /// The screen as it was after the last piece that was taken.
    pub fn emulator(&self) -> &vt100::Screen {
        self.emulator.screen()
    }

    /// The next piece of output and when it came, shown to the emulator; `None` when none comes before `until`.
    pub fn next_piece(&mut self, until: Instant) -> Option<(Instant, usize)> {
        let mut inbox = self.wire.inbox.lock().unwrap();
        while inbox.pieces.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || inbox.closed {
                return None;
            }
            inbox = self.wire.news.wait_timeout(inbox, left).unwrap().0;
        }
        let (at, bytes) = inbox.pieces.pop_front()?;
        drop(inbox);
        self.emulator.process(&bytes);
        self.sent.extend_from_slice(&bytes);
        Some((at, bytes.len()))
    }

    /// Waits until the screen is as wanted, and gives the time of the piece that made it so.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> Instant {
        let end = Instant::now() + PATIENCE;
        let mut at = Instant::now();
        while !wanted(self.emulator.screen()) {
            match self.next_piece(end) {
                Some((came, _)) => at = came,
                None => panic!("waited for {what}, but the screen is\n{}", self.picture()),
            }
        }
        at
    }

    #[track_caller]
    pub fn wait_for_text(&mut self, text: &str) -> Instant {
        self.wait_for(&format!("{text:?}"), |screen| screen.contents().contains(text))
    }

    #[track_caller]
    pub fn wait_until_gone(&mut self, text: &str) -> Instant {
        self.wait_for(&format!("{text:?} to go"), |screen| !screen.contents().contains(text))
    }

    /// Waits until the program has sent nothing for `quiet`.
    pub fn settle(&mut self, quiet: Duration) {
        while self.next_piece(Instant::now() + quiet).is_some() {}
    }

    /// All bytes seen since the last call.
    pub fn bytes_since(&mut self) -> Vec<u8> {
        self.screen();
        std::mem::take(&mut self.sent)
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.screen();
        self.emulator.screen_mut().set_size(some(rows), some(columns));
        let (master, _) = self.line.as_ref().expect("the line is cut");
        master.resize(pty_size(columns, rows)).unwrap();
    }

    /// Whether the terminal is raw: what is typed is neither echoed nor gathered into lines.
    pub fn is_raw(&self) -> bool {
        use nix::sys::termios::LocalFlags;
        let (master, _) = self.line.as_ref().expect("the line is cut");
        let flags = master.get_termios().expect("a terminal").local_flags.bits();
        flags & (LocalFlags::ICANON | LocalFlags::ECHO).bits() == 0
    }

    pub fn pid(&self) -> i32 {
        self.child.process_id().unwrap() as i32
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid()), signal).unwrap();
    }

    /// Ends the program with no chance to say anything.
    pub fn kill9(&mut self) {
        self.signal(Signal::SIGKILL);
        self.wait_exit();
    }

    /// Cuts the line, as a lost connection does: the terminal is gone, the program gets SIGHUP from the system.
    pub fn hang_up(&mut self) {
        self.wire.inbox.lock().unwrap().unplug = true;
        let size = self.emulator.screen().size();
        // The reading thread holds the terminal open until it has read once more: a repaint makes it.
        self.resize(size.1.get() - 1, size.0.get());
        self.resize(size.1.get(), size.0.get());
        let end = Instant::now() + PATIENCE;
        while !self.wire.inbox.lock().unwrap().closed {
            assert!(Instant::now() < end, "the program did not repaint after a resize");
            thread::sleep(Duration::from_millis(5));
        }
        self.say_nothing_more();
        self.line = None;
    }

    /// The writer of `portable_pty` types a line break and the terminal's end-of-file key when it is dropped: keys that
    /// nobody pressed, and that no line ever sends when it drops. A terminal without that key keeps it silent.
    fn say_nothing_more(&self) {
        use nix::sys::termios::{SetArg, SpecialCharacterIndices, tcgetattr, tcsetattr};
        let (master, _) = self.line.as_ref().expect("the line is cut already");
        let flags = nix::fcntl::OFlag::O_NOCTTY.bits();
        let tty =
            OpenOptions::new().read(true).write(true).custom_flags(flags).open(master.tty_name().unwrap()).unwrap();
        let mut settings = tcgetattr(&tty).unwrap();
        settings.control_chars[SpecialCharacterIndices::VEOF as usize] = 0;
        tcsetattr(&tty, SetArg::TCSANOW, &settings).unwrap();
    }

    /// How the program ended; waits for it.
    #[track_caller]
    pub fn wait_exit(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "the program does not end; the screen is\n{}", self.picture());
            self.next_piece(Instant::now() + Duration::from_millis(5));
        }
    }

    /// The screen in a frame, for a failure's message.
    pub fn picture(&mut self) -> String {
        let screen = self.screen();
        let columns = screen.size().1.get();
        let edge = "─".repeat(columns.into());
        let rows: Vec<String> = screen.rows(0, columns).map(|row| format!("│{row}")).collect();
        format!("┌{edge}\n{}\n└{edge}", rows.join("\n"))
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill(Pid::from_raw(self.pid()), Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

/// What xterm sends for a key.
fn bytes_of(key: &Key) -> Vec<u8> {
    let mut bytes = match key.code {
        Code::Char(c) if key.ctrl => vec![(c.to_ascii_uppercase() as u8) & 0x1f],
        Code::Char(c) => c.to_string().into_bytes(),
        Code::Enter => b"\r".to_vec(),
        Code::Esc => b"\x1b".to_vec(),
        Code::Tab => b"\t".to_vec(),
        Code::BackTab => b"\x1b[Z".to_vec(),
        Code::Backspace => b"\x7f".to_vec(),
        Code::Delete => b"\x1b[3~".to_vec(),
        Code::Insert => b"\x1b[2~".to_vec(),
        Code::Up => b"\x1b[A".to_vec(),
        Code::Down => b"\x1b[B".to_vec(),
        Code::Right => b"\x1b[C".to_vec(),
        Code::Left => b"\x1b[D".to_vec(),
        Code::Home => b"\x1b[H".to_vec(),
        Code::End => b"\x1b[F".to_vec(),
        Code::PageUp => b"\x1b[5~".to_vec(),
        Code::PageDown => b"\x1b[6~".to_vec(),
        Code::F(n @ 1..=4) => vec![0x1b, b'O', b'P' + n - 1],
        Code::F(n) => format!("\x1b[{}~", if n == 5 { 15 } else { n + 11 }).into_bytes(),
    };
    if key.alt {
        bytes.insert(0, 0x1b);
    }
    bytes
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn some(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}
