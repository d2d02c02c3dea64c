{
  id: .code,
  name: .label,
  type: (.family | one_of({
    BANK: "BankTransfer", CHEQUE: "Check", CREDIT_CARD: "CreditCard", DEBIT_CARD: "DebitCard", CASH: "Cash"
  })),
  status: (.state | active),
  sourceModifiedDate: .updated_at
}
