//! Reads queries, tag queries and orders.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{
    Condition, Expression, Fault, Kind, Literal, MAX_CHARS, Operator, Order, QueryError, Schema,
};

/// The property that the contract's examples order by, on lists whose elements have it and on others.
const EXAMPLE: &str = "modifiedDate";

/// Braces nested deeper than this are refused.
const MAX_DEPTH: usize = 64;

/// Reads a query. Blank text is the query that everything answers to.
pub fn parse(text: &str, schema: &Schema) -> Result<Expression, QueryError> {
    read("query", text, &|property| schema.resolve(property))
}

/// Reads a query over a company's tags: any key, compared with `=`, `!=` or `~`. Keys and values are case-sensitive, but for
/// `~`.
pub fn parse_tags(text: &str) -> Result<Expression, QueryError> {
    read("tags", text, &|key| Ok((key.to_owned(), Kind::Exact)))
}

/// Reads `orderBy`: a property, descending with `-` in front. Blank text asks for no order, and so does `modifiedDate` if the
/// elements have none.
pub fn parse_order(text: &str, schema: &Schema) -> Result<Option<Order>, QueryError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (property, descending) = match text.strip_prefix('-') {
        Some(property) => (property.trim_start(), true),
        None => (text, false),
    };
    let (field, kind) = match schema.resolve(property) {
        Ok(found) => found,
        // The contract's own example of an order, which its clients copy to every list.
        Err(Unresolved::Unknown(_)) if property.eq_ignore_ascii_case(EXAMPLE) => return Ok(None),
        Err(Unresolved::Unknown(error)) => return Err(error),
        Err(Unresolved::NoName) => {
            return Err(QueryError::Malformed(Fault {
                parameter: "orderBy",
                at: 1 + usize::from(descending),
                why: format!("{A_NAME}, with `-` in front for descending"),
            }));
        }
    };
    Ok(Some(Order {
        field,
        kind,
        descending,
    }))
}

impl Schema {
    fn resolve(&self, property: &str) -> Result<(String, Kind), Unresolved> {
        if let Some((field, kind)) = self
            .fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(property))
        {
            return Ok(((*field).to_owned(), *kind));
        }
        if !property.split('.').all(is_name) {
            return Err(Unresolved::NoName);
        }
        if self.open {
            return Ok((property.to_owned(), Kind::Any));
        }
        Err(Unresolved::Unknown(QueryError::UnknownProperty {
            property: property.to_owned(),
            schema: self.name,
        }))
    }
}

/// Why a text names no property.
enum Unresolved {
    /// It can't be a name.
    NoName,
    Unknown(QueryError),
}

const A_NAME: &str =
    "a property has a name of letters, digits, _ and -, or several with dots between";

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

type Resolve<'a> = dyn Fn(&str) -> Result<(String, Kind), Unresolved> + 'a;

fn read(
    parameter: &'static str,
    text: &str,
    resolve: &Resolve<'_>,
) -> Result<Expression, QueryError> {
    if text.chars().count() >= MAX_CHARS {
        return Err(QueryError::TooLong);
    }
    // The public examples encode `=` twice (`id%253D…`), so a query without any operator is decoded once more.
    let text = if text.contains(['=', '~', '<', '>']) || !text.contains('%') {
        Cow::Borrowed(text)
    } else {
        percent_decode_str(text).decode_utf8().map_err(|_| {
            QueryError::Malformed(Fault {
                parameter,
                at: 1,
                why: "decoded once more, it is not UTF-8".to_owned(),
            })
        })?
    };
    if text.trim().is_empty() {
        return Ok(Expression::All(Vec::new()));
    }
    let mut reader = Reader {
        parameter,
        text: &text,
        rest: &text,
        depth: 0,
        resolve,
    };
    let expression = reader.expression()?;
    if reader.rest.is_empty() {
        Ok(expression)
    } else {
        Err(reader.fault(
            reader.rest,
            "conditions are joined by && or ||, and each { has one }",
        ))
    }
}

struct Reader<'a> {
    parameter: &'static str,
    text: &'a str,
    /// The end of the text, from where it is still to be read.
    rest: &'a str,
    depth: usize,
    resolve: &'a Resolve<'a>,
}

