//! Root keys, which wrap the sealing keys and are kept outside the database: in a file, in the environment, by a command's keeper.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use egress::Secret;
use futures_util::future::BoxFuture;
use hkdf::Hkdf;
use parking_lot::RwLock;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::key::{NONCE, SealingKey};
use super::{VaultError, kms};
use crate::app::config::Config;
use store::clock::random_bytes;

const HEADER: &str = "moorline-key-1";
const VARIABLE: &str = "MOORLINE_KEY";

/// A key that wraps other keys. Its keeper may be this process, or a service that never gives it away.
pub trait Root: Send + Sync {
    /// Names it without giving it away: the same on every node.
    fn name(&self) -> &str;

    /// The key itself, if this process has it.
    fn master(&self) -> Option<&[u8; 32]> {
        None
    }

    /// Encrypts a key; `about` is vouched for and not kept.
    fn wrap<'a>(
        &'a self,
        about: &'a str,
        plain: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>>;

    /// The key that was encrypted.
    fn unwrap<'a>(
        &'a self,
        about: &'a str,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, VaultError>>;
}

/// A root key that this process has.
struct Held {
    name: String,
    master: Zeroizing<[u8; 32]>,
}

impl Held {
    fn of(master: Zeroizing<[u8; 32]>) -> Self {
        Self {
            name: SealingKey::of_root(&master).name(),
            master,
        }
    }

    fn cipher(&self) -> Aes256Gcm {
        let mut key = Zeroizing::new([0_u8; 32]);
        Hkdf::<Sha256>::new(Some(b"moorline"), self.master.as_slice())
            .expand(b"wrap", key.as_mut_slice())
            .expect("32 bytes is a length HKDF gives");
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
    }

    fn wrapped(&self, about: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE>();
        let message = Payload {
            msg: plain,
            aad: about.as_bytes(),
        };
        let text = self
            .cipher()
            .encrypt(&Nonce::from(nonce), message)
            .expect("AES-GCM seals anything under 64 GiB");
        [nonce.as_slice(), &text].concat()
    }

    fn unwrapped(&self, about: &str, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, text) = wrapped.split_at_checked(NONCE).ok_or(VaultError::Altered)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| VaultError::Altered)?;
        let message = Payload {
            msg: text,
            aad: about.as_bytes(),
        };
        let plain = self.cipher().decrypt(&Nonce::from(nonce), message);
        plain.map(Zeroizing::new).map_err(|_| VaultError::Altered)
    }
}

impl Root for Held {
    fn name(&self) -> &str {
        &self.name
    }

    fn master(&self) -> Option<&[u8; 32]> {
        Some(&self.master)
    }

    fn wrap<'a>(
        &'a self,
        about: &'a str,
        plain: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        Box::pin(std::future::ready(Ok(self.wrapped(about, plain))))
    }

    fn unwrap<'a>(
        &'a self,
        about: &'a str,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, VaultError>> {
        Box::pin(std::future::ready(self.unwrapped(about, wrapped)))
    }
}

/// The place of the root keys that this process holds itself.
#[derive(Clone)]
pub enum Source {
    File(PathBuf),
    /// The environment's `MOORLINE_KEY`.
    Variable(Secret),
    /// A program and its arguments, which prints them.
    Command(Vec<String>),
}

impl Source {
    /// The source that the settings and the environment name.
    pub fn of(config: &Config) -> Self {
        match std::env::var(VARIABLE) {
            Ok(text) => Self::Variable(Secret::new(text)),
            Err(_) if !config.key_command.is_empty() => Self::Command(config.key_command.clone()),
            Err(_) => Self::File(config.key_file.clone()),
        }
    }

    /// Names the source in a message.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Variable(_) => VARIABLE.to_owned(),
            Self::Command(words) => format!("key_command ({})", program_of(words)),
        }
    }

    /// The keys' text. None for a file that doesn't exist.
    ///
    /// # Errors
    /// The file can't be read, or can be read by others; the command fails.
    pub fn text(&self) -> Result<Option<Secret>, VaultError> {
        match self {
            Self::File(path) => read_text(path),
            Self::Variable(text) => Ok(Some(text.clone())),
            Self::Command(words) => printed(words).map(Some),
        }
    }
}

