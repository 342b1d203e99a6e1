"""The people of the rehearsed year, each at the public addresses with an account of their own."""
