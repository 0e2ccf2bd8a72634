using System;
using System.Collections.Generic;
using System.Linq;

namespace Rigcast.Core.Tests
{
    /// <summary>The world of proto/cases/README.md and one of its cases: numbers by name.</summary>
    sealed class Settings
    {
        readonly Dictionary<string, object> _world, _case;

        public Settings(object world, object item)
        {
            _world = Json.Object(world);
            _case = Json.Object(item);
        }

        public string Name
        {
            get { return (string)_case["name"]; }
        }

        public long World(string name)
        {
            return (long)(double)_world[name];
        }

        public long Case(string name)
        {
            return (long)(double)_case[name];
        }

        public Dictionary<string, object> Part(string name)
        {
            return _case[name] == null ? new Dictionary<string, object>() : Json.Object(_case[name]);
        }

        /// <summary>The spoken spans, session time less the epoch, microseconds.</summary>
        public IEnumerable<long[]> Sound()
        {
            return Json.List(_case["sound"]).Select(Json.Object).Select(s => new[] { Number(s, "begin_us", 0), Number(s, "end_us", 0) });
        }

        public static long Number(Dictionary<string, object> part, string name, long otherwise)
        {
            return part.ContainsKey(name) ? (long)(double)part[name] : otherwise;
        }
    }

    /// <summary>What travels, and when it arrives; null bytes are the news that the connection broke.</summary>
    struct Letter
    {
        public long ArrivalUs, Order;
        public byte[] Data;
    }

    /// <summary>The wire: delays, sends again, stalls. Times are true microseconds.</summary>
    sealed class Network
    {
        readonly Chance _chance, _pings;
        readonly long _base, _jitter, _again, _stallBegin, _stallEnd;
        readonly double _loss;
        readonly bool _datagram;
        readonly List<Letter> _letters = new List<Letter>();
        long _laneUs, _order;

        public Network(Settings settings)
        {
            var net = settings.Part("network");
            var disturbance = settings.Part("disturbance");
            var seed = (ulong)settings.Case("seed");
            _chance = new Chance(seed);
            _pings = new Chance(seed + 3000);
            _base = Settings.Number(net, "base_us", 0);
            _jitter = Settings.Number(net, "jitter_us", 0);
            _again = Settings.Number(net, "retransmit_us", 0);
            _loss = (double)net["loss"];
            _datagram = (bool)net["datagram"];
            var stalls = disturbance.ContainsKey("kind") && (string)disturbance["kind"] == "network_stall";
            _stallBegin = stalls ? Settings.Number(disturbance, "begin_us", 0) : long.MaxValue;
            _stallEnd = stalls ? Settings.Number(disturbance, "end_us", 0) : long.MinValue;
        }

        public void Send(long t, byte[] data, bool frame)
        {
            var delay = _base + _chance.Below(_jitter);
            var lost = _chance.Uniform() < _loss;
            if (frame && _datagram)
            {
                if (!lost) Put(Stalled(t + delay), data);
            }
            else Lane(t + delay + (lost ? _again : 0), data);
        }

        /// <summary>A Ping is sent; when it reaches the server, and how long its Pong will take.</summary>
        public long[] Ping(long t)
        {
            var up = _base + _pings.Below(_jitter);
            return new[] { Stalled(t + up), _base + _pings.Below(_jitter) };
        }

        public void Lane(long arrivalUs, byte[] data)
        {
            _laneUs = Math.Max(_laneUs, Stalled(arrivalUs));
            Put(_laneUs, data);
        }

        /// <summary>All that has arrived by t, in order.</summary>
        public IEnumerable<byte[]> Arrived(long t)
        {
            while (_letters.Count > 0 && _letters[0].ArrivalUs <= t)
            {
                var data = _letters[0].Data;
                _letters.RemoveAt(0);
                yield return data;
            }
        }

        public long NextUs
        {
            get { return _letters.Count > 0 ? _letters[0].ArrivalUs : long.MaxValue; }
        }

        public void Break()
        {
            _letters.Clear();
            _laneUs = 0;
        }

        long Stalled(long arrivalUs)
        {
            return arrivalUs >= _stallBegin && arrivalUs < _stallEnd ? _stallEnd : arrivalUs;
        }

        void Put(long arrivalUs, byte[] data)
        {
            var at = _letters.Count;
            while (at > 0 && _letters[at - 1].ArrivalUs > arrivalUs) at--;
            _letters.Insert(at, new Letter { ArrivalUs = arrivalUs, Order = _order++, Data = data });
        }
    }

    /// <summary>The server of the cases: blocks of sound and frames ahead of its present.</summary>
    sealed class Server
    {
        readonly Settings _settings;
        readonly Network _network;
        readonly Pose _pose;
        readonly long _lead, _tick, _epoch, _rate, _period, _marks;
        readonly int _head;
        long _shiftUs, _emittedUs, _voidBegin = long.MaxValue, _voidEnd;
        uint _frames, _chunks;

