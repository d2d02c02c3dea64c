# Whether something lies below one isn't told.
{
  id: "\($lookup.kind)-\(.key)",
  name: ((.name | blank) // .id),
  parentId: (.["parent.key"] | blank | if . == null then null else "\($lookup.kind)-\(.)" end),
  hasChildren: false,
  status: status
}
