.category_data as $category
| {
    id: .id,
    name: $category.name,
    # Whether others are below it, the category itself doesn't say.
    hasChildren: false,
    ancestorRefs: (
      if ($category.path_to_root // []) != []
      then $category.path_to_root | map({id: .category_id, name: .category_name, type: "ProductCategory"})
      else [$category.parent_category.id | select(. != null) | {id: ., type: "ProductCategory"}] end
    ),
    sourceModifiedDate: .updated_at
  }
