"""Phones or sound to the curves of the face."""
