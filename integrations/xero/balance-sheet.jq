# Sections follow one another flat: an empty one with the part's name opens it, and its total closes it. What stands in no
# part, or under a name that isn't known, would be missing from the sums: the report is refused.
def part: {Assets: "assets", Liabilities: "liabilities", Equity: "equity"}[.];

# The report's own sums, by their names, of the three parts.
def sum_of($assets; $liabilities; $equity): {
  "total assets": $assets,
  "total liabilities": $liabilities,
  "net assets": dsub($assets; $liabilities),
  "total equity": $equity,
  "total liabilities and equity": dadd($liabilities; $equity),
  "total liabilities & equity": dadd($liabilities; $equity),
  "total equity and liabilities": dadd($liabilities; $equity)
}[ascii_downcase];

. as $report
| columns as $months
| range($months | length) as $column
| (reduce sections as $section ({part: null, assets: [], liabilities: [], equity: []};
    ($section | section_title) as $title
    | ($title | part) as $opened
    | (if $opened == null then . else .part = $opened end)
    | if $title == "" then .
      else
        ($section | section_items($column)) as $items
        | if ($items | length) == 0 then .
          elif .part == null then error("section `\($title)` stands in none of assets, liabilities and equity")
          elif $opened != null then .[.part] += $items
          else .[.part] += [titled($title; $items)] end
      end
  )) as $parts
| titled("Assets"; $parts.assets) as $assets
| titled("Liabilities"; $parts.liabilities) as $liabilities
| titled("Equity"; $parts.equity) as $equity
| dsub($assets.value; $liabilities.value) as $net
| if $parts.part == null then error("the report has neither assets nor liabilities nor equity") else . end
| reduce ($report | sections | select(section_title == "") | stated_sums($column)) as $sum (.;
    ($sum.name | sum_of($assets.value; $liabilities.value; $equity.value)) as $known
    | if $known == null then error("row `\($sum.name)` is not known") else agree($sum.name; $sum.stated; $known) end)
| {month: $months[$column], assets: $assets, liabilities: $liabilities, netAssets: $net, equity: $equity}
