//! Questions on the terminal, a line each.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Result, bail};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};

use crate::cli::exit::Usage;
use crate::text::Clean;

/// Who is asked, and where the answers come from.
pub(super) struct Talk<'a> {
    input: &'a mut dyn BufRead,
    out: &'a mut dyn Write,
    /// Somebody is there to answer.
    pub asks: bool,
}

/// Talks over the program's own input and output; somebody is there where the input is a terminal.
pub(super) fn here<T>(with: impl FnOnce(&mut Talk<'_>) -> Result<T>) -> Result<T> {
    let asks = io::stdin().is_terminal();
    with(&mut Talk { input: &mut io::stdin().lock(), out: &mut io::stdout().lock(), asks })
}

impl Talk<'_> {
    /// A line without its end; none when there is no more to come.
    pub fn answer(&mut self, question: &str) -> Result<Option<String>> {
        write!(self.out, "{question}")?;
        self.out.flush()?;
        let mut line = String::new();
        let read = self.input.read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim().to_owned()))
    }

    /// The same where an answer must come.
    pub fn line(&mut self, question: &str) -> Result<String> {
        match self.answer(question)? {
            Some(line) => Ok(line),
            None => bail!("The answers ended; nothing was written."),
        }
    }

    /// What was given, else what is answered.
    pub fn need(&mut self, given: Option<&String>, question: &str, flag: &str) -> Result<String> {
        match given {
            Some(given) => Ok(given.clone()),
            None if self.asks => self.line(question),
            None => Err(Usage::error(format!("Without a terminal to ask on, say {flag}."))),
        }
    }

    /// The same, checked: an answer that cannot be is asked for again, with what is wrong with it.
    pub fn good<T>(
        &mut self,
        given: Option<&String>,
        (question, flag): (&str, &str),
        check: impl Fn(&str) -> Result<T>,
    ) -> Result<T> {
        loop {
            let text = self.need(given, question, flag)?;
            match check(&text) {
                Err(error) if given.is_none() => self.say(&Clean::line(&format!("{error:#}")))?,
                checked => return checked,
            }
        }
    }

    /// A line that the terminal does not show.
    pub fn hidden(&mut self, question: &str) -> Result<String> {
        let shown = tcgetattr(io::stdin()).ok();
        if let Some(mut quiet) = shown.clone() {
            quiet.local_flags.remove(LocalFlags::ECHO);
            tcsetattr(io::stdin(), SetArg::TCSANOW, &quiet)?;
        }
        let typed = self.line(question);
        if let Some(shown) = shown {
            tcsetattr(io::stdin(), SetArg::TCSANOW, &shown)?;
            self.say("")?;
        }
        typed
    }

    pub fn say(&mut self, text: &str) -> Result<()> {
        Ok(writeln!(self.out, "{}", Clean::body(text))?)
    }
}
