#pragma once

#include "rigcast/Messages.h"

namespace rigcast {

/** True if trying again with the same settings cannot help. @param code as Session::closed. */
bool isFinal(int code);
bool isFinal(ErrorCode code);

/** The HTTP status that a socket library's words about a failed handshake name; 0 if none. */
int handshakeCode(std::string_view words);

/** Why a connection ended and what to do, for people. @param code, reason as Session::closed. */
std::string explainClose(int code, std::string_view reason);

/** What is wrong with a server's Welcome; empty if nothing is. */
std::string explainWelcome(const Welcome& welcome);

/** Why sound of this rate cannot be sent to a server; empty if it can. @param sampleRate 0 for one that none can have. */
std::string explainNoAudio(const Welcome& welcome, std::uint32_t sampleRate);

/** A refusal with its field and limit, for people. */
std::string explainError(const Error& error);

} // namespace rigcast
