#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| tc_tests::fuzz::lock(data));
