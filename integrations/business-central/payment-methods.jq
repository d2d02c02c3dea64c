{id: .id, name: ((.displayName | blank) // .code), type: "Unknown", status: "Active", sourceModifiedDate: modified}
