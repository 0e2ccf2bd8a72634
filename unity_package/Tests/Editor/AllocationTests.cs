using System;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>After warm-up a second of performance, from bytes to pose and sound, leaves no garbage.</summary>
    [TestFixture]
    public sealed class AllocationTests
    {
        const int Block = 480;

        [Test]
        public void ASecondOfPerformanceLeavesNoGarbage()
        {
            var count = (Func<long>)Delegate.CreateDelegate(
                typeof(Func<long>), typeof(GC), "GetAllocatedBytesForCurrentThread", false, false);
            if (count == null) Assert.Ignore("this runtime does not count allocations");
            var stage = new Stage();
            for (var second = 0; second < 5; second++) stage.Play(second);
            stage.Prepare(5);
            count();
            var before = count();
            stage.Play();
            Assert.That(count() - before, Is.EqualTo(0));
            Assert.That(stage.Poses, Is.GreaterThan(200), "and it did play");
            Assert.That(stage.Bad, Is.EqualTo(0));
        }

        /// <summary>A server, a device and a renderer in one thread; the bytes are made before the measured stretch.</summary>
        sealed class Stage : ITransport
        {
            readonly Session _session;
            readonly Playout _player;
            readonly byte[][] _frames = new byte[60][];
            readonly byte[][] _sounds = new byte[60][];
            readonly byte[][] _phones = new byte[60][];
            readonly float[] _taken = new float[Block];
            readonly Pose _pose;
            byte[] _pong;
            int _attempt;
            long _start, _now;

            public int Poses;

            public long Bad
            {
                get { return _player.Statistics.BadMessages; }
            }

            public Stage()
            {
                _session = new Session(this, 0, () => _now);
                _player = _session.Playout;
                _session.Start("ws://nowhere/rigcast");
                _session.Opened(_attempt);
                _session.Receive(_attempt, Bytes.Welcome(0, 200000));
                _pose = _player.Rig.NewPose();
            }

            public void Play(int second)
            {
                Prepare(second);
                Play();
            }

            public void Prepare(int second)
            {
                _start = second * 1000000L;
                var pose = new Pose(52, 22);
                for (var i = 0; i < 60; i++)
                {
                    pose.TimeUs = _start + i * 1000000L / 60;
                    pose.Sequence = (uint)(second * 60 + i);
                    _frames[i] = Bytes.Frame(pose);
                    _sounds[i] = Bytes.Audio(pose.TimeUs, pose.Sequence, new short[400]);
                    _phones[i] = Bytes.Phone(pose.TimeUs, i % 2 == 0 ? "tʃ" : "a");
                }
                _pong = Bytes.Pong(1, _start);
            }

            public void Play()
            {
                Take(_pong, _start);
                for (var i = 0; i < 60; i++)
                {
                    var local = _start + i * 1000000L / 60;
                    Take(_sounds[i], local);
                    Take(_frames[i], local);
                    Take(_phones[i], local);
                    if (i % 6 != 5) _player.Read(_taken, Block, 28800, local);
                    _player.Update(local);
                    if (_player.Sample(local, _pose)) Poses++;
                    PerformanceEvent item;
                    while (_player.TryTakeEvent(local, out item)) { }
                    var statistics = _player.Statistics;
                }
            }

            void Take(byte[] data, long local)
            {
                _now = local;
                _session.Receive(_attempt, data);
            }

            public void Open(int attempt, Uri url, string token, ITransportEvents events)
            {
                _attempt = attempt;
            }

            public void Send(byte[] message) { }

            public void Close() { }
        }
    }
}
