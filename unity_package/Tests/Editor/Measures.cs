using System;
using System.Collections.Generic;

namespace Rigcast.Core.Tests
{
    /// <summary>What the cases measure at each image; see "What is measured" in proto/cases/README.md.</summary>
    sealed class Measures
    {
        /// <summary>The marks begin anew each 1.25 s: mark_period / audio_rate.</summary>
        const double MarksUs = 1250000;

        readonly Server _server;
        readonly double _period, _image;
        readonly long _settle, _calmFrom, _calmUntil;
        readonly List<double> _lips = new List<double>();
        double _last = double.NaN;
        int _lastSession = -1;

        public int StepsBack;
        public double DelayLeast = double.MaxValue, DelayMost = double.MinValue;
        public double SilentUs, SkippedUs, VoidedUs;

        /// <summary>When a Forget arrived, and what it voided until when.</summary>
        public long ForgotUs = long.MaxValue, VoidBegin, VoidEnd;

        public Measures(Settings settings, Server server)
        {
            _server = server;
            _period = settings.World("phase_period_us");
            _image = 1e6 / settings.World("render_hz");
            _settle = settings.World("settle_us");
            var disturbance = settings.Part("disturbance");
            _calmFrom = Settings.Number(disturbance, "begin_us", long.MaxValue);
            _calmUntil = Settings.Number(disturbance, "end_us", long.MinValue) + Settings.Number(settings.Part("expect"), "recovery_us", 0);
        }

        public double LipsP99
        {
            get
            {
                _lips.Sort();
                return _lips[Math.Min(_lips.Count - 1, (int)(_lips.Count * 0.99))];
            }
        }

        public int LipsSeen
        {
            get { return _lips.Count; }
        }

        /// <summary>An image at true time t shows this pose while the device's samples are these.</summary>
        public void Image(long t, Pose pose, Device device)
        {
            var shown = Math.Atan2(2 * pose.Curves[1] - 1, 2 * pose.Curves[0] - 1) / (2 * Math.PI) * _period;
            var session = (int)Math.Round(pose.Curves[3] * 8);
            var heard = device.Heard(t);
            Steps(t, shown, session);
            var now = _server.Now(t);
            var full = now - Wrap(now - shown, _period);
            if (t >= _settle) Settled(t, full, heard, now);
            if (t >= ForgotUs && full >= VoidBegin + 20000 && full < VoidEnd - 20000 && heard >= 0) VoidedUs += _image;
        }

        void Settled(long t, double full, double heard, long now)
        {
            if (heard >= 0) _lips.Add(Math.Abs(Wrap(full - heard, MarksUs)));
            else if (_server.Speaks(full, 100000) && Math.Abs(Wrap(full, MarksUs)) >= 10000) SilentUs += _image;
            if (t >= _calmFrom && t < _calmUntil) return;
            DelayLeast = Math.Min(DelayLeast, now - full);
            DelayMost = Math.Max(DelayMost, now - full);
        }

        void Steps(long t, double shown, int session)
        {
            var step = session == _lastSession ? Wrap(shown - _last, _period) : 0;
            if (step < -1000) StepsBack++;
            if (step > 50000 && t >= _settle) SkippedUs += step - _image;
            _last = shown;
            _lastSession = session;
        }

        /// <summary>Into plus or minus half a period.</summary>
        static double Wrap(double value, double period)
        {
            return value - period * Math.Round(value / period);
        }
    }

    /// <summary>The sound device of the cases: what it took, and what sounds when.</summary>
    sealed class Device
    {
        const int Kept = 1 << 16;
        readonly float[] _samples = new float[Kept];
        readonly Chance _chance;
        readonly long _latency, _jitter, _rate;
        readonly int _block, _run;
        readonly double _trueRate;
        readonly float[] _taken;
        long _calls, _jitterUs;

        public Device(Settings settings)
        {
            _chance = new Chance((ulong)settings.Case("seed") + 1000);
            _latency = settings.World("device_latency_us");
            _jitter = settings.World("device_jitter_us");
            _rate = settings.World("audio_rate");
            _block = (int)settings.World("device_block");
            _run = (int)settings.World("mark_run");
            _trueRate = _rate * (1 + settings.Case("device_ppm") / 1e6);
            _taken = new float[_block];
            _jitterUs = _chance.Below(_jitter);
        }

        public long NextUs
        {
            get { return (long)(_calls * _block * 1e6 / _trueRate) + _jitterUs; }
        }

        public void Call(Playout player, long localUs)
        {
            player.Read(_taken, _block, _rate, localUs);
            for (var i = 0; i < _block; i++) _samples[(_calls * _block + i) % Kept] = _taken[i] * 32768;
            _calls++;
            _jitterUs = _chance.Below(_jitter);
        }

        /// <summary>Session time, modulo the marks' period, that sounds at true time t; -1 where no mark counts.</summary>
        public double Heard(long t)
        {
            var index = (long)Math.Floor((t - _latency) * _trueRate / 1e6);
            if (index < _run || index >= _calls * _block) return -1;
            for (var i = index - _run + 2; i <= index; i++)
                if (At(i) < At(i - 1)) return -1;
            if (Math.Abs(At(index) - At(index - _run + 1) - (_run - 1)) > 1.5) return -1;
            return (At(index) - 1) * 1e6 / _rate;
        }

        float At(long index)
        {
            return _samples[index % Kept];
        }
    }
}
