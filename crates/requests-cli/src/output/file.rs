// SPDX-License-Identifier: Apache-2.0
//! `-o FILE`: the body in a file, all of it or none.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::{Failure, Usage};

/// Refuses, before anything is sent, a file that cannot be.
///
/// # Errors
/// For a folder, and for a file in a folder that is not there.
pub fn check(path: &Path) -> Result<(), Usage> {
    if path.is_dir() {
        return Err(Usage(format!("-o {}: is a directory", path.display())));
    }
    if path.file_name().is_none() || !folder(path).is_dir() {
        return Err(Usage(format!("-o {}: no such directory", path.display())));
    }
    Ok(())
}

/// Writes `content` to the file at `path`, in place of what it held.
///
/// # Errors
/// When it cannot be written; what the file held is still there then.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace(path, content).map_err(|error| Failure::output(path.display(), &error))
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = NewFile::create(path)?;
    file.write_all(content)?;
    file.persist()
}

/// The file that is to be replaced; `None` where `path` is a device or a pipe, which cannot be.
///
/// # Errors
/// When it cannot be found out.
pub fn target(path: &Path) -> io::Result<Option<PathBuf>> {
    match fs::metadata(path) {
        // A link stays, and what it leads to is replaced.
        Ok(metadata) if metadata.is_file() => fs::canonicalize(path).map(Some),
        Ok(_) => Ok(None),
        Err(_) => Ok(Some(PathBuf::from(path))),
    }
}

/// A file that takes the place of another once it is complete; or a device, which takes what it is given.
pub enum NewFile {
    /// A file, and whose place it takes.
    File(NamedTempFile, PathBuf),
    /// A device or a pipe.
    Device(File),
}

impl NewFile {
    /// Begins a file for `path`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let Some(target) = target(path)? else {
            return OpenOptions::new().write(true).open(path).map(Self::Device);
        };
        let file = tempfile::Builder::new()
            .prefix(".requests-")
            // What the user's umask leaves of it, as for any new file.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder(&target))?;
        Ok(Self::File(file, target))
    }

    /// Puts it into its place.
    ///
    /// # Errors
    /// When that cannot be done; what was there is there then.
    pub fn persist(self) -> io::Result<()> {
        if let Self::File(file, target) = self {
            if let Ok(metadata) = fs::metadata(&target) {
                file.as_file().set_permissions(metadata.permissions())?;
            }
            file.persist(target)?;
        }
        Ok(())
    }
}

impl io::Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file, _) => file.write(bytes),
            Self::Device(device) => device.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file, _) => file.flush(),
            Self::Device(device) => device.flush(),
        }
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_or_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, b"one").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_and_devices_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

        let device = folder.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &device).unwrap();
        replace(&device, b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn what_cannot_be_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(&folder.path().join("new")).is_ok());
        assert!(check(Path::new("new")).is_ok());
        assert!(check(folder.path()).is_err());
        assert!(check(&folder.path().join("missing/new")).is_err());
        assert!(check(Path::new("..")).is_err());
    }
}
