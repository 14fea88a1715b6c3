//! `deskside sample`: the sample desk in a file, for trials and benches. Not among the commands that the help lists.

use std::path::Path;

use anyhow::{Result, bail};
use jiff::Timestamp;

use crate::backend::sample;
use crate::backend::sqlite::{Loaded, Options, Share, Sqlite, whoami};
use crate::domain::directory::Directory;

/// `deskside sample`.
#[derive(Debug, Clone, clap::Args)]
pub struct SampleArgs {
    /// How many tickets
    #[arg(long, value_name = "N", default_value_t = sample::TICKETS)]
    pub tickets: usize,
    /// Another seed makes another desk; the same one always the same
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The moment at which the desk stands; now when it is not given
    #[arg(long, value_name = "TIME")]
    pub now: Option<Timestamp>,
}

/// Makes a desk in this file, which must not exist yet, and fills it. Whoever runs this sits in the place of the desk's
/// own engineer, so that the views of one's own work hold something.
pub fn run(args: &SampleArgs, db: &Path, options: Options) -> Result<Loaded> {
    if db.exists() {
        bail!("{} exists already; name a file that does not.", db.display());
    }
    let now = args.now.unwrap_or_else(Timestamp::now);
    let ((login, name), me) = (whoami(), options.me.clone());
    let name = if login == me { name } else { me.clone() };
    let (directory, tickets) = sample::stream(args.seed, now, args.tickets, Some((&me, &name)))?;
    let desk = Sqlite::create(db, Share::Private, directory, options)?;
    Ok(desk.bulk_load(&Directory::default(), tickets)?)
}
