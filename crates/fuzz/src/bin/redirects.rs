#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
mod target {
    // A template and a value, separated by the first NUL.
    libfuzzer_sys::fuzz_target!(|text: &str| {
        let (template, value) = text.split_once('\0').unwrap_or((text, ""));
        fuzz::redirects::holds(template, value);
    });
}

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("This program is a fuzz target; run it with `cargo xtask soak`.");
    std::process::exit(2);
}
