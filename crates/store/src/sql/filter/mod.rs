//! A checked query as SQL with bound values.

use super::db::{Db, Dynamic};
use super::dialect::{self, Operand};
use crate::Bind;
use crate::query::{Condition, Expression, Kind, Literal, Operator, Order};

/// A field of a query, as a statement has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resolved {
    /// One value. `nullable` says that a row may have none; such rows are ordered last.
    One { operand: Operand, nullable: bool },
    /// Any number of values, each in a row of another table: the field equals what one of them equals, and doesn't where
    /// none does. `test` opens a subquery, `rows` follows it up to the comparison, without its last `and`; each of `keys` is
    /// bound behind what stands so far and followed by its text.
    Each {
        test: &'static str,
        rows: &'static str,
        keys: Vec<(Bind, &'static str)>,
        operand: Operand,
    },
}

impl Resolved {
    /// A column that is never null.
    pub(crate) fn column(column: &'static str) -> Self {
        Self::One {
            operand: Operand::Column(column),
            nullable: false,
        }
    }

    pub(crate) fn nullable(column: &'static str) -> Self {
        Self::One {
            operand: Operand::Column(column),
            nullable: true,
        }
    }

    /// A dotted path into the JSON text of a column.
    pub(crate) fn json(column: &'static str, path: &str) -> Self {
        let path = path.split('.').map(str::to_owned).collect();
        Self::One {
            operand: Operand::Json { column, path },
            nullable: true,
        }
    }

    /// The values of a column of other rows, such as `each("connection c where c.company_id = company.id", "c.status")`.
    pub(crate) fn each(rows: &'static str, column: &'static str) -> Self {
        Self::Each {
            test: "exists (select 1 from ",
            rows,
            keys: Vec::new(),
            operand: Operand::Column(column),
        }
    }

    /// The values of a column of other rows that name the row they belong to. `test` is such as
    /// `company.id in (select t.company_id from `. Unlike [`Resolved::each`] this looks at the other rows first, so that a
    /// few of them are found among a million.
    pub(crate) fn among(
        test: &'static str,
        rows: &'static str,
        keys: Vec<(Bind, &'static str)>,
        column: &'static str,
    ) -> Self {
        Self::Each {
            test,
            rows,
            keys,
            operand: Operand::Column(column),
        }
    }
}

/// Finds a field in the statement at hand; None makes a condition on the field false.
pub(crate) type Resolver<'a> = dyn Fn(&str) -> Option<Resolved> + Sync + 'a;

/// Appends the expression as one SQL condition, in parentheses if it needs them.
pub(crate) fn push_filter(
    db: &Db,
    expression: &Expression,
    resolver: &Resolver<'_>,
    sql: &mut Dynamic,
) {
    let (parts, glue, none) = match expression {
        Expression::All(parts) => (parts, " and ", "true"),
        Expression::Any(parts) => (parts, " or ", "false"),
        Expression::Condition(condition) => return push_condition(db, condition, resolver, sql),
    };
    if parts.is_empty() {
        sql.push(none);
        return;
    }
    sql.push("(");
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            sql.push(glue);
        }
        push_filter(db, part, resolver, sql);
    }
    sql.push(")");
}

/// Appends an order without the words `order by`. Follow it with a unique column, so that pages never overlap.
pub(crate) fn push_order(db: &Db, order: &Order, resolver: &Resolver<'_>, sql: &mut Dynamic) {
    let direction = if order.descending { " desc" } else { " asc" };
    match resolver(&order.field) {
        Some(Resolved::One {
            operand: Operand::Column(column),
            nullable,
        }) => {
            sql.push(column);
            if matches!(
                order.kind,
                Kind::Text | Kind::Exact | Kind::Word(_) | Kind::Any
            ) {
                sql.push(dialect::by_bytes(db));
            }
            sql.push(direction);
            if nullable {
                sql.push(" nulls last");
            }
        }
        Some(Resolved::One {
            operand: Operand::Json { column, path },
            ..
        }) => {
            dialect::push_json_order(db, column, &path, direction, sql);
        }
        // A list has no place in an order.
        Some(Resolved::Each { .. }) | None => {
            sql.push("null");
        }
    }
}

fn push_condition(db: &Db, condition: &Condition, resolver: &Resolver<'_>, sql: &mut Dynamic) {
    let Some(resolved) = resolver(&condition.field) else {
        sql.push("false");
        return;
    };
    let (operator, negated) = match condition.operator {
        Operator::NotEqual => (Operator::Equal, true),
        operator => (operator, false),
    };
    if negated {
        sql.push("not ");
    }
    match resolved {
        Resolved::One { operand, .. } => {
            // Comparing with null gives null, which `not` would keep; without `not` it is as good as false, and an index can
            // be used.
            sql.push(if negated { "coalesce(" } else { "(" });
            push_comparison(
                db,
                &operand,
                condition.kind,
                operator,
                &condition.value,
                sql,
            );
            sql.push(if negated { ", false)" } else { ")" });
        }
        Resolved::Each {
            test,
            rows,
            keys,
            operand,
        } => {
            sql.push(test).push(rows);
            for (key, text) in keys {
                sql.bind(key).push(text);
            }
            sql.push(" and ");
            push_comparison(
                db,
                &operand,
                condition.kind,
                operator,
                &condition.value,
                sql,
            );
            sql.push(")");
        }
    }
}

/// Appends a comparison, which is null where the operand is.
fn push_comparison(
    db: &Db,
    operand: &Operand,
    kind: Kind,
    operator: Operator,
    value: &Literal,
    sql: &mut Dynamic,
) {
    let column = match operand {
        Operand::Json { column, path } => {
            return dialect::push_json_comparison(
                db,
                column,
                path,
                kind == Kind::Exact,
                operator,
                value,
                sql,
            );
        }
        Operand::Column(column) => *column,
    };
    if operator == Operator::Contains {
        return dialect::push_text_contains(db, column, &value.text, sql);
    }
    match (kind, value) {
        (
            Kind::Number,
            Literal {
                number: Some(number),
                ..
            },
        ) => {
            sql.push(column).push(operator.as_str());
            dialect::push_number(db, &number.to_string(), sql);
        }
        (
            Kind::Time,
            Literal {
                time: Some(time), ..
            },
        ) => {
            sql.push(column)
                .push(operator.as_str())
                .bind(Bind::Time(*time));
        }
        (
            Kind::Bool,
            Literal {
                boolean: Some(boolean),
                ..
            },
        ) => {
            sql.push(column)
                .push(operator.as_str())
                .bind(Bind::Bool(*boolean));
        }
        (Kind::Id, Literal { id: Some(id), .. }) => {
            sql.push(column).push(operator.as_str()).bind(Bind::Id(*id));
        }
        (Kind::Exact, _) => {
            sql.push(column)
                .push(operator.as_str())
                .bind(Bind::Text(value.text.clone()));
        }
        (Kind::Word(words), _) => {
            // The word as it is stored, so that an index can be used.
            let word = words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(&value.text))
                .copied()
                .unwrap_or(&value.text);
            sql.push(column)
                .push(operator.as_str())
                .bind(Bind::Text(word.to_owned()));
        }
        (Kind::Text | Kind::Any, _) => dialect::push_text_equal(db, column, &value.text, sql),
        (Kind::Number | Kind::Time | Kind::Bool | Kind::Id, _) => {
            sql.push("false");
        }
    }
}

#[cfg(test)]
mod agreement;
