"""Generated message classes of the Rigcast wire; see proto/ and tools/generate.py."""
