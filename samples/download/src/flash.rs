// SPDX-License-Identifier: Apache-2.0
//! The flash partition for the image. All unsafe code of this sample is here.

use embedded_io::ErrorKind;
use requests::Sink;
use zephyr::printkln;

/// The largest supported write block, in bytes.
const MAX_WRITE_BLOCK: usize = 32;

/// `SAMPLE_FLASH_NO_BOOTLOADER` of `flash.h`.
const NO_BOOTLOADER: i32 = 1;

/// The partition as the sink of a download. It is erased page by page while the content arrives.
pub struct Partition {
    size: u32,
    write_block: usize,
    /// Offset of the end of the erased part.
    erased: u32,
    /// The number of bytes written.
    written: u32,
    /// The bytes behind those, which do not fill a block yet.
    rest: heapless::Vec<u8, MAX_WRITE_BLOCK>,
}

impl Partition {
    /// Opens the partition. Only one can be open at a time, because the C side has one partition only.
    ///
    /// # Errors
    /// If the flash driver failed to start, or its write block is larger than [`MAX_WRITE_BLOCK`].
    pub fn open() -> Result<Self, ErrorKind> {
        check(sample_flash_open())?;
        // SAFETY: the partition was just opened, and is never closed.
        let (size, write_block) = unsafe { (sample_flash_size(), sample_flash_write_block() as usize) };
        if !(1..=MAX_WRITE_BLOCK).contains(&write_block) {
            return Err(ErrorKind::Unsupported);
        }
        Ok(Self { size, write_block, erased: 0, written: 0, rest: heapless::Vec::new() })
    }

    /// Lets MCUboot try the image in the partition at the next start, and restarts the device.
    ///
    /// # Errors
    /// It returns only on failure: [`ErrorKind::Unsupported`] if the application was built without MCUboot.
    pub fn boot(&self) -> ErrorKind {
        match sample_flash_boot() {
            NO_BOOTLOADER => ErrorKind::Unsupported,
            result => check(result).err().unwrap_or(ErrorKind::Other),
        }
    }

    /// Writes whole blocks behind the bytes written so far.
    fn write_blocks(&mut self, blocks: &[u8]) -> Result<(), ErrorKind> {
        let len = u32::try_from(blocks.len()).map_err(|_| ErrorKind::OutOfMemory)?;
        if len > self.size - self.written {
            return Err(ErrorKind::OutOfMemory);
        }
        while self.erased < self.written + len {
            // SAFETY: the partition is open as long as there is a `Partition`. The pointer is valid for the one write of
            // a u32, which is done before the call returns.
            check(unsafe { sample_flash_erase_page(self.erased, &mut self.erased) })?;
        }
        // SAFETY: the partition is open. `blocks` is valid for reads of `len` bytes, and the pointer is not used after the call.
        check(unsafe { sample_flash_write(self.written, blocks.as_ptr(), len) })?;
        self.written += len;
        Ok(())
    }

    /// Writes the rest when it is a whole block.
    fn write_rest(&mut self) -> Result<(), ErrorKind> {
        if self.rest.len() == self.write_block {
            let block = core::mem::take(&mut self.rest);
            self.write_blocks(&block)?;
        }
        Ok(())
    }
}

impl Sink for Partition {
    fn start(&mut self, len: Option<u64>, validator: Option<&str>) -> Result<(), ErrorKind> {
        if len.is_some_and(|len| len > self.size.into()) {
            printkln!("It has {} bytes, and the partition {}", len.unwrap_or(0), self.size);
            return Err(ErrorKind::OutOfMemory);
        }
        // To resume after a restart of the device, store these two here, for `Download::resume()`.
        printkln!("Writing {} bytes, version {}", len.unwrap_or(0), validator.unwrap_or("unknown"));
        self.erased = 0;
        self.written = 0;
        self.rest.clear();
        Ok(())
    }

    fn write_at(&mut self, offset: u64, mut bytes: &[u8]) -> Result<(), ErrorKind> {
        if offset != u64::from(self.written) + self.rest.len() as u64 {
            return Err(ErrorKind::InvalidInput);
        }
        if !self.rest.is_empty() {
            let missing = self.write_block - self.rest.len();
            let (fill, behind) = bytes.split_at(missing.min(bytes.len()));
            self.rest.extend_from_slice(fill).map_err(|_| ErrorKind::Other)?;
            self.write_rest()?;
            bytes = behind;
        }
        let (blocks, rest) = bytes.split_at(bytes.len() - bytes.len() % self.write_block);
        if !blocks.is_empty() {
            self.write_blocks(blocks)?;
        }
        self.rest.extend_from_slice(rest).map_err(|_| ErrorKind::Other)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let offset = u32::try_from(offset).map_err(|_| ErrorKind::InvalidInput)?;
        let left = self.written.checked_sub(offset).ok_or(ErrorKind::InvalidInput)?;
        let len = left.min(u32::try_from(buffer.len()).unwrap_or(u32::MAX));
        // SAFETY: the partition is open. `buffer` is valid for writes of `len` bytes, which are done before the call returns.
        check(unsafe { sample_flash_read(offset, buffer.as_mut_ptr(), len) })?;
        Ok(len as usize)
    }

    fn finish(&mut self, _: u64) -> Result<(), ErrorKind> {
        if !self.rest.is_empty() {
            // SAFETY: the partition is open.
            let erased = unsafe { sample_flash_erased_value() };
            self.rest.resize(self.write_block, erased).map_err(|_| ErrorKind::Other)?;
        }
        self.write_rest()
    }
}

/// Converts a result of `flash.c`.
fn check(result: i32) -> Result<(), ErrorKind> {
    if result == 0 {
        return Ok(());
    }
    // The number depends on the C library in use.
    printkln!("The flash says {result}");
    Err(ErrorKind::Other)
}

unsafe extern "C" {
    safe fn sample_flash_open() -> i32;
    safe fn sample_flash_boot() -> i32;
    // These follow a pointer that `sample_flash_open()` sets: it must have succeeded.
    fn sample_flash_size() -> u32;
    fn sample_flash_write_block() -> u32;
    fn sample_flash_erased_value() -> u8;
    fn sample_flash_erase_page(offset: u32, end: *mut u32) -> i32;
    fn sample_flash_write(offset: u32, bytes: *const u8, len: u32) -> i32;
    fn sample_flash_read(offset: u32, bytes: *mut u8, len: u32) -> i32;
}
