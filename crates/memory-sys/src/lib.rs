// SPDX-License-Identifier: Apache-2.0
//! The system's allocator, for a program that ends with a message and an exit code when memory runs
//! out.
//!
//! Rust's collections, and allocations of the standard library before and in `main`, abort the
//! process then. The signal looks like a crash to the caller. An allocator cannot unwind, so no
//! destructor runs, and files that a program removes at its end are left.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

/// An allocator that ends the process if the system has no memory.
///
/// ```
/// use requests_memory_sys::ExitingAllocator;
///
/// #[global_allocator]
/// static MEMORY: ExitingAllocator = ExitingAllocator::new(1, "tool: out of memory\n", "{}\n");
///
/// assert_eq!(MEMORY.zeroed(3), Some(vec![0; 3]));
/// assert_eq!(MEMORY.zeroed(isize::MAX as usize), None);
/// ```
pub struct ExitingAllocator {
    code: u8,
    message: &'static str,
    line: &'static str,
    prints_line: AtomicBool,
    /// Whether the caller handles a failed allocation.
    may_fail: AtomicBool,
}

impl ExitingAllocator {
    /// Ends the process with exit code `code` and `message` on standard error. After
    /// [`print_line`](Self::print_line), it writes `line` to standard output instead.
    #[must_use]
    pub const fn new(code: u8, message: &'static str, line: &'static str) -> Self {
        Self { code, message, line, prints_line: AtomicBool::new(false), may_fail: AtomicBool::new(false) }
    }

    /// From now on, writes to standard output instead of standard error.
    pub fn print_line(&self) {
        self.prints_line.store(true, Ordering::Relaxed);
    }

    /// Allocates `size` zero bytes. The system provides them only as they are used. `None` if it
    /// does not have that many.
    #[must_use]
    pub fn zeroed(&self, size: usize) -> Option<Vec<u8>> {
        let layout = Layout::array::<u8>(size).ok()?;
        if size == 0 {
            return Some(Vec::new());
        }
        self.may_fail.store(true, Ordering::Relaxed);
        // SAFETY: the size of the layout is not zero.
        let start = unsafe { std::alloc::alloc_zeroed(layout) };
        self.may_fail.store(false, Ordering::Relaxed);
        if start.is_null() {
            return None;
        }
        // SAFETY: the global allocator has just returned it, with the layout of `size` bytes, all
        // of which are zero.
        Some(unsafe { Vec::from_raw_parts(start, size, size) })
    }

    fn checked(&self, start: *mut u8) -> *mut u8 {
        if start.is_null() && !self.may_fail.load(Ordering::Relaxed) {
            self.end();
        }
        start
    }

    #[cold]
    fn end(&self) -> ! {
        let (file, text) = if self.prints_line.load(Ordering::Relaxed) {
            (libc::STDOUT_FILENO, self.line)
        } else {
            (libc::STDERR_FILENO, self.message)
        };
        // SAFETY: the text has this many bytes. A failure to write cannot be reported.
        let _ = unsafe { libc::write(file, text.as_ptr().cast(), text.len()) };
        // Skips exit handlers: they may allocate memory, or take a lock that is held here.
        // SAFETY: it never returns, and accepts any number.
        unsafe { libc::_exit(c_int::from(self.code)) }
    }
}

// SAFETY: all memory is from the system's allocator, with the same layouts. Only a null pointer is
// handled differently: it ends the process.
unsafe impl GlobalAlloc for ExitingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the same contract.
        self.checked(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the same contract.
        self.checked(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the same contract, and `start` is from `System`.
        self.checked(unsafe { System.realloc(start, layout, new_size) })
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the same contract, and `start` is from `System`.
        unsafe { System.dealloc(start, layout) }
    }
}
