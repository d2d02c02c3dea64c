//! A company file of QuickBooks Desktop with a made-up business in it, as far as Intuit documents it: a question in qbXML gets its answer.
//!
//! It is open on a computer that nobody reaches: a program there calls, and brings what is answered here.

mod records;
mod reports;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::books::Library;

const OK: &str = "statusCode=\"0\" statusSeverity=\"Info\" statusMessage=\"Status OK\"";
const NO_MATCH: &str = "statusCode=\"1\" statusSeverity=\"Info\" statusMessage=\"A query request did not find a matching object in QuickBooks\"";
const NO_WALK: &str =
    "statusCode=\"3120\" statusSeverity=\"Error\" statusMessage=\"There is no such iterator.\"";

/// A company file that is open.
pub struct CompanyFile {
    name: &'static str,
    currency: &'static str,
    /// The mark that the calling program has written into it, under its own name.
    mark: String,
    records: BTreeMap<&'static str, Vec<String>>,
    /// Rows of reports, by their kind and month.
    reports: BTreeMap<(&'static str, String), Vec<String>>,
    /// Walks through lists: the records that are still to come, by the walk's id.
    walks: BTreeMap<String, Vec<String>>,
    begun: usize,
}

/// An answer, with what it is about.
#[derive(Debug, PartialEq, Eq)]
pub struct Answered {
    /// The kind of question, such as `Invoice`.
    pub kind: String,
    /// The number of records in it.
    pub records: usize,
    pub text: String,
}

impl CompanyFile {
    /// The books of a business as of now; none if there is no such business. May take a second or two.
    pub fn of(library: &Library, business: &str, mark: &str) -> Option<Self> {
        let books = library.books(business)?;
        Some(Self {
            name: books.trade.business.name,
            currency: records::currency_name(books.trade.business.currency),
            mark: mark.to_owned(),
            records: records::of(&books),
            reports: reports::of(&books),
            walks: BTreeMap::new(),
            begun: 0,
        })
    }

    pub fn name(&self) -> &str {
        self.name
    }

    /// Another call begins: places in lists are known in one call alone.
    pub fn begin(&mut self) {
        self.walks.clear();
    }

    /// The answer to a document with one question; none if it isn't one.
    pub fn answer(&mut self, document: &str) -> Option<Answered> {
        let (_, request) = document.split_once("<QBXMLMsgsRq")?;
        let (_, request) = request.split_once('>')?;
        let request = request.trim_start().strip_prefix('<')?;
        let (kind, rest) = request.split_once("QueryRq")?;
        let (attributes, body) = rest.split_once('>')?;
        let (status, inner, records) = match kind {
            "Host" => (
                OK.to_owned(),
                "<HostRet><ProductName>QuickBooks Enterprise Solutions</ProductName><Country>US</Country><SupportedQBXMLVersion>13.0</SupportedQBXMLVersion></HostRet>".to_owned(),
                1,
            ),
            "Preferences" => (
                OK.to_owned(),
                format!(
                    "<PreferencesRet><MultiCurrencyPreferences><IsMultiCurrencyOn>true</IsMultiCurrencyOn><HomeCurrencyRef><ListID>1</ListID><FullName>{}</FullName></HomeCurrencyRef></MultiCurrencyPreferences></PreferencesRet>",
                    self.currency
                ),
                1,
            ),
            "Company" => (OK.to_owned(), self.company(), 1),
            "GeneralSummaryReport" => {
                let rows = self.report(body);
                let records = rows.len();
                let rows = rows.concat();
                let kind = between(body, "GeneralSummaryReportType").unwrap_or_default();
                let report = format!(
                    "<ReportRet><ReportTitle>{kind}</ReportTitle><ReportSubtitle></ReportSubtitle><ReportBasis>Accrual</ReportBasis><ReportData>{rows}</ReportData></ReportRet>"
                );
                (OK.to_owned(), report, records)
            }
            _ => self.listed(kind, attributes, body),
        };
        Some(Answered {
            kind: kind.to_owned(),
            records,
            text: format!(
                "<?xml version=\"1.0\" ?><QBXML><QBXMLMsgsRs><{kind}QueryRs requestID=\"\" {status}>{inner}</{kind}QueryRs></QBXMLMsgsRs></QBXML>"
            ),
        })
    }

    fn company(&self) -> String {
        let mut ret = Element::new("CompanyRet");
        ret.text("IsSampleCompany", "false");
        ret.text("CompanyName", self.name);
        ret.text("LegalCompanyName", self.name);
        ret.text("FirstMonthFiscalYear", "January");
        ret.element("DataExtRet", |mark| {
            mark.text("OwnerID", "{}");
            mark.text("DataExtName", "FileID");
            mark.text("DataExtType", "STR255TYPE");
            mark.text("DataExtValue", &self.mark);
        });
        ret.close()
    }

