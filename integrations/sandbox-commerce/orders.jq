# The standard's prices and discounts are without tax; here they include it if the shop's prices do.
def before_tax($included; $rate):
  if . == null or ($included | not) then .
  else dscale as $scale | ddiv(dmul(.; 100); dadd(100; $rate); $scale) end;

# The platform's total holds the gratuity and forgets refunds; the standard one leaves the gratuity out and takes
# refunds off. A refund beyond the goods is gratuity.
.taxesIncluded as $included
| dsub(.grandTotal; .tip // "0") as $goods
| dmin(.refundTotal // "0"; $goods) as $refunded
| {
    id: .orderId,
    orderNumber: .orderNumber,
    country: .countryCode,
    currency: .currencyCode,
    createdDate: (.placedAt | time),
    closedDate: (.closedAt | time),
    totalAmount: dsub($goods; $refunded),
    totalRefund: ($refunded | dneg)
  } + {
    totalTaxAmount: .taxTotal,
    totalDiscount: ([.lines[] | .taxRate as $rate | .discounts[]?.amount | before_tax($included; $rate)] | dsum),
    totalGratuity: (.tip // "0"),
    orderLineItems: (.lines | map(.taxRate as $rate | {
      id: .lineId,
      quantity: .quantity,
      taxPercentage: .taxRate,
      totalAmount: .lineTotal,
      totalTaxAmount: .taxAmount,
      unitPrice: (.unitPrice | before_tax($included; $rate))
    } + {
      productRef: ref(.productId; .productTitle),
      productVariantRef: ref(.variantId; .variantTitle),
      taxes: tax_parts,
      discountAllocations: (.discounts // [] | map({
        name: .label, totalAmount: (.amount | before_tax($included; $rate))
      }))
    }))
  } + {
    payments: (.charges // [] | map(.kind as $kind | {
      id: .chargeId,
      amount: (.amount | signed($kind)),
      currency: .currencyCode,
      type: (.method | one_of({card_present: "Card", card_online: "OnlineCard", wallet: "Mobile", cash: "Cash"})),
      status: (.state | payment_status),
      paymentProvider: .processor,
      createdDate: (.createdAt | time),
      sourceModifiedDate: (.updatedAt | time)
    })),
    serviceCharges: (.shipping // [] | map({
      description: .label,
      totalAmount: .amount,
      taxPercentage: .taxRate,
      taxAmount: .taxAmount,
      taxes: tax_parts,
      quantity: 1,
      type: "Shipping"
    })),
    locationRef: ref(.siteId; .siteLabel),
    customerRef: ref(.shopperId; .shopperName),
    sourceModifiedDate: (.updatedAt | time)
  }
