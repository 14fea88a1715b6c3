//! A jar for the cookies of one site: no other host, port or scheme gets one, and it can be emptied.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use reqwest::Url;
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::HeaderValue;

/// The cookies of a session.
pub(in super::super) struct Cookies {
    home: Url,
    jar: RwLock<Jar>,
    /// The site has set one since it was emptied.
    filled: AtomicBool,
}

impl Cookies {
    pub fn new(home: Url) -> Self {
        Self { home, jar: RwLock::default(), filled: AtomicBool::new(false) }
    }

    pub fn forget(&self) {
        *self.jar.write().unwrap_or_else(PoisonError::into_inner) = Jar::default();
        self.filled.store(false, Ordering::Relaxed);
    }

    pub fn is_empty(&self) -> bool {
        !self.filled.load(Ordering::Relaxed)
    }

    fn is_home(&self, url: &Url) -> bool {
        self.home.origin() == url.origin()
    }
}

impl CookieStore for Cookies {
    fn set_cookies(&self, headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        if self.is_home(url) {
            self.filled.store(true, Ordering::Relaxed);
            self.jar.read().unwrap_or_else(PoisonError::into_inner).set_cookies(headers, url);
        }
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let jar = self.jar.read().unwrap_or_else(PoisonError::into_inner);
        self.is_home(url).then(|| jar.cookies(url)).flatten()
    }
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cookies(…)")
    }
}
