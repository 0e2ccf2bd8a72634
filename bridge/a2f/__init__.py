"""Audio2Face-3D's gRPC calls, served by our own ears: clip in, face out, for clients that speak that wire.

service.py  the calls ──▶ clip.py  sound in, frames out ──▶ face.py  curves as the client wants them
                              ▲                                 ▲
            request.py  what the header asks for ───────────────┴── emotions.py  which emotion when
"""
