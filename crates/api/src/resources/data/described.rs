//! The data resources as the API's document has them: made from the same table as their routes.

use ::records::{Schemas, SourceType, describe};
use serde_json::{Value, json};
use toml::{Table, toml};

use super::resources::{
    self, BANK_TRANSACTIONS, BANKING_TRANSACTIONS, COMMERCE_INFO, COMPANY_INFO, Reach, Reading,
    Resource, TRACKING_CATEGORIES,
};
use super::{COMPANY, CONNECTION};
use crate::openapi::Operation;

/// Every read of data, and in `schemas` what it answers.
pub(crate) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut made = Vec::new();
    let mut add = |method: &str, path: String, resource: &Resource, members: Table| {
        made.push(Operation {
            at: format!("{method} {path}"),
            room: room(resource.data_type.source_type()).to_owned(),
            members,
        });
    };
    let info = shape(schemas, &COMPANY_INFO);
    add(
        "GET",
        format!("{COMPANY}/info"),
        &COMPANY_INFO,
        read(
            "getAccountingCompanyInfo",
            "Get the company's details as its books have them",
            &info,
        ),
    );
    let info = shape(schemas, &COMMERCE_INFO);
    add(
        "GET",
        format!("{CONNECTION}/commerce-info"),
        &COMMERCE_INFO,
        read("getCommerceCompanyInfo", "Get the shop's details", &info),
    );
    let transaction = shape(schemas, &BANKING_TRANSACTIONS);
    add(
        "GET",
        format!("{COMPANY}/banking-transactions"),
        &BANKING_TRANSACTIONS,
        list(
            "listAllBankingTransactions",
            "List the transactions of all of a company's banks",
            &transaction,
        ),
    );
    let transaction = shape(schemas, &BANK_TRANSACTIONS);
    add(
        "GET",
        format!("{CONNECTION}/bankAccounts/{{id}}/bankTransactions"),
        &BANK_TRANSACTIONS,
        list(
            "listAccountingBankTransactions",
            "List the transactions of a bank account, as the books have them",
            &transaction,
        ),
    );
    let category = shape(schemas, &TRACKING_CATEGORIES);
    add(
        "GET",
        format!("{COMPANY}/trackingCategories/{{id}}"),
        &TRACKING_CATEGORIES,
        read(
            "getAccountingTrackingCategoriesById",
            "Get a tracking category and all that is below it",
            &tree_of(schemas, &category),
        ),
    );
    for resource in resources::statements() {
        let shape = shape(schemas, resource);
        let id = format!("get{}", pascal(resource.path));
        let mut members = read(&id, &format!("Get the {}", words(resource.path)), &shape);
        members.extend(toml! {
            query = { periodLength = "PeriodCount | Months in a period.", periodsToCompare = "PeriodCount | Periods, the newest first.", startMonth = "text? | Any day of the newest period's last month; without it, the newest month there is." }
        });
        add(
            "GET",
            format!("{COMPANY}/financials/{}", resource.path),
            resource,
            members,
        );
    }
    for resource in resources::lists() {
        let base = match resource.reach {
            Reach::Company => COMPANY,
            Reach::Connection => CONNECTION,
        };
        let path = format!("{base}/{}", resource.path);
        let shape = shape(schemas, resource);
        let kind = resource.data_type.source_type().as_str();
        // `commerce-orders` without the kind, which the id begins with.
        let bare = resource.path.rsplit('-').next().unwrap_or(resource.path);
        let words = words(bare);
        let summary = format!("List {words}");
        add(
            "GET",
            path.clone(),
            resource,
            list(&format!("list{kind}{}", pascal(bare)), &summary, &shape),
        );
        if resource.reading == Reading::ListAndIds {
            let summary = format!("Get one of the {words}");
            let id = format!("get{kind}{}ById", pascal(bare));
            add(
                "GET",
                format!("{path}/{{id}}"),
                resource,
                read(&id, &summary, &shape),
            );
        }
    }
    made
}

fn read(id: &str, summary: &str, shape: &str) -> Table {
    let mut members = toml! {
        who = "client"
        409 = "Not pulled yet: no sync of the type has completed."
    };
    for (name, value) in [("id", id), ("summary", summary), ("200", shape)] {
        members.insert(name.into(), value.into());
    }
    members
}

fn list(id: &str, summary: &str, shape: &str) -> Table {
    let mut members = read(id, summary, &format!("page of {shape}"));
    members.insert("list".into(), true.into());
    members
}

/// The name of the schema of a resource's records: the model's, with what the table adds to each document.
fn shape(schemas: &mut Schemas, resource: &Resource) -> String {
    let reference = describe(resource.data_type, schemas);
    let name = reference["$ref"]
        .as_str()
        .and_then(|to| to.rsplit('/').next())
        .unwrap_or("anything")
        .to_owned();
    let metadata = resource
        .stamps
        .metadata
        .then(|| <::records::accounting::Metadata as ::records::Described>::describe(schemas));
    if let Some(Value::Object(properties)) = schemas
        .0
        .get_mut(&name)
        .and_then(|schema| schema.get_mut("properties"))
    {
        let time = json!({ "type": "string", "format": "timestamp" });
        if resource.stamps.dates {
            properties.entry("modifiedDate").or_insert(json!({
                "type": "string",
                "format": "date-time",
                "description": "When the record last changed here.",
            }));
            properties.entry("sourceModifiedDate").or_insert(time);
        }
        if resource.supplemented {
            properties.entry("supplementalData").or_insert(json!({
                "type": "object",
                "properties": { "content": { "type": "object", "additionalProperties": { "type": "object" } } },
                "required": ["content"],
                "description": "What the client has configured beyond the standard model.",
            }));
        }
        if let Some(metadata) = metadata {
            properties.entry("metadata").or_insert(metadata);
        }
    }
    name
}

/// The schema of a record with those below it, as deep as they go.
fn tree_of(schemas: &mut Schemas, name: &str) -> String {
    let tree = format!("{name}Tree");
    let mut schema = schemas.0.get(name).cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let below = json!({ "$ref": format!("#/components/schemas/{tree}") });
        properties.insert(
            "subCategories".into(),
            json!({ "type": "array", "items": below }),
        );
    }
    schemas.0.insert(tree.clone(), schema);
    tree
}

fn room(kind: SourceType) -> &'static str {
    match kind {
        SourceType::Accounting => "Accounting data",
        SourceType::Banking => "Banking data",
        SourceType::Commerce => "Commerce data",
    }
}

/// `billCreditNotes` as `BillCreditNotes`.
fn pascal(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

/// `billCreditNotes` as `bill credit notes`.
fn words(text: &str) -> String {
    let mut words = String::new();
    for letter in text.chars() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
