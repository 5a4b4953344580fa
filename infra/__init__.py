"""What builds, deploys and imitates the surroundings. Nothing here travels to Lambda."""
