//! Which instruction set the kernels use: chosen once, listed for tests, benches and people.

use fearless_simd::Level;
use std::fmt;

/// Environment variable that forces a level, for tests and for doubtful machines.
pub const KERNEL_ENV: &str = "PANTAU_KERNEL";

/// An implementation of the kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelLevel {
    /// The judge: plain loops, one pixel after the other.
    Scalar,
    /// Column code compiled for the target's baseline.
    Baseline,
    /// Column code for SSE 4.2.
    Sse42,
    /// Column code for AVX2.
    Avx2,
    /// Column code for AVX-512 (Ice Lake and later).
    Avx512,
}

impl KernelLevel {
    const ALL: [Self; 5] = [Self::Scalar, Self::Baseline, Self::Sse42, Self::Avx2, Self::Avx512];

    /// Every level that this machine can run, slowest first. Tests walk it, benches time it, `doctor` prints it.
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|level| *level == Self::Scalar || level.token().is_some()).collect()
    }

    /// The fastest level, or the one that [`KERNEL_ENV`] names. An unknown or impossible name is an error that lists
    /// the possible ones.
    pub fn choose() -> Result<Self, UnknownKernel> {
        let available = Self::available();
        match std::env::var(KERNEL_ENV) {
            Ok(name) if !name.is_empty() => {
                available.iter().copied().find(|level| level.name() == name).ok_or(UnknownKernel { name, available })
            }
            _ => Ok(available.last().copied().unwrap_or(Self::Scalar)),
        }
    }

    /// Its name in the environment variable and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Baseline => "baseline",
            Self::Sse42 => "sse4.2",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Proof that the machine has it; `None` for the scalar judge, which needs none, and for what is missing here.
    pub(super) fn token(self) -> Option<Level> {
        match self {
            Self::Scalar => None,
            Self::Baseline => Some(Level::baseline()),
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Self::Sse42 => Level::new().as_sse4_2().map(Level::Sse4_2),
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Self::Avx2 => Level::new().as_avx2().map(Level::Avx2),
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Self::Avx512 => Level::new().as_avx512().map(Level::Avx512),
            #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
            Self::Sse42 | Self::Avx2 | Self::Avx512 => None,
        }
    }
}

impl fmt::Display for KernelLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The environment names a level that this machine does not have.
#[derive(Debug, thiserror::Error)]
#[error("{KERNEL_ENV}={name}: no such kernel on this machine; use one of {}", list(.available))]
pub struct UnknownKernel {
    name: String,
    available: Vec<KernelLevel>,
}

fn list(levels: &[KernelLevel]) -> String {
    levels.iter().map(|level| level.name()).collect::<Vec<_>>().join(", ")
}