/// The program of a command: its arguments may be secret.
fn program_of(words: &[String]) -> &str {
    words.first().map_or("", String::as_str)
}

/// What a command prints. Its standard error goes to this process's.
fn printed(words: &[String]) -> Result<Secret, VaultError> {
    let failed =
        |why: String| VaultError::Root(format!("key_command ({}): {why}", program_of(words)));
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| failed("it is empty".to_owned()))?;
    let done = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !done.status.success() {
        return Err(failed(format!("it ended with {}", done.status)));
    }
    let text =
        String::from_utf8(done.stdout).map_err(|_| failed("it printed no text".to_owned()))?;
    Ok(Secret::new(text.trim()))
}

/// The root keys of a process, the newest last: that one wraps.
#[derive(Default)]
pub struct Roots {
    source: Option<Source>,
    /// A key that its keeper never gives away; it wraps if there is one.
    keeper: Option<Arc<dyn Root>>,
    known: RwLock<Vec<Arc<dyn Root>>>,
}

impl Roots {
    /// Reads the keys of a source.
    ///
    /// # Errors
    /// There are none, or they can't be read.
    pub fn read(source: Source, config: &Config) -> Result<Self, VaultError> {
        let keeper = kms::of(&config.kms)?;
        let known = held(&source, keeper.as_ref())?;
        Ok(Self {
            source: Some(source),
            keeper,
            known: RwLock::new(known),
        })
    }

    /// The keys of a text, one a line, the newest last; `name` is what an error calls it.
    ///
    /// # Errors
    /// The text isn't of that form.
    pub fn of_text(text: &Secret, name: &str) -> Result<Self, VaultError> {
        Ok(Self {
            source: None,
            keeper: None,
            known: RwLock::new(parse(text, name)?),
        })
    }

    /// The key that wraps.
    ///
    /// # Errors
    /// There is none.
    pub fn newest(&self) -> Result<Arc<dyn Root>, VaultError> {
        let newest = self.known.read().last().map(Arc::clone);
        newest.ok_or_else(|| VaultError::Root("there is no root key".to_owned()))
    }

    /// A key by its name. One that was added to the source meanwhile is read.
    fn find(&self, name: &str) -> Result<Arc<dyn Root>, VaultError> {
        let known = || {
            let known = self.known.read();
            known
                .iter()
                .find(|root| root.name() == name)
                .map(Arc::clone)
        };
        if let Some(root) = known() {
            return Ok(root);
        }
        if let Some(source) = &self.source
            && let Ok(held) = held(source, self.keeper.as_ref())
        {
            *self.known.write() = held;
        }
        known().ok_or_else(|| VaultError::NoRoot(name.to_owned()))
    }

    /// Reads the source again, for a key that was added to it.
    ///
    /// # Errors
    /// As of [`Roots::read`].
    pub fn read_again(&self) -> Result<(), VaultError> {
        if let Some(source) = &self.source {
            *self.known.write() = held(source, self.keeper.as_ref())?;
        }
        Ok(())
    }

    /// The sealing key that a root key itself is: the first of a database.
    pub(super) fn first(&self, name: &str) -> Result<SealingKey, VaultError> {
        let root = self.find(name)?;
        let master = root
            .master()
            .ok_or_else(|| VaultError::NoRoot(name.to_owned()))?;
        Ok(SealingKey::of_root(master))
    }

    /// A key under the newest root key, with the name of that.
    pub(super) async fn wrap(
        &self,
        about: &str,
        plain: &[u8],
    ) -> Result<(String, Vec<u8>), VaultError> {
        let root = self.newest()?;
        let wrapped = root.wrap(about, plain).await?;
        Ok((root.name().to_owned(), wrapped))
    }

    pub(super) async fn wrap_under(
        &self,
        name: &str,
        about: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        self.find(name)?.wrap(about, plain).await
    }

    pub(super) async fn unwrap(
        &self,
        name: &str,
        about: &str,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.find(name)?.unwrap(about, wrapped).await
    }
}

