"""Speech to the curves of a face: a small streaming network, from its data to the file that the bridge serves."""
