"""Generated message classes of the Audio2Face-3D-compatible wire; see proto/ and tools/generate.py."""
