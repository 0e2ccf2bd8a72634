using System;

namespace Rigcast.Core
{
    /// <summary>
    /// Where the session's present stands against the local clock. Every message bounds it: Welcome and Pong tell the
    /// present when they were sent, and a frame for time T is sent no earlier than T less the lead. Local arrival less
    /// present, at its smallest, is the difference of the clocks plus the least way here ("base").
    /// </summary>
    /// <remarks>Not thread-safe. All times are microseconds. Allocates nothing after it has been made.</remarks>
    public sealed class ServerClock
    {
        /// <summary>A bucket holds the least offset of one second; base is the least of the newest twenty.</summary>
        const long BucketUs = 1000000;
        const int BaseBuckets = 20;
        const int Buckets = 120;

        /// <summary>So many buckets in a row later than base by more than this: the session stood still.</summary>
        const int Surprise = 2;
        const long SurpriseUs = 100000;

        const int Pongs = 20;

        readonly long[] _offset = new long[Buckets];
        readonly long[] _second = new long[Buckets];
        readonly long[] _pongs = new long[Pongs];
        readonly long[] _sorted = new long[Pongs];
        int _count, _pongCount;

        /// <summary>Something was observed.</summary>
        public bool IsSet
        {
            get { return _count > 0; }
        }

        /// <summary>Local time less the session's present, the least way here included.</summary>
        public long BaseUs { get; private set; }

        /// <summary>How much later than base nine of ten Pongs come at most.</summary>
        public long JitterUs { get; private set; }

        /// <summary>How fast the local clock runs against the session's, parts per million; NaN before 20 s are seen.</summary>
        public double DriftPpm { get; private set; } = double.NaN;

        public void Reset()
        {
            _count = _pongCount = 0;
            BaseUs = JitterUs = 0;
            DriftPpm = double.NaN;
        }

        /// <summary>A message arrived at `localUs`; when it was sent, the session's present was `presentUs` at least.</summary>
        public void Observe(long localUs, long presentUs)
        {
            var offset = localUs - presentUs;
            if (_count > 0 && offset < BaseUs - SurpriseUs) Reset();
            var second = localUs / BucketUs;
            if (_count > 0 && second <= _second[Last]) _offset[Last] = Math.Min(_offset[Last], offset);
            else Append(second, offset);
            BaseUs = Least(BaseBuckets);
        }

        /// <summary>As Observe, for a Pong: its present is exact, so it tells jitter too.</summary>
        public void ObservePong(long localUs, long presentUs)
        {
            Observe(localUs, presentUs);
            _pongs[_pongCount++ % Pongs] = localUs - presentUs;
            var count = Math.Min(_pongCount, Pongs);
            for (var i = 0; i < count; i++) PutSorted(_pongs[i], i);
            JitterUs = Math.Max(0, _sorted[Math.Min(count - 1, count * 9 / 10)] - BaseUs);
        }

        /// <summary>By hand, because Array.Sort leaves garbage.</summary>
        void PutSorted(long value, int count)
        {
            for (; count > 0 && _sorted[count - 1] > value; count--) _sorted[count] = _sorted[count - 1];
            _sorted[count] = value;
        }

        int Last
        {
            get { return _count - 1; }
        }

        void Append(long second, long offset)
        {
            DropOutdated();
            if (_count == Buckets) DropFirst(1);
            _second[_count] = second;
            _offset[_count++] = offset;
            DriftPpm = Slope();
        }

        /// <summary>When whole seconds came late, one after another, what was seen before them holds no longer.</summary>
        void DropOutdated()
        {
            if (_count <= Surprise || Least(Surprise) <= BaseUs + SurpriseUs) return;
            DropFirst(_count - Surprise);
            _pongCount = 0;
        }

        void DropFirst(int count)
        {
            _count -= count;
            Array.Copy(_offset, count, _offset, 0, _count);
            Array.Copy(_second, count, _second, 0, _count);
        }

        /// <summary>The least offset of the newest buckets.</summary>
        long Least(int buckets)
        {
            var least = long.MaxValue;
            for (var i = Math.Max(0, _count - buckets); i < _count; i++) least = Math.Min(least, _offset[i]);
            return least;
        }

        /// <summary>Least-squares slope of offset over local time.</summary>
        double Slope()
        {
            if (_second[Last] - _second[0] < 20) return double.NaN;
            double x = 0, y = 0, xx = 0, xy = 0;
            for (var i = 0; i < _count; i++)
            {
                double dx = _second[i] - _second[0], dy = _offset[i] - _offset[0];
                x += dx;
                y += dy;
                xx += dx * dx;
                xy += dx * dy;
            }
            return (_count * xy - x * y) / (_count * xx - x * x);
        }
    }
}
