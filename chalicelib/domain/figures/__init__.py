"""What is counted, and what counts against whom."""