fn held(source: &Source, keeper: Option<&Arc<dyn Root>>) -> Result<Vec<Arc<dyn Root>>, VaultError> {
    let mut held = match (source.text()?, keeper) {
        (Some(text), _) => parse(&text, &source.name())?,
        (None, Some(_)) => Vec::new(),
        (None, None) => {
            return Err(VaultError::Root(format!("{} doesn't exist", source.name())));
        }
    };
    held.extend(keeper.map(Arc::clone));
    Ok(held)
}

fn parse(text: &Secret, name: &str) -> Result<Vec<Arc<dyn Root>>, VaultError> {
    let mut held: Vec<Arc<dyn Root>> = Vec::new();
    for line in text.expose().split_whitespace() {
        let master = line
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix(':'))
            .and_then(|rest| STANDARD.decode(rest).ok())
            .map(Zeroizing::new);
        let master = master.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        let master = master.ok_or_else(|| VaultError::NotAKey(name.to_owned()))?;
        held.push(Arc::new(Held::of(Zeroizing::new(master))));
    }
    if held.is_empty() {
        return Err(VaultError::NotAKey(name.to_owned()));
    }
    Ok(held)
}

/// The name of the newest key in a text.
///
/// # Errors
/// The text isn't of the form of a key file.
pub fn name_in(text: &Secret, place: &str) -> Result<String, VaultError> {
    Ok(Roots::of_text(text, place)?.newest()?.name().to_owned())
}

/// True if a text has a key of this name.
///
/// # Errors
/// The text isn't of the form of a key file.
pub fn has_in(text: &Secret, place: &str, name: &str) -> Result<bool, VaultError> {
    let known = parse(text, place)?;
    Ok(known.iter().any(|root| root.name() == name))
}

/// True if one text has every key of another: the file of an installation has those of its older backups.
pub fn has_all_of(text: &Secret, other: &Secret) -> bool {
    let known: Vec<&str> = text.expose().split_whitespace().collect();
    let mut others = other.expose().split_whitespace();
    others.all(|line| known.contains(&line))
}

/// A line with a new key.
pub fn new_line() -> Secret {
    let master = Zeroizing::new(random_bytes::<32>());
    Secret::new(format!("{HEADER}:{}", STANDARD.encode(master.as_slice())))
}

/// The key file's text; `None` if it doesn't exist.
///
/// # Errors
/// The file can't be read, or can be read by others.
pub fn read_text(path: &Path) -> Result<Option<Secret>, VaultError> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            check_mode(path)?;
            Ok(Some(Secret::new(text.trim())))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(file(path, source)),
    }
}

/// Makes a key file (mode 0600); one that is there is never touched.
///
/// # Errors
/// The file exists, or can't be written.
pub fn write_text(path: &Path, text: &Secret) -> Result<(), VaultError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(path).map_err(|error| file(path, error))?;
    let written = writeln!(out, "{}", text.expose()).and_then(|()| out.sync_all());
    written.map_err(|error| file(path, error))?;
    sync_folder(path);
    Ok(())
}

/// Adds a new key to a key file, in one step: the file is never seen half written, keeps its owner and its mode, and of two calls at
/// once none loses the other's key. Returns the key's name.
///
/// # Errors
/// The file doesn't exist, isn't a key file, or can't be written.
pub fn add_line(path: &Path) -> Result<String, VaultError> {
    let no_file = || VaultError::Root(format!("{} doesn't exist", path.display()));
    // A link stays a link, to the file that is replaced.
    let target = std::fs::canonicalize(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => no_file(),
        _ => file(path, error),
    })?;
    let path = target.as_path();
    let held = locked(path).map_err(|error| file(path, error))?;
    let text = read_text(path)?.ok_or_else(no_file)?;
    parse(&text, &path.display().to_string())?;
    let text = Secret::new(format!("{}\n{}", text.expose(), new_line().expose()));
    let name = name_in(&text, &path.display().to_string())?;
    let beside = path.with_extension(format!("{name}.new"));
    let replaced = write_text(&beside, &text).and_then(|()| {
        let put = keep_owner(&held, &beside).and_then(|()| std::fs::rename(&beside, path));
        put.map_err(|error| file(path, error))
    });
    if replaced.is_err() {
        // A full disk must not keep a part of the keys beside the file.
        let _ = std::fs::remove_file(&beside);
    }
    replaced?;
    sync_folder(path);
    Ok(name)
}

