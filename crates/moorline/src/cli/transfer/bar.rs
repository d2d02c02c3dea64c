//! The progress of a long run, on standard error; nothing if that is not a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;

use platform::transfer::Progress;

#[derive(Default)]
pub struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    fn with(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        act(&mut self.0.lock());
    }
}

impl Progress for Bar {
    fn begin(&self, what: &str, total: u64) {
        let (bar, template) = if total == 0 {
            let bar = ProgressBar::new_spinner();
            (bar, "{spinner} {human_pos} {msg}  {per_sec}")
        } else {
            let bar = ProgressBar::new(total);
            let template =
                "{bar:32} {percent:>3} %  {human_pos} of {human_len} {msg}  {per_sec}, {eta} left";
            (bar, template)
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        self.with(|held| *held = Some(bar));
    }

    fn step(&self, by: u64) {
        self.with(|held| {
            if let Some(bar) = held {
                bar.inc(by);
            }
        });
    }

    fn end(&self) {
        self.with(|held| {
            if let Some(bar) = held.take() {
                bar.finish();
            }
        });
    }
}
