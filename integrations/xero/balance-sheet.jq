# Sections follow one another flat: an empty one with the part's name opens it, and its total closes it.
def part: {Assets: "assets", Liabilities: "liabilities", Equity: "equity"}[. // ""];

. as $report
| columns as $months
| range($months | length) as $column
| (reduce (.Rows[] | select(.RowType == "Section")) as $section ({part: null, assets: [], liabilities: [], equity: []};
    ($section.Title // "") as $title
    | ($title | part) as $opened
    | (if $opened == null then . else .part = $opened end)
    | ($section | section_items($column)) as $items
    | if ($items | length) == 0 or .part == null then .
      elif $title == "" then .
      elif $opened != null then .[.part] += $items
      else .[.part] += [titled($title; $items)] end
  )) as $parts
| titled("Assets"; $parts.assets) as $assets
| titled("Liabilities"; $parts.liabilities) as $liabilities
| titled("Equity"; $parts.equity) as $equity
| dsub($assets.value; $liabilities.value) as $net
| $report
| agree("Total Assets"; $column; $assets.value)
| agree("Total Liabilities"; $column; $liabilities.value)
| agree("Net Assets"; $column; $net)
| agree("Total Equity"; $column; $equity.value)
| {month: $months[$column], assets: $assets, liabilities: $liabilities, netAssets: $net, equity: $equity}
