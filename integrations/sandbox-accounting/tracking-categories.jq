{
  id: .id,
  name: .title,
  parentId: .under,
  hasChildren: (.leaf | not),
  status: (.state | active),
  sourceModifiedDate: .updated_at
}
