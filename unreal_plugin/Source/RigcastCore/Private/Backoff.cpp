#include "rigcast/Backoff.h"

#include <algorithm>

namespace rigcast {
namespace {

constexpr double FIRST_US = 250e3;
constexpr int MOST_DOUBLINGS = 5; // 8 s

} // namespace

double Backoff::nextUs() {
  const double longest = FIRST_US * (1 << _attempts);
  _attempts = std::min(_attempts + 1, MOST_DOUBLINGS);
  // Marsaglia's xorshift with the multiplier of Vigna's xorshift64* in its output.
  _random ^= _random >> 12;
  _random ^= _random << 25;
  _random ^= _random >> 27;
  const double chance = static_cast<double>((_random * 0x2545F4914F6CDD1DULL) >> 11) / 9007199254740992.0;
  return longest * (1 - chance / 4);
}

} // namespace rigcast
