{
  id: .ListID,
  name: .Name,
  type: ((.PaymentMethodType | blank) // "Other" | one_of({Cash: "Cash", Check: "Check", DebitCard: "DebitCard", AmericanExpress: "CreditCard", Discover: "CreditCard",
    MasterCard: "CreditCard", Visa: "CreditCard", OtherCreditCard: "CreditCard", ECheck: "BankTransfer", GiftCard: "Other", Other: "Other"})),
  status: active,
  sourceModifiedDate: modified
}
