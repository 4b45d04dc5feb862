// SPDX-License-Identifier: Apache-2.0
//! `FILE.part`: an incomplete download, which a later one can resume.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use embedded_io::ErrorKind;
use requests::Sink;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The data that a later download needs to resume, stored in a file beside it.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Kept {
    /// The URL of the bytes, without user name and password.
    url: String,
    /// The validator of their version.
    pub validator: String,
    /// Size of the whole file in bytes, if it is known.
    pub len: Option<u64>,
}

/// The file that a download is written to until it is complete.
pub struct PartFile {
    file: File,
    path: PathBuf,
    kept_path: PathBuf,
    url: String,
    /// Whether its content is from this download.
    is_own: bool,
    /// The system's error of a failed operation.
    failure: Option<io::Error>,
}

impl PartFile {
    /// Opens the file for a download of `url` to `target`, and keeps its content. `url` contains no
    /// user name and password.
    ///
    /// # Errors
    /// If it cannot be written, or another download writes to it.
    pub fn open(target: &Path, url: &str) -> Result<Self, Failure> {
        let (path, kept_path) = (with_suffix(target, ".part"), with_suffix(target, ".part.json"));
        let failed = |error| Failure::output(path.display(), &error);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(failed(io::Error::other("another download writes to it")));
            }
            // If files cannot be locked, there is no protection against another download.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        Ok(Self { file, path, kept_path, url: url.to_owned(), is_own: false, failure: None })
    }

    /// The number of bytes of an earlier download, and the data to resume it. `None` if it cannot
    /// be resumed.
    pub fn kept(&self) -> Option<(u64, Kept)> {
        let kept: Kept = serde_json::from_slice(&fs::read(&self.kept_path).ok()?).ok()?;
        let len = self.file.metadata().ok()?.len();
        (kept.url == self.url && len > 0).then_some((len, kept))
    }

    /// Whether what an earlier download left is still its start: this download did not begin anew.
    pub const fn is_resumed(&self) -> bool {
        !self.is_own
    }

    /// Replaces `target` by the complete file.
    ///
    /// # Errors
    /// If that fails. The old file stays then.
    pub fn persist(self, target: &Path) -> Result<(), Failure> {
        let replace = || {
            if let Ok(metadata) = fs::metadata(target) {
                self.file.set_permissions(metadata.permissions())?;
            }
            fs::rename(&self.path, target)
        };
        replace().map_err(|error| Failure::output(target.display(), &error))?;
        self.forget();
        Ok(())
    }

    /// Converts an error of the download. If the sink failed, returns the system's error instead.
    pub fn failure_of(&mut self, error: requests::Error) -> Failure {
        match (error, self.failure.take()) {
            (requests::Error::Sink(_), Some(failure)) => Failure::output(self.path.display(), &failure),
            (error, _) => error.into(),
        }
    }

    /// Removes the file.
    pub fn discard(self) {
        // If that fails, the next download overwrites the file.
        let _ = fs::remove_file(&self.path);
        self.forget();
    }

    /// Removes the file, unless its content is from an earlier download.
    pub fn discard_own(self) {
        if self.is_own || self.file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            self.discard();
        }
    }

    fn forget(&self) {
        let _ = fs::remove_file(&self.kept_path);
    }

    fn begin(&mut self, len: Option<u64>, validator: Option<&str>) -> io::Result<()> {
        // The order matters: if the program ends in between, the file must not be mistaken for
        // another version.
        self.is_own = true;
        self.file.set_len(0)?;
        match validator {
            Some(validator) => {
                let kept = Kept { url: self.url.clone(), validator: validator.to_owned(), len };
                // A query can contain secrets, so no other user may read the file.
                let mut options = OpenOptions::new();
                let mut file =
                    options.write(true).create(true).truncate(true).mode(0o600).open(&self.kept_path)?;
                file.write_all(&serde_json::to_vec(&kept)?)
            }
            None => match fs::remove_file(&self.kept_path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }

    fn checked<T>(&mut self, result: io::Result<T>) -> Result<T, ErrorKind> {
        result.map_err(|error| {
            let kind = embedded_io::Error::kind(&error);
            self.failure = Some(error);
            kind
        })
    }
}

impl Sink for PartFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        let result = self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.write_all(bytes));
        self.checked(result)
    }

    fn start(&mut self, len: Option<u64>, validator: Option<&str>) -> Result<(), ErrorKind> {
        let result = self.begin(len, validator);
        self.checked(result)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let result = self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.read(buffer));
        self.checked(result)
    }

    fn finish(&mut self, len: u64) -> Result<(), ErrorKind> {
        // The bytes must be on the disk before the file replaces another one.
        let result = self.file.set_len(len).and_then(|()| self.file.sync_all());
        self.checked(result)
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_of_one_url() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("image");
        let mut part = PartFile::open(&target, "http://a/1").unwrap();
        assert_eq!(part.kept(), None);
        part.start(Some(9), Some("\"v\"")).unwrap();
        assert_eq!(part.kept(), None);
        part.write_at(0, b"abc").unwrap();
        let expected = Kept { url: "http://a/1".to_owned(), validator: "\"v\"".to_owned(), len: Some(9) };
        assert_eq!(part.kept(), Some((3, expected)));
        drop(part);
        assert_eq!(PartFile::open(&target, "http://a/2").unwrap().kept(), None);
        // Without a validator, the download cannot be resumed.
        let mut part = PartFile::open(&target, "http://a/1").unwrap();
        part.start(None, None).unwrap();
        part.write_at(0, b"xyz").unwrap();
        assert_eq!(part.kept(), None);
    }

    #[test]
    fn two_do_not_write_to_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("image");
        let first = PartFile::open(&target, "http://a/").unwrap();
        assert!(PartFile::open(&target, "http://a/").is_err());
        drop(first);
        assert!(PartFile::open(&target, "http://a/").is_ok());
    }

    #[test]
    fn nothing_is_left_beside_a_complete_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("image");
        for content in [&b"first"[..], b"2nd"] {
            let mut part = PartFile::open(&target, "http://a/").unwrap();
            part.start(None, Some("\"v\"")).unwrap();
            part.write_at(0, content).unwrap();
            part.finish(content.len() as u64).unwrap();
            part.persist(&target).unwrap();
            assert_eq!(fs::read(&target).unwrap(), content);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
        let mut part = PartFile::open(&target, "http://a/").unwrap();
        part.start(None, Some("\"v\"")).unwrap();
        part.discard();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
