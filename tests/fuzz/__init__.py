"""Coverage-guided fuzzing of everything that reads bytes from strangers; see targets.py and run.py."""
