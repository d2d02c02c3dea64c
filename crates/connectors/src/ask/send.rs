//! Requests in a connection's name.

use std::collections::BTreeMap;

use bytes::Bytes;
use egress::{Door, HeaderMap, HeaderValue, Method, Request, Response, Secret, header};
use url::Url;

use super::errors::FetchError;
use super::oauth::without_mark;
use super::page::Remaining;
use crate::described::integration::Integration;
use crate::described::list::Body;
use crate::described::template::{Address, Headers, Template};

/// The token, or what was typed in its place ([`typed_secrets`](crate::typed_secrets)), and the values of a request in a connection's name.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    pub token: &'a Secret,
    /// The connection's own values for `${name}`: [`Identity::variables`](crate::Identity::variables), and the callback parameters that
    /// [`Integration::callback_parameters`] names.
    pub variables: &'a BTreeMap<String, String>,
}

impl Integration {
    /// A successful answer's body, and the number of requests left.
    pub(crate) async fn get(
        &self,
        door: &Door,
        access: &Access<'_>,
        url: Url,
        headers: HeaderMap,
    ) -> Result<(Bytes, Remaining), FetchError> {
        let mut request = Request::get(url);
        request.headers = headers;
        self.ask(door, access, request).await
    }

    /// The same of any request that asks something.
    pub(crate) async fn ask(
        &self,
        door: &Door,
        access: &Access<'_>,
        request: Request,
    ) -> Result<(Bytes, Remaining), FetchError> {
        let response = self.send(door, access, request).await?;
        if self.succeeded(&response) {
            let remaining = self.remaining(&response.headers);
            return Ok((response.body, remaining));
        }
        Err(self.refusal(&response, access))
    }

    /// The same before the account is known: headers that would name it are left out.
    pub(crate) async fn get_before_identity(
        &self,
        door: &Door,
        access: &Access<'_>,
        url: Url,
    ) -> Result<Bytes, FetchError> {
        let request = Request::get(url);
        self.ask_before_identity(door, access, request).await
    }

    pub(crate) async fn ask_before_identity(
        &self,
        door: &Door,
        access: &Access<'_>,
        request: Request,
    ) -> Result<Bytes, FetchError> {
        let response = self.send_before_identity(door, access, request).await?;
        if self.succeeded(&response) {
            return Ok(response.body);
        }
        Err(self.refusal(&response, access))
    }

    /// Sends a request before the account is known, without the headers that would name it; any status is a result.
    pub(crate) async fn send_before_identity(
        &self,
        door: &Door,
        access: &Access<'_>,
        mut request: Request,
    ) -> Result<Response, FetchError> {
        for (name, template) in &self.api.headers {
            let known = template.fill(access.variables, str::to_owned).ok();
            let known = known.filter(|text| !text.is_empty());
            if let Some(value) = known.and_then(|text| HeaderValue::try_from(text).ok()) {
                request.headers.insert(name.clone(), value);
            }
        }
        self.send_proving(door, access, request).await
    }

    /// Sends a request in the connection's name; any status is a result.
    pub(crate) async fn send(
        &self,
        door: &Door,
        access: &Access<'_>,
        mut request: Request,
    ) -> Result<Response, FetchError> {
        fill_headers(&mut request.headers, &self.api.headers, access.variables)?;
        self.send_proving(door, access, request).await
    }

    /// Sends a request with the proof of access.
    async fn send_proving(
        &self,
        door: &Door,
        access: &Access<'_>,
        mut request: Request,
    ) -> Result<Response, FetchError> {
        request
            .headers
            .entry(header::ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));
        self.prove(access, &mut request)?;
        let mut response = door.send(request).await?;
        response.body = without_mark(&response.body);
        Ok(response)
    }

    pub(crate) fn remaining(&self, headers: &HeaderMap) -> Remaining {
        let names = &self.limits.headers;
        let number = |name: &Option<String>| {
            let value = headers.get(name.as_deref()?)?.to_str().ok()?;
            value.trim().parse().ok()
        };
        Remaining {
            minute: number(&names.minute_remaining),
            day: number(&names.day_remaining),
            app_minute: number(&names.app_minute_remaining),
        }
    }
}

pub(crate) fn fill_url(
    address: &Address,
    variables: &BTreeMap<String, String>,
) -> Result<Url, FetchError> {
    let url = address.fill(variables);
    url.map_err(|error| FetchError::Malformed(error.to_string()))
}

/// A request that asks something: with a body, it is a POST.
pub(crate) fn question(
    mut url: Url,
    query: &[(String, Template)],
    body: Option<&Body>,
    names: &BTreeMap<String, String>,
) -> Result<Request, FetchError> {
    for (name, template) in query {
        let value = template.fill(names, str::to_owned)?;
        url.query_pairs_mut().append_pair(name, &value);
    }
    let Some(body) = body else {
        return Ok(Request::get(url));
    };
    let mut request = Request {
        repeatable: true,
        ..Request::new(Method::POST, url)
    };
    request.body = body.fill(names)?.to_string().into();
    let json = HeaderValue::from_static("application/json");
    request.headers.insert(header::CONTENT_TYPE, json);
    Ok(request)
}

pub(crate) fn fill_headers(
    headers: &mut HeaderMap,
    templates: &Headers,
    variables: &BTreeMap<String, String>,
) -> Result<(), FetchError> {
    for (name, template) in templates {
        let text = template.fill(variables, str::to_owned)?;
        // Such as the name of a part of an account that has no parts.
        if text.is_empty() {
            continue;
        }
        let value = HeaderValue::try_from(text).map_err(|_| {
            FetchError::Malformed(format!("the value for {name} can't be in a header"))
        })?;
        headers.insert(name.clone(), value);
    }
    Ok(())
}

/// The next page's URL. A compromised or faulty platform must not be able to send the token elsewhere, so that it must be of
/// the same origin.
pub(crate) fn same_origin(base: &Url, link: &str) -> Result<Url, FetchError> {
    let url = base.join(link).ok();
    url.filter(|url| url.origin() == base.origin())
        .ok_or_else(|| {
            FetchError::Malformed("the next page's link leads to another site".to_owned())
        })
}
