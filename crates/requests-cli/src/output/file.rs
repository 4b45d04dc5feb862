// SPDX-License-Identifier: Apache-2.0
//! `-o FILE`: writes the body to a file, completely or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Usage};

/// Refuses an impossible file name before anything is sent.
///
/// # Errors
/// If the path is a folder, or in a folder that does not exist.
pub fn check(path: &Path) -> Result<(), Usage> {
    if path.is_dir() {
        return Err(Usage(format!("-o {}: is a directory", path.display())));
    }
    if path.file_name().is_none() || !folder(path).is_dir() {
        return Err(Usage(format!("-o {}: no such directory", path.display())));
    }
    Ok(())
}

/// Replaces the content of the file at `path` by `content`.
///
/// # Errors
/// If it cannot be written. The file then keeps its old content.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace(path, content).map_err(|error| Failure::output(path.display(), &error))
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = NewFile::create(path)?;
    file.write_all(content)?;
    file.persist()
}

/// The file to replace. `None` if `path` is a device or a pipe, which cannot be replaced.
///
/// # Errors
/// If this cannot be determined.
pub fn target(path: &Path) -> io::Result<Option<PathBuf>> {
    match fs::metadata(path) {
        // A link stays, and its target is replaced.
        Ok(metadata) if metadata.is_file() => fs::canonicalize(path).map(Some),
        Ok(_) => Ok(None),
        Err(_) => Ok(Some(PathBuf::from(path))),
    }
}

/// A file that replaces another one when it is complete, or a device, which is written directly.
pub enum NewFile {
    /// A temporary file, and the file that it replaces.
    File(Temporary, PathBuf),
    /// A device or a pipe.
    Device(File),
}

impl NewFile {
    /// Creates a temporary file for `path`.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        let Some(target) = target(path)? else {
            return OpenOptions::new().write(true).open(path).map(Self::Device);
        };
        Ok(Self::File(Temporary::create(folder(&target))?, target))
    }

    /// Replaces the file at the path.
    ///
    /// # Errors
    /// If that fails. The old file stays then.
    pub fn persist(self) -> io::Result<()> {
        match self {
            Self::File(temporary, target) => temporary.replace(&target),
            Self::Device(_) => Ok(()),
        }
    }
}

/// A temporary file, which is removed when it is dropped.
pub struct Temporary {
    file: File,
    /// Empty when the file does not exist any more.
    path: PathBuf,
}

impl Temporary {
    fn create(folder: &Path) -> io::Result<Self> {
        let process = std::process::id();
        let mut number = 0u32;
        loop {
            let path = folder.join(format!(".requests-{process}-{number}"));
            // Never opens an existing file or the target of a link.
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
                file => return Ok(Self { file: file?, path }),
            }
        }
    }

    fn replace(mut self, target: &Path) -> io::Result<()> {
        if let Ok(metadata) = fs::metadata(target) {
            self.file.set_permissions(metadata.permissions())?;
        }
        fs::rename(&self.path, target)?;
        self.path = PathBuf::new();
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            // A failure cannot be reported, and does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl io::Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(temporary, _) => temporary.file.write(bytes),
            Self::Device(device) => device.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(temporary, _) => temporary.file.flush(),
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
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

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
    fn what_does_not_take_its_place_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let (mut first, second) = (NewFile::create(&path).unwrap(), NewFile::create(&path).unwrap());
        first.write_all(b"one").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "each has a file of its own");
        drop(second);
        first.persist().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
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
