// SPDX-License-Identifier: Apache-2.0
//! Which types are `Send` and which are `Sync`, checked at compile time.

use requests::transport::host::{HostNetwork, HostTransport};
use requests::transport::{Deadline, DnsError, IoError};
use requests::{
    CancelToken, CookieJar, Download, Downloaded, Encoding, Error, Event, EventParser, Head, HeaderFields,
    IoReader, Lines, Part, Phase, Request, Response, Retry, Session, Stream,
};

/// Asserts that `T` does not implement the trait: otherwise the implementation is ambiguous, and
/// does not compile.
macro_rules! not {
    ($marker:ident: $($type:ty),+ $(,)?) => {$({
        trait AmbiguousIf<A> {
            fn name() {}
        }
        impl<T: ?Sized> AmbiguousIf<()> for T {}
        #[allow(dead_code, reason = "it makes the call ambiguous")]
        struct Invalid;
        impl<T: ?Sized + $marker> AmbiguousIf<Invalid> for T {}
        <$type as AmbiguousIf<_>>::name();
    })+};
}

macro_rules! all {
    ($marker:ident: $($type:ty),+ $(,)?) => {$({
        const fn check<T: ?Sized + $marker>() {}
        check::<$type>();
    })+};
}

#[test]
fn what_a_program_keeps_goes_to_another_thread() {
    all!(Send: Response<'_>, Head<'_>, HeaderFields<'_>, Event<'_>, EventParser<'_>, Downloaded, Error, Phase);
    all!(Sync: Head<'_>, HeaderFields<'_>, Event<'_>, EventParser<'_>, Downloaded, Error, Phase);
    all!(Send: IoError, DnsError, Retry, Encoding, Deadline<'_>, HostNetwork, HostTransport, CookieJar);
    all!(Sync: IoError, DnsError, Retry, Encoding, Deadline<'_>, HostNetwork, HostTransport, CookieJar);
    all!(Send: CancelToken, IoReader<std::fs::File>);
    all!(Sync: CancelToken, IoReader<std::fs::File>);
    #[cfg(feature = "tls")]
    {
        use requests::tls::{DatePolicy, Pin};
        use requests::{TlsConfig, TlsError};
        all!(Send: TlsConfig<'_>, TlsError, Pin, DatePolicy);
        all!(Sync: TlsConfig<'_>, TlsError, Pin, DatePolicy);
    }
}

/// Its spare room must not be taken by two threads at the same time.
#[test]
fn a_response_goes_and_is_not_shared() {
    all!(Send: Response<'_>);
    not!(Sync: Response<'_>);
}

/// They borrow from the caller, including readers and values of any type.
#[test]
fn what_is_being_built_or_received_stays() {
    not!(Send: Request<'_>, Part<'_>, Download<'_>, Stream<'_>, Lines<'_>);
    not!(Sync: Request<'_>, Part<'_>, Download<'_>, Stream<'_>, Lines<'_>);
}

/// A session serves one request at a time, on any thread that has it.
#[test]
fn a_session() {
    all!(Send: Session<'_>);
}
