//! An object store that speaks Amazon's S3 protocol: backups as objects below a prefix of a bucket.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use egress::{Door, HeaderName, HeaderValue, Method, Policy, Request, Response};
use rusty_s3::actions::{
    AbortMultipartUpload, CompleteMultipartUpload, CreateMultipartUpload, DeleteObject, GetObject,
    ListObjectsV2, PutObject, UploadPart,
};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use super::super::archive;
use crate::app::config::Backup;
use store::clock::wall_now;

const SCHEME: &str = "s3://";
/// Held in memory at a time, going up and coming down. A store takes at most 10,000 parts of an object: larger files have larger parts.
const PART: u64 = 16 << 20;
const MOST_PARTS: u64 = 9_000;
/// Of one part, on a slow line.
const TIMEOUT: Duration = Duration::from_secs(300);
/// A signed request can be sent this long.
const SIGNED_FOR: Duration = Duration::from_secs(3_600);
/// Tries of one request that found no store, or one in trouble.
const TRIES: u32 = 4;

#[derive(Debug, thiserror::Error)]
#[error("s3://{bucket}: {why}")]
pub struct ObjectError {
    bucket: String,
    why: String,
}

/// A prefix of a bucket, with what is needed to reach it.
pub struct Objects {
    bucket: Bucket,
    credentials: Credentials,
    /// Empty, or with `/` at its end.
    prefix: String,
    door: Door,
}

