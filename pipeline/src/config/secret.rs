//! Values that may be secret: where they are, and how they are read when they are needed.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where systemd puts a unit's credentials.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

/// A value that may be secret: where it is, never what it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// Written in the file; holds no password.
    Plain(String),
    /// In this environment variable.
    Env(String),
    /// In this file.
    File(PathBuf),
    /// A credential of this name that systemd passes to the service.
    Credential(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(_) => f.write_str("Plain(..)"),
            Self::Env(name) => write!(f, "Env({name})"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Credential(name) => write!(f, "Credential({name})"),
        }
    }
}

/// Why a secret can't be read. Tells where it should be, never what was found.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not there.
    #[error("the environment variable {name} is not set")]
    NotSet {
        /// Its name.
        name: String,
    },
    /// The file can't be read.
    #[error("{}: {source}; the worker's user must be able to read it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not started by systemd, or without credentials.
    #[error(
        "no credentials were passed ({CREDENTIALS_VARIABLE} is not set); add LoadCredential={name}:PATH to the unit"
    )]
    NoCredentials {
        /// The credential's name.
        name: String,
    },
    /// There is nothing in it.
    #[error("{place} is empty")]
    Empty {
        /// Where it is.
        place: String,
    },
}

impl Secret {
    /// What it is, without spaces and line ends around it.
    pub fn read(&self) -> Result<String, SecretError> {
        let (text, place) = match self {
            Self::Plain(text) => (text.clone(), "the value".to_owned()),
            Self::Env(name) => {
                let text = std::env::var(name).map_err(|_| SecretError::NotSet { name: name.clone() })?;
                (text, format!("the environment variable {name}"))
            }
            Self::File(path) => (read(path)?, path.display().to_string()),
            Self::Credential(name) => {
                let folder = std::env::var_os(CREDENTIALS_VARIABLE);
                let folder = folder.ok_or_else(|| SecretError::NoCredentials { name: name.clone() })?;
                (read(&Path::new(&folder).join(name))?, format!("the credential {name}"))
            }
        };
        match text.trim() {
            "" => Err(SecretError::Empty { place }),
            text => Ok(text.to_owned()),
        }
    }
}

fn read(path: &Path) -> Result<String, SecretError> {
    std::fs::read_to_string(path).map_err(|source| SecretError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_secret_is_read_when_needed_and_its_absence_is_told() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let secret = Secret::File(file.path().to_owned());
        assert!(secret.read().unwrap_err().to_string().ends_with("is empty"));
        file.write_all(b"rtsp://u:p@cam/1\n").unwrap();
        assert_eq!(secret.read().unwrap(), "rtsp://u:p@cam/1");
        assert!(matches!(Secret::Env("PANTAU_NO_SUCH_VARIABLE".into()).read(), Err(SecretError::NotSet { .. })));
        assert!(matches!(Secret::File("/nonexistent".into()).read(), Err(SecretError::Unreadable { .. })));
        assert_eq!(format!("{:?}", Secret::Plain("s3cret".into())), "Plain(..)");
    }
}
