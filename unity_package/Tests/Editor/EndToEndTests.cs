using System;
using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>
    /// A running bridge, this platform's ClientWebSocket, a device that pulls and a renderer that asks: what is heard is
    /// compared with what is shown. Needs a bridge at RIGCAST_TEST_URL; without one it is ignored.
    /// </summary>
    [TestFixture]
    public sealed class EndToEndTests
    {
        const int PatienceMs = 30000;
        const string Text = "Many people bake bread by the sea, and a few of them whistle while they work.";

        static string Variable(string name)
        {
            var value = Environment.GetEnvironmentVariable(name);
            if (string.IsNullOrEmpty(value)) Assert.Ignore("needs a running bridge, with its address in " + name);
            return value;
        }

        static bool Until(Session session, Func<bool> done)
        {
            for (var begin = LocalClock.NowUs; LocalClock.NowUs - begin < PatienceMs * 1000L; Thread.Sleep(5))
            {
                session.Update();
                if (done()) return true;
            }
            return false;
        }

        [Test]
        public void LipsAndSoundGoTogether()
        {
            var tap = new Tap(new ClientWebSocketTransport());
            var session = new Session(tap);
            session.Start(Variable("RIGCAST_TEST_URL"), "unity-" + Guid.NewGuid().ToString("N"));
            Assert.That(Until(session, () => session.State == SessionState.Live), session.State + ": " + session.Problem);
            var speaker = new Speaker(session.Playout);
            var images = new List<Image>();
            try
            {
                Watch(session, speaker, images);
            }
            finally
            {
                speaker.Stop();
                session.Stop();
            }
            var lips = tap.Lips(speaker, images);
            lips.Sort();
            var p99 = lips[(int)(lips.Count * 0.99)];
            Console.WriteLine("end to end: lips p50 {0:0.0} ms, p99 {1:0.0} ms of {2} images, waited {3} ms, delay {4} ms", lips[lips.Count / 2] / 1000,
                p99 / 1000, lips.Count, session.Playout.Statistics.WaitedUs / 1000, session.Playout.Statistics.DelayUs / 1000);
            Assert.That(lips.Count, Is.GreaterThan(60), "images that show speech");
            Assert.That(p99, Is.LessThanOrEqualTo(15000));
            Assert.That(session.Playout.Statistics.BadMessages, Is.EqualTo(0));
            for (var i = 1; i < images.Count; i++) Assert.That(images[i].ShownUs, Is.GreaterThanOrEqualTo(images[i - 1].ShownUs), "order");
        }

        /// <summary>Say the text and look on until its end has been heard.</summary>
        static void Watch(Session session, Speaker speaker, List<Image> images)
        {
            var pose = session.Playout.Rig.NewPose();
            var jaw = session.Playout.Rig.Curves.IndexOf("jawOpen");
            var widest = 0f;
            var kinds = new HashSet<EventKind>();
            Assert.That(Until(session, () => session.Playout.Sample(LocalClock.NowUs, pose)), "poses come");
            Assert.That(session.Say(Text), Is.GreaterThan(0));
            var ended = Until(session, () =>
            {
                var now = LocalClock.NowUs;
                if (session.Playout.Sample(now, pose)) images.Add(new Image { LocalUs = now, ShownUs = pose.TimeUs });
                widest = Math.Max(widest, pose.Curves[jaw]);
                PerformanceEvent item;
                while (session.Playout.TryTakeEvent(now, out item)) kinds.Add(item.Kind);
                return kinds.Contains(EventKind.UtteranceEnded);
            });
            Assert.That(ended, "the utterance ends");
            Assert.That(kinds.IsSupersetOf(new[] { EventKind.UtteranceStarted, EventKind.Phone, EventKind.Word }), "events come");
            Assert.That(widest, Is.GreaterThan(0.1), "the jaw opens");
            Answer answer;
            Assert.That(session.TryTakeAnswer(out answer) && answer.Utterance > 0, "the text is accepted");
        }

        [Test]
        public void AWrongTokenIsNamed()
        {
            var session = new Session(new ClientWebSocketTransport());
            session.Start(Variable("RIGCAST_TEST_GUARDED_URL"), "", "not-the-token-of-this-bridge");
            Assert.That(Until(session, () => session.Problem != ""), session.State + ": " + session.Problem);
            Assert.That(session.Problem, Contains.Substring("token"));
            session.Start(Variable("RIGCAST_TEST_GUARDED_URL"), "", Variable("RIGCAST_TEST_TOKEN"));
            Assert.That(Until(session, () => session.State == SessionState.Live), session.State + ": " + session.Problem);
            session.Stop();
        }

        [Test]
        public void ItComesBackWhenTheBridgeIsStartedAnew()
        {
            var url = Variable("RIGCAST_TEST_RESTART_URL");
            var session = new Session(new ClientWebSocketTransport());
            session.Start(url);
            Assert.That(Until(session, () => session.State == SessionState.Live), session.State + ": " + session.Problem);
            var pose = session.Playout.Rig.NewPose();
            Assert.That(Until(session, () => session.Playout.Sample(LocalClock.NowUs, pose)), "poses come");
            System.IO.File.WriteAllText(Variable("RIGCAST_TEST_SIGNAL"), "live: the bridge may be started anew now");
            Assert.That(Until(session, () => session.Reconnects == 1), session.State + ": " + session.Problem);
            Assert.That(Until(session, () => session.Playout.Sample(LocalClock.NowUs, pose)), "poses of the new session come");
            session.Stop();
        }

        [Test]
        public void WhereNoBridgeIsTheProblemIsNamedAndItTriesAgain()
        {
            Variable("RIGCAST_TEST_URL");
            var session = new Session(new ClientWebSocketTransport());
            session.Start("ws://127.0.0.1:9/rigcast");
            Assert.That(Until(session, () => session.State == SessionState.Waiting));
            Assert.That(session.Problem, Contains.Substring("rigcast serve"));
            Assert.That(Until(session, () => session.State == SessionState.Connecting));
            session.Stop();
        }

        struct Image
        {
            public long LocalUs, ShownUs;
        }

        /// <summary>A sound device: a thread that takes 20 ms every 20 ms, 48,000 samples a second, heard 40 ms later.</summary>
        sealed class Speaker
        {
            public const int Rate = 48000;
            const int Block = 960;
            const long BlockUs = 20000;
            const long LatencyUs = 40000;

            readonly Playout _player;
            readonly Thread _thread;
            readonly List<float> _heard = new List<float>();
            readonly long _startUs = LocalClock.NowUs;
            volatile bool _over;

            public Speaker(Playout player)
            {
                _player = player;
                player.Head.LatencyUs = LatencyUs;
                _thread = new Thread(Run) { IsBackground = true, Priority = ThreadPriority.Highest };
                _thread.Start();
            }

            public void Stop()
            {
                _over = true;
                _thread.Join();
            }

            /// <summary>Every second sample heard before and at a local time: 24,000 a second.</summary>
            public float[] Heard(long localUs, int count)
            {
                var last = (int)((localUs - LatencyUs - _startUs) * Rate / 1000000);
                var result = new float[count];
                if (last < 2 * count || last >= _heard.Count) return result;
                for (var i = 0; i < count; i++) result[i] = _heard[last - 2 * (count - 1 - i)] * 32768;
                return result;
            }

            void Run()
            {
                var taken = new float[Block];
                for (long k = 0; !_over; k++)
                {
                    var wait = _startUs + k * BlockUs - LocalClock.NowUs;
                    if (wait > 0) Thread.Sleep((int)(wait / 1000) + 1);
                    _player.Read(taken, Block, Rate, LocalClock.NowUs);
                    _heard.AddRange(taken);
                }
            }
        }

        /// <summary>Listens in on the connection and keeps the sound by its sample numbers.</summary>
        sealed class Tap : ITransport, ITransportEvents
        {
            const int Rate = 24000;
            const int Window = 1024;
            const int Reach = 1440;

            readonly ITransport _inner;
            readonly MessageReader _reader = new MessageReader();
            readonly ServerMessage _message = new ServerMessage();
            readonly SortedDictionary<long, short> _sound = new SortedDictionary<long, short>();
            ITransportEvents _events;

            public Tap(ITransport inner)
            {
                _inner = inner;
            }

            public void Open(int attempt, Uri url, string token, ITransportEvents events)
            {
                _events = events;
                _inner.Open(attempt, url, token, this);
            }

            public void Send(byte[] message)
            {
                _inner.Send(message);
            }

            public void Close()
            {
                _inner.Close();
            }

            public void Opened(int attempt)
            {
                _events.Opened(attempt);
            }

            public void Closed(int attempt, string reason, bool retry)
            {
                _events.Closed(attempt, reason, retry);
            }

            public void Receive(int attempt, ReadOnlySpan<byte> message)
            {
                if (_reader.Read(message, _message) && _message.Body == Body.Audio)
                    for (var i = 0; i < _message.SampleCount; i++) _sound[SampleAt(_message.TimeUs) + i] = _message.Samples[i];
                _events.Receive(attempt, message);
            }

            /// <summary>For each image at which speech is heard: how far it is from what is shown, microseconds.</summary>
            public List<double> Lips(Speaker speaker, List<Image> images)
            {
                var lips = new List<double>();
                for (var i = 0; i < images.Count; i += 6)
                {
                    var image = images[i];
                    var heard = speaker.Heard(image.LocalUs, Window);
                    if (IsSpeech(heard)) lips.Add(Math.Abs(BestLag(heard, SampleAt(image.ShownUs)) * 1e6 / Rate));
                }
                return lips;
            }

            /// <summary>How many samples later than `shown` the heard window ends in what was sent: the best normalised correlation.</summary>
            int BestLag(float[] heard, long shown)
            {
                var sent = new float[Window + 2 * Reach];
                for (var i = 0; i < sent.Length; i++)
                {
                    short value;
                    sent[i] = _sound.TryGetValue(shown - Reach - Window + 1 + i, out value) ? value : 0;
                }
                var best = 0;
                var highest = double.MinValue;
                for (var lag = 0; lag <= 2 * Reach; lag++)
                {
                    double product = 0, energy = 1;
                    for (var i = 0; i < Window; i++)
                    {
                        product += heard[i] * sent[lag + i];
                        energy += sent[lag + i] * sent[lag + i];
                    }
                    if (product / Math.Sqrt(energy) <= highest) continue;
                    highest = product / Math.Sqrt(energy);
                    best = lag;
                }
                return best - Reach;
            }

            /// <summary>Loud enough to compare, and nowhere interrupted.</summary>
            static bool IsSpeech(float[] window)
            {
                double energy = 0;
                var silent = 0;
                foreach (var value in window)
                {
                    energy += value * value;
                    silent = Math.Abs(value) < 1 ? silent + 1 : 0;
                    if (silent > 16) return false;
                }
                return energy > 300.0 * 300 * Window;
            }

            static long SampleAt(long timeUs)
            {
                return (timeUs * Rate + 500000) / 1000000;
            }
        }
    }
}
