using System;
using System.Threading;

namespace Rigcast.Core
{
    /// <summary>What a player has counted since it was made.</summary>
    public struct Statistics
    {
        public long Frames, Chunks, Events;

        /// <summary>Frames missing in the sequence, frames that came after their time, bytes that were no message.</summary>
        public long LostFrames, LateFrames, BadMessages;

        /// <summary>What the server said it left out because we read too slowly.</summary>
        public long DroppedFrames, DroppedAudioUs;

        /// <summary>Underruns: how long the play-head stood still because nothing was there. And how often it jumped.</summary>
        public long WaitedUs;
        public int Jumps;

        /// <summary>How far the sounding present is behind the server's, and how unevenly answers come.</summary>
        public long DelayUs, JitterUs;

        /// <summary>How fast the local clock runs against the session's, parts per million; NaN before 20 s.</summary>
        public double DriftPpm;
    }

    /// <summary>
    /// Plays one session after another: takes messages as they come, gives sound to the device and, for each image, the
    /// pose of the sound that is heard at that moment.
    /// </summary>
    /// <remarks>
    /// Three threads. The connection's calls Begin, Take, End. The renderer's calls Update, Sample, TryTakeEvent,
    /// Statistics. The audio thread calls Read alone, which takes no lock. Local times are microseconds of any monotonic
    /// clock, the same for all. After the first seconds of a session nothing is allocated, except by new words.
    /// </remarks>
    public sealed class Playout
    {
        /// <summary>The play-head stays this far behind what is needed otherwise: an image, and a callback's unevenness.</summary>
        const long GuardUs = 25000;

        /// <summary>Jitter beyond this is left to waiting, so that one hiccup does not slow every answer.</summary>
        const long JitterMostUs = 60000;

        /// <summary>A play-head further behind has met a stall, not jitter: it catches up by a jump.</summary>
        public const long DelayMostUs = 450000;

        /// <summary>What waiting has added to the delay is given back with this time constant.</summary>
        const double ForgiveUs = 60e6;

        /// <summary>Less than this is no way back but unevenness, and the face waits for the sound.</summary>
        const double StepBackUs = 100000;

        /// <summary>Without calls of a sound device for so long, the local clock moves the play-head.</summary>
        const long DeviceGoneUs = 500000;
        const long IdleBlockUs = 10000;
        const int IdleRate = 48000;

        readonly object _gate = new object();
        readonly ServerClock _clock = new ServerClock();
        readonly Declick _declick = new Declick();
        readonly EventBuffer _events = new EventBuffer();
        FrameBuffer _frames;
        AudioTimeline _audio = new AudioTimeline(24000);
        Statistics _statistics;
        long _leadUs, _patienceUs, _updatedUs;
        long _nextSequence = -1;
        long _deviceUs = long.MinValue / 2;
        long _idleUs;
        double _shownUs;
        int _reading;

        public PlayHead Head { get; } = new PlayHead();

        /// <summary>The rig of the session that plays; null before the first.</summary>
        public Rig Rig { get; private set; }

        /// <summary>Samples a second of the session's sound.</summary>
        public int AudioRate
        {
            get { return Volatile.Read(ref _audio).Rate; }
        }

        /// <summary>A session begins; what was there of another is over. The rig must have no objection.</summary>
        public void Begin(Welcome welcome, long localUs)
        {
            lock (_gate)
            {
                Rig = welcome.Rig;
                _frames = new FrameBuffer(Rig);
                _events.Clear();
                if (Rig.AudioRate != _audio.Rate) Volatile.Write(ref _audio, new AudioTimeline(Rig.AudioRate));
                else _audio.Clear();
                _leadUs = welcome.LeadUs;
                _nextSequence = -1;
                _shownUs = double.MinValue;
                _clock.Reset();
                _clock.Observe(localUs, welcome.NowUs);
                Head.Begin();
                SetGoal();
            }
        }

        /// <summary>A message of the session: a frame, sound, Forget, event, Dropped or Pong. Others are left alone.</summary>
        public void Take(ServerMessage message, long localUs)
        {
            lock (_gate)
            {
                if (_frames == null) return;
                switch (message.Body)
                {
                    case Body.Frame: TakeFrame(message.Pose, localUs); break;
                    case Body.Audio: TakeAudio(message); break;
                    case Body.Forget: Forget(message.TimeUs); break;
                    case Body.Event: TakeEvent(message.Event); break;
                    case Body.Dropped: TakeDropped(message); break;
                    case Body.Pong: TakePong(message, localUs); break;
                }
            }
        }

        /// <summary>Bytes came that are no message.</summary>
        public void CountBadMessage()
        {
            lock (_gate) _statistics.BadMessages++;
        }

        /// <summary>Call once an image, before Sample.</summary>
        public void Update(long localUs)
        {
            lock (_gate)
            {
                var elapsed = Math.Max(0, Math.Min(localUs - _updatedUs, 1000000));
                _patienceUs = (long)(_patienceUs * Math.Exp(-elapsed / ForgiveUs));
                _updatedUs = localUs;
                SetGoal();
                if (_frames != null) Prune(localUs);
            }
            RunWithoutDevice(localUs);
        }

        /// <summary>The pose of what is heard at this local time; false, and the pose as it was, while there is none.</summary>
        /// <param name="into">From <see cref="Rig.NewPose"/> of the rig in force.</param>
        public bool Sample(long localUs, Pose into)
        {
            double sessionUs;
            if (!TryShowing(localUs, out sessionUs)) return false;
            lock (_gate) return _frames != null && into.Curves.Length == Rig.Curves.Count
                && into.Rotations.Length == 4 * Rig.Joints.Count && SampleAt((long)sessionUs, into);
        }

