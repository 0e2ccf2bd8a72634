"""Programs that measure a bridge from outside."""
