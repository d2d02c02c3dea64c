.category_data as $category
| {
    id: .id,
    name: $category.name,
    # The category itself doesn't say whether others are below it.
    hasChildren: false,
    ancestorRefs: (
      if ($category.path_to_root // []) != []
      then $category.path_to_root | map({id: .category_id, name: .category_name, type: "ProductCategory"})
      else [$category.parent_category.id | select(. != null) | {id: ., type: "ProductCategory"}] end
    ),
    sourceModifiedDate: .updated_at
  }