impl<'a> Reader<'a> {
    /// A fault at the place where `rest`, an end of the text, begins.
    fn fault(&self, rest: &str, why: impl Into<String>) -> QueryError {
        let before = &self.text[..self.text.len() - rest.len()];
        QueryError::Malformed(Fault {
            parameter: self.parameter,
            at: before.chars().count() + 1,
            why: why.into(),
        })
    }

    fn expression(&mut self) -> Result<Expression, QueryError> {
        let mut any = vec![self.all()?];
        while self.take("||") {
            any.push(self.all()?);
        }
        Ok(alone_or(any, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, QueryError> {
        let mut all = vec![self.term()?];
        while self.take("&&") {
            all.push(self.term()?);
        }
        Ok(alone_or(all, Expression::All))
    }

    fn term(&mut self) -> Result<Expression, QueryError> {
        let opening = self.rest;
        if !self.take("{") {
            return self.condition().map(Expression::Condition);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let why = format!("braces stand more than {MAX_DEPTH} deep");
            return Err(self.fault(opening, why));
        }
        let inner = self.expression()?;
        self.depth -= 1;
        if self.take("}") {
            Ok(inner)
        } else {
            Err(self.fault(self.rest, "a } is missing"))
        }
    }

    fn condition(&mut self) -> Result<Condition, QueryError> {
        const AN_OPERATOR: &str = "an operator is missing: =, !=, ~, >, >=, < or <=";

        let start = self.rest.trim_start();
        let Some(end) = start.find(['=', '!', '~', '<', '>', '&', '|', '{', '}']) else {
            let why = match start.is_empty() {
                true => "a condition is missing",
                false => AN_OPERATOR,
            };
            return Err(self.fault("", why));
        };
        let property = start[..end].trim();
        if property.is_empty() {
            return Err(self.fault(start, "a property's name is missing"));
        }
        self.rest = &start[end..];
        let Some(operator) = self.operator() else {
            return Err(self.fault(self.rest, AN_OPERATOR));
        };
        let behind = self.rest;
        let text = self.value();
        if text.is_empty() {
            return Err(self.fault(behind, "a value is missing"));
        }
        if text.contains('\0') {
            return Err(self.fault(behind, "a value can't hold the character U+0000"));
        }
        let (field, kind) = match (self.resolve)(property) {
            Ok(found) => found,
            Err(Unresolved::Unknown(error)) => return Err(error),
            Err(Unresolved::NoName) => return Err(self.fault(start, A_NAME)),
        };
        let value = Literal::new(text);
        if fits(kind, operator, &value) {
            Ok(Condition {
                field,
                kind,
                operator,
                value,
            })
        } else {
            Err(self.fault(behind, format!("{field} takes {}", kind.takes())))
        }
    }

    fn operator(&mut self) -> Option<Operator> {
        const OPERATORS: [Operator; 7] = [
            Operator::NotEqual,
            Operator::GreaterOrEqual,
            Operator::LessOrEqual,
            Operator::Equal,
            Operator::Contains,
            Operator::Greater,
            Operator::Less,
        ];
        OPERATORS
            .into_iter()
            .find(|operator| self.take(operator.as_str()))
    }

    fn value(&mut self) -> &'a str {
        let ends = ["&&", "||", "{", "}"];
        let end = ends
            .iter()
            .filter_map(|mark| self.rest.find(mark))
            .min()
            .unwrap_or(self.rest.len());
        let (value, rest) = self.rest.split_at(end);
        self.rest = rest;
        value.trim()
    }

    /// Passes over `mark`, and the spaces around it, if it comes next.
    fn take(&mut self, mark: &str) -> bool {
        match self.rest.trim_start().strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }
}

fn alone_or(mut parts: Vec<Expression>, together: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.len() {
        1 => parts.remove(0),
        _ => together(parts),
    }
}

/// True if the kind takes the operator, and the value is of the kind.
fn fits(kind: Kind, operator: Operator, value: &Literal) -> bool {
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    match kind {
        Kind::Text | Kind::Exact | Kind::Word(_) => !operator.is_ordering(),
        Kind::Number => value.number.is_some() && operator != Operator::Contains,
        Kind::Time => value.time.is_some() && operator != Operator::Contains,
        Kind::Bool => value.boolean.is_some() && equality,
        Kind::Id => value.id.is_some() && equality,
        // The contract has no way to ask for null; as text it would be a question with a wrong answer.
        Kind::Any if value.text == "null" => false,
        Kind::Any => !operator.is_ordering() || value.number.is_some() || value.time.is_some(),
    }
}
