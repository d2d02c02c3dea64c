//! Programs that the tests need beside Rust and Node: a PostgreSQL of their own, and Chromium; installed if missing.

use std::env;
use std::fs;
use std::io::Read;
use std::net::Ipv4Addr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::process::{Signal, geteuid};

use crate::machine::children::Children;
use crate::machine::ports::{self, Wanted};
use crate::machine::toolchain::{self, output_of};

/// A PostgreSQL cluster in a folder of its own, on a port of its own, that ends with this command.
pub(crate) struct Postgres {
    /// The address of its `postgres` database, with the password of the only user.
    pub(crate) url: String,
}

impl Postgres {
    /// Makes and starts a cluster that only its password opens and that never syncs: its data is worth nothing.
    pub(crate) fn start(children: &Children, log: &Path) -> Result<Self> {
        let programs = match find_postgres() {
            Some(programs) => programs,
            None => {
                apt_install(children, "postgresql", log)?;
                find_postgres().context("`postgresql` was installed, yet there is no initdb on the PATH or below /usr/lib/postgresql")?
            }
        };
        let folder = env::temp_dir().join(format!("moorline-postgres-{}", std::process::id()));
        ensure!(
            !folder.display().to_string().contains(char::is_whitespace),
            "the temporary folder {} has white space in its path; set TMPDIR to one without",
            folder.display()
        );
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        children.remove_at_end(&folder);
        let password = random_word()?;
        let password_file = folder.join("password");
        fs::write(&password_file, &password)?;

        let owner = if geteuid().is_root() {
            Some(unprivileged()?)
        } else {
            None
        };
        if let Some((user, group)) = owner {
            for path in [&folder, &password_file] {
                chown(path, Some(user), Some(group))?;
            }
        }
        let as_owner = |program: &str| {
            let mut command = Command::new(programs.join(program));
            if let Some((user, group)) = owner {
                command.uid(user).gid(group);
            }
            command
                .current_dir(&folder)
                .env("LC_ALL", "C")
                .env_remove("PGDATA");
            command
        };

        let data = folder.join("data");
        let mut initdb = as_owner("initdb");
        initdb
            .arg("--pgdata")
            .arg(&data)
            .args([
                "--username=moorline",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ])
            .args(["--auth=scram-sha-256", "--pwfile"])
            .arg(&password_file);
        if !children.run_logged(&mut initdb, log)? {
            bail!("initdb failed:\n{}", toolchain::tail(log, 30));
        }
        fs::remove_file(&password_file)?;

        // By the server alone: its client's programs may not be installed.
        let statements = folder.join("databases.sql");
        fs::write(
            &statements,
            DATABASES
                .map(|name| format!("create database {name}\n"))
                .concat(),
        )?;
        let mut alone = as_owner("/bin/sh");
        alone
            .args(["-c", "exec \"$0\" --single -D \"$1\" postgres < \"$2\""])
            .arg(programs.join("postgres"))
            .arg(&data)
            .arg(&statements);
        if !children.run_logged(&mut alone, log)? {
            bail!("databases could not be made:\n{}", toolchain::tail(log, 30));
        }

        let host = Ipv4Addr::LOCALHOST;
        let port = ports::choose(&[Wanted {
            host,
            port: 0,
            flag: "",
        }])?[0];
        let mut server = as_owner("postgres");
        server.arg("-D").arg(&data).arg("-p").arg(port.to_string());
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=400",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ] {
            server.arg("-c").arg(setting);
        }
        let output = fs::File::options().create(true).append(true).open(log)?;
        server.stdout(output.try_clone()?).stderr(output);
        let mut child = children.spawn_with_signal(&mut server, Signal::INT)?;
        wait_until_ready(&mut child, &data, log)?;
        Ok(Self {
            url: format!("postgres://moorline:{password}@127.0.0.1:{port}/postgres"),
        })
    }
}

/// Databases beside the cluster's first, for programs that take one whole.
pub(crate) const DATABASES: [&str; 2] = ["schemathesis", "clients"];

/// The address of another of the cluster's databases.
pub(crate) fn database(url: &str, name: &str) -> String {
    let server = url.rsplit_once('/').map_or(url, |(server, _)| server);
    format!("{server}/{name}")
}

/// PostgreSQL writes `ready` into its pid file when it takes connections.
fn wait_until_ready(child: &mut std::process::Child, data: &Path, log: &Path) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            bail!(
                "postgres ended at once ({status}):\n{}",
                toolchain::tail(log, 30)
            );
        }
        let is_ready = fs::read_to_string(data.join("postmaster.pid"))
            .is_ok_and(|text| text.lines().any(|line| line.trim() == "ready"));
        if is_ready {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!(
        "postgres was not ready after 60 s:\n{}",
        toolchain::tail(log, 30)
    )
}

