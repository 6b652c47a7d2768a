"""Units of a district, a tree with dates; their aliases; the fields of enforcement."""
