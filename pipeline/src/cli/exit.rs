//! Exit codes: an interface that scripts rely on. Each is listed here and nowhere else.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All was done.
    Done = 0,
    /// It failed; nothing, or not enough, was done.
    Failed = 1,
    /// The command line or the configuration can't be used; nothing was begun.
    Usage = 2,
    /// Done, but some inputs failed or were read only in part.
    Partial = 3,
}

impl Exit {
    /// What a run over many inputs comes to. Inputs skipped because their rows exist count as `whole`.
    pub fn of_inputs(whole: u64, partial: u64, failed: u64) -> Self {
        match (whole, partial, failed) {
            (_, 0, 0) => Self::Done,
            (0, 0, _) => Self::Failed,
            _ => Self::Partial,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_input_among_good_ones_is_partial_and_only_bad_ones_are_failure() {
        assert_eq!(Exit::of_inputs(5, 0, 0), Exit::Done);
        assert_eq!(Exit::of_inputs(5, 0, 1), Exit::Partial);
        assert_eq!(Exit::of_inputs(5, 1, 0), Exit::Partial);
        assert_eq!(Exit::of_inputs(0, 1, 1), Exit::Partial);
        assert_eq!(Exit::of_inputs(0, 0, 2), Exit::Failed);
        assert_eq!([Exit::Done, Exit::Failed, Exit::Usage, Exit::Partial].map(|exit| exit as u8), [0, 1, 2, 3]);
    }
}
