def variant: .item_variation_data as $variation | {
  id: .id,
  name: $variation.name,
  sku: ($variation.sku | blank_to_null),
  barcode: ($variation.upc | blank_to_null),
  # A price that is entered at the till has no amount here.
  prices: [$variation.price_money | select(. != null) | {currency: .currency, unitPrice: money}]
} + {
  status: (if .is_deleted then "Unpublished" else "Published" end),
  createdDate: .created_at,
  sourceModifiedDate: .updated_at
};
if .is_deleted then gone(.id)
else
  .item_data as $item
  | ($item.is_taxable // (($item.tax_ids // []) != [])) as $taxable
  | ($item.is_archived // false) as $archived
  | {
      id: .id,
      name: $item.name,
      description: (($item.description_plaintext // $item.description) | blank_to_null),
      categorization: $item.product_type,
      isGiftCard: ($item.product_type == "GIFT_CARD"),
      variants: ($item.variations // [] | map(
        variant + {isTaxEnabled: $taxable} + (if $archived then {status: "Unpublished"} else {} end)
      ))
    }
end
