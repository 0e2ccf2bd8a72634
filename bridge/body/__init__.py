"""Head, breath, gaze and posture: the joints."""
