at_once("suppliers"; ["CardRfnd"])
