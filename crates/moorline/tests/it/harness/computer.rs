//! A customer's computer with books on it, and the program there that calls: what it is asked is answered from the books.

use std::collections::BTreeMap;

use connectors::machine::xml::{Element, escaped};
use egress::{Door, HeaderValue, Policy, Request, header};
use http::Method;
use url::Url;

use super::World;

/// The platform that calls.
pub const KEY: &str = "pqsw";

/// Books as a company file: records by the kind of question, as they stand in an answer.
#[derive(Clone)]
pub struct Books {
    pub company: String,
    /// The mark that the program writes into the file.
    pub mark: String,
    pub records: BTreeMap<&'static str, Vec<String>>,
    /// Outcomes in place of answers, by the kind of question: the code and the words.
    pub refused: BTreeMap<&'static str, (&'static str, &'static str)>,
}

impl Books {
    /// A company with customers, and invoices of 100 and some cents each.
    pub fn of(company: &str, invoices: usize) -> Self {
        let mut books = Self {
            company: company.into(),
            mark: format!("mark of {company}"),
            records: BTreeMap::new(),
            refused: BTreeMap::new(),
        };
        let customers = (1..=3).map(|n| {
            format!(
                "<CustomerRet><ListID>8000000{n}-1</ListID><TimeModified>2026-05-0{n}T10:00:00-05:00</TimeModified><Name>Caf\u{e9} &amp; Bar {n}</Name><FullName>Caf\u{e9} &amp; Bar {n}</FullName><IsActive>true</IsActive></CustomerRet>"
            )
        });
        books.records.insert("Customer", customers.collect());
        let invoices = (1..=invoices).map(invoice);
        books.records.insert("Invoice", invoices.collect());
        books
    }
}

/// The invoice of a number: 100.00 and its number in cents, half of which is paid.
pub fn invoice(n: usize) -> String {
    let total = format!("{}.{:02}", 100 + n / 100, n % 100);
    format!(
        "<InvoiceRet><TxnID>{n:X}-1</TxnID><TimeCreated>2026-05-01T10:00:00-05:00</TimeCreated><TimeModified>2026-05-02T10:00:00-05:00</TimeModified><CustomerRef><ListID>80000001-1</ListID><FullName>Caf\u{e9} &amp; Bar 1</FullName></CustomerRef><TxnDate>2026-05-01</TxnDate><RefNumber>{n}</RefNumber><IsPending>false</IsPending><DueDate>2026-06-01</DueDate><Subtotal>{total}</Subtotal><SalesTaxPercentage>0.00</SalesTaxPercentage><SalesTaxTotal>0.00</SalesTaxTotal><AppliedAmount>0.00</AppliedAmount><BalanceRemaining>{total}</BalanceRemaining><IsPaid>false</IsPaid><InvoiceLineRet><TxnLineID>1</TxnLineID><Desc>Beans</Desc><Quantity>1</Quantity><Rate>{total}</Rate><Amount>{total}</Amount></InvoiceLineRet></InvoiceRet>"
    )
}

/// The words of a program that asks for a question.
pub fn asking(ticket: &str) -> [(&'static str, &str); 6] {
    [
        ("ticket", ticket),
        ("strHCPResponse", ""),
        ("strCompanyFileName", "C:\\Books\\Caf\u{e9}.QBW"),
        ("qbXMLCountry", "US"),
        ("qbXMLMajorVers", "13"),
        ("qbXMLMinorVers", "0"),
    ]
}

fn result_of(operation: &str, answer: &str) -> Element {
    let envelope = Element::read(answer, 50_000_000, 100).unwrap();
    let response = envelope.child("Body").unwrap().children[0].clone();
    assert_eq!(response.name, format!("{operation}Response"));
    let result = response.child(&format!("{operation}Result"));
    result.unwrap().clone()
}

/// A step of a call that ended it: the program's dialog has the words.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Everything was asked.
    Finished,
    /// Nothing was to be asked.
    Nothing,
    /// The password wasn't taken.
    Unknown,
    /// With the words of the last error.
    Broken(String),
}

/// A computer: the program's settings, the books that are open, and the call that is under way.
pub struct Computer<'a> {
    world: &'a World,
    pub user: String,
    pub password: String,
    pub books: Books,
    /// The ports of the nodes that its requests go to, in turn; the world's own if there are none.
    pub nodes: Vec<u16>,
    door: Door,
    calls: usize,
    pub ticket: String,
    /// The question that a story holds back.
    pub in_hand: String,
    walks: BTreeMap<String, Vec<String>>,
    /// Questions that were asked, by their kinds.
    pub asked: Vec<String>,
}

