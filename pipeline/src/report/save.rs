//! Finished bytes to a file: all of them or the former content, whatever happens meanwhile.

use super::Error;
use std::io::Write;
use std::path::Path;

pub(super) fn save(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write(path, bytes).map_err(|source| Error::Write { path: path.to_owned(), source })
}

#[allow(clippy::disallowed_methods, reason = "a temp file, synced and renamed: the durable way itself")]
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temp = folder.join(name);
    let written = std::fs::File::create(&temp).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temp, path)
    });
    if written.is_err() {
        // The first error is the one to tell; a temp file left over is overwritten next time.
        let _ = std::fs::remove_file(&temp);
        return written;
    }
    std::fs::File::open(folder)?.sync_all()
}
