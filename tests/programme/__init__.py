"""A programme that is nothing but a YAML file runs on the product as it is."""
