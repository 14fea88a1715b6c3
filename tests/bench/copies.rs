//! Profiles of trackers that are away, with full copies: what a start costs that draws from copies alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deskside::backend::Backend;
use deskside::backend::embedded::Clock;
use deskside::cli::settings::Places;
use deskside::cli::{open, place, settings, trackers};
use deskside::store::mirror::{Mirror, Options, Pace};

/// A home in which these profiles stand, each with a copy of that desk. Nobody listens where they say their tracker is.
pub fn home(home: &Path, names: &[&str], desk: &Path) {
    let (config, state) = (home.join("config/deskside"), home.join("state/deskside"));
    fs::create_dir_all(config.join("profiles")).expect("a home");
    fs::create_dir_all(state.join("copies")).expect("a home");
    for name in names {
        let text =
            "kind = \"redmine\"\naddress = \"http://127.0.0.1:9/\"\nzone = \"UTC\"\n[credential]\nscheme = \"none\"\n";
        fs::write(config.join("profiles").join(format!("{name}.toml")), text).expect("a profile");
        let made = made(home, name, desk);
        fs::copy(made, state.join("copies").join(format!("{name}.db"))).expect("room for a copy");
    }
}

/// The copy, made once of each desk.
fn made(home: &Path, name: &str, desk: &Path) -> PathBuf {
    let path = desk.with_extension(format!("{name}.mirror"));
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    if changed(&path) >= changed(desk) {
        return path;
    }
    eprintln!("making a copy of {}", desk.display());
    let places = Places {
        config: home.join("config/deskside"),
        state: home.join("state/deskside"),
        data: home.to_owned(),
        home: home.to_owned(),
    };
    let named = place::profiled(&places, name).expect("the profile that was just written");
    let open::Which::Trackers(profiles) = named.which else { panic!("a tracker") };
    let of = trackers::identity(&profiles.first().expect("one profile").tracker);
    let settings = settings::load(&places.config).expect("the settings that ship");
    let file: Arc<dyn Backend> = Arc::new(open::sqlite(desk, &settings, true).expect("the desk"));
    let unfinished = path.with_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let copy = Mirror::open(
            &unfinished,
            file,
            Options { of, clock: Clock::system(), pace: Pace::default(), read_only: false },
        );
        let copy = copy.expect("room for a copy");
        copy.schema().await.expect("who and what there is");
        copy.catch_up().await.expect("a desk in a file is never away");
    });
    drop(runtime);
    // Everything in one file, with nothing left in a write-ahead log.
    let db = rusqlite::Connection::open(&unfinished).expect("the copy");
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("a checkpoint");
    drop(db);
    fs::rename(&unfinished, &path).expect("a copy that was just made");
    path
}
