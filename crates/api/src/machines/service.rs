//! The service that programs on customers' machines call, in the words of their protocol.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use super::soap::{Message, Value, answer};
use crate::AppState;
use crate::around::errors::ApiError;
use platform::app::App;
use platform::connecting::machines::{self, Admitted, LastWord, Progress};
use store::StoreError;

const XML: &str = "text/xml; charset=utf-8";

/// Words of the protocol: nothing is to be asked, the user is unknown, ask again in a moment, and don't try otherwise.
const NOTHING: &str = "none";
const UNKNOWN: &str = "nvu";
const MOMENT: &str = "NoOp";
const NO_MORE: &str = "done";

/// Tells that there is a service here, or describes it (`?wsdl`).
pub(crate) async fn describe(
    State(app): State<AppState>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let machine = app.catalogue.get(&key).and_then(|known| known.machine());
    let machine = machine.ok_or_else(|| no_machine(&key))?;
    let asks = query.is_some_and(|query| query.eq_ignore_ascii_case("wsdl"));
    Ok(if asks {
        let text = machine.service(&machines::address(&app, &key));
        ([(CONTENT_TYPE, XML)], text).into_response()
    } else {
        let text = format!("{} calls here.\n", machine.program());
        ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    })
}

/// One call of an operation.
pub(crate) async fn call(
    State(app): State<AppState>,
    Path(key): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let machine = app.catalogue.get(&key).and_then(|known| known.machine());
    let machine = machine.ok_or_else(|| no_machine(&key))?;
    let body = body.map_err(ApiError::unread_body)?;
    let unreadable = |why: &str| {
        ApiError::bad_request(format!(
            "The message can't be read: {why}. It is to be a SOAP 1.1 envelope in UTF-8."
        ))
    };
    let text = std::str::from_utf8(&body).map_err(|_| unreadable("it is not UTF-8"))?;
    let message = Message::read(text).map_err(|error| unreadable(&error.to_string()))?;
    let operation = message.operation();
    let value = operate(&app, &key, &message)
        .await
        .map_err(ApiError::from)?;
    let Some(value) = value else {
        return Err(ApiError::bad_request(format!(
            "There is no operation `{operation}`. Valid operations: {}.",
            OPERATIONS.join(", ")
        )));
    };
    let text = answer(machine.namespace(), operation, &value);
    Ok(([(CONTENT_TYPE, XML)], text).into_response())
}

const OPERATIONS: [&str; 8] = [
    "serverVersion",
    "clientVersion",
    "authenticate",
    "sendRequestXML",
    "receiveResponseXML",
    "connectionError",
    "getLastError",
    "closeConnection",
];

async fn operate(app: &App, key: &str, message: &Message) -> Result<Option<Value>, StoreError> {
    let ticket = message.part("ticket");
    let fault = (message.part("hresult"), message.part("message"));
    Ok(Some(match message.operation() {
        "serverVersion" => Value::Text(env!("CARGO_PKG_VERSION").into()),
        // Any version may go on.
        "clientVersion" => Value::Text(String::new()),
        "authenticate" => {
            let (user, password) = (message.part("strUserName"), message.part("strPassword"));
            Value::List(match machines::admit(app, key, user, password).await? {
                Admitted::No => vec![String::new(), UNKNOWN.into()],
                Admitted::Nothing { again } => {
                    let mut said = vec![String::new(), NOTHING.into()];
                    said.extend(again.map(|seconds| seconds.to_string()));
                    said
                }
                Admitted::Call { ticket, place } => vec![ticket, place.unwrap_or_default()],
            })
        }
        "sendRequestXML" => {
            let place = message.part("strCompanyFileName");
            let question = machines::next(app, key, ticket, place).await?;
            Value::Text(question.unwrap_or_default())
        }
        "receiveResponseXML" => {
            let answer = message.part("response");
            Value::Number(
                match machines::receive(app, key, ticket, answer, fault).await? {
                    Progress::At(percent) => percent,
                    Progress::Done => 100,
                    Progress::Broken => -1,
                },
            )
        }
        "connectionError" => {
            machines::failed(app, key, ticket, fault).await?;
            Value::Text(NO_MORE.into())
        }
        "getLastError" => Value::Text(match machines::last_word(app, ticket).await? {
            LastWord::Wait => MOMENT.into(),
            LastWord::Said(words) => words,
        }),
        "closeConnection" => Value::Text(machines::close(app, ticket).await?),
        _ => return Ok(None),
    }))
}

fn no_machine(key: &str) -> ApiError {
    ApiError::not_found(format!("No platform with the key `{key}` calls here."))
}
