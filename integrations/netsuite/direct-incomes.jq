at_once("customers"; ["CashRfnd"])
