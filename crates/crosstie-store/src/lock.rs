//! The lock of an output folder. The kernel drops it with the process, so it is never stale; the file stays empty, so
//! that a run with nothing to do writes nothing. Who holds it is read from `/proc`.

use crate::StoreError;
use crosstie_model::Day;
use rustix::fs::{OFlags, major, minor};
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Kernel ticks of a second as `/proc` counts them: 100 on every architecture that Linux still runs on.
const TICKS_PER_SECOND: u64 = 100;

/// The process that holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// When it started, as `YYYY-MM-DD HH:MM:SS UTC`, where the system says so.
    pub started: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        self.started.as_ref().map_or(Ok(()), |started| write!(f, ", started {started}"))
    }
}

/// Takes the lock of the output folder `root`, making its file where `make` says so.
///
/// # Errors
/// Another process holds it, or the file cannot be opened.
pub(crate) fn lock(root: &Path, make: bool) -> Result<File, StoreError> {
    let path = root.join("state/.lock");
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(OFlags::NOFOLLOW.bits() as i32);
    if make {
        options.write(true).create(true).truncate(false).mode(0o600);
    }
    let failed = |source| if make { StoreError::creating(&path, source) } else { StoreError::reading(&path, source) };
    let file = options.open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: root.to_path_buf(), holder: holder(&file) }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Who holds the lock of a file: `None` where it lies in another process namespace, or the system does not say.
fn holder(file: &File) -> Option<Holder> {
    let metadata = file.metadata().ok()?;
    let id = format!("{:02x}:{:02x}:{}", major(metadata.dev()), minor(metadata.dev()), metadata.ino());
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let pid = locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, "WRITE", pid, place, ..] = words[..] else { return None };
        (place == id).then(|| pid.parse::<u32>().ok()).flatten()
    })?;
    Some(Holder { pid, started: started(pid) })
}

fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets and may hold anything; the start is the 22nd.
    let ticks: u64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    let system = fs::read_to_string("/proc/stat").ok()?;
    let boot: u64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let seconds = boot + ticks / TICKS_PER_SECOND;
    let (day, rest) = (Day((seconds / 86_400) as i32), seconds % 86_400);
    Some(format!("{day} {:02}:{:02}:{:02} UTC", rest / 3600, rest / 60 % 60, rest % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_named_and_the_file_stays_empty() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("state")).unwrap();
        let held = lock(temp.path(), true).unwrap();
        let refused = lock(temp.path(), true).unwrap_err();
        let StoreError::Locked { holder: Some(holder), .. } = &refused else { panic!("{refused}") };
        assert_eq!(holder.pid, std::process::id());
        let started = holder.started.as_ref().unwrap();
        assert!(started.len() == "2026-01-01 00:00:00 UTC".len() && started.ends_with(" UTC"), "{started}");
        assert!(refused.to_string().contains(&format!("(process {}, started ", holder.pid)), "{refused}");
        assert_eq!(held.metadata().unwrap().len(), 0);
        drop(held);
        assert!(lock(temp.path(), false).is_ok());
    }
}
