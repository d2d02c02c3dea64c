.record | contact_to_write("SUPPLIER"; .supplierName)
