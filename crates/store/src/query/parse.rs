//! Reads queries, tag queries and orders.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{Condition, Expression, Kind, Literal, MAX_CHARS, Operator, Order, QueryError, Schema};

/// The property that the contract's examples order by, on lists whose elements have it and on others.
const EXAMPLE: &str = "modifiedDate";

/// Braces nested deeper than this are refused.
const MAX_DEPTH: usize = 64;

/// Reads a query. Blank text is the query that everything answers to.
pub fn parse(text: &str, schema: &Schema) -> Result<Expression, QueryError> {
    read(text, &|property| schema.resolve(property))
}

/// Reads a query over a company's tags: any key, compared with `=`, `!=` or `~`. Keys and values are case-sensitive, but for
/// `~`.
pub fn parse_tags(text: &str) -> Result<Expression, QueryError> {
    read(text, &|key| Ok((key.to_owned(), Kind::Exact)))
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
        Err(QueryError::UnknownProperty { .. }) if property.eq_ignore_ascii_case(EXAMPLE) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    Ok(Some(Order {
        field,
        kind,
        descending,
    }))
}

impl Schema {
    fn resolve(&self, property: &str) -> Result<(String, Kind), QueryError> {
        if let Some((field, kind)) = self
            .fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(property))
        {
            return Ok(((*field).to_owned(), *kind));
        }
        if self.open && property.split('.').all(is_name) {
            return Ok((property.to_owned(), Kind::Any));
        }
        if property.split('.').all(is_name) {
            return Err(QueryError::UnknownProperty {
                property: property.to_owned(),
                schema: self.name,
            });
        }
        Err(QueryError::Malformed)
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

type Resolve<'a> = dyn Fn(&str) -> Result<(String, Kind), QueryError> + 'a;

fn read(text: &str, resolve: &Resolve<'_>) -> Result<Expression, QueryError> {
    if text.chars().count() >= MAX_CHARS {
        return Err(QueryError::TooLong);
    }
    // The public examples encode `=` twice (`id%253D…`), so a query without any operator is decoded once more.
    let text = if text.contains(['=', '~', '<', '>']) || !text.contains('%') {
        Cow::Borrowed(text)
    } else {
        percent_decode_str(text)
            .decode_utf8()
            .map_err(|_| QueryError::Malformed)?
    };
    if text.trim().is_empty() {
        return Ok(Expression::All(Vec::new()));
    }
    let mut reader = Reader {
        rest: &text,
        depth: 0,
        resolve,
    };
    let expression = reader.expression()?;
    if reader.rest.is_empty() {
        Ok(expression)
    } else {
        Err(QueryError::Malformed)
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    resolve: &'a Resolve<'a>,
}

impl<'a> Reader<'a> {
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
        if !self.take("{") {
            return self.condition().map(Expression::Condition);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(QueryError::Malformed);
        }
        let inner = self.expression()?;
        self.depth -= 1;
        if self.take("}") {
            Ok(inner)
        } else {
            Err(QueryError::Malformed)
        }
    }

    fn condition(&mut self) -> Result<Condition, QueryError> {
        let end = self
            .rest
            .find(['=', '!', '~', '<', '>', '&', '|', '{', '}'])
            .ok_or(QueryError::Malformed)?;
        let property = self.rest[..end].trim();
        if property.is_empty() {
            return Err(QueryError::Malformed);
        }
        self.rest = &self.rest[end..];
        let operator = self.operator()?;
        let text = self.value();
        if text.is_empty() || text.contains('\0') {
            return Err(QueryError::Malformed);
        }
        let (field, kind) = (self.resolve)(property)?;
        let value = Literal::new(text);
        if fits(kind, operator, &value) {
            Ok(Condition {
                field,
                kind,
                operator,
                value,
            })
        } else {
            Err(QueryError::Malformed)
        }
    }

    fn operator(&mut self) -> Result<Operator, QueryError> {
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
            .ok_or(QueryError::Malformed)
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
