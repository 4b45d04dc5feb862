// SPDX-License-Identifier: Apache-2.0
//! Each input in `corpus` holds what its target checks. So what was found once is tested without a fuzzer.

use std::path::Path;
use std::sync::Mutex;

/// One target at a time: some count the memory of the whole process.
static ALONE: Mutex<()> = Mutex::new(());

macro_rules! corpora {
    ($($target:ident)+) => {
        $(
            #[test]
            fn $target() {
                replay(stringify!($target), requests_fuzz::$target::check);
            }
        )+

        /// A target that is missing here would never be replayed.
        #[test]
        fn all_targets_are_replayed() {
            let mut replayed = [$(concat!(stringify!($target), ".rs")),+];
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
            let mut targets: Vec<_> = std::fs::read_dir(directory)
                .expect("the targets")
                .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
                .collect();
            replayed.sort_unstable();
            targets.sort();
            assert_eq!(targets, replayed);
        }
    };
}

corpora! {
    c_api chunked cookies der_pem digest download events exchange fields inflate json_read json_write multipart
    response_head session_import tls url
}

fn replay(target: &str, check: fn(&[u8])) {
    let _alone = ALONE.lock();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(directory).expect("a corpus") {
        let path = entry.expect("an entry").path();
        let input = std::fs::read(&path).expect("an input");
        // A failure names the file.
        eprintln!("{}", path.display());
        check(&input);
        count += 1;
    }
    assert!(count > 0, "no inputs for {target}");
    // Neither may the shortest inputs fail.
    for first in 0..=u8::MAX {
        check(&[first]);
    }
    check(&[]);
}
