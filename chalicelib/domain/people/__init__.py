"""What is known of people beyond their orders."""
