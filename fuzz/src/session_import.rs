// SPDX-License-Identifier: Apache-2.0
//! TLS sessions that were kept somewhere. A byte of options, then the bytes. With the first bit of the options,
//! the digest behind them is made right. What is imported is exported, and imported again. With the second
//! bit, the bytes are a session that a handshake offers.

use requests::tls::{SessionsError, TlsSessions, heap_usage};
use sha2::{Digest as _, Sha256};

const DIGEST: usize = 32;

/// See the module.
pub fn check(data: &[u8]) {
    let Some((options, data)) = data.split_first() else { return };
    let mut bytes = data.to_vec();
    if options & 1 != 0 {
        // The header's number of entries, which a change would rarely hit.
        bytes.splice(0..bytes.len().min(4), *b"RqTS");
        let digest: [u8; DIGEST] = Sha256::digest(&bytes).into();
        bytes.extend(digest);
    }
    let blocks = heap_usage().expect("it is counted on a host").blocks;
    let mut sessions = TlsSessions::<4>::new();
    match sessions.import(&bytes) {
        Ok(count) => {
            assert!(sessions.len() <= count.min(4));
            let mut exported = vec![0; sessions.export_len()];
            assert!(exported.len() <= bytes.len());
            assert_eq!(sessions.export(&mut exported), Ok(exported.len()));
            let needed = exported.len();
            let result = sessions.export(&mut vec![0; needed - 1]);
            assert_eq!(result, Err(SessionsError::BufferTooSmall { needed }));
            let mut again = TlsSessions::<4>::new();
            assert_eq!(again.import(&exported), Ok(sessions.len()));
            let mut once_more = vec![0; again.export_len()];
            assert_eq!(again.export(&mut once_more), Ok(once_more.len()));
            assert_eq!(once_more, exported);
        }
        Err(error) => {
            assert!(matches!(error, SessionsError::Malformed | SessionsError::OtherBuild), "{error}");
            assert!(sessions.is_empty());
        }
    }
    drop(sessions);
    #[cfg(fuzzing)]
    if options & 2 != 0 {
        // Whatever a session is, a handshake begins.
        assert!(requests::tls::fuzzing::offer_session(data) > 100);
    }
    assert_eq!(heap_usage().expect("it is counted on a host").blocks, blocks, "a leak");
}
