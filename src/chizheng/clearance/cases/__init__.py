"""Cases and the power items they stand on."""
