using System;

namespace Rigcast.Core
{
    /// <summary>How long to wait before the next attempt: twice as long each time, up to a bound, and never all at once.</summary>
    /// <remarks>Not thread-safe.</remarks>
    public sealed class Backoff
    {
        const long FirstUs = 500000;
        const long MostUs = 15000000;

        readonly Random _random;
        int _failures;

        public Backoff(int seed)
        {
            _random = new Random(seed);
        }

        public void Reset()
        {
            _failures = 0;
        }

        /// <summary>Microseconds to wait after one more failure: the full wait, or up to a half less by chance.</summary>
        public long NextUs()
        {
            var full = Math.Min(MostUs, FirstUs << Math.Min(_failures++, 10));
            return (long)(full * (1 - 0.5 * _random.NextDouble()));
        }
    }
}
