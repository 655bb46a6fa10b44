"""Opinion watch (舆情): what is said in the groups more than usual, or should be looked at now."""
