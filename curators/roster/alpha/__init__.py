"""Alpha's curators."""
