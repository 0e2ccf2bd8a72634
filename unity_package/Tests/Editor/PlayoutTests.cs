using System;
using System.Linq;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>What the play-out does with a session's messages; local time is moved by hand.</summary>
    [TestFixture]
    public sealed class PlayoutTests
    {
        const int Rate = 24000;
        const int Block = 240;
        const long BlockUs = 10000;
        const long FrameUs = 16667;

        Playout _player;
        MessageReader _reader;
        ServerMessage _message;
        Pose _pose;
        long _now, _sent;
        uint _sequence;

        [SetUp]
        public void BeginSession()
        {
            _player = new Playout();
            _reader = new MessageReader();
            _message = new ServerMessage();
            _now = _sent = 0;
            _sequence = 0;
            Take(Bytes.Welcome(0, 200000), begin: true);
            _pose = _player.Rig.NewPose();
        }

        void Take(byte[] data, bool begin = false)
        {
            Assert.That(_reader.Read(data, _message));
            if (begin) _player.Begin(_message.Welcome, _now);
            else _player.Take(_message, _now);
        }

        void SendFrame(long timeUs, float jaw)
        {
            var pose = new Pose(52, 22) { TimeUs = timeUs, Sequence = _sequence++ };
            pose.Curves[0] = jaw;
            Take(Bytes.Frame(pose));
        }

        /// <summary>The server sends frames up to 200 ms ahead, if it `sends`, and the device takes blocks.</summary>
        void Pass(long us, bool sends = true)
        {
            for (var end = _now + us; _now < end; _now += BlockUs)
            {
                for (; sends && _sent < _now + 200000; _sent += FrameUs) SendFrame(_sent, 0.5f);
                _player.Read(new float[Block], Block, Rate, _now);
                _player.Update(_now);
            }
        }

        [Test]
        public void WhatWasForgottenIsNotShown()
        {
            Pass(500000);
            Take(Bytes.Forget(550000));
            Pass(300000, sends: false);
            Assert.That(_player.Sample(_now, _pose));
            Assert.That(_pose.TimeUs, Is.LessThan(550000), "it stands where the forgotten begins");
            Assert.That(_player.Statistics.WaitedUs, Is.GreaterThan(100000));
        }

        [Test]
        public void WhatTakesThePlaceOfTheForgottenIsShown()
        {
            Pass(500000);
            Take(Bytes.Forget(550000));
            for (long us = 550000; us < 1000000; us += FrameUs) SendFrame(us, 1);
            Pass(300000, sends: false);
            Assert.That(_player.Sample(_now, _pose));
            Assert.That(_pose.Curves[0], Is.EqualTo(1));
        }

        [Test]
        public void ForgottenEventsDoNotHappen()
        {
            Take(Bytes.Phone(300000, "a"));
            Take(Bytes.Phone(400000, "b"));
            Take(Bytes.Forget(350000));
            Pass(700000);
            PerformanceEvent item;
            Assert.That(_player.TryTakeEvent(_now, out item));
            Assert.That(item.Text, Is.EqualTo("a"));
            Assert.That(_player.TryTakeEvent(_now, out item), Is.False);
        }

        [Test]
        public void EventsHappenWhenTheyAreHeard()
        {
            _player.Head.LatencyUs = 40000;
            Take(Bytes.Phone(300000, "a"));
            PerformanceEvent item;
            while (!_player.TryTakeEvent(_now, out item)) Pass(BlockUs);
            Assert.That(_player.Sample(_now, _pose));
            Assert.That(_pose.TimeUs, Is.InRange(300000, 300000 + 2 * BlockUs));
        }

        [Test]
        public void AfterWaitingItStaysFurtherBehind()
        {
            Pass(2000000);
            var before = _player.Statistics.DelayUs;
            Pass(400000, sends: false);
            var waited = _player.Statistics.WaitedUs;
            Assert.That(waited, Is.InRange(100000, 300000));
            Pass(2000000);
            Assert.That(_player.Statistics.DelayUs - before, Is.EqualTo(waited).Within(20000));
            Assert.That(_player.Statistics.Jumps, Is.EqualTo(0));
            Pass(180000000);
            Assert.That(_player.Statistics.DelayUs, Is.LessThan(before + waited / 2), "minutes later it is forgiven");
        }

        [Test]
        public void TheFaceNeverStepsBackALittle()
        {
            Pass(500000);
            Assert.That(_player.Sample(_now, _pose));
            var shown = _pose.TimeUs;
            Assert.That(_player.Sample(_now - 20000, _pose));
            Assert.That(_pose.TimeUs, Is.EqualTo(shown));
        }

        [Test]
        public void AfterALongStallItCatchesUp()
        {
            Pass(2000000);
            Pass(3000000, sends: false);
            Pass(1000000);
            Assert.That(_player.Statistics.Jumps, Is.EqualTo(1));
            Assert.That(_player.Statistics.DelayUs, Is.LessThan(100000));
        }

        [Test]
        public void GapsAndLateFramesAreCounted()
        {
            Pass(500000);
            _sequence += 3;
            SendFrame(_sent, 0);
            SendFrame(100000, 0);
            Assert.That(_player.Statistics.LostFrames, Is.EqualTo(3));
            Assert.That(_player.Statistics.LateFrames, Is.EqualTo(1));
        }

        [Test]
        public void SoundIsHeardInItsPlaceAndResampled()
        {
            var samples = Enumerable.Range(0, 4800).Select(i => (short)(8000 * Math.Sin(2 * Math.PI * 440 * i / Rate))).ToArray();
            Take(Bytes.Audio(100000, 0, samples));
            var heard = new System.Collections.Generic.List<float>();
            for (; _now < 500000; _now += BlockUs)
            {
                for (; _sent < _now + 200000; _sent += FrameUs) SendFrame(_sent, 0);
                var block = new float[2 * Block];
                _player.Read(block, 2 * Block, 2 * Rate, _now);
                heard.AddRange(block);
            }
            var first = heard.FindIndex(v => Math.Abs(v) > 1e-3f);
            var crossings = heard.Skip(first).Zip(heard.Skip(first + 1), (a, b) => a < 0 && b >= 0).Count(c => c);
            Assert.That(crossings, Is.InRange(87, 89), "0.2 s of 440 Hz at twice the rate");
            Assert.That(heard.Max(), Is.EqualTo(8000 / 32768f).Within(0.005));
        }

        [Test]
        public void WithoutASessionAllIsSilent()
        {
            var player = new Playout();
            var block = Enumerable.Repeat(1f, Block).ToArray();
            Assert.That(player.Read(block, Block, Rate, 0), Is.False);
            Assert.That(block.Max(), Is.EqualTo(0));
            player.Update(1000000);
            Assert.That(player.Sample(0, _pose), Is.False);
        }

        [Test]
        public void APoseOfAnotherRigIsNotWritten()
        {
            Pass(500000);
            Assert.That(_player.Sample(_now, new Pose(3, 22)), Is.False);
        }
    }
}
