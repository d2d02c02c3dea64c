# A dimension and its values: lines are counted under the values.
(.dimensionValues // []) as $values
| {id: .id, name: (.displayName // .code), hasChildren: ($values | length > 0), status: "Active", sourceModifiedDate: modified},
  (.id as $parent | $values[] | {id: .id, name: ((.displayName | blank) // .code), parentId: $parent, hasChildren: false, status: "Active", sourceModifiedDate: modified})
