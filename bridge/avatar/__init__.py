"""The default character, made by code."""
