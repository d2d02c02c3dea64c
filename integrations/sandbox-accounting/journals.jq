{
  id: .id,
  journalCode: .code,
  name: .title,
  type: .title,
  hasChildren: false,
  createdOn: .created_at,
  status: (.state | active),
  sourceModifiedDate: .updated_at
}
