// SPDX-License-Identifier: Apache-2.0
//! `FILE.part`: a download on its way, which a later one can take up.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use embedded_io::ErrorKind;
use requests::Sink;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// What a later download has to know of the bytes in the file, kept beside it.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Kept {
    /// Where they come from, without user name and password.
    url: String,
    /// What names their version.
    pub validator: String,
    /// Size of the whole, where it is known.
    pub len: Option<u64>,
}

/// The file that a download goes to until it is complete.
pub struct PartFile {
    file: File,
    path: PathBuf,
    kept_path: PathBuf,
    url: String,
    /// Whether it holds what this download has written.
    is_own: bool,
    /// Why it failed, in the system's words.
    failure: Option<io::Error>,
}

impl PartFile {
    /// Opens the file for a download of `url`, which names no user and no password, to `target`, and leaves
    /// in it what is there.
    ///
    /// # Errors
    /// When it cannot be written, or another download does.
    pub fn open(target: &Path, url: &str) -> Result<Self, Failure> {
        let (path, kept_path) = (with_suffix(target, ".part"), with_suffix(target, ".part.json"));
        let failed = |error| Failure::output(path.display(), &error);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(failed(io::Error::other("another download writes to it")));
            }
            // Where files cannot be locked, nothing is watched over.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        Ok(Self { file, path, kept_path, url: url.to_owned(), is_own: false, failure: None })
    }

    /// How many bytes there are of an earlier download, and what is known of them; `None` where they cannot
    /// be taken up.
    pub fn kept(&self) -> Option<(u64, Kept)> {
        let kept: Kept = serde_json::from_slice(&fs::read(&self.kept_path).ok()?).ok()?;
        let len = self.file.metadata().ok()?.len();
        (kept.url == self.url && len > 0).then_some((len, kept))
    }

    /// Puts the complete file in place of `target`.
    ///
    /// # Errors
    /// When that cannot be done; what was there is there then.
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

    /// What went wrong, where `error` is no more than that it did.
    pub fn explain(&mut self, error: requests::Error) -> Failure {
        match (error, self.failure.take()) {
            (requests::Error::Sink(_), Some(failure)) => Failure::output(self.path.display(), &failure),
            (error, _) => error.into(),
        }
    }

    /// Removes the file, which is of no use.
    pub fn discard(self) {
        // Where that fails, the next download writes over it.
        let _ = fs::remove_file(&self.path);
        self.forget();
    }

    /// The same, unless it is of an earlier download.
    pub fn discard_own(self) {
        if self.is_own || self.file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            self.discard();
        }
    }

    fn forget(&self) {
        let _ = fs::remove_file(&self.kept_path);
    }

    fn begin(&mut self, len: Option<u64>, validator: Option<&str>) -> io::Result<()> {
        // In this order: whatever happens in between, the file is never taken for another version.
        self.is_own = true;
        self.file.set_len(0)?;
        match validator {
            Some(validator) => {
                let kept = Kept { url: self.url.clone(), validator: validator.to_owned(), len };
                // A query can hold secrets, so nobody else is to read it.
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
        // On the disk before it takes the place of anything.
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
        // A version that nothing names leaves nothing to take up.
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
