{
  id: "department-\(.Id)",
  name: .Name,
  parentId: (if .ParentRef.value == null then null else "department-\(.ParentRef.value)" end),
  # The list doesn't say which of them have children.
  hasChildren: false,
  status: active,
  sourceModifiedDate: modified
}