impl Objects {
    /// The place of an address `s3://BUCKET/PREFIX`; none for what isn't such an address.
    ///
    /// # Errors
    /// The address or a setting can't be used, or the variables with the access key are missing.
    pub fn of(address: &Path, settings: &Backup) -> Result<Option<Self>, ObjectError> {
        let Some(rest) = address
            .to_str()
            .and_then(|address| address.strip_prefix(SCHEME))
        else {
            return Ok(None);
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let wrong = |why: &str| ObjectError {
            bucket: name.to_owned(),
            why: why.to_owned(),
        };
        let prefix = prefix.trim_matches('/');
        let prefix = match prefix {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let region = match settings.s3_region.as_str() {
            "" => variable("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            region => region.to_owned(),
        };
        // Amazon has a host for each bucket; most others have one for all.
        let (endpoint, style) = match settings.s3_endpoint.as_str() {
            "" => (
                format!("https://s3.{region}.amazonaws.com"),
                UrlStyle::VirtualHost,
            ),
            endpoint => (endpoint.to_owned(), UrlStyle::Path),
        };
        let endpoint = Url::parse(&endpoint).map_err(|_| {
            wrong("backup.s3_endpoint is not an address such as https://minio.example:9000")
        })?;
        let bucket = Bucket::new(endpoint, style, name.to_owned(), region)
            .map_err(|error| wrong(&format!("the address can't be used: {error}")))?;
        let policy = Policy::to_one_host(bucket.base_url()).ok_or_else(|| {
            wrong("backup.s3_endpoint must be https, unless it is of this machine")
        })?;
        let (Some(id), Some(secret)) = (
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
        ) else {
            return Err(wrong(
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones)",
            ));
        };
        Ok(Some(Self {
            credentials: match variable("AWS_SESSION_TOKEN") {
                Some(token) => Credentials::new_with_token(id, secret, token),
                None => Credentials::new(id, secret),
            },
            bucket,
            prefix,
            door: Door::new(Policy {
                total_timeout: TIMEOUT,
                max_body: PART as usize + (64 << 10),
                ..policy
            }),
        }))
    }

    /// The address of what has a name here.
    pub fn address(&self, name: &str) -> String {
        format!("{SCHEME}{}/{}{name}", self.bucket.name(), self.prefix)
    }

    /// The names of all objects below the prefix, without it.
    ///
    /// # Errors
    /// The store can't be reached, or refuses.
    pub async fn list(&self) -> Result<Vec<String>, ObjectError> {
        let (mut names, mut next) = (Vec::new(), None::<String>);
        loop {
            let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
            action.with_prefix(self.prefix.as_str());
            if let Some(token) = &next {
                action.with_continuation_token(token.as_str());
            }
            let answer = self.ask(Method::GET, &action, Bytes::new()).await?;
            let text = String::from_utf8_lossy(&answer.body);
            let keys = text.split("<Key>").skip(1);
            let keys = keys.filter_map(|rest| Some(rest.split_once("</Key>")?.0));
            names.extend(keys.filter_map(|key| Some(key.strip_prefix(&self.prefix)?.to_owned())));
            match member(&text, "NextContinuationToken") {
                Some(token) => next = Some(token.to_owned()),
                None => return Ok(names),
            }
        }
    }

    /// Stores a file under a name, in parts if it is long. What was begun and failed is given up, so that the store keeps no part of it.
    ///
    /// # Errors
    /// The file can't be read, or the store can't be reached or refuses.
    pub async fn put(&self, name: &str, path: &Path) -> Result<(), ObjectError> {
        let key = format!("{}{name}", self.prefix);
        let unreadable = |error| self.failed(format!("{}: {error}", path.display()));
        let mut file = File::open(path).await.map_err(unreadable)?;
        let length = file.metadata().await.map_err(unreadable)?.len();
        if length <= PART {
            let body = part_of(&mut file, length).await.map_err(unreadable)?;
            let action = PutObject::new(&self.bucket, Some(&self.credentials), &key);
            self.ask(Method::PUT, &action, body).await?;
            return Ok(());
        }
        let action = CreateMultipartUpload::new(&self.bucket, Some(&self.credentials), &key);
        let answer = self.ask(Method::POST, &action, Bytes::new()).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let upload = member(&text, "UploadId")
            .ok_or_else(|| self.failed("it began no upload of parts".to_owned()))?;
        let sent = self.put_parts(&key, upload, &mut file, length).await;
        if sent.is_err() {
            let action =
                AbortMultipartUpload::new(&self.bucket, Some(&self.credentials), &key, upload);
            let _ = self.ask(Method::DELETE, &action, Bytes::new()).await;
        }
        sent
    }

    async fn put_parts(
        &self,
        key: &str,
        upload: &str,
        file: &mut File,
        length: u64,
    ) -> Result<(), ObjectError> {
        let size = PART.max(length.div_ceil(MOST_PARTS));
        let (mut left, mut tags) = (length, Vec::new());
        while left > 0 {
            let body = part_of(file, left.min(size))
                .await
                .map_err(|error| self.failed(format!("the backup can't be read: {error}")))?;
            left -= body.len() as u64;
            let number = tags.len() as u16 + 1;
            let action =
                UploadPart::new(&self.bucket, Some(&self.credentials), key, number, upload);
            let answer = self.ask(Method::PUT, &action, body).await?;
            let tag = answer.headers.get("etag").and_then(|tag| tag.to_str().ok());
            let tag = tag.ok_or_else(|| self.failed("it gave a part no ETag".to_owned()))?;
            tags.push(tag.to_owned());
        }
        let tags = tags.iter().map(String::as_str);
        let action =
            CompleteMultipartUpload::new(&self.bucket, Some(&self.credentials), key, upload, tags);
        let url = self.signed(&action);
        let body = Bytes::from(action.body());
        let answer = self.send(Method::POST, url, body, None).await?;
        // A store may begin its answer before it has joined the parts: 200, and the failure in the body.
        let text = String::from_utf8_lossy(&answer.body);
        if text.contains("<CompleteMultipartUploadResult") {
            return Ok(());
        }
        Err(self.failed(format!("it didn't join the parts: {}", word_of(&text))))
    }

    /// Writes an object into a file for its owner alone, and gives its length.
    ///
    /// # Errors
    /// The store can't be reached, or has no such object; the file can't be written.
    pub async fn get(&self, name: &str, path: &Path) -> Result<u64, ObjectError> {
        let key = format!("{}{name}", self.prefix);
        let unwritable = |error| self.failed(format!("{}: {error}", path.display()));
        let mut file = File::from_std(archive::private(path).map_err(unwritable)?);
        let mut length = 0;
        loop {
            let action = GetObject::new(&self.bucket, Some(&self.credentials), &key);
            let range = format!("bytes={length}-{}", length + PART - 1);
            let url = self.signed(&action);
            let answer = self
                .send(Method::GET, url, Bytes::new(), Some(&range))
                .await?;
            let got = answer.body.len() as u64;
            file.write_all(&answer.body).await.map_err(unwritable)?;
            length += got;
            // The range of an empty object, or one past the end, can't be satisfied (RFC 9110 § 15.5.17).
            let is_part = answer.status.as_u16() == 206;
            if !is_part || got < PART {
                file.sync_all().await.map_err(unwritable)?;
                return Ok(length);
            }
        }
    }

    /// Reads a short object.
    ///
    /// # Errors
    /// The store can't be reached, or has no such object.
    pub async fn read(&self, name: &str) -> Result<Bytes, ObjectError> {
        let key = format!("{}{name}", self.prefix);
        let action = GetObject::new(&self.bucket, Some(&self.credentials), &key);
        Ok(self.ask(Method::GET, &action, Bytes::new()).await?.body)
    }

    /// Deletes an object; one that isn't there is no error.
    ///
    /// # Errors
    /// The store can't be reached, or refuses.
    pub async fn delete(&self, name: &str) -> Result<(), ObjectError> {
        let key = format!("{}{name}", self.prefix);
        let action = DeleteObject::new(&self.bucket, Some(&self.credentials), &key);
        self.ask(Method::DELETE, &action, Bytes::new()).await?;
        Ok(())
    }

    fn signed<'a>(&self, action: &impl S3Action<'a>) -> Url {
        action.sign_with_time(SIGNED_FOR, &timestamp(wall_now()))
    }

    async fn ask<'a>(
        &self,
        method: Method,
        action: &impl S3Action<'a>,
        body: Bytes,
    ) -> Result<Response, ObjectError> {
        self.send(method, self.signed(action), body, None).await
    }

