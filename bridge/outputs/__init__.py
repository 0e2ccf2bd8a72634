"""What other programs hear of a session by UDP: Live Link Face and VMC, sent as its present passes."""
