// SPDX-License-Identifier: Apache-2.0
//! The log: why requests fail. It contains no URL, header or body, because they can be secret.

use crate::capi::failure::Response;

/// Logs why a request failed, at level warn.
#[inline(never)]
pub fn failure(response: &Response) {
    #[cfg(feature = "log")]
    {
        use crate::capi::code::phase_name;
        use crate::capi::response::Description;

        match response.error() {
            (_, Some(error)) => {
                let phase = phase_name(error.phase()).to_str().unwrap_or_default();
                log::warn!("request failed ({phase}): {}", Description(response));
            }
            _ => log::warn!("request refused: {}", Description(response)),
        }
    }
    #[cfg(not(feature = "log"))]
    let _ = response;
}

/// The logger that writes to Zephyr's log module.
#[cfg(zephyr_log)]
mod zephyr {
    use core::ffi::CStr;
    use core::fmt::Write;

    use log::{LevelFilter, Log, Metadata, Record};

    use crate::capi::response::TextRoom;
    use crate::config::LOG_LEVEL;
    use crate::sys::zephyr;

    /// Bytes of the longest record. A longer one is cut.
    const LINE: usize = 160;

    struct Logger;

    impl Log for Logger {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &Record<'_>) {
            let mut line = [0; LINE];
            let mut room = TextRoom::new(&mut line);
            // It never fails.
            let _ = room.write_fmt(*record.args());
            room.finish();
            if let Ok(text) = CStr::from_bytes_until_nul(&line) {
                zephyr::log(record.level(), text);
            }
        }

        fn flush(&self) {}
    }

    /// Starts the log. `zephyr/port/log.c` calls it.
    #[unsafe(no_mangle)]
    #[allow(unsafe_code, reason = "the name is that of log.c")]
    pub extern "C" fn requests_log_start() {
        zephyr::set_logger(&Logger);
        log::set_max_level(match LOG_LEVEL {
            0 => LevelFilter::Off,
            1 => LevelFilter::Error,
            2 => LevelFilter::Warn,
            3 => LevelFilter::Info,
            _ => LevelFilter::Debug,
        });
    }
}
