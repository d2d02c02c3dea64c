select(is_interest | not) | bank_fee
