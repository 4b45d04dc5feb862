// SPDX-License-Identifier: Apache-2.0
//! Objects in memory of the caller's, such as `struct requests_session`: C knows their size and nothing else.
//!
//! ```text
//! uint64_t opaque[WORDS]   mark, state │ the object
//! ```
//!
//! The mark is of the type of the object and of its address, so that neither memory that was not opened, nor
//! an object that was moved, nor one that was closed, is taken for one.

use core::marker::PhantomData;
use core::mem::{MaybeUninit, align_of, offset_of, size_of};
use core::ops::{Deref, DerefMut};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

use super::Misuse;

/// What can be kept in memory of the caller's.
pub trait Opaque: Sized {
    /// Tells types apart.
    const MARK: u32;
    /// Bytes of the C type.
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

/// A pointer to such memory.
#[repr(transparent)]
pub struct Handle<'a, T>(*mut Layout<T>, PhantomData<&'a T>);

// SAFETY: it is a pointer.
unsafe impl<T> super::pointer::Foreign for Handle<'_, T> {}

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

    fn mark(self) -> u32 {
        // Whichever half of the address: it only has to differ after a move.
        T::MARK ^ self.0.addr() as u32
    }

    /// The head alone: another call may have the object.
    fn head(self) -> Result<&'a Head, Misuse> {
        const { Self::FITS };
        if self.0.is_null() {
            return Err(Misuse::Null);
        }
        if !self.0.is_aligned() {
            return Err(Misuse::Unaligned);
        }
        // SAFETY: the pointer leads to an object of the C type, as the header says, which is as large. It
        // begins with a head, and any bytes are atomic numbers.
        Ok(unsafe { &*self.0.cast() })
    }

    /// Puts what `make` gives there. What was there before does not matter, unless it is open.
    ///
    /// # Errors
    /// [`Misuse::Open`], or what `make` says.
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

    /// Makes the object, if there is none yet, and takes it.
    ///
    /// # Errors
    /// As [`hold`](Self::hold).
    pub fn hold_or_open(self, make: impl FnOnce() -> T) -> Result<Held<'a, T>, Misuse> {
        match self.open(|| Ok(make())) {
            Ok(()) | Err(Misuse::Open) => self.hold(),
            Err(misuse) => Err(misuse),
        }
    }

    fn opened(self) -> Result<&'a Head, Misuse> {
        let head = self.head()?;
        if head.mark.load(Ordering::Acquire) == self.mark() { Ok(head) } else { Err(Misuse::Closed) }
    }

    /// Takes the object for one call.
    ///
    /// # Errors
    /// [`Misuse::Busy`] where another has it: a call whose callback calls again, or a stream.
    /// [`Misuse::Closed`].
    pub fn hold(self) -> Result<Held<'a, T>, Misuse> {
        let head = self.opened()?;
        // Threads do not share objects that are held, as the header says: this is against a callback that
        // uses the object whose call it is part of.
        if head.state.load(Ordering::Relaxed) != IDLE {
            return Err(Misuse::Busy);
        }
        head.state.store(BUSY, Ordering::Relaxed);
        Ok(Held(self))
    }

    /// Refers to the object, as any number of threads may.
    ///
    /// # Errors
    /// [`Misuse::Closed`].
    pub fn share(self) -> Result<&'a T, Misuse>
    where
        T: Sync,
    {
        self.opened()?;
        // SAFETY: the object is open, and nothing takes it, by `hold`, that is shared: it has one or the other
        // kind of functions. Closing it ends what it was lent for, as the header says.
        Ok(unsafe { &*ptr::addr_of!((*self.0).object).cast() })
    }

    /// Ends the object.
    ///
    /// # Errors
    /// [`Misuse::Busy`], [`Misuse::Closed`].
    pub fn close(self) -> Result<(), Misuse> {
        let mut held = self.hold()?;
        let object: *mut T = &mut *held;
        held.0.head()?.mark.store(0, Ordering::Relaxed);
        // SAFETY: the object was open and is in nobody's hands but these. It is not open any more, so nothing
        // uses it from now on.
        unsafe { ptr::drop_in_place(object) };
        Ok(())
    }
}

/// Keeps an object in use, for something that refers to it beyond the call.
pub struct Lease<'a, T: Opaque>(#[expect(dead_code, reason = "it is there to be dropped")] Held<'a, T>);

impl<'a, T: Opaque> Held<'a, T> {
    /// The object for as long as the lease is kept: what is made of the reference has to be kept beside the
    /// lease, and dropped before it.
    pub fn lease(mut self) -> (&'a mut T, Lease<'a, T>) {
        let object: *mut T = &mut *self;
        // SAFETY: the object is open and stays there as long as C keeps it, which is at least `'a`. As long as
        // it is busy, nobody else has it, and that is as long as the lease is kept.
        (unsafe { &mut *object }, Lease(self))
    }
}

/// An object that is in use by one call, or one stream.
pub struct Held<'a, T: Opaque>(Handle<'a, T>);

impl<T: Opaque> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the object was open when it was taken. While it is busy it is neither closed nor taken again.
        unsafe { (*self.0.0).object.assume_init_ref() }
    }
}

impl<T: Opaque> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { (*ptr::addr_of_mut!((*self.0.0).object)).assume_init_mut() }
    }
}

impl<T: Opaque> Drop for Held<'_, T> {
    fn drop(&mut self) {
        if let Ok(head) = self.0.head() {
            head.state.store(IDLE, Ordering::Relaxed);
        }
    }
}
