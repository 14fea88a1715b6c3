//! The system's keyring, by the program that the system brings for it: `secret-tool` (freedesktop's Secret Service) or
//! macOS's `security`. Secrets go to it on its standard input and never among its arguments.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use zeroize::Zeroizing;

use super::source::first_line;
use crate::backend::http::client::secret::Secret;

const SERVICE: &str = "deskside";
const MAC: bool = cfg!(target_os = "macos");

/// The entry of this name. A locked keyring asks its owner first, who has that long.
pub(super) async fn get(name: &str, limit: Duration) -> Result<Secret, String> {
    let found = if MAC {
        run("security", &["find-generic-password", "-s", SERVICE, "-a", name, "-w"], None, limit).await
    } else {
        run("secret-tool", &["lookup", "service", SERVICE, "account", name], None, limit).await
    };
    let words = found?.ok_or("is not there, or the keyring is locked")?;
    let words = std::str::from_utf8(&words).map_err(|_| "holds no text")?;
    Ok(first_line(words))
}

/// Makes or replaces the entry.
pub(super) async fn set(name: &str, secret: &Secret, limit: Duration) -> Result<(), String> {
    let done = if MAC {
        let quoted = |words: &str| format!("\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\""));
        let line = Zeroizing::new(format!(
            "add-generic-password -U -s {SERVICE} -a {} -w {}\n",
            quoted(name),
            quoted(secret.expose())
        ));
        run("security", &["-i"], Some(&line), limit).await
    } else {
        let label = format!("--label=deskside: {name}");
        let all = ["store", &label, "service", SERVICE, "account", name];
        run("secret-tool", &all, Some(secret.expose()), limit).await
    };
    done?.map(drop).ok_or_else(|| "could not be written; is the keyring locked?".into())
}

/// What the program printed; nothing when it failed.
async fn run(
    program: &str,
    arguments: &[&str],
    input: Option<&str>,
    limit: Duration,
) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).process_group(0);
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound if MAC => format!("cannot be asked for: there is no `{program}`"),
        std::io::ErrorKind::NotFound => {
            format!("cannot be asked for: there is no `{program}` (Debian and Fedora have it in libsecret-tools or libsecret)")
        }
        _ => format!("cannot be asked for: {program}: {error}"),
    })?;
    let talk = async {
        if let (Some(words), Some(mut pipe)) = (input, child.stdin.take()) {
            pipe.write_all(words.as_bytes()).await?;
        }
        child.wait_with_output().await
    };
    match tokio::time::timeout(limit, talk).await {
        Err(_) => Err(format!("was not given within {} s", limit.as_secs())),
        Ok(Err(error)) => Err(format!("cannot be asked for: {program}: {error}")),
        Ok(Ok(output)) => {
            let words = Zeroizing::new(output.stdout);
            Ok(output.status.success().then_some(words))
        }
    }
}