        /// <summary>The next event at or before what is heard at this local time; false when there is none.</summary>
        public bool TryTakeEvent(long localUs, out PerformanceEvent item)
        {
            double sessionUs;
            item = default(PerformanceEvent);
            if (!TryShowing(localUs, out sessionUs)) return false;
            lock (_gate) return _events.TryTake((long)sessionUs, out item);
        }

        /// <summary>Audio thread: the next `count` mono samples in [-1, 1] for a device of `deviceRate`; silence where nothing is.</summary>
        /// <returns>Whether anything may be heard in them.</returns>
        public bool Read(float[] into, int count, double deviceRate, long localUs)
        {
            Volatile.Write(ref _deviceUs, localUs);
            var block = default(Block);
            if (Interlocked.CompareExchange(ref _reading, 1, 0) == 0)
            {
                var audio = Volatile.Read(ref _audio);
                block = Head.Advance(count, deviceRate, localUs, audio);
                audio.Read(block.Position, block.Step, into, block.Playing);
                Volatile.Write(ref _reading, 0);
            }
            Array.Clear(into, block.Playing, count - block.Playing);
            _declick.Smooth(into, block.Playing, count, block.Jumped);
            return block.Playing > 0;
        }

        /// <summary>What was counted so far.</summary>
        public Statistics Statistics
        {
            get
            {
                lock (_gate)
                {
                    _statistics.WaitedUs = Head.WaitedUs;
                    _statistics.Jumps = Head.Jumps;
                    _statistics.JitterUs = _clock.JitterUs;
                    _statistics.DriftPpm = _clock.DriftPpm;
                    double sessionUs;
                    if (Head.TrySounding(_updatedUs, out sessionUs)) _statistics.DelayUs = _updatedUs - (long)sessionUs - _clock.BaseUs;
                    return _statistics;
                }
            }
        }

        /// <summary>What sounds, but never a little earlier than what was shown last.</summary>
        bool TryShowing(long localUs, out double sessionUs)
        {
            lock (_gate)
            {
                if (!Head.TrySounding(localUs, out sessionUs)) return false;
                if (sessionUs < _shownUs && sessionUs > _shownUs - StepBackUs) sessionUs = _shownUs;
                _shownUs = sessionUs;
                return true;
            }
        }

        bool SampleAt(long sessionUs, Pose into)
        {
            if (!_frames.Sample(sessionUs, into)) return false;
            into.TimeUs = sessionUs;
            return true;
        }

        void TakeFrame(Pose pose, long localUs)
        {
            _statistics.Frames++;
            if (_nextSequence >= 0 && pose.Sequence > _nextSequence) _statistics.LostFrames += pose.Sequence - _nextSequence;
            if (pose.Sequence >= _nextSequence) _nextSequence = pose.Sequence + 1L;
            if (Head.IsPlaying && pose.TimeUs < Head.TakenUs - Head.LatencyUs) _statistics.LateFrames++;
            _clock.Observe(localUs, pose.TimeUs - _leadUs);
            _frames.Insert(pose);
            if (Head.IsWaiting) BePatient(localUs);
            SetGoal();
            Head.SetHorizon(_frames.EndUs);
        }

        void TakeAudio(ServerMessage message)
        {
            _statistics.Chunks++;
            _audio.Write(_audio.SampleAt(message.TimeUs), message.Samples, message.SampleCount);
        }

        void TakeEvent(PerformanceEvent item)
        {
            _statistics.Events++;
            _events.Insert(item);
        }

        void TakeDropped(ServerMessage message)
        {
            _statistics.DroppedFrames += message.DroppedFrames;
            _statistics.DroppedAudioUs += message.DroppedAudioUs;
        }

        void TakePong(ServerMessage message, long localUs)
        {
            _clock.ObservePong(localUs, message.TimeUs);
            SetGoal();
        }

        void Forget(long timeUs)
        {
            _frames.Forget(timeUs);
            _events.Forget(timeUs);
            _audio.Forget(_audio.SampleAt(timeUs));
            Head.SetHorizon(_frames.EndUs);
        }

        /// <summary>The play-head waited: what it waited is the delay from now on, unless it was a stall.</summary>
        void BePatient(long localUs)
        {
            var delay = DelayUs(localUs);
            if (delay <= DelayMostUs) _patienceUs = Math.Max(_patienceUs, delay);
        }

        /// <summary>How far behind the server's present a sample is heard that is taken now.</summary>
        long DelayUs(long localUs)
        {
            return Head.IsPlaying ? localUs - (long)Head.TakenUs - _clock.BaseUs + Head.LatencyUs : 0;
        }

        void SetGoal()
        {
            var needed = Head.LatencyUs + Math.Min(_clock.JitterUs, JitterMostUs) + GuardUs;
            Head.SetGoal(_clock.BaseUs + Math.Max(needed, _patienceUs) - Head.LatencyUs);
        }

        void Prune(long localUs)
        {
            double sessionUs;
            if (Head.TrySounding(localUs, out sessionUs)) _frames.Prune((long)sessionUs);
        }

        void RunWithoutDevice(long localUs)
        {
            if (localUs - Volatile.Read(ref _deviceUs) < DeviceGoneUs) return;
            if (Interlocked.CompareExchange(ref _reading, 1, 0) != 0) return;
            var behind = Math.Min(localUs - _idleUs, DeviceGoneUs);
            for (_idleUs = localUs - behind; _idleUs + IdleBlockUs <= localUs; _idleUs += IdleBlockUs)
                Head.Advance((int)(IdleBlockUs * IdleRate / 1000000), IdleRate, _idleUs, Volatile.Read(ref _audio));
            Volatile.Write(ref _reading, 0);
        }
    }
}
