//! scratch
#![no_std]
use zephyr::{kconfig::CONFIG_SAMPLE_URL, printkln};
use requests::tls::{TlsConfig, DatePolicy, heap_usage};

static ROOTS: [&[u8]; 1] = [include_bytes!("../certs/roots.pem")];

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    printkln!("GET {CONFIG_SAMPLE_URL}");
    let config = TlsConfig::new().roots(&ROOTS).dates(DatePolicy::IgnoredWithoutClock);
    for _ in 0..2 { go(config); }
    printkln!("with the bundle:");
    go(TlsConfig::new().dates(DatePolicy::IgnoredWithoutClock));
    unsafe { thread_analyzer_print(0) };
    printkln!("DONE");
}

unsafe extern "C" { fn thread_analyzer_print(cpu: u32); }

#[inline(never)]
fn go(config: TlsConfig<'_>) {
    let mut buffer = [0; 1024];
    match requests::get(CONFIG_SAMPLE_URL).tls(config).send(&mut buffer) {
        Ok(r) => printkln!("{} {} {} bytes", r.status_code, r.reason, r.content().len()),
        Err(e) => printkln!("The request failed: {e}"),
    }
    printkln!("{:?}", heap_usage());
}
