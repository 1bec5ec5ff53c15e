//! FFmpeg's own messages: to `tracing` at debug level, with passwords taken out, never to standard error.
//!
//! Each thread also remembers FFmpeg's last error message, because return codes tell less than it does ("could not
//! find ref with POC 12"), and because some decoders conceal damage without any other sign.

use super::ffi;
use std::cell::RefCell;
use std::sync::Once;

/// Stands in for a password.
const REDACTED: &str = "***";

thread_local! {
    static LAST_ERROR: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Routes FFmpeg's messages and learns what its error codes mean, once for the process.
pub fn route_to_tracing() {
    static ROUTED: Once = Once::new();
    ROUTED.call_once(|| {
        ffi::install_log_callback();
        // Without it most errors have no text.
        ffmpeg_next::util::error::register_all();
    });
}

/// FFmpeg's last error message on this thread since the last call.
pub(crate) fn take_last_error() -> Option<String> {
    LAST_ERROR.take()
}

/// Takes one message of FFmpeg.
pub(super) fn record(is_error: bool, line: &str) {
    let line = line.trim_end();
    if line.is_empty() {
        return;
    }
    let line = redact(line);
    tracing::debug!(target: "ffmpeg", is_error, "{line}");
    if is_error {
        LAST_ERROR.set(Some(without_context(&line).to_owned()));
    }
}

/// `[h264 @ 0x55..] text` without its changing address.
fn without_context(line: &str) -> &str {
    match line.split_once("] ") {
        Some((context, text)) if context.starts_with('[') => text,
        _ => line,
    }
}

/// Replaces what stands between the first colon and the last `@` of an address with user and password, and what
/// follows its `?`, where cameras take passwords too. An address with an `@` in its path loses more than it must: the
/// safe side.
pub fn redact(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let length = after.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"')).unwrap_or(after.len());
        let (address, tail) = after.split_at(length);
        let (address, query) = address.split_once('?').map_or((address, ""), |(address, _)| (address, "?***"));
        match (address.find(':'), address.rfind('@')) {
            (Some(colon), Some(host)) if colon < host => {
                clean.push_str(&address[..=colon]);
                clean.push_str(REDACTED);
                clean.push_str(&address[host..]);
            }
            _ => clean.push_str(address),
        }
        clean.push_str(query);
        rest = tail;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_reach_the_log() {
        for (line, clean) in [
            (
                "Opening 'rtsp://admin:s3cr:t@10.0.0.4:554/ch1' for reading",
                "Opening 'rtsp://admin:***@10.0.0.4:554/ch1' for reading",
            ),
            ("rtsp://admin:p@ss/word@cam/1 and http://u:p@h", "rtsp://admin:***@cam/1 and http://u:***@h"),
            ("rtsp://cam:554/1", "rtsp://cam:554/1"),
            ("http://cam/video.cgi?user=a&pwd=s3cret failed", "http://cam/video.cgi?*** failed"),
            ("no address here: a@b", "no address here: a@b"),
        ] {
            assert_eq!(redact(line), clean);
        }
    }

    #[test]
    fn the_last_error_of_the_thread_is_kept_once() {
        record(true, "[h264 @ 0x55d0] error while decoding MB 4 7\n");
        record(false, "[h264 @ 0x55d0] something else\n");
        assert_eq!(take_last_error().as_deref(), Some("error while decoding MB 4 7"));
        assert_eq!(take_last_error(), None);
    }
}
