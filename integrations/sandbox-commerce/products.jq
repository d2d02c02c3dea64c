{
  id: .productId,
  name: .title,
  description: .bodyText,
  categorization: .productType,
  isGiftCard: .giftCard,
  variants: (.variants // [] | map({
    id: .variantId,
    name: .title,
    isTaxEnabled: .taxable,
    sku: .sku,
    barcode: .ean,
    unitOfMeasure: .unit,
    vatPercentage: (if .taxable then .taxRate else null end)
  } + {
    prices: (if .price == null then [] else [{currency: .price.currencyCode, unitPrice: .price.amount}] end),
    inventory: (if .stock == null then null else .stock | {
      totalQuantity: .total,
      locations: (.bySite // [] | map({quantity: .quantity, locationRef: ref(.siteId; .label)}))
    } end),
    shippingRequired: .needsShipping,
    status: (.visibility | one_of({published: "Published", hidden: "Unpublished"})),
    createdDate: (.createdAt | time),
    sourceModifiedDate: (.updatedAt | time)
  }))
}
