"""What SQL may do here: the authorizer, functions and collations."""
