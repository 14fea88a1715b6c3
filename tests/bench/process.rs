//! What a running process has used, from the system's own books (Linux).

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

    /// How often its threads went to sleep of their own accord, and so woke.
    pub fn wakes(&self) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid)).into_iter().flatten().flatten();
        threads.map(|thread| field(&thread.path().join("status").to_string_lossy(), "voluntary_ctxt_switches:")).sum()
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
