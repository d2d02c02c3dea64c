# A category and its options: lines are counted under its options.
def state: one_of({ACTIVE: "Active", ARCHIVED: "Archived", DELETED: "Archived"});

.TrackingCategoryID as $category
| {id: $category, name: .Name, hasChildren: (.Options // [] | length > 0), status: (.Status // "ACTIVE" | state)},
  ((.Options // [])[] | {
    id: .TrackingOptionID, name: .Name, parentId: $category, hasChildren: false, status: (.Status // "ACTIVE" | state)
  })
