//! How many recordings are read at a time from each disk: a spindle's head would run to and fro between them.

use super::schedule::lock;
use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

/// Readers of each disk.
#[derive(Debug, Default)]
pub(super) struct Readers {
    /// At a time and disk; `None`: one on a disk that turns, any number on others.
    most: Option<NonZeroUsize>,
    disks: Mutex<HashMap<Disk, Use>>,
    ended: Condvar,
}

/// A disk, by the number of its device; 0 where that isn't known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Disk(u64);

/// What is known of a disk's readers.
#[derive(Clone, Copy, Debug)]
struct Use {
    reading: usize,
    most: usize,
}

/// While it lives, one reads.
pub(super) struct Reading<'a> {
    readers: &'a Readers,
    disk: Disk,
}

impl Disk {
    /// The disk that a file is on.
    pub(super) fn of(path: &Path) -> Self {
        Self(fs::metadata(path).map_or(0, |metadata| metadata.dev()))
    }

    /// True if the kernel says that it turns; false for shares of other machines, which say nothing.
    fn turns(self) -> bool {
        // As glibc's gnu_dev_major and gnu_dev_minor.
        let major = (self.0 >> 8) & 0xfff | (self.0 >> 32) & !0xfff;
        let minor = self.0 & 0xff | (self.0 >> 12) & !0xff;
        let device = format!("/sys/dev/block/{major}:{minor}");
        // A partition's queue is its disk's.
        let said = ["queue", "../queue"]
            .iter()
            .find_map(|queue| fs::read_to_string(format!("{device}/{queue}/rotational")).ok());
        said.is_some_and(|said| said.trim() == "1")
    }
}

impl Readers {
    pub(super) fn new(most: Option<NonZeroUsize>) -> Self {
        Self { most, ..Self::default() }
    }

    /// Waits until one more may read from the disk.
    pub(super) fn begin(&self, disk: Disk) -> Reading<'_> {
        let mut disks = lock(&self.disks);
        loop {
            let most = || self.most.map_or(if disk.turns() { 1 } else { usize::MAX }, NonZeroUsize::get);
            let known = disks.entry(disk).or_insert_with(|| Use { reading: 0, most: most() });
            if known.reading < known.most {
                known.reading += 1;
                return Reading { readers: self, disk };
            }
            disks = self.ended.wait(disks).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Some(known) = lock(&self.readers.disks).get_mut(&self.disk) {
            known.reading -= 1;
        }
        self.readers.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;
    use std::time::Duration;

    /// The most that ever read at the same time, of 8 threads that share two disks.
    fn most_at_once(readers: &Readers) -> [usize; 2] {
        let reading = [AtomicUsize::new(0), AtomicUsize::new(0)];
        let most = [AtomicUsize::new(0), AtomicUsize::new(0)];
        thread::scope(|scope| {
            for worker in 0..8 {
                let (reading, most) = (&reading[worker % 2], &most[worker % 2]);
                scope.spawn(move || {
                    for _ in 0..20 {
                        let _reading = readers.begin(Disk(u64::MAX - worker as u64 % 2));
                        most.fetch_max(reading.fetch_add(1, SeqCst) + 1, SeqCst);
                        thread::sleep(Duration::from_millis(1));
                        reading.fetch_sub(1, SeqCst);
                    }
                });
            }
        });
        most.map(|most| most.load(SeqCst))
    }

    #[test]
    fn each_disk_is_read_by_so_many_at_a_time() {
        assert_eq!(most_at_once(&Readers::new(NonZeroUsize::new(1))), [1, 1]);
        assert_eq!(most_at_once(&Readers::new(NonZeroUsize::new(2))), [2, 2]);
    }

    #[test]
    fn a_disk_of_which_nothing_is_known_is_read_by_all() {
        assert!(most_at_once(&Readers::new(None)).iter().all(|most| *most > 2));
        assert!(!Disk::of(Path::new("/nowhere/at/all")).turns());
    }
}
