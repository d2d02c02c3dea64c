#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
mod target {
    libfuzzer_sys::fuzz_target!(|text: &str| {
        fuzz::query::holds(text);
    });
}

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("This program is a fuzz target; run it with `cargo xtask soak`.");
    std::process::exit(2);
}
