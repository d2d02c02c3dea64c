//! The processes that a command starts: each leads its own group, and none outlives the command.

use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use parking_lot::{Mutex, MutexGuard};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Time that a group has to end after its signal, before it is killed.
const GRACE: Duration = Duration::from_secs(15);

/// Ends the remaining groups if this process could not (killed outright): it reads a line per group or folder and acts if
/// its input ends without the word `done`, which happens as soon as this process is gone.
const WATCHDOG: &str = r#"
trap '' INT TERM HUP
kills= folders=
while IFS=' ' read -r word rest; do
  case "$word" in
    done) exit 0 ;;
    folder) folders="$folders $rest" ;;
    *) kills="$kills $word:$rest" ;;
  esac
done
for k in $kills; do kill -s "${k%%:*}" -- "-${k#*:}" 2>/dev/null; done
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  left=
  for k in $kills; do kill -s 0 -- "-${k#*:}" 2>/dev/null && left=1; done
  [ -n "$left" ] || break
  sleep 1
done
for k in $kills; do kill -s KILL -- "-${k#*:}" 2>/dev/null; done
for f in $folders; do rm -rf -- "$f"; done
"#;

#[derive(Clone)]
pub(crate) struct Children {
    state: Arc<Mutex<State>>,
}

struct State {
    groups: Vec<Group>,
    folders: Vec<PathBuf>,
    watchdog: Child,
    watchdog_input: Option<ChildStdin>,
    stopping: bool,
}

#[derive(Clone, Copy)]
struct Group {
    leader: Pid,
    /// PostgreSQL waits for its clients at SIGTERM and drops them at SIGINT, so the signal is each child's own.
    signal: Signal,
}

impl Children {
    /// Starts the watchdog, and a thread that stops every child and exits when this process receives a signal to end.
    pub(crate) fn start() -> Result<Self> {
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start `sh`")?;
        let watchdog_input = watchdog.stdin.take();
        let children = Self {
            state: Arc::new(Mutex::new(State {
                groups: Vec::new(),
                folders: Vec::new(),
                watchdog,
                watchdog_input,
                stopping: false,
            })),
        };
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for signals")?;
        let for_signals = children.clone();
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                eprintln!("\nStopping …");
                for_signals.stop_all();
                std::process::exit(128 + signal);
            }
        });
        Ok(children)
    }

    /// Starts a command in a group of its own, with no standard input.
    pub(crate) fn spawn(&self, command: &mut Command) -> Result<Child> {
        self.spawn_with_signal(command, Signal::TERM)
    }

    /// As [`Children::spawn`], for a program that ends fastest at another signal than SIGTERM.
    pub(crate) fn spawn_with_signal(&self, command: &mut Command, signal: Signal) -> Result<Child> {
        let mut state = self.lock();
        anyhow::ensure!(
            !state.stopping,
            "everything is being stopped, so nothing new is started"
        );
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start `{}`", command.get_program().display()))?;
        let leader = Pid::from_child(&child);
        state.groups.push(Group { leader, signal });
        let name = if signal == Signal::INT { "INT" } else { "TERM" };
        state.inform_watchdog(&format!("{name} {}", leader.as_raw_nonzero()));
        Ok(child)
    }

    /// Runs a command to its end with both its outputs in `log`; true if it succeeded.
    pub(crate) fn run_logged(&self, command: &mut Command, log: &Path) -> Result<bool> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        command.stdout(file.try_clone()?).stderr(file);
        let mut child = self.spawn(command)?;
        let status = child.wait()?;
        self.forget(&child);
        Ok(status.success())
    }

    /// Removes a folder at the end of the command, however it ends. The path may hold no white space.
    pub(crate) fn remove_at_end(&self, folder: &Path) {
        let mut state = self.lock();
        state.folders.push(folder.to_owned());
        state.inform_watchdog(&format!("folder {}", folder.display()));
    }

    /// Takes a child that was waited for off the list: its process id may soon be another program's.
    pub(crate) fn forget(&self, child: &Child) {
        let leader = Pid::from_child(child);
        self.lock().groups.retain(|group| group.leader != leader);
    }

    /// Waits for the end of this process if a signal is ending everything, so that the deaths of children are not reported.
    pub(crate) fn be_silent_while_stopping(&self) {
        while self.lock().stopping {
            std::thread::park();
        }
    }

    /// Sends every group its signal, newest first, and kills those still alive after [`GRACE`].
    pub(crate) fn stop_all(&self) {
        let (groups, folders) = {
            let mut state = self.lock();
            if state.stopping {
                return;
            }
            state.stopping = true;
            (state.groups.clone(), state.folders.clone())
        };
        for group in groups.iter().rev() {
            let _ = kill_process_group(group.leader, group.signal);
        }
        let deadline = Instant::now() + GRACE;
        while groups.iter().any(|group| is_alive(group.leader)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        for group in &groups {
            let _ = kill_process_group(group.leader, Signal::KILL);
        }
        for folder in folders {
            let _ = std::fs::remove_dir_all(folder);
        }
        let mut state = self.lock();
        state.inform_watchdog("done");
        state.watchdog_input = None;
        let _ = state.watchdog.wait();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    fn inform_watchdog(&mut self, line: &str) {
        if let Some(input) = &mut self.watchdog_input {
            let _ = writeln!(input, "{line}");
        }
    }
}

/// True while any process of the group runs. The kernel counts a leader that has ended and was not waited for yet as
/// alive, so it is reaped here first.
fn is_alive(leader: Pid) -> bool {
    let _ = rustix::process::waitpid(Some(leader), rustix::process::WaitOptions::NOHANG);
    test_kill_process_group(leader).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_ends_a_child_and_the_child_of_that_child() {
        let children = Children::start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready");
        let mut child = children
            .spawn(
                Command::new("sh")
                    .arg("-c")
                    .arg(format!("sleep 600 & echo up > '{}'; wait", ready.display())),
            )
            .unwrap();
        while !ready.exists() {
            std::thread::yield_now();
        }
        let leader = Pid::from_child(&child);
        assert!(test_kill_process_group(leader).is_ok());
        children.stop_all();
        let _ = child.wait();
        assert!(test_kill_process_group(leader).is_err());
    }

    #[test]
    fn a_folder_to_be_removed_is_gone_after_the_stop() {
        let children = Children::start().unwrap();
        let folder = tempfile::tempdir().unwrap().keep();
        children.remove_at_end(&folder);
        children.stop_all();
        assert!(!folder.exists());
    }

    #[test]
    fn the_watchdog_ends_the_group_when_its_owner_vanishes() {
        let children = Children::start().unwrap();
        let mut child = children.spawn(Command::new("sleep").arg("600")).unwrap();
        // As the kernel does for a killed owner: the watchdog's input closes without `done`.
        children.lock().watchdog_input = None;
        let status = child.wait().unwrap();
        assert!(!status.success());
        children.forget(&child);
    }
}
