"""Text to sound and phones with their times."""
