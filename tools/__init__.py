"""What makes parts of the documents. Nothing imports it except the tests."""
