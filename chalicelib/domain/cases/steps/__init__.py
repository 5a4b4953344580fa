"""What each command does to a case, by subject; the table says when."""
