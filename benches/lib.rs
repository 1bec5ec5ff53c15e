//! Benches of Pantau: see `RESULTS.md`.
