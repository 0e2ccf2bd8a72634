#include "rigcast/Agenda.h"

#include <algorithm>
#include <utility>

namespace rigcast {
namespace {

constexpr std::size_t MOST_EVENTS = 4096;

bool earlier(std::uint64_t timeUs, const Event& event) {
  return timeUs < event.timeUs;
}

} // namespace

void Agenda::insert(const Event& event) {
  _events.insert(std::upper_bound(_events.begin(), _events.end(), event.timeUs, earlier), event);
  if (_events.size() > MOST_EVENTS)
    _events.pop_front();
}

void Agenda::forget(std::uint64_t timeUs) {
  while (!_events.empty() && _events.back().timeUs >= timeUs)
    _events.pop_back();
}

bool Agenda::take(double timeUs, Event& out) {
  if (_events.empty() || static_cast<double>(_events.front().timeUs) > timeUs)
    return false;
  out = std::move(_events.front());
  _events.pop_front();
  return true;
}

} // namespace rigcast