    fn report(&self, body: &str) -> Vec<String> {
        let kind = between(body, "GeneralSummaryReportType").unwrap_or_default();
        let day = between(body, "FromReportDate").unwrap_or_default();
        let month = day.get(..7).unwrap_or_default();
        let known = self.reports.iter();
        let mut known = known.filter(|((own, at), _)| *own == kind && at == month);
        match known.next() {
            Some((_, rows)) => rows.clone(),
            None => reports::empty(kind),
        }
    }

    fn listed(&mut self, kind: &str, attributes: &str, body: &str) -> (String, String, usize) {
        let all = || self.records.get(kind).cloned().unwrap_or_default();
        let (id, mut page) = match attribute(attributes, "iteratorID") {
            Some(id) => match self.walks.remove(id) {
                Some(left) => (id.to_owned(), left),
                None => return (NO_WALK.to_owned(), String::new(), 0),
            },
            None => (format!("{{{kind}-{}}}", self.begun), all()),
        };
        if page.is_empty() {
            return (NO_MATCH.to_owned(), String::new(), 0);
        }
        let most = between(body, "MaxReturned").and_then(|text| text.parse().ok());
        let left = page.split_off(most.unwrap_or(usize::MAX).min(page.len()));
        let mut status = format!("{OK} retCount=\"{}\"", page.len());
        if attribute(attributes, "iterator").is_some() {
            let _ = write!(
                status,
                " iteratorRemainingCount=\"{}\" iteratorID=\"{id}\"",
                left.len()
            );
            self.begun += 1;
            self.walks.insert(id, left);
        }
        (status, page.concat(), page.len())
    }
}

/// The text of an element without any in it.
fn between<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (inner, _) = rest.split_once("</")?;
    Some(inner.trim())
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = attributes.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value)
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// An element that is being written.
struct Element {
    name: &'static str,
    inner: String,
}

impl Element {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            inner: String::new(),
        }
    }

    fn text(&mut self, name: &str, text: &str) {
        let _ = write!(self.inner, "<{name}>{}</{name}>", escaped(text));
    }

    fn element(&mut self, name: &'static str, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::new(name);
        write(&mut inner);
        self.inner.push_str(&inner.close());
    }

    fn close(self) -> String {
        format!("<{0}>{1}</{0}>", self.name, self.inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{TimeZone, Utc};

    use super::*;

    fn file() -> CompanyFile {
        let now = Utc.with_ymd_and_hms(2026, 6, 15, 9, 30, 0).unwrap();
        let library = Library::with_clock(1, Arc::new(move || now));
        CompanyFile::of(&library, "alder-ridge-wholesale", "{mark}").unwrap()
    }

    fn ask(file: &mut CompanyFile, request: &str) -> Answered {
        let document =
            format!("<QBXML><QBXMLMsgsRq onError=\"stopOnError\">{request}</QBXMLMsgsRq></QBXML>");
        file.answer(&document).unwrap()
    }

    #[test]
    fn a_walk_brings_every_record_once_and_is_lost_with_its_call() {
        let mut file = file();
        let whole = ask(&mut file, "<InvoiceQueryRq></InvoiceQueryRq>");
        assert!(whole.records > 200, "{}", whole.records);
        let first = ask(
            &mut file,
            "<InvoiceQueryRq iterator=\"Start\"><MaxReturned>200</MaxReturned></InvoiceQueryRq>",
        );
        assert_eq!(first.records, 200);
        let id = attribute(&first.text, "iteratorID").unwrap().to_owned();
        let next = format!(
            "<InvoiceQueryRq iterator=\"Continue\" iteratorID=\"{id}\"><MaxReturned>100000</MaxReturned></InvoiceQueryRq>"
        );
        assert_eq!(ask(&mut file, &next).records, whole.records - 200);
        file.begin();
        assert!(ask(&mut file, &next).text.contains("statusCode=\"3120\""));
        assert!(
            ask(&mut file, "<ClassQueryRq></ClassQueryRq>")
                .text
                .contains("statusCode=\"1\"")
        );
    }

    #[test]
    fn a_report_has_the_rows_of_its_month() {
        let mut file = file();
        let report = ask(
            &mut file,
            "<GeneralSummaryReportQueryRq><GeneralSummaryReportType>BalanceSheetStandard</GeneralSummaryReportType><ReportPeriod><FromReportDate>2026-05-01</FromReportDate></ReportPeriod></GeneralSummaryReportQueryRq>",
        );
        assert!(report.text.contains("TOTAL LIABILITIES &amp; EQUITY") && report.records > 10);
    }
}
