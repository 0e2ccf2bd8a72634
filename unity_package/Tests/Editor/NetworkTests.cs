using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>The simulated network cases that every engine's core runs: proto/cases.</summary>
    [TestFixture]
    public sealed class NetworkTests
    {
        static IEnumerable<string> Names()
        {
            return new[]
            {
                "ideal", "jitter_loss_drift", "datagram", "drift", "network_stall", "underrun", "server_stall", "server_restart",
                "interruption",
            };
        }

        [Test]
        public void EveryCaseIsRun()
        {
            var file = Json.Object(Shared.Json("cases/network.json"));
            var names = Json.List(file["cases"]).Select(item => (string)Json.Object(item)["name"]);
            Assert.That(Names(), Is.EquivalentTo(names.ToArray()));
        }

        [TestCaseSource("Names")]
        public void Case(string name)
        {
            var file = Json.Object(Shared.Json("cases/network.json"));
            var item = Json.List(file["cases"]).First(c => (string)Json.Object(c)["name"] == name);
            var settings = new Settings(file["world"], item);
            var run = new Run(settings);
            var seen = run.Finish();
            var counted = run.Player.Statistics;
            Console.WriteLine(
                "network {0}: lips p99 {1:0.0} ms of {2}, back {3}, delay {4:0} to {5:0} ms, waited {6:0} ms, silent {7:0} ms, skipped {8:0} ms, voided {9:0} ms",
                name, seen.LipsP99 / 1000, seen.LipsSeen, seen.StepsBack, seen.DelayLeast / 1000, seen.DelayMost / 1000,
                counted.WaitedUs / 1000.0, seen.SilentUs / 1000, seen.SkippedUs / 1000, seen.VoidedUs / 1000);
            Check(settings.Part("expect"), seen, counted);
        }

        static void Check(Dictionary<string, object> expect, Measures seen, Statistics counted)
        {
            Assert.That(seen.LipsSeen, Is.GreaterThan(100), "images with sound");
            Assert.That(seen.LipsP99, Is.LessThanOrEqualTo((double)expect["lips_p99_us"]), "lips");
            Assert.That(seen.StepsBack, Is.LessThanOrEqualTo((double)expect["steps_back"]), "steps back");
            Assert.That(seen.DelayLeast, Is.GreaterThanOrEqualTo((double)expect["delay_min_us"]), "delay");
            Assert.That(seen.DelayMost, Is.LessThanOrEqualTo((double)expect["delay_max_us"]), "delay");
            Assert.That(counted.WaitedUs, Is.GreaterThanOrEqualTo((double)expect["underrun_min_us"]), "underrun");
            Assert.That(counted.WaitedUs, Is.LessThanOrEqualTo((double)expect["underrun_max_us"]), "underrun");
            Assert.That(seen.SilentUs, Is.LessThanOrEqualTo((double)expect["silent_max_us"]), "silent");
            Assert.That(seen.SkippedUs, Is.LessThanOrEqualTo((double)expect["skipped_max_us"]), "skipped");
            if (expect.ContainsKey("voided_max_us"))
                Assert.That(seen.VoidedUs, Is.LessThanOrEqualTo((double)expect["voided_max_us"]), "voided");
        }

        /// <summary>One case, from true time 0 to its end.</summary>
        sealed class Run
        {
            const long PingUs = 1000000;

            readonly Settings _settings;
            readonly Network _network;
            readonly Server _server;
            readonly Device _device;
            readonly Measures _measures;
            readonly Chance _renderer;
            readonly MessageReader _reader = new MessageReader();
            readonly ServerMessage _message = new ServerMessage();
            readonly List<long[]> _pings = new List<long[]>();
            readonly string _disturbance;
            readonly long _begin, _end;
            long _images, _imageJitter, _nextPing;
            bool _begun, _ended, _connected = true;
            Pose _pose;

            public readonly Playout Player = new Playout();

            public Run(Settings settings)
            {
                _settings = settings;
                _network = new Network(settings);
                _server = new Server(settings, _network);
                _device = new Device(settings);
                _measures = new Measures(settings, _server);
                _renderer = new Chance((ulong)settings.Case("seed") + 2000);
                _imageJitter = _renderer.Below(settings.World("render_jitter_us"));
                var disturbance = settings.Part("disturbance");
                _disturbance = disturbance.ContainsKey("kind") ? (string)disturbance["kind"] : "";
                _begin = Settings.Number(disturbance, "begin_us", long.MaxValue);
                _end = Settings.Number(disturbance, "end_us", long.MaxValue);
                Player.Head.LatencyUs = settings.World("device_latency_us");
            }

            long NextImageUs
            {
                get { return _images * 1000000 / _settings.World("render_hz") + _imageJitter; }
            }

            public Measures Finish()
            {
                for (long t = 0; t < _settings.Case("duration_us"); t = Next())
                {
                    Serve(t);
                    foreach (var data in _network.Arrived(t)) Arrive(t, data);
                    if (_device.NextUs == t) _device.Call(Player, Local(t));
                    if (NextImageUs == t) Render(t);
                }
                return _measures;
            }

            long Next()
            {
                var next = Math.Min(Math.Min(_server.NextTickUs, _network.NextUs), Math.Min(_device.NextUs, NextImageUs));
                if (!_begun) next = Math.Min(next, _begin);
                else if (!_ended) next = Math.Min(next, _end);
                return _pings.Count > 0 ? Math.Min(next, _pings[0][0]) : Math.Min(next, _nextPing);
            }

            long Local(long t)
            {
                return _settings.World("local_epoch_us") + t + (long)Math.Floor(t * (_settings.Case("local_ppm") / 1e6));
            }

            void Serve(long t)
            {
                var stops = _disturbance == "server_stall" || _disturbance == "server_restart";
                if (!_begun && t == _begin && stops) BeginStop();
                if (_begun && !_ended && t == _end) End(t);
                if (_server.NextTickUs == t) _server.Tick(t);
                if (!_begun && t == _begin) Forget(t);
                while (_pings.Count > 0 && _pings[0][0] <= t) Answer(t);
                if (t >= _nextPing) Ping(t);
            }

            void BeginStop()
            {
                _begun = true;
                _server.NextTickUs = long.MaxValue;
                if (_disturbance != "server_restart") return;
                _network.Break();
                _pings.Clear();
                _connected = false;
            }

            void End(long t)
            {
                _ended = true;
                if (_disturbance == "server_stall") _server.GoOn(t);
                if (_disturbance != "server_restart") return;
                _server.Session++;
                _connected = true;
                _server.Start(t);
            }

            void Forget(long t)
            {
                _begun = true;
                if (_disturbance != "forget") return;
                var disturbance = _settings.Part("disturbance");
                var silence = Settings.Number(disturbance, "silence_us", 0);
                _measures.VoidBegin = _server.Forget(t, Settings.Number(disturbance, "from_us", 0), silence);
                _measures.VoidEnd = _measures.VoidBegin + silence;
            }

            void Ping(long t)
            {
                _nextPing = t + PingUs;
                if (_connected) _pings.Add(_network.Ping(t));
            }

            void Answer(long t)
            {
                var stalled = _disturbance == "server_stall" && _begun && !_ended;
                _network.Lane(t + _pings[0][1], _server.Pong(t, stalled));
                _pings.RemoveAt(0);
            }

            void Arrive(long t, byte[] data)
            {
                Assert.That(_reader.Read(data, _message));
                if (_message.Body == Body.Forget) _measures.ForgotUs = t;
                if (_message.Body != Body.Welcome)
                {
                    Player.Take(_message, Local(t));
                    return;
                }
                Player.Begin(_message.Welcome, Local(t));
                if (_pose == null) _pose = Player.Rig.NewPose();
            }

            void Render(long t)
            {
                _images++;
                _imageJitter = _renderer.Below(_settings.World("render_jitter_us"));
                if (_pose == null) return;
                Player.Update(Local(t));
                Player.Sample(Local(t), _pose);
                _measures.Image(t, _pose, _device);
            }
        }
    }
}
