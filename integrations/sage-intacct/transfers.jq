# A transfer that was reversed, and the one that reversed it, moved nothing.
def place($of; $amount):
  {
    accountRef: (bank("\($of).bankAccount") + {dataType: "bankAccounts"}),
    amount: $amount,
    currency: (.["\($of).bankAccount.currency"] | blank)
  };
if .state == "reversed" or .state == "reversal" then gone(.key)
else {
  id: .key,
  description: ([.referenceNumber, .description] | joined(": ")),
  date: (.sendDate | day),
  from: place("transferFromAccount"; .["transferFromAccount.transferAmount"] | num),
  to: place("transferToAccount"; .["transferToAccount.receivedAmount"] | num),
  sourceModifiedDate: modified
} end
