"""Bytes and sockets only; what may be said is decided in bridge.session."""