        public int Session, Generation;
        public long NextTickUs;

        public Server(Settings settings, Network network)
        {
            _settings = settings;
            _network = network;
            _lead = settings.World("lead_us");
            _tick = settings.World("tick_us");
            _epoch = settings.World("epoch_us");
            _rate = settings.World("audio_rate");
            _period = settings.World("phase_period_us");
            _marks = settings.World("mark_period");
            _head = (int)settings.World("head_joint");
            _pose = new Pose((int)settings.World("curves"), (int)settings.World("joints"));
            Start(0);
        }

        /// <summary>A session begins at true time t.</summary>
        public void Start(long t)
        {
            _shiftUs = _epoch - t;
            _emittedUs = Now(t);
            _frames = _chunks = 0;
            NextTickUs = t;
            _network.Send(t, Bytes.Welcome(Now(t), (uint)_lead, _pose.Curves.Length, _pose.Rotations.Length / 4), false);
        }

        /// <summary>The session's present.</summary>
        public long Now(long t)
        {
            return t + _shiftUs;
        }

        /// <summary>Where the present stands while the server does nothing: it ends with what was emitted.</summary>
        public long NowStalled(long t)
        {
            return Math.Min(Now(t), _emittedUs);
        }

        /// <summary>The server goes on after it did nothing until t.</summary>
        public void GoOn(long t)
        {
            _shiftUs = NowStalled(t) - t;
            NextTickUs = t;
        }

        public void Tick(long t)
        {
            Emit(t, _emittedUs, Now(t) + _lead);
            _emittedUs = Now(t) + _lead;
            NextTickUs += _tick;
        }

        /// <summary>Take back what was emitted from `fromUs` after the present on, be silent for a while, go on.</summary>
        public long Forget(long t, long fromUs, long silenceUs)
        {
            var frame = (Now(t) + fromUs) * 60;
            _voidBegin = FrameTime((frame + 999999) / 1000000);
            _voidEnd = _voidBegin + silenceUs;
            _network.Send(t, Bytes.Forget(_voidBegin), false);
            Generation = 1;
            Emit(t, _voidBegin, _emittedUs);
            return _voidBegin;
        }

        /// <summary>Whether a session time is spoken, `margin` or more from the spans' ends and from a void.</summary>
        public bool Speaks(double sessionUs, long margin)
        {
            if (sessionUs > _voidBegin - margin && sessionUs < _voidEnd + margin) return false;
            return _settings.Sound().Any(s => sessionUs >= s[0] + _epoch + margin && sessionUs < s[1] + _epoch - margin);
        }

        public byte[] Pong(long t, bool stalled)
        {
            return Bytes.Pong(0, stalled ? NowStalled(t) : Now(t));
        }

        void Emit(long t, long begin, long end)
        {
            foreach (var span in _settings.Sound())
            {
                long from = Math.Max(begin, span[0] + _epoch), to = Math.Min(end, span[1] + _epoch);
                if (from < _voidEnd && to > _voidBegin) from = Math.Max(from, Math.Min(_voidEnd, to));
                if (from < to) Sound(t, from, to);
            }
            for (var k = (begin * 60 + 999999) / 1000000 - 1; FrameTime(k) < end; k++)
                if (FrameTime(k) >= begin) Frame(t, FrameTime(k));
        }

        void Sound(long t, long from, long to)
        {
            long first = (from * _rate + 500000) / 1000000, last = (to * _rate + 500000) / 1000000;
            var samples = new short[last - first];
            for (var i = 0; i < samples.Length; i++) samples[i] = (short)(1 + (first + i) % _marks);
            _network.Send(t, Bytes.Audio(from, _chunks++, samples), false);
        }

        void Frame(long t, long s)
        {
            var phi = 2 * Math.PI * (s % _period) / _period;
            _pose.Rest();
            _pose.TimeUs = s;
            _pose.Sequence = _frames++;
            _pose.Curves[0] = (float)(0.5 + 0.5 * Math.Cos(phi));
            _pose.Curves[1] = (float)(0.5 + 0.5 * Math.Sin(phi));
            _pose.Curves[2] = 0.125f * Generation;
            _pose.Curves[3] = 0.125f * Session;
            _pose.Rotations[4 * _head + 1] = (float)Math.Sin(0.25 * Math.Sin(phi));
            _pose.Rotations[4 * _head + 3] = (float)Math.Cos(0.25 * Math.Sin(phi));
            _pose.Root[1] = (float)(0.1 * Math.Sin(phi));
            _network.Send(t, Bytes.Frame(_pose), true);
        }

        static long FrameTime(long k)
        {
            return (k * 1000000 + 30) / 60;
        }
    }
}
