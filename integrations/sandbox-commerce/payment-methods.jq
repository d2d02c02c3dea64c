{
  id: .code,
  name: .label,
  status: (if .enabled then "Active" else "Archived" end),
  sourceModifiedDate: (.updatedAt | time)
}
