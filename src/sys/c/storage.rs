// SPDX-License-Identifier: Apache-2.0
//! Objects in the caller's memory, such as `struct requests_session`. C knows their size only.
//!
//! ```text
//! uint64_t opaque[WORDS]   mark, state │ the object
//! ```
//!
//! The mark depends on the type and the address of the object. So memory that was never opened, an
//! object that was moved and one that was closed are recognised.

use core::marker::PhantomData;
use core::mem::{MaybeUninit, align_of, offset_of, size_of};
use core::ops::{Deref, DerefMut};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

use super::Misuse;
use super::pointer::Room;

/// A type that can be stored in the caller's memory.
pub trait Opaque: Sized {
    /// A number that identifies the type.
    const MARK: u32;
    /// The size of the C type in bytes.
    const SIZE: usize;
}

/// The state of an object that no call uses.
const IDLE: u32 = 0;
/// The state of an object that a call uses, or a stream.
const BUSY: u32 = 1;

#[repr(C, align(8))]
struct Head {
    mark: AtomicU32,
    state: AtomicU32,
}

#[repr(C)]
struct Layout<T> {
    head: Head,
    object: MaybeUninit<T>,
}

/// A pointer to an object in the caller's memory.
#[repr(transparent)]
pub struct Handle<'a, T>(*mut Layout<T>, PhantomData<&'a T>);

// SAFETY: it is a pointer.
unsafe impl<T> super::pointer::AnyBytes for Handle<'_, T> {}

impl<T> Clone for Handle<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<'_, T> {}

impl<T> Handle<'_, T> {
    /// Whether it is NULL.
    pub const fn is_null(self) -> bool {
        self.0.is_null()
    }
}

impl<'a, T: Opaque> Handle<'a, T> {
    const FITS: () = {
        assert!(size_of::<Layout<T>>() <= T::SIZE, "the header promises too little room");
        assert!(align_of::<Layout<T>>() == align_of::<u64>(), "C aligns it to uint64_t");
        assert!(offset_of!(Layout<T>, head) == 0);
    };

    /// The memory of the object, and its size in bytes.
    pub const fn memory(self) -> (Room<'a>, usize) {
        (Room(self.0.cast(), PhantomData), T::SIZE)
    }

    fn mark(self) -> u32 {
        // Half of the address is enough: it only has to change when the object is moved.
        T::MARK ^ self.0.addr() as u32
    }