/// The file, locked until it is dropped. One that was replaced while the lock was waited for is opened anew.
fn locked(path: &Path) -> std::io::Result<std::fs::File> {
    loop {
        let held = std::fs::File::open(path)?;
        held.lock()?;
        if is_at(&held, path)? {
            return Ok(held);
        }
    }
}

#[cfg(unix)]
fn is_at(held: &std::fs::File, path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (held, there) = (held.metadata()?, std::fs::metadata(path)?);
    Ok((held.dev(), held.ino()) == (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn is_at(_: &std::fs::File, _: &Path) -> std::io::Result<bool> {
    Ok(true)
}

/// Gives a file the mode and the owner of the one that it is to replace: the user that the servers run as must be able to read it,
/// though another one called the command.
#[cfg(unix)]
fn keep_owner(of: &std::fs::File, new: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (before, now) = (of.metadata()?, std::fs::metadata(new)?);
    if (before.uid(), before.gid()) != (now.uid(), now.gid()) {
        chown(new, Some(before.uid()), Some(before.gid()))?;
    }
    std::fs::set_permissions(new, before.permissions())
}

#[cfg(not(unix))]
fn keep_owner(_: &std::fs::File, _: &Path) -> std::io::Result<()> {
    Ok(())
}

fn file(path: &Path, source: std::io::Error) -> VaultError {
    VaultError::File {
        path: path.to_owned(),
        source,
    }
}

/// The directory entry must survive a power cut as surely as the tokens sealed under the key.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|p| std::fs::File::open(p).ok()) {
        let _ = folder.sync_all();
    }
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), VaultError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).map_err(|source| file(path, source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(VaultError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), VaultError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_file_is_for_its_owner_alone_and_its_newest_line_wraps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("moorline.key");
        write_text(&path, &new_line()).unwrap();
        assert!(
            write_text(&path, &new_line()).is_err(),
            "it is never overwritten"
        );
        let before = Roots::read(Source::File(path.clone()), &Config::default()).unwrap();
        let old = before.newest().unwrap();
        let (name, wrapped) = before.wrap("about", b"a key").await.unwrap();
        assert_eq!(name, old.name());

        let added = add_line(&path).unwrap();
        let after = Roots::read(Source::File(path.clone()), &Config::default()).unwrap();
        assert_eq!(after.newest().unwrap().name(), added);
        let opened = after.unwrap(&name, "about", &wrapped).await.unwrap();
        assert_eq!(opened.as_slice(), b"a key");
        assert!(after.unwrap(&name, "other", &wrapped).await.is_err());
        assert!(after.unwrap(&added, "about", &wrapped).await.is_err());
        // One that has the file open learns of it.
        assert_eq!(before.find(&added).unwrap().name(), added);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(read_text(&path), Err(VaultError::Exposed { .. })));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_keeps_its_owner_its_mode_and_its_link_and_calls_at_once_lose_no_line() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
        const OWNER: u32 = 12_345;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("kept.key"), folder.path().join("link"));
        write_text(&path, &new_line()).unwrap();
        symlink(&path, &link).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
        let is_given = chown(&path, Some(OWNER), Some(OWNER)).is_ok();
        let adding = (0..8).map(|_| {
            let link = link.clone();
            std::thread::spawn(move || add_line(&link).unwrap())
        });
        let adding: Vec<_> = adding.collect();
        let added: Vec<String> = adding.into_iter().map(|one| one.join().unwrap()).collect();
        let text = read_text(&path).unwrap().unwrap();
        assert_eq!(text.expose().lines().count(), 9);
        for name in &added {
            assert!(has_in(&text, "the file", name).unwrap(), "{name}");
        }
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        let found = std::fs::metadata(&path).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o400);
        if is_given {
            assert_eq!((found.uid(), found.gid()), (OWNER, OWNER));
        }
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2, "nothing is left beside it");
    }
}
