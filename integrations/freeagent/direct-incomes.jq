select(explained_as == "directIncomes") | at_once(bank_account($lookup.accounts); 1)
