//! Finished bytes to a file: all of them or the former content, whatever happens meanwhile.

use super::Error;
use crate::lake::write_durably;
use std::io::Write;
use std::path::Path;

pub(super) fn save(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Ok(write_durably(path, |file| file.write_all(bytes))?)
}
