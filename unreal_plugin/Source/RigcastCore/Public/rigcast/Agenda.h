#pragma once

#include "rigcast/Messages.h"

#include <deque>

namespace rigcast {

/** Events that wait for their time. Holds 4096: beyond that the earliest gives way. For one thread. */
class Agenda {
public:
  void reset() { _events.clear(); }
  void insert(const Event& event);
  /** Drops events of this session time and later, microseconds. */
  void forget(std::uint64_t timeUs);
  /** Moves the next event out that is due at a session time, microseconds. False if none is. */
  bool take(double timeUs, Event& out);

private:
  std::deque<Event> _events;
};

} // namespace rigcast
