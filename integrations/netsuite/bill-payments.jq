(.[0].type) as $type
| .[0] as $first
| payment(if $type == "VPrepApp" then null else 1 end; "BillPayment") + {supplierRef: ($first | supplier)}