/// The folder with `initdb` and `postgres`: on the PATH, or in the folders of Debian and Homebrew; the newest wins.
fn find_postgres() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    folders.extend(versions_below("/usr/lib/postgresql", |name| {
        Some(name.to_owned())
    }));
    for brew in ["/opt/homebrew/opt", "/usr/local/opt"] {
        folders.extend(versions_below(brew, |name| {
            name.strip_prefix("postgresql@").map(str::to_owned)
        }));
    }
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// `<parent>/<version>/bin` for every version, the newest first.
fn versions_below(parent: &str, version: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = version(&entry.file_name().to_string_lossy())?
                .parse()
                .ok()?;
            Some((number, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The user and group that run the cluster if this process is root, as PostgreSQL refuses to be.
fn unprivileged() -> Result<(u32, u32)> {
    for name in ["postgres", "nobody"] {
        let id = |flag: &str| -> Option<u32> {
            output_of(Command::new("id").args([flag, name]))
                .ok()?
                .parse()
                .ok()
        };
        if let (Some(user), Some(group)) = (id("-u"), id("-g")) {
            return Ok((user, group));
        }
    }
    bail!(
        "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`; add one of them"
    )
}

fn random_word() -> Result<String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Debian's package of Chromium without its windows: the same pages, script and network for half of the processor's time.
const HEADLESS: &str = "chromium-headless-shell";

/// The browser that the tests drive: headless Chromium if it is installed or can be, or any other Chromium.
pub(crate) fn chromium(children: &Children, log: &Path) -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(path));
    }
    let wants = on_path(&[HEADLESS]).is_none() && can_install();
    if wants && apt_install(children, HEADLESS, log).is_err() && find_chromium().is_none() {
        // Ubuntu has no such package.
        apt_install(children, "chromium", log)?;
    }
    find_chromium().ok_or_else(|| missing("chromium"))
}

/// The browsers of the main journey's story that aren't Chromium; a package that can't be had is left out, and its story skipped.
pub(crate) fn other_browsers(children: &Children, log: &Path) -> Result<()> {
    let packages = [
        ("firefox-esr", "firefox-esr"),
        ("WebKitWebDriver", "webkit2gtk-driver"),
        ("Xvfb", "xvfb"),
    ];
    for (program, package) in packages {
        if on_path(&[program]).is_none() {
            apt_install(children, package, log)?;
        }
    }
    Ok(())
}

fn find_chromium() -> Option<PathBuf> {
    let applications = [
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    on_path(&[
        HEADLESS,
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ])
    .or_else(|| {
        applications
            .into_iter()
            .map(PathBuf::from)
            .find(|candidate| candidate.is_file())
    })
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
}

fn has_apt() -> bool {
    output_of(Command::new("apt-get").arg("--version")).is_ok()
}

fn can_install() -> bool {
    geteuid().is_root() && has_apt()
}

fn missing(package: &str) -> anyhow::Error {
    let how = match (has_apt(), package) {
        (true, _) => format!("sudo apt-get install {package}"),
        (false, "postgresql") => "brew install postgresql".to_owned(),
        (false, _) => "brew install --cask chromium, or set CHROMIUM".to_owned(),
    };
    anyhow!("`{package}` is missing, and the tests need it. Install it and try again ({how}).")
}

/// Installs a Debian or Ubuntu package; on other systems, or without the rights, the error names the package to install.
fn apt_install(children: &Children, package: &str, log: &Path) -> Result<()> {
    if !can_install() {
        return Err(missing(package));
    }
    eprintln!("  {package} is missing: installing it with apt-get");
    for arguments in [
        &["update"][..],
        &["install", "--yes", "--no-install-recommends", package],
    ] {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        if !children.run_logged(&mut command, log)? && arguments[0] == "install" {
            bail!(
                "apt-get could not install {package}:\n{}",
                toolchain::tail(log, 30)
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9", "15", "16", "other"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let found = versions_below(parent.path().to_str().unwrap(), |name| {
            Some(name.to_owned())
        });
        let expected: Vec<_> = ["16/bin", "15/bin", "9/bin"]
            .iter()
            .map(|end| parent.path().join(end))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn passwords_do_not_repeat() {
        let word = random_word().unwrap();
        assert_eq!(word.len(), 32);
        assert_ne!(word, random_word().unwrap());
    }
}