    /// Sends a request until it is answered, and gives a success, or 416 as an empty one.
    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Bytes,
        range: Option<&str>,
    ) -> Result<Response, ObjectError> {
        let mut request = Request::new(method, url);
        request.body = body;
        // Each of these requests leaves the same behind when it is sent twice, but for the begin of an upload, which is then given up by
        // the store's own rule.
        request.repeatable = true;
        if let Some(range) = range.and_then(|range| HeaderValue::from_str(range).ok()) {
            request
                .headers
                .insert(HeaderName::from_static("range"), range);
        }
        let mut tries = 1;
        loop {
            let failure = match self.door.send(request.clone()).await {
                Ok(mut answer) if answer.status.as_u16() == 416 && range.is_some() => {
                    answer.body = Bytes::new();
                    return Ok(answer);
                }
                Ok(answer) if answer.status.is_success() => return Ok(answer),
                Ok(answer) => {
                    let status = answer.status.as_u16();
                    let word = word_of(&String::from_utf8_lossy(&answer.body));
                    let failure = self.failed(format!("it answered {status} {word}"));
                    if status < 500 && status != 429 {
                        return Err(failure);
                    }
                    failure
                }
                Err(error) => self.failed(format!("it gave no answer: {error}")),
            };
            if tries == TRIES {
                return Err(failure);
            }
            tokio::time::sleep(Duration::from_millis(250) * 2_u32.pow(tries)).await;
            tries += 1;
        }
    }

    fn failed(&self, why: String) -> ObjectError {
        ObjectError {
            bucket: self.bucket.name().to_owned(),
            why,
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn timestamp(now: DateTime<Utc>) -> jiff::Timestamp {
    jiff::Timestamp::from_second(now.timestamp()).unwrap_or_default()
}

async fn part_of(file: &mut File, length: u64) -> std::io::Result<Bytes> {
    let mut part = vec![0; length as usize];
    file.read_exact(&mut part).await?;
    Ok(part.into())
}

/// The store's own word for a failure, such as `NoSuchBucket`.
fn word_of(body: &str) -> String {
    connectors::presentable_to_customers(member(body, "Code").unwrap_or_default())
}

/// The text of an answer's only element of a name. Not by a parser that knows the document: some stores have another
/// namespace, or none. What is read so has no characters that XML escapes.
fn member<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}
