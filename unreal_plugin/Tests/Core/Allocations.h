#pragma once

#include <atomic>
#include <cstddef>

/** Counts every `new` of the test program. */
extern std::atomic<std::size_t> allocations;
