"""Trained networks as files that the bridge serves."""
