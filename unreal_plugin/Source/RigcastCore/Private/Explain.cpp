#include "rigcast/Explain.h"

namespace rigcast {
namespace {

struct Cause {
  int code;
  bool final;
  const char* words;
};

// Close codes of docs/protocol.md, HTTP statuses of a refused handshake, and 0 for a peer that is not there.
constexpr Cause CAUSES[] = {
    {0, false, "No bridge answers there. Is `rigcast serve` running, and are host and port right?"},
    {400, true, "The server refused the handshake. It may not speak rigcast.v1; check address and path (/rigcast)."},
    {401, true, "Token refused. Set the token that the bridge was started with."},
    {403, true, "The server refused this origin or token."},
    {404, true, "There is no bridge at this path. The path is /rigcast."},
    {1000, false, "The server ended the connection."},
    {1001, false, "The server goes down, or the session ended."},
    {1002, true, "The peer broke the WebSocket protocol. Is this really a rigcast bridge?"},
    {1006, false, "The connection broke."},
    {1007, true, "The server could not read a message. Versions of plugin and bridge may not fit."},
    {1008, true, "The server refused the session."},
    {1009, true, "A message was too large for the server."},
    {1011, false, "A fault in the server."},
    {1013, false, "The server is full, or this program reads too slowly."},
};

const Cause* causeOf(int code) {
  for (const Cause& cause : CAUSES) {
    if (cause.code == code)
      return &cause;
  }
  return nullptr;
}

} // namespace

bool isFinal(int code) {
  const Cause* cause = causeOf(code);
  return cause && cause->final;
}

bool isFinal(ErrorCode code) {
  return code == ErrorCode::InvalidArgument || code == ErrorCode::FailedPrecondition || code == ErrorCode::NotFound ||
         code == ErrorCode::Unauthenticated || code == ErrorCode::PermissionDenied;
}

int handshakeCode(std::string_view words) {
  // libwebsockets, which Unreal uses, says "unauthorized" in place of the number.
  constexpr Cause STATUSES[] = {
      {401, true, "401"}, {401, true, "nauthorized"}, {403, true, "403"}, {404, true, "404"}, {400, true, "400"}};
  for (const Cause& status : STATUSES) {
    if (words.find(status.words) != std::string_view::npos)
      return status.code;
  }
  return 0;
}

std::string explainClose(int code, std::string_view reason) {
  const Cause* cause = causeOf(code);
  std::string words = cause ? cause->words : "The connection ended.";
  if (!reason.empty())
    words.append(" (").append(reason).append(")");
  return words;
}

std::string explainWelcome(const Welcome& welcome) {
  if (welcome.protocol != PROTOCOL)
    return "The server speaks " + welcome.protocol + ", this plugin speaks rigcast.v1. Use versions that fit.";
  if (const char* wrong = fault(welcome.rig))
    return std::string("The server's rig cannot be played: ") + wrong + ".";
  return {};
}

std::string explainNoAudio(const Welcome& welcome, std::uint32_t sampleRate) {
  if (!welcome.noLiveAudio.empty())
    return "The bridge takes no live audio: " + welcome.noLiveAudio;
  return sampleRate ? std::string() : "Live audio must have 8000 to 96000 samples a second.";
}

std::string explainError(const Error& error) {
  std::string words = error.message;
  if (!error.field.empty())
    words.append(" [").append(error.field).append("]");
  if (error.limit)
    words.append(" [limit ").append(std::to_string(error.limit)).append("]");
  return words;
}

} // namespace rigcast