    /// Returns the head only, because another call may use the object.
    fn head(self) -> Result<&'a Head, Misuse> {
        const { Self::FITS };
        if self.0.is_null() {
            return Err(Misuse::Null);
        }
        if !self.0.is_aligned() {
            return Err(Misuse::Unaligned);
        }
        // SAFETY: the pointer is aligned and points to an object of the C type, as the header says,
        // which is large enough. It starts with a head, and any bytes are valid atomic numbers.
        Ok(unsafe { &*self.0.cast() })
    }

    /// Stores the object that `make` creates. The memory may contain anything but an open object.
    ///
    /// # Errors
    /// [`Misuse::Open`], or the error of `make`.
    pub fn open<E: From<Misuse>>(self, make: impl FnOnce() -> Result<T, E>) -> Result<(), E> {
        self.open_in_place(|place| Ok(place.write(make()?)))
    }

    /// Has `make` put an object there, without a copy of it on the stack, and return where that is. What was
    /// there before does not matter, unless it is open.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in_place<E: From<Misuse>>(
        self,
        make: impl for<'p> FnOnce(&'p mut MaybeUninit<T>) -> Result<&'p mut T, E>,
    ) -> Result<(), E> {
        let head = self.head()?;
        if head.mark.load(Ordering::Relaxed) == self.mark() {
            return Err(Misuse::Open.into());
        }
        // SAFETY: the pointer has been checked. There is no object yet that a reference could be to, and
        // `MaybeUninit` need not be initialised.
        let place = unsafe { &mut *ptr::addr_of_mut!((*self.0).object) };
        let start = place.as_ptr();
        if !ptr::eq(make(place)?, start) {
            return Err(Misuse::Closed.into());
        }
        head.state.store(IDLE, Ordering::Relaxed);
        head.mark.store(self.mark(), Ordering::Release);
        Ok(())
    }

    /// Creates the object if it is not open yet, and returns exclusive access to it.
    ///
    /// # Errors
    /// As [`borrow_mut`](Self::borrow_mut).
    pub fn borrow_mut_or_open(self, make: impl FnOnce() -> T) -> Result<ObjectGuard<'a, T>, Misuse> {
        match self.open(|| Ok(make())) {
            Ok(()) | Err(Misuse::Open) => self.borrow_mut(),
            Err(misuse) => Err(misuse),
        }
    }

    fn opened(self) -> Result<&'a Head, Misuse> {
        let head = self.head()?;
        if head.mark.load(Ordering::Acquire) == self.mark() { Ok(head) } else { Err(Misuse::Closed) }
    }

    /// Returns exclusive access to the object.
    ///
    /// # Errors
    /// [`Misuse::Busy`] if another call or a stream has taken it, for example the call whose
    /// callback makes this call.
    pub fn borrow_mut(self) -> Result<ObjectGuard<'a, T>, Misuse> {
        let head = self.opened()?;
        // The header forbids that threads share such objects. This check finds callbacks that use
        // the object of the call that they belong to.
        if head.state.load(Ordering::Relaxed) != IDLE {
            return Err(Misuse::Busy);
        }
        head.state.store(BUSY, Ordering::Relaxed);
        Ok(ObjectGuard(self))
    }

    /// Returns a shared reference to the object. Any number of threads may do this.
    ///
    /// # Errors
    /// [`Misuse::Closed`].
    pub fn borrow(self) -> Result<&'a T, Misuse>
    where
        T: Sync,
    {
        self.opened()?;
        // SAFETY: the object is open. An object that is shared is never taken by `borrow_mut`: its type
        // has only one of the two kinds of functions. It is not closed while it is in use, as the
        // header says.
        Ok(unsafe { &*ptr::addr_of!((*self.0).object).cast() })
    }

    /// Closes the object.
    ///
    /// # Errors
    /// [`Misuse::Busy`], [`Misuse::Closed`].
    pub fn close(self) -> Result<(), Misuse> {
        let mut held = self.borrow_mut()?;
        let object: *mut T = &mut *held;
        held.0.head()?.mark.store(0, Ordering::Relaxed);
        // SAFETY: the object was open, and only this call has taken it. It is not open any more, so
        // nothing uses it from now on.
        unsafe { ptr::drop_in_place(object) };
        Ok(())
    }
}

/// Keeps an object marked as busy beyond the call, for example for a stream that refers to it.
pub struct BusyGuard<'a, T: Opaque>(
    #[expect(dead_code, reason = "it is there to be dropped")] ObjectGuard<'a, T>,
);

impl<'a, T: Opaque> ObjectGuard<'a, T> {
    /// Returns a reference to the object, and a guard that keeps the object busy. The reference is valid
    /// as long as the guard exists: keep everything that uses it together with the guard, and drop it
    /// before the guard.
    pub fn into_parts(mut self) -> (&'a mut T, BusyGuard<'a, T>) {
        let object: *mut T = &mut *self;
        // SAFETY: the object is open, and stays in place as long as C keeps it, which is at least
        // `'a`. It is busy as long as the guard exists, so nothing else takes it.
        (unsafe { &mut *object }, BusyGuard(self))
    }
}

/// Exclusive access to an object, for one call or one stream. The object is busy until this is dropped.
pub struct ObjectGuard<'a, T: Opaque>(Handle<'a, T>);

impl<T: Opaque> Deref for ObjectGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the object was open when it was taken. While it is busy, it is neither closed nor
        // taken again.
        unsafe { (*self.0.0).object.assume_init_ref() }
    }
}

impl<T: Opaque> DerefMut for ObjectGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { (*ptr::addr_of_mut!((*self.0.0).object)).assume_init_mut() }
    }
}

impl<T: Opaque> Drop for ObjectGuard<'_, T> {
    fn drop(&mut self) {
        if let Ok(head) = self.0.head() {
            head.state.store(IDLE, Ordering::Relaxed);
        }
    }
}
