//! `deskside man`: the manual page, made from the command line itself and from the table of commands.

use anyhow::Result;
use clap::CommandFactory as _;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::exit::{CODES, Exit, Usage};
use crate::cli::{Cli, print, reference, schema};
use crate::command::table::{self, Scope};

pub fn run(subcommand: Option<&str>) -> Result<Exit> {
    let mut cli = Cli::command();
    cli.build();
    let page = match subcommand {
        None => whole(cli)?,
        Some(name) => {
            let known: Vec<String> = cli.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
            let Some(sub) = cli.find_subcommand(name).cloned() else {
                return Err(Usage::error(format!("There is no subcommand `{name}`; there are {}.", known.join(", "))));
            };
            let mut page = Vec::new();
            Man::new(sub).title(format!("deskside-{name}")).render(&mut page)?;
            page
        }
    };
    print::made(&page)?;
    Ok(Exit::Done)
}

fn whole(cli: clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(cli.after_help(""));
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    man.render_subcommands_section(&mut page)?;
    commands().to_writer(&mut page)?;
    codes().to_writer(&mut page)?;
    surroundings().to_writer(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// The table of commands, those that `do` takes first.
fn commands() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    roff.text([roman("What the : line takes; `deskside do` takes those that act on tickets.")]);
    let mut scopes: Vec<Scope> = Scope::ALL.to_vec();
    scopes.sort_by_key(|scope| *scope != Scope::Ticket);
    for scope in scopes {
        let heading = if scope == Scope::Ticket { "On tickets" } else { scope.as_str() };
        roff.control("SS", [heading]);
        for command in table::all().filter(|command| command.scope == scope) {
            roff.control("TP", []);
            roff.text([bold(reference::usage(command))]);
            roff.text([roman(command.doc)]);
        }
    }
    roff
}

fn codes() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for line in CODES.lines().skip(1) {
        if let Some((code, meaning)) = line.trim().split_once("  ") {
            roff.control("TP", []);
            roff.text([bold(code)]);
            roff.text([roman(meaning)]);
        }
    }
    roff
}

/// Variables, and where files lie.
fn surroundings() -> Roff {
    const VARIABLES: &[(&str, &str)] = &[
        ("DESKSIDE_DB", "The desk's file, where no option names one."),
        ("DESKSIDE_ASCII", "1 keeps the drawing in ASCII, 0 does not."),
        ("NO_COLOR", "Set to anything: no colours."),
        ("EDITOR, VISUAL", "What writes long texts."),
        ("XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME", "Where settings, local state and desks lie."),
    ];
    let mut roff = Roff::new();
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in VARIABLES {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*meaning)]);
    }
    roff.control("SH", ["FILES"]);
    roff.text([roman(
        "Below the folder that `deskside config path` prints; `deskside config schema` says what they take.",
    )]);
    for file in schema::FILES {
        roff.control("TP", []);
        roff.text([bold(file.name)]);
        roff.text([roman(file.what)]);
    }
    roff
}
