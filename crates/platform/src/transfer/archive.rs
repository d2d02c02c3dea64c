//! The archive: JSON lines. A heading, a line for each row, and a last line whose digest shows that none is missing.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::credentials::vault::hex;
use crate::credentials::vault::wrapped::Wrapped;
use store::dump::{Table, Value};

const VERSION: u32 = 1;
const NAME: &str = "archive";

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    pub moorline: String,
    pub version: u32,
    /// Of the program that wrote it.
    pub program: String,
    pub created: String,
    /// The schema's migrations, by name.
    pub migrations: Vec<String>,
    pub key: KeyPart,
    pub tables: Vec<TablePart>,
}

/// The installation's key: every sealed value in the archive is sealed with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPart {
    /// Names it without giving it away.
    pub id: String,
    /// Under a passphrase; absent if the key travels apart.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wrapped: Option<Wrapped>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TablePart {
    pub name: String,
    pub columns: Vec<String>,
    pub rows: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Position in the heading's tables.
    t: usize,
    r: Vec<Json>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closing {
    end: u64,
    sha256: String,
}

impl Heading {
    pub(super) fn new(created: String, migrations: Vec<String>, key: KeyPart) -> Self {
        Self {
            moorline: NAME.to_owned(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            created,
            migrations,
            key,
            tables: Vec::new(),
        }
    }

    /// True if a file's first line is a heading.
    pub fn is_one(line: &str) -> bool {
        serde_json::from_str::<Json>(line).is_ok_and(|json| json["moorline"] == NAME)
    }
}

/// Writes an archive to a partial file, which gets the archive's name once it is whole. Readable by its owner alone: it holds
/// customers' books.
pub(super) struct Writer {
    out: BufWriter<File>,
    digest: Sha256,
    rows: u64,
    partial: PathBuf,
    path: PathBuf,
}

/// A file for its owner alone; an old one of that name is replaced.
pub(super) fn private(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The name of a file that is still being written.
pub(super) fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

impl Writer {
    pub(super) fn create(path: &Path, heading: &Heading) -> io::Result<Self> {
        let partial = partial(path);
        let mut writer = Self {
            out: BufWriter::new(private(&partial)?),
            digest: Sha256::new(),
            rows: 0,
            partial,
            path: path.to_owned(),
        };
        writer.line(heading)?;
        Ok(writer)
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.digest.update(&text);
        self.out.write_all(&text)
    }

    pub(super) fn row(&mut self, table: usize, values: &[Value]) -> io::Result<()> {
        self.rows += 1;
        let r = values.iter().map(written).collect();
        self.line(&Row { t: table, r })
    }

    pub(super) fn finish(mut self) -> io::Result<u64> {
        let sha256 = hex(&self.digest.finalize_reset());
        let ending = Closing {
            end: self.rows,
            sha256,
        };
        self.line(&ending)?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        std::fs::rename(&self.partial, &self.path)?;
        Ok(self.rows)
    }
}

fn written(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bytes(bytes) => json!({ "b": STANDARD.encode(bytes) }),
        Value::Text(text) => json!(text),
        Value::Integer(number) => json!(number),
        Value::Real(number) => json!({ "f": number }),
    }
}

fn read_value(json: Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::String(text) => Value::Text(text),
        Json::Number(number) => {
            Value::Integer(number.as_i64().ok_or("a number that is none of ours")?)
        }
        Json::Object(members) => match (members.get("b"), members.get("f")) {
            (Some(Json::String(text)), None) => {
                Value::Bytes(STANDARD.decode(text).map_err(|error| error.to_string())?)
            }
            (None, Some(number)) => Value::Real(number.as_f64().ok_or("no number")?),
            _ => return Err("a value that is none of ours".to_owned()),
        },
        _ => return Err("a value that is none of ours".to_owned()),
    })
}

/// A row as it stands in the archive.
pub(super) struct Carried {
    /// From 1.
    pub(super) line: u64,
    /// Position in the heading's tables.
    pub(super) table: usize,
    pub(super) values: Vec<Value>,
}

/// Reads an archive line by line.
pub(super) struct Reader {
    lines: BufReader<File>,
    digest: Sha256,
    line: u64,
    rows: u64,
    done: bool,
    /// The digest that the last line gives.
    sha256: String,
}

impl Reader {
    /// The heading, or the reason why this program can't read the file as an archive.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Result<Heading, String>)> {
        let mut reader = Self {
            lines: BufReader::with_capacity(1 << 20, File::open(path)?),
            digest: Sha256::new(),
            line: 0,
            rows: 0,
            done: false,
            sha256: String::new(),
        };
        let first = reader.next_line()?.unwrap_or_default();
        reader.digest.update(&first);
        let heading = serde_json::from_slice::<Heading>(&first)
            .map_err(|error| format!("the heading can't be read: {error}"))
            .and_then(
                |heading| match (heading.moorline.as_str(), heading.version) {
                    (NAME, VERSION) => Ok(heading),
                    (NAME, version) => Err(format!(
                        "it is of version {version}, and this program reads version {VERSION}"
                    )),
                    _ => Err("it is not an archive".to_owned()),
                },
            );
        Ok((reader, heading))
    }

    /// The archive's digest, once it was read to its end.
    pub(super) fn digest(&self) -> &str {
        &self.sha256
    }

    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if self.lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        Ok(Some(line))
    }

    /// The next row; `None` after the last, once the digest has shown that nothing is missing.
    pub(super) fn next_row(&mut self) -> io::Result<Option<Result<Carried, super::Problem>>> {
        if self.done {
            return Ok(None);
        }
        let bytes = self.next_line()?;
        let line = self.line;
        let problem = |message: String| {
            let line = line.max(1);
            Ok(Some(Err(super::Problem { line, message })))
        };
        let Some(bytes) = bytes else {
            self.done = true;
            return problem("the archive breaks off here: its ending is missing".into());
        };
        if let Ok(ending) = serde_json::from_slice::<Closing>(&bytes) {
            self.done = true;
            if ending.end != self.rows || ending.sha256 != hex(&self.digest.finalize_reset()) {
                return problem("the archive was altered: its digest is another".into());
            }
            self.sha256 = ending.sha256;
            if self.next_line()?.is_some() {
                return problem("something follows the ending".into());
            }
            return Ok(None);
        }
        self.digest.update(&bytes);
        self.rows += 1;
        let row: Row = match serde_json::from_slice(&bytes) {
            Ok(row) => row,
            Err(error) => return problem(format!("no row: {error}")),
        };
        let values: Result<Vec<Value>, String> = row.r.into_iter().map(read_value).collect();
        match values {
            Ok(values) => Ok(Some(Ok(Carried {
                line,
                table: row.t,
                values,
            }))),
            Err(message) => problem(message),
        }
    }
}

impl From<(&Table, u64)> for TablePart {
    fn from((table, rows): (&Table, u64)) -> Self {
        Self {
            name: table.name.clone(),
            columns: table.columns.iter().map(|c| c.name.clone()).collect(),
            rows,
        }
    }
}
