//! The user's own editor for long texts.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;

use crate::runtime::terminal::Session;
use crate::text::Clean;

/// Hands the text to `$VISUAL` or `$EDITOR` (`vi` where neither is set) and takes it back, cleaned.
pub fn edit(session: &mut Session, text: &Clean) -> Result<Clean, String> {
    let path = std::env::temp_dir().join(format!("deskside-{}.md", uuid::Uuid::new_v4().simple()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("{} cannot be written ({error}).", path.display()))?;
    let editor =
        ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".into());
    // Editors are set with their options, as in `code --wait`.
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or("vi"));
    command.args(words).arg(&path);
    let status = session.with_child(&mut command);
    let read = fs::read(&path);
    let _ = fs::remove_file(&path);
    match status {
        Ok((status, _)) if status.success() => {
            let bytes = read.map_err(|error| format!("what it wrote cannot be read ({error})."))?;
            Ok(Clean::body(&String::from_utf8_lossy(&bytes)))
        }
        Ok((status, _)) => Err(format!("`{editor}` ended with {status}.")),
        Err(error) => Err(format!("`{editor}` cannot be started ({error}); set EDITOR to one that can.")),
    }
}
