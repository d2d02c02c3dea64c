voucher
