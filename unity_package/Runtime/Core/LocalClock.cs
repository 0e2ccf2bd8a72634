using System.Diagnostics;

namespace Rigcast.Core
{
    /// <summary>A monotonic clock, microseconds; where it begins means nothing. Any thread.</summary>
    public static class LocalClock
    {
        public static long NowUs
        {
            // Whole seconds apart, so that no product overflows on a machine that has run for weeks.
            get
            {
                long ticks = Stopwatch.GetTimestamp(), second = Stopwatch.Frequency;
                return ticks / second * 1000000 + ticks % second * 1000000 / second;
            }
        }
    }
}
