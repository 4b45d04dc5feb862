// SPDX-License-Identifier: Apache-2.0
//! `-o FILE`: the body in a file, all of it or none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

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
    File(Temporary, PathBuf),
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
        Ok(Self::File(Temporary::create(folder(&target))?, target))
    }

    /// Puts it into its place.
    ///
    /// # Errors
    /// When that cannot be done; what was there is there then.
    pub fn persist(self) -> io::Result<()> {
        match self {
            Self::File(temporary, target) => temporary.replace(&target),
            Self::Device(_) => Ok(()),
        }
    }
}

/// A file that is removed again unless it takes its place.
pub struct Temporary {
    file: File,
    /// Empty once it is there no more.
    path: PathBuf,
}

impl Temporary {
    fn create(folder: &Path) -> io::Result<Self> {
        let process = std::process::id();
        let mut number = 0u32;
        loop {
            let path = folder.join(format!(".requests-{process}-{number}"));
            // Never one that is there already, nor what a link leads to.
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
            // Nobody could be told, and it does no harm.
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
