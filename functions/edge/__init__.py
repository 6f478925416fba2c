"""The edge: code that uses AWS, the clock or the environment, with a module per service."""
