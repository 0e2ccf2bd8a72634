#pragma once

#include "rigcast/Messages.h"
#include "rigcast/WireReader.h"

namespace rigcast {

// Readers of single messages: false if the bytes are none. Each begins anew in the storage it is given.
bool readText(Bytes bytes, std::string& out);
bool readWelcome(Bytes bytes, Welcome& out);
bool readFrame(Bytes bytes, Pose& out);
bool readPlainFrame(Bytes bytes, Pose& out);
bool readEvent(Bytes bytes, Event& out);

} // namespace rigcast
