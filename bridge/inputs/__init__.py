"""What phones and other programs tell of a face or a body by UDP, brought onto a session's clock and mixed in."""
