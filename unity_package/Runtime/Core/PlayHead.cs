using System;
using System.Threading;

namespace Rigcast.Core
{
    /// <summary>What one block of the sound device plays.</summary>
    public struct Block
    {
        /// <summary>The session's sample at the block's start, and how far apart its samples are.</summary>
        public double Position, Step;

        /// <summary>It does not go on where the block before ended.</summary>
        public bool Jumped;

        /// <summary>So many of the block's samples play; the others are silent because nothing was there.</summary>
        public int Playing;
    }

    /// <summary>
    /// Where the performance stands. The sound device moves it, block by block: at its own pace, bent a little towards
    /// the goal; by a jump where the goal is far away; and not at all where nothing has come yet. Images ask what
    /// sounds at their instant, and show that.
    /// </summary>
    /// <remarks>
    /// <see cref="Advance"/> belongs to the audio thread, without locks or garbage. Everything else: any thread.
    /// Local times and session times are microseconds.
    /// </remarks>
    public sealed class PlayHead
    {
        /// <summary>Beyond this the play-head jumps instead of slewing.</summary>
        const double JumpUs = 100000;

        /// <summary>An error is slewed away with this time constant.</summary>
        const double SlewUs = 2e6;

        /// <summary>The most that it is slewed: 1/2000 is beyond hearing, 1/50 beyond seeing.</summary>
        const double SlewSounding = 0.0005;
        const double SlewSilent = 0.02;

        /// <summary>A device calls late now and then, never early: of so many calls the earliest tells its time.</summary>
        const int Calls = 32;

        /// <summary>A call that is later than this tells that the device was started anew.</summary>
        const double SurpriseUs = 200000;

        /// <summary>Without a call for longer than this the device has stopped.</summary>
        const double BridgedUs = 100000;

        /// <summary>It stops at a whole sample, so by less than one of 8,000 a second before the end.</summary>
        const double SampleUs = 125;

        /// <summary>Blocks remembered; half of them outlast any device's latency, also with blocks of 5 ms.</summary>
        const int Blocks = 512;

        struct Entry
        {
            public long LocalUs;
            public double PlayedUs, FromUs, ToUs;

            /// <summary>It played to its end, so the next one goes on.</summary>
            public bool IsFull;

            public int Epoch;
        }

        readonly Entry[] _history = new Entry[Blocks];
        int _written;

        // The device's time: what all blocks so far last, and by how much each of the last calls was later than that.
        readonly double[] _late = new double[Calls];
        double _lastedUs;
        int _calls;

        // Told by the session.
        int _epoch;
        long _goalUs;
        long _horizonUs = long.MinValue;
        long _latencyUs;

        // Told by the audio thread.
        long _positionBits;
        int _positionEpoch;
        long _waitedUs;
        int _jumps;

        /// <summary>From the taking of a sample until it is heard.</summary>
        public long LatencyUs
        {
            get { return Volatile.Read(ref _latencyUs); }
            set { Volatile.Write(ref _latencyUs, Math.Max(0, Math.Min(value, 1000000))); }
        }

        /// <summary>Time that the play-head stood still because nothing was there to show.</summary>
        public long WaitedUs
        {
            get { return Volatile.Read(ref _waitedUs); }
        }

        /// <summary>Times that it jumped.</summary>
        public int Jumps
        {
            get { return Volatile.Read(ref _jumps); }
        }

        /// <summary>The session's time at which the next block begins.</summary>
        public double TakenUs
        {
            get { return BitConverter.Int64BitsToDouble(Volatile.Read(ref _positionBits)); }
        }

        /// <summary>Whether it is in the current session, and has come to the end of what is there.</summary>
        public bool IsWaiting
        {
            get { return IsPlaying && TakenUs >= Volatile.Read(ref _horizonUs) - SampleUs; }
        }

        /// <summary>Whether it is in the current session.</summary>
        public bool IsPlaying
        {
            get { return Volatile.Read(ref _positionEpoch) == Volatile.Read(ref _epoch) && Volatile.Read(ref _epoch) > 0; }
        }

        /// <summary>A new session: nothing is there yet.</summary>
        public void Begin()
        {
            Volatile.Write(ref _horizonUs, long.MinValue);
            Interlocked.Increment(ref _epoch);
        }

        /// <summary>The local time less the session's time at which samples should be taken.</summary>
        public void SetGoal(long offsetUs)
        {
            Volatile.Write(ref _goalUs, offsetUs);
        }

