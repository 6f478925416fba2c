"""Programs that make parts of the documents. Only the tests import them."""
