# Lines name a group by its code. A rate follows from a group and the business's area together, and is on each line alone.
{id: .code, code: .code, name: (.displayName | blank), status: "Active", sourceModifiedDate: modified}
