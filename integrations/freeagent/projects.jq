# A customer's project, under which documents, lines and money are counted.
{
  id: (.url | id),
  name: .name,
  hasChildren: false,
  status: (.status | one_of({Active: "Active", Completed: "Archived", Cancelled: "Archived", Hidden: "Archived"})),
  sourceModifiedDate: .updated_at
}
