"""Programs that make parts of the documents, and the one that uninstalls. Only the tests import them."""
