#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
mod target {
    // A template and a value, apart by the first zero.
    libfuzzer_sys::fuzz_target!(|text: &str| {
        let (template, value) = text.split_once('\0').unwrap_or((text, ""));
        fuzz::redirects::holds(template, value);
    });
}

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("It is run by: cargo xtask soak");
    std::process::exit(2);
}
