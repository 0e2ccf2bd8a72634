"""Train, export and prove the models that the bridge serves. Needs the extra `export` (torch)."""
