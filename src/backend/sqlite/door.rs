//! The door of a desk's file: who I am, and whether the file can be trusted. The file's permissions decide who gets
//! in; this module only refuses a file that people could write or replace who should not.

use std::fs::{Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, Uid, User, access};

use crate::backend::{Error, Result};
use crate::domain::name::Name;

const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// Who may open a new desk's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Only the user who makes it: 0600.
    Private,
    /// Everybody in the file's group: 0660.
    Group,
}

/// The log-in and the full name of the user of this process, as the operating system has them.
pub fn whoami() -> (Name, Name) {
    let uid = Uid::current();
    let Ok(Some(user)) = User::from_uid(uid) else {
        let login = Name::new(&format!("uid-{uid}"));
        return (login.clone(), login);
    };
    let login = Name::new(&user.name);
    // The first part of the comment field is the name; the others are room and phone numbers.
    let full = user.gecos.to_string_lossy();
    let full = full.split(',').next().unwrap_or_default().trim();
    let name = if full.is_empty() { login.clone() } else { Name::new(full) };
    (login, name)
}

/// Makes an empty file that only those may open who should.
pub fn make(path: &Path, share: Share) -> Result<()> {
    let mode = match share {
        Share::Private => 0o600,
        Share::Group => 0o660,
    };
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(|e| unopened(path, &e))?;
    // The umask may have taken from the mode what the group was promised.
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode)).map_err(|e| unopened(path, &e))?;
    Ok(())
}

/// The real path of the file, when neither it nor a directory above it can be changed by just anybody.
pub fn check(path: &Path) -> Result<PathBuf> {
    let real = path.canonicalize().map_err(|e| unopened(path, &e))?;
    let file = about(&real)?;
    if !file.is_file() {
        return Err(Error::Unexpected(format!("{} is not a file. Name the desk's file.", real.display())));
    }
    if file.mode() & OTHERS_WRITE != 0 {
        return Err(Error::Forbidden(format!(
            "{path} may be written by every user of this computer, so it cannot be trusted. Take that away with: chmod o-w {path}",
            path = quoted(&real)
        )));
    }
    for above in real.ancestors().skip(1) {
        let directory = about(above)?;
        if directory.mode() & OTHERS_WRITE != 0 && directory.mode() & STICKY == 0 {
            return Err(Error::Forbidden(format!(
                "every user of this computer could replace {}, because the directory {above} is open to all. Mend it with: chmod o-w {above}",
                real.display(),
                above = quoted(above)
            )));
        }
    }
    in_trusted_hands(&real, &file)?;
    Ok(real)
}

/// In a directory such as `/tmp` anybody may leave a file of their own for us to find.
fn in_trusted_hands(real: &Path, file: &Metadata) -> Result<()> {
    let open_to_all = real.parent().map(about).transpose()?.is_some_and(|above| above.mode() & OTHERS_WRITE != 0);
    let mine = file.uid() == Uid::current().as_raw() || file.uid() == 0;
    if open_to_all && !mine {
        return Err(Error::Forbidden(format!(
            "{} belongs to another user and lies where everybody may leave files. Move it to a directory of the desk's own.",
            real.display()
        )));
    }
    Ok(())
}

fn about(path: &Path) -> Result<Metadata> {
    path.metadata().map_err(|e| unopened(path, &e))
}

/// Whether this user may write the file. Asks without opening it: closing a file drops every lock that this process
/// has on it, also those of another console.
pub fn may_write(path: &Path) -> bool {
    access(path, AccessFlags::W_OK).is_ok()
}

fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(|c: char| !c.is_ascii_alphanumeric() && !"/._-".contains(c)) {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        text
    }
}

fn unopened(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::Unexpected(format!(
            "There is no desk at {path}. `deskside new-desk {path}` makes one, `deskside import` fills one.",
            path = quoted(path)
        )),
        io::ErrorKind::AlreadyExists => {
            Error::Unexpected(format!("{} exists already; nothing was changed. Name another file.", path.display()))
        }
        io::ErrorKind::PermissionDenied => Error::Forbidden(format!(
            "this user has no access to {}. Ask its owner, or join the group that the desk's file belongs to.",
            path.display()
        )),
        _ => Error::Unexpected(format!("{} cannot be opened: {error}.", path.display())),
    }
}
