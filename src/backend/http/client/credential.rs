//! Who signs in at a tracker, and how: plain data out of a profile, without a secret in it.

use std::fmt;
use std::path::PathBuf;

use reqwest::Url;

use super::request::Request;
use super::secret::Secret;

/// How requests are signed.
#[derive(Debug, Clone, Default)]
pub enum Credential {
    /// Nobody, or a client certificate.
    #[default]
    None,
    Basic {
        user: String,
        password: Source,
    },
    Bearer(Source),
    /// A header of the tracker's own: `X-Redmine-API-Key: …`, `Authorization: token …`.
    Header {
        name: String,
        /// Stands before the secret, with its blank: "token ", or "".
        prefix: String,
        value: Source,
    },
    /// Two more fields in every form that is sent; what is no form goes unsigned.
    Form {
        user_field: String,
        user: String,
        password_field: String,
        password: Source,
    },
    OAuth(Box<OAuth>),
    /// A cookie that is got with user and password.
    Session(Box<Login>),
}

/// Where a secret comes from. It is asked for when it is first needed, and again when the tracker no longer takes it.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// Just typed in; nowhere kept.
    Given(Secret),
    /// The first line that a command of the user's shell prints.
    Command(String),
    /// An environment variable.
    Environment(String),
    /// The system's keyring, under the service "deskside" and this name.
    Keyring(String),
    /// A file that only its owner may read.
    File(PathBuf),
}

/// Commands may hold what they should not.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ")?;
        f.write_str(&self.name())
    }
}

impl Source {
    /// The source as people know it, for the middle of a sentence.
    pub fn name(&self) -> String {
        match self {
            Self::Given(_) => "password that was typed in".into(),
            Self::Command(_) => "command in `token_cmd`".into(),
            Self::Environment(name) => format!("environment variable {name}"),
            Self::Keyring(name) => format!("entry {name} of the system's keyring"),
            Self::File(path) => format!("file {}", path.display()),
        }
    }
}

/// OAuth 2 (RFC 6749).
#[derive(Debug, Clone)]
pub struct OAuth {
    pub token_url: Url,
    pub client_id: String,
    pub client_secret: Option<Source>,
    /// The client's own secret goes in a Basic header (RFC 6749, 2.3.1) and not in the form.
    pub client_in_header: bool,
    /// Separated by blanks; "" leaves it to the server.
    pub scope: String,
    pub grant: Grant,
}

/// On what grounds a token is given.
#[derive(Debug, Clone)]
pub enum Grant {
    ClientCredentials,
    /// Got once in a browser or by a device code. A new one that comes with an answer replaces it.
    Refresh(Source),
    /// The user's own password, as some trackers still want it.
    Password {
        user: String,
        password: Source,
    },
}

/// A log-in that answers with a cookie.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    pub password: Source,
    /// The request that logs in.
    pub request: fn(&str, &Secret) -> Request,
}
