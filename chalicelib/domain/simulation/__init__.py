"""What would have been: past cases under another policy than the one they lived by."""
