"""Small forests that the engines learn for themselves: what is usual, how hard a row is, whether rows differ."""
