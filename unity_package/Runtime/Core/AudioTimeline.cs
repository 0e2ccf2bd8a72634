using System;
using System.Threading;

namespace Rigcast.Core
{
    /// <summary>
    /// The sound of a session by its sample numbers: a ring with one writer and one reader, without locks. Sample n
    /// lies at n modulo the capacity, so a chunk finds its place by itself, a Forget only moves the end back, and where
    /// nothing was written there is silence.
    /// </summary>
    /// <remarks>
    /// One thread writes (the connection's), one reads (the audio device's). After it has been made it allocates
    /// nothing. A Forget that hits what is being read this instant is heard as the cut that it is.
    /// </remarks>
    public sealed class AudioTimeline
    {
        /// <summary>Sound kept at least, seconds: more than any lead and delay together.</summary>
        const int Seconds = 8;

        readonly short[] _ring;
        readonly long _mask;
        long _begin = long.MaxValue;
        long _end = long.MinValue;

        /// <param name="rate">Samples a second.</param>
        public AudioTimeline(int rate)
        {
            Rate = rate;
            var capacity = 1;
            while (capacity < rate * Seconds) capacity *= 2;
            _ring = new short[capacity];
            _mask = capacity - 1;
        }

        /// <summary>Samples a second.</summary>
        public int Rate { get; }

        /// <summary>Where what was written ends; long.MinValue when nothing was. Any thread.</summary>
        public long End
        {
            get { return Volatile.Read(ref _end); }
        }

        /// <summary>The sample that sounds at a session time; without overflow for any time.</summary>
        public long SampleAt(long timeUs)
        {
            return timeUs / 1000000 * Rate + (timeUs % 1000000 * Rate + 500000) / 1000000;
        }

        /// <summary>Writer: put samples where they belong. What is far beyond the ring's reach in the past is left out.</summary>
        public void Write(long first, short[] samples, int count)
        {
            var end = _end;
            if (end == long.MinValue || first > end + _ring.Length || first < end - _ring.Length) Start(first);
            else for (var n = end; n < first; n++) _ring[n & _mask] = 0;
            for (var i = Math.Max(0, count - _ring.Length); i < count; i++) _ring[(first + i) & _mask] = samples[i];
            Volatile.Write(ref _begin, Math.Min(_begin, first));
            Volatile.Write(ref _end, Math.Max(_end, first + count));
        }

        /// <summary>Writer: void everything from this sample on.</summary>
        public void Forget(long sample)
        {
            if (sample < _end) Volatile.Write(ref _end, Math.Max(sample, _begin));
        }

        /// <summary>Writer: void everything.</summary>
        public void Clear()
        {
            Volatile.Write(ref _end, long.MinValue);
            Volatile.Write(ref _begin, long.MaxValue);
        }

        /// <summary>
        /// Reader: the sound from `position` on, `step` samples apart, in [-1, 1], into the first `count` of `into`.
        /// Between samples by a cubic through four neighbours (Catmull-Rom).
        /// </summary>
        public void Read(double position, double step, float[] into, int count)
        {
            var end = Volatile.Read(ref _end);
            var begin = Math.Max(Volatile.Read(ref _begin), end - _ring.Length);
            for (var i = 0; i < count; i++)
            {
                var at = position + i * step;
                var whole = (long)Math.Floor(at);
                into[i] = whole + 2 < begin || whole - 1 >= end ? 0 : Cubic(whole, (float)(at - whole), begin, end);
            }
        }

        float Cubic(long n, float x, long begin, long end)
        {
            float a = Sample(n - 1, begin, end), b = Sample(n, begin, end);
            if (x == 0) return b;
            float c = Sample(n + 1, begin, end), d = Sample(n + 2, begin, end);
            return b + 0.5f * x * (c - a + x * (2 * a - 5 * b + 4 * c - d + x * (3 * (b - c) + d - a)));
        }

        float Sample(long n, long begin, long end)
        {
            return n < begin || n >= end ? 0 : _ring[n & _mask] * (1f / 32768);
        }

        void Start(long first)
        {
            Clear();
            Volatile.Write(ref _begin, first);
            Volatile.Write(ref _end, first);
        }
    }
}