impl<'a> Computer<'a> {
    pub fn new(world: &'a World, user: &str, password: &str, books: Books) -> Self {
        Self {
            world,
            user: user.into(),
            password: password.into(),
            books,
            nodes: Vec::new(),
            door: Door::new(Policy {
                allow_private: ["127.0.0.1".to_owned(), "localhost".to_owned()].into(),
                ..Policy::default()
            }),
            calls: 0,
            ticket: String::new(),
            in_hand: String::new(),
            walks: BTreeMap::new(),
            asked: Vec::new(),
        }
    }

    /// Calls an operation, and gives its result's element.
    pub async fn call(&mut self, operation: &str, parts: &[(&str, &str)]) -> Element {
        let (url, body) = self.message(operation, parts);
        let headers = [("content-type", "text/xml; charset=utf-8")];
        let answer = (self.world)
            .send_through(&self.door, Method::POST, &url, &headers, body.into_bytes())
            .await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text());
        result_of(operation, &answer.text())
    }

    /// Calls an operation of a node that may die meanwhile: none if its answer is lost.
    pub async fn try_call(&mut self, operation: &str, parts: &[(&str, &str)]) -> Option<Element> {
        let (url, body) = self.message(operation, parts);
        let url = self.world.platform.join(&url).unwrap();
        let mut request = Request::post(Url::clone(&url), body);
        let kind = HeaderValue::from_static("text/xml; charset=utf-8");
        request.headers.insert(header::CONTENT_TYPE, kind);
        let answer = self.door.send(request).await.ok()?;
        assert_eq!(answer.status, 200, "{operation}");
        Some(result_of(operation, &String::from_utf8_lossy(&answer.body)))
    }

    /// The address of a call, in turn, and its envelope.
    fn message(&mut self, operation: &str, parts: &[(&str, &str)]) -> (String, String) {
        let parts: String = (parts.iter())
            .map(|(name, value)| format!("<{name}>{}</{name}>", escaped(value)))
            .collect();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><{operation} xmlns=\"http://developer.intuit.com/\">{parts}</{operation}></soap:Body></soap:Envelope>"
        );
        let url = match self.nodes.as_slice() {
            [] => format!("/machines/{KEY}"),
            nodes => format!(
                "http://127.0.0.1:{}/machines/{KEY}",
                nodes[self.calls % nodes.len()]
            ),
        };
        self.calls += 1;
        (url, body)
    }

    /// Authenticates; the second of what comes back, and the number of seconds to wait.
    pub async fn authenticate(&mut self) -> (String, Option<u32>) {
        let (user, password) = (self.user.clone(), self.password.clone());
        let parts = [("strUserName", user.as_str()), ("strPassword", &password)];
        let result = self.call("authenticate", &parts).await;
        self.admitted(&result)
    }

    /// Takes the ticket of a call that begins.
    pub fn admitted(&mut self, result: &Element) -> (String, Option<u32>) {
        let texts: Vec<String> = result.children.iter().map(|one| one.text.clone()).collect();
        self.ticket.clone_from(&texts[0]);
        self.walks.clear();
        (
            texts[1].clone(),
            texts.get(2).and_then(|text| text.parse().ok()),
        )
    }

    /// Asks for the next question.
    pub async fn next(&mut self) -> String {
        let ticket = self.ticket.clone();
        let parts = asking(&ticket);
        self.call("sendRequestXML", &parts).await.text
    }

    /// Brings an answer, or a code and words in place of one; the percentage that comes back.
    pub async fn bring(&mut self, answer: &str, code: &str, words: &str) -> i32 {
        let ticket = self.ticket.clone();
        let parts = [
            ("ticket", ticket.as_str()),
            ("response", answer),
            ("hresult", code),
            ("message", words),
        ];
        let result = self.call("receiveResponseXML", &parts).await;
        result.text.parse().unwrap()
    }

    pub async fn last_error(&mut self) -> String {
        let ticket = self.ticket.clone();
        self.call("getLastError", &[("ticket", &ticket)]).await.text
    }

    pub async fn close(&mut self) -> String {
        let ticket = self.ticket.clone();
        self.call("closeConnection", &[("ticket", &ticket)])
            .await
            .text
    }

    /// A whole call, as the program makes it by its timetable.
    pub async fn update(&mut self) -> End {
        self.call("serverVersion", &[]).await;
        self.call("clientVersion", &[("strVersion", "2.3.0.215")])
            .await;
        match self.authenticate().await.0.as_str() {
            "nvu" => return End::Unknown,
            "none" => return End::Nothing,
            _ => {}
        }
        self.go_on(usize::MAX).await.unwrap()
    }

    /// Answers so many questions of the call that is under way; its end, if that comes first.
    pub async fn go_on(&mut self, questions: usize) -> Option<End> {
        for _ in 0..questions {
            let question = self.next().await;
            if question.is_empty() {
                let words = self.last_error().await;
                if words == "NoOp" {
                    continue;
                }
                self.close().await;
                return Some(End::Broken(words));
            }
            let (answer, code, words) = self.answer(&question);
            match self.bring(&answer, &code, &words).await {
                100 => {
                    self.close().await;
                    return Some(End::Finished);
                }
                percent if percent < 0 => {
                    let words = self.last_error().await;
                    self.close().await;
                    return Some(End::Broken(words));
                }
                _ => {}
            }
        }
        None
    }

    /// Forgets the places in all lists, as books do that are closed.
    pub fn lose_place(&mut self) {
        self.walks.clear();
    }

    /// The books' answer to a question, or a code and words.
    pub fn answer(&mut self, question: &str) -> (String, String, String) {
        let document = Element::read(question, 1_000_000, 1000).unwrap();
        assert_eq!(document.name, "QBXML");
        let request = document.child("QBXMLMsgsRq").unwrap().children[0].clone();
        let kind = request.name.strip_suffix("QueryRq").unwrap().to_owned();
        self.asked.push(kind.clone());
        if let Some((code, words)) = self.books.refused.get(kind.as_str()) {
            return (String::new(), (*code).into(), (*words).into());
        }
        let name = |suffix: &str| format!("{kind}Query{suffix}");
        let inner = match kind.as_str() {
            "Host" => "<HostRet><ProductName>QuickBooks Enterprise</ProductName><Country>US</Country></HostRet>".to_owned(),
            "GeneralSummaryReport" => "<ReportRet><ReportTitle>Report</ReportTitle><ReportBasis>Accrual</ReportBasis><ReportData></ReportData></ReportRet>".to_owned(),
            "Preferences" => "<PreferencesRet><MultiCurrencyPreferences><IsMultiCurrencyOn>false</IsMultiCurrencyOn></MultiCurrencyPreferences></PreferencesRet>".to_owned(),
            "Company" => format!(
                "<CompanyRet><IsSampleCompany>false</IsSampleCompany><CompanyName>{0}</CompanyName><LegalCompanyName>{0}</LegalCompanyName><DataExtRet><OwnerID>x</OwnerID><DataExtName>FileID</DataExtName><DataExtType>STR255TYPE</DataExtType><DataExtValue>{1}</DataExtValue></DataExtRet></CompanyRet>",
                escaped(&self.books.company),
                escaped(&self.books.mark)
            ),
            _ => return (self.listed(&kind, &request), String::new(), String::new()),
        };
        let answer = format!(
            "<?xml version=\"1.0\" ?><QBXML><QBXMLMsgsRs><{0} statusCode=\"0\" statusSeverity=\"Info\" statusMessage=\"Status OK\">{inner}</{0}></QBXMLMsgsRs></QBXML>",
            name("Rs")
        );
        (answer, String::new(), String::new())
    }

    fn listed(&mut self, kind: &str, request: &Element) -> String {
        let wrapped = |attributes: &str, inner: &str| {
            format!(
                "<?xml version=\"1.0\" ?><QBXML><QBXMLMsgsRs><{kind}QueryRs {attributes}>{inner}</{kind}QueryRs></QBXMLMsgsRs></QBXML>"
            )
        };
        let all = self.books.records.get(kind).cloned().unwrap_or_default();
        let most = request.text_of("MaxReturned").parse().unwrap_or(usize::MAX);
        let (id, mut rest) = match request.attribute("iterator") {
            Some("Continue") => {
                let id = request.attribute("iteratorID").unwrap().to_owned();
                match self.walks.remove(&id) {
                    Some(rest) => (id, rest),
                    None => {
                        return wrapped(
                            "statusCode=\"3120\" statusSeverity=\"Error\" statusMessage=\"There is no such iterator.\"",
                            "",
                        );
                    }
                }
            }
            _ => (format!("{{{kind}-{}}}", self.asked.len()), all),
        };
        if rest.is_empty() {
            return wrapped(
                "statusCode=\"1\" statusSeverity=\"Info\" statusMessage=\"A query request did not find a matching object in QuickBooks\"",
                "",
            );
        }
        let later = rest.split_off(most.min(rest.len()));
        let attributes = format!(
            "statusCode=\"0\" statusSeverity=\"Info\" statusMessage=\"Status OK\" iteratorRemainingCount=\"{}\" iteratorID=\"{id}\"",
            later.len()
        );
        self.walks.insert(id, later);
        wrapped(&attributes, &rest.concat())
    }
}
