//! What a running process has used, from the system's own books (Linux).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// Reads the books of one process.
pub struct Meter {
    pid: i32,
    clock: ClockId,
}

impl Meter {
    pub fn of(pid: i32) -> Self {
        Self { pid, clock: clock_getcpuclockid(Pid::from_raw(pid)).expect("a living process") }
    }

    /// CPU time of all its threads, ended ones too, to the nanosecond.
    pub fn cpu(&self) -> Duration {
        clock_gettime(self.clock).unwrap_or(TimeSpec::new(0, 0)).into()
    }

    /// How often each of its threads went to sleep of its own accord, and so woke, by the thread's number.
    pub fn wakes(&self) -> BTreeMap<OsString, u64> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid)).into_iter().flatten().flatten();
        threads
            .map(|thread| {
                let status = thread.path().join("status");
                (thread.file_name(), field(&status.to_string_lossy(), "voluntary_ctxt_switches:"))
            })
            .collect()
    }

    /// Wake-ups since then. A thread that ended meanwhile woke once to do so.
    pub fn wakes_since(&self, then: &BTreeMap<OsString, u64>) -> u64 {
        let now = self.wakes();
        let went_on: u64 = now.iter().map(|(thread, count)| count - then.get(thread).unwrap_or(&0)).sum();
        went_on + then.keys().filter(|thread| !now.contains_key(*thread)).count() as u64
    }

    /// Its share of memory in MB (10^6 bytes), shared pages divided among their users.
    pub fn pss_mb(&self) -> f64 {
        field(&format!("/proc/{}/smaps_rollup", self.pid), "Pss:") as f64 * 1024.0 / 1e6
    }
}

fn field(path: &str, name: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