        /// <summary>Session time up to which there is something to show; long.MinValue when there is nothing.</summary>
        public void SetHorizon(long timeUs)
        {
            Volatile.Write(ref _horizonUs, timeUs);
        }

        /// <summary>Audio thread: the device takes `count` samples at `deviceRate` a second; what to play?</summary>
        /// <param name="audio">What sounds; its rate is the session's.</param>
        public Block Advance(int count, double deviceRate, long localUs, AudioTimeline audio)
        {
            var duration = count * 1e6 / deviceRate;
            var start = Start(localUs, duration);
            var before = TakenUs;
            var position = Resync(start, before);
            var error = start - Volatile.Read(ref _goalUs) - position;
            var most = audio.End > position * audio.Rate / 1e6 ? SlewSounding : SlewSilent;
            var speed = 1 + Math.Max(-most, Math.Min(most, error / SlewUs));
            var there = IsPlaying ? Math.Max(0, (Volatile.Read(ref _horizonUs) - position) / speed) : 0;
            var playing = (int)Math.Min(count, there * deviceRate / 1e6);
            var played = playing * 1e6 / deviceRate;
            Record(start, played, position, position + played * speed, playing == count);
            if (playing < count && IsPlaying) Volatile.Write(ref _waitedUs, _waitedUs + (long)(duration * (count - playing) / count));
            return new Block
            {
                Position = position * audio.Rate / 1e6, Step = speed * audio.Rate / deviceRate, Playing = playing, Jumped = position != before,
            };
        }

        /// <summary>The session time that sounds at a local time; false where none does, or one of a session that is over.</summary>
        public bool TrySounding(long localUs, out double sessionUs)
        {
            var at = localUs - LatencyUs;
            var last = Volatile.Read(ref _written) - 1;
            for (var i = last; i >= 0 && i > last - Blocks / 2; i--)
            {
                var entry = _history[i % Blocks];
                if (entry.LocalUs > at && i > 0 && i > last - Blocks / 2 + 1) continue;
                sessionUs = At(entry, at, i == last);
                return entry.Epoch == Volatile.Read(ref _epoch);
            }
            sessionUs = 0;
            return false;
        }

        /// <summary>Where a block is at a local time. Behind the last block it goes on, for the device is only late.</summary>
        double At(Entry entry, long localUs, bool isLast)
        {
            var played = Math.Max(0, localUs - entry.LocalUs);
            if (played <= entry.PlayedUs) return entry.FromUs + played / entry.PlayedUs * (entry.ToUs - entry.FromUs);
            var more = isLast && entry.IsFull ? Math.Min(BridgedUs, played - entry.PlayedUs) : 0;
            return Math.Max(entry.ToUs, Math.Min(entry.ToUs + more, Volatile.Read(ref _horizonUs)));
        }

        /// <summary>When this block begins, by the calls before it and this one.</summary>
        long Start(long localUs, double durationUs)
        {
            var late = localUs - _lastedUs;
            if (_calls > 0 && late > Earliest() + SurpriseUs) _calls = 0;
            _late[_calls++ % Calls] = late;
            var start = (long)(_lastedUs + Earliest());
            _lastedUs += durationUs;
            return start;
        }

        double Earliest()
        {
            var earliest = double.MaxValue;
            for (var i = 0; i < Math.Min(_calls, Calls); i++) earliest = Math.Min(earliest, _late[i]);
            return earliest;
        }

        /// <summary>Where to go on from: here, or at the goal where that is far away and something is there.</summary>
        double Resync(long startUs, double position)
        {
            var epoch = Volatile.Read(ref _epoch);
            var horizon = Volatile.Read(ref _horizonUs);
            if (horizon == long.MinValue) return position;
            double goal = startUs - Volatile.Read(ref _goalUs);
            if (epoch != _positionEpoch)
            {
                Volatile.Write(ref _positionEpoch, epoch);
                return Math.Min(goal, horizon);
            }
            if (Math.Abs(goal - position) <= JumpUs || goal > horizon) return position;
            Volatile.Write(ref _jumps, _jumps + 1);
            return goal;
        }

        void Record(long startUs, double playedUs, double fromUs, double toUs, bool isFull)
        {
            _history[_written % Blocks] = new Entry
            {
                LocalUs = startUs, PlayedUs = playedUs, FromUs = fromUs, ToUs = toUs, IsFull = isFull, Epoch = _positionEpoch,
            };
            Volatile.Write(ref _positionBits, BitConverter.DoubleToInt64Bits(toUs));
            Volatile.Write(ref _written, _written + 1);
        }
    }
}
