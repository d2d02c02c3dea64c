{
  id: "\(.kind)-\(.id)",
  name: (.name | blank),
  parentId: (.kind as $kind | .parent | blank | if . == null then null else "\($kind)-\(.)" end),
  hasChildren: ((.children | num // 0) > 0),
  status: status
}
