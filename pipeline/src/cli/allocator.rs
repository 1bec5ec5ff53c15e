//! The C library's allocator, told that this process lives for weeks, or holds a day's index.
//!
//! glibc gives threads arenas of their own, up to eight for each processor, and keeps what they freed. A worker begins
//! two threads for each session; after a hundred reconnects what is kept is many times what is used. Nothing but these
//! calls tells it otherwise from within: its environment variables are read before `main`.

/// Arenas: threads here allocate seldom enough to share.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: libc::c_int = 2;
/// Pieces from this size on come from the system and go back to it, bytes: pictures, and what grows with them. Without
/// it the limit rises with the largest piece that was freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_BYTES: libc::c_int = 256 << 10;

/// To be called once, before threads begin.
pub(super) fn settle() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (parameter, value) in [(libc::M_ARENA_MAX, ARENAS), (libc::M_MMAP_THRESHOLD, MAPPED_BYTES)] {
        // SAFETY: `mallopt` takes two numbers, locks what it changes, and refuses what it doesn't know.
        if unsafe { libc::mallopt(parameter, value) } == 0 {
            tracing::debug!(parameter, "the allocator keeps its own way");
        }
    }
}
