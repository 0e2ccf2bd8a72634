using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>The session's states: bytes in, states and bytes out. Time is moved by hand.</summary>
    [TestFixture]
    public sealed class SessionTests
    {
        const string Url = "ws://127.0.0.1:7788/rigcast";

        /// <summary>Remembers what the session asks of it.</summary>
        sealed class Wire : ITransport
        {
            public readonly List<byte[]> Sent = new List<byte[]>();
            public int Attempt, Opens, Closes;

            public void Open(int attempt, Uri url, string token, ITransportEvents events)
            {
                Attempt = attempt;
                Opens++;
            }

            public void Send(byte[] message)
            {
                Sent.Add(message);
            }

            public void Close()
            {
                Closes++;
            }
        }

        Wire _wire;
        Session _session;
        long _now;

        [SetUp]
        public void MakeSession()
        {
            _wire = new Wire();
            _now = 1000000;
            _session = new Session(_wire, 0, () => _now);
        }

        void GoLive()
        {
            _session.Start(Url, "stage-1");
            _session.Opened(_wire.Attempt);
            Receive(Bytes.Welcome(5000000, 200000));
        }

        void Receive(byte[] data)
        {
            _session.Receive(_wire.Attempt, data);
        }

        void Pass(double seconds)
        {
            _now += (long)(seconds * 1e6);
            _session.Update();
        }

        [Test]
        public void JoinsAndIsLiveAfterTheWelcome()
        {
            _session.Start(Url, "stage-1");
            Assert.That(_session.State, Is.EqualTo(SessionState.Connecting));
            _session.Opened(_wire.Attempt);
            Assert.That(_session.State, Is.EqualTo(SessionState.Joining));
            Assert.That(_wire.Sent.Single(), Is.EqualTo(MessageWriter.Join(0, "stage-1")));
            Receive(Bytes.Welcome(5000000, 200000));
            Assert.That(_session.State, Is.EqualTo(SessionState.Live));
            Assert.That(_session.Welcome.NowUs, Is.EqualTo(5000000));
            Assert.That(_session.Playout.Rig.Curves.Count, Is.EqualTo(52));
        }

        [TestCase("http://127.0.0.1:7788/rigcast")]
        [TestCase("nonsense")]
        [TestCase("")]
        [TestCase("ws://")]
        public void AnAddressThatIsNoneIsNamed(string url)
        {
            _session.Start(url);
            Assert.That(_session.State, Is.EqualTo(SessionState.Failed));
            Assert.That(_session.Problem, Contains.Substring("ws://HOST:PORT/rigcast"));
            Assert.That(_wire.Opens, Is.EqualTo(0));
        }

        [Test]
        public void AnotherProtocolIsRefusedForGood()
        {
            _session.Start(Url);
            _session.Opened(_wire.Attempt);
            Receive(Bytes.Welcome(0, 200000, protocol: "rigcast.v9"));
            Assert.That(_session.State, Is.EqualTo(SessionState.Failed));
            Assert.That(_session.Problem, Contains.Substring("rigcast.v9"));
            Pass(60);
            Assert.That(_wire.Opens, Is.EqualTo(1));
        }

        [Test]
        public void ARigThatIsTooLargeIsRefused()
        {
            _session.Start(Url);
            _session.Opened(_wire.Attempt);
            Receive(Bytes.Welcome(0, 200000, curves: 5000));
            Assert.That(_session.State, Is.EqualTo(SessionState.Failed));
            Assert.That(_session.Problem, Contains.Substring("1024"));
        }

        [Test]
        public void RequestsNeedALiveSession()
        {
            Assert.That(_session.Say("hello"), Is.EqualTo(0));
            GoLive();
            var number = _session.Say("hello");
            Assert.That(_wire.Sent.Last(), Is.EqualTo(MessageWriter.Say(number, "hello")));
            Receive(Bytes.Accepted(number, 3));
            Answer answer;
            Assert.That(_session.TryTakeAnswer(out answer));
            Assert.That(answer.RequestId, Is.EqualTo(number));
            Assert.That(answer.Utterance, Is.EqualTo(3));
            Assert.That(_session.TryTakeAnswer(out answer), Is.False);
        }

        [Test]
        public void ARefusalIsToldAndTheSessionLivesOn()
        {
            GoLive();
            Receive(Bytes.Error(_session.Say("x"), ErrorCode.ResourceExhausted, "too many texts wait"));
            Answer answer;
            Assert.That(_session.TryTakeAnswer(out answer));
            Assert.That(answer.IsRefused);
            Assert.That(_session.Problem, Is.EqualTo("too many texts wait"));
            Assert.That(_session.State, Is.EqualTo(SessionState.Live));
        }

        [Test]
        public void AnswersNobodyTakesAreBounded()
        {
            GoLive();
            for (uint i = 1; i <= 1000; i++) Receive(Bytes.Accepted(i, i));
            var taken = 0;
            Answer answer;
            while (_session.TryTakeAnswer(out answer)) taken++;
            Assert.That(taken, Is.EqualTo(256));
            Assert.That(answer.RequestId, Is.EqualTo(0));
        }

        [Test]
        public void BytesThatAreNoMessageAreCounted()
        {
            GoLive();
            Receive(new byte[] { 0x12, 0xff });
            Assert.That(_session.State, Is.EqualTo(SessionState.Live));
            Assert.That(_session.Playout.Statistics.BadMessages, Is.EqualTo(1));
        }

        [Test]
        public void ALostConnectionComesBackAfterAWait()
        {
            GoLive();
            _session.Closed(_wire.Attempt, "gone", true);
            Assert.That(_session.State, Is.EqualTo(SessionState.Waiting));
            Assert.That(_session.Problem, Is.EqualTo("gone"));
            Pass(0.2);
            Assert.That(_wire.Opens, Is.EqualTo(1));
            Pass(0.4);
            Assert.That(_wire.Opens, Is.EqualTo(2));
            _session.Opened(_wire.Attempt);
            Receive(Bytes.Welcome(0, 200000));
            Assert.That(_session.State, Is.EqualTo(SessionState.Live));
            Assert.That(_session.Reconnects, Is.EqualTo(1));
            Assert.That(_session.Problem, Is.Empty);
        }

        [Test]
        public void WaitsGrowToABoundAndShrinkAfterAGoodConnection()
        {
            _session.Start(Url);
            Assert.That(Enumerable.Range(0, 12).Select(_ => WaitAfterFailure()).ToList().Last(), Is.InRange(7.5, 15.1));
            _session.Opened(_wire.Attempt);
            Receive(Bytes.Welcome(0, 200000));
            for (var i = 0; i < 7; i++)
            {
                Pass(1);
                Receive(Bytes.Pong(0, 0));
            }
            Assert.That(WaitAfterFailure(), Is.InRange(0.25, 0.6));
        }

        double WaitAfterFailure()
        {
            _session.Closed(_wire.Attempt, "no", true);
            var begin = _now;
            for (var opens = _wire.Opens; _wire.Opens == opens;) Pass(0.05);
            return (_now - begin) / 1e6;
        }

        [Test]
        public void AWrongTokenIsNotTriedAgain()
        {
            _session.Start(Url, "", "wrong");
            _session.Closed(_wire.Attempt, "wants another token", false);
            Pass(60);
            Assert.That(_session.State, Is.EqualTo(SessionState.Failed));
            Assert.That(_wire.Opens, Is.EqualTo(1));
        }

        [Test]
        public void SilenceEndsAConnection()
        {
            GoLive();
            Pass(4.9);
            Assert.That(_session.State, Is.EqualTo(SessionState.Live));
            Pass(0.2);
            Assert.That(_session.State, Is.EqualTo(SessionState.Waiting));
            Assert.That(_wire.Closes, Is.EqualTo(1));
        }

        [Test]
        public void AServerThatDoesNotWelcomeIsGivenUp()
        {
            _session.Start(Url);
            Pass(10.1);
            Assert.That(_session.State, Is.EqualTo(SessionState.Waiting));
            Assert.That(_session.Problem, Contains.Substring("Rigcast bridge"));
        }

        [Test]
        public void WhatAnOldConnectionTellsIsIgnored()
        {
            GoLive();
            var old = _wire.Attempt;
            _session.Start(Url);
            _session.Closed(old, "late news", true);
            _session.Receive(old, Bytes.Welcome(0, 0));
            _session.Opened(old);
            Assert.That(_session.State, Is.EqualTo(SessionState.Connecting));
        }

        [Test]
        public void PingsOnceASecondAndMeasuresTheWay()
        {
            GoLive();
            _wire.Sent.Clear();
            for (var i = 0; i < 21; i++) Pass(0.1);
            Assert.That(_wire.Sent.Count, Is.EqualTo(3));
            var number = _wire.Sent.Last()[1];
            _now += 12000;
            Receive(Bytes.Pong(number, 8000000));
            Assert.That(_session.RoundTripUs, Is.EqualTo(12000));
        }

        [Test]
        public void StopEndsIt()
        {
            GoLive();
            _session.Stop();
            Pass(60);
            Assert.That(_session.State, Is.EqualTo(SessionState.Off));
            Assert.That(_wire.Opens, Is.EqualTo(1));
            Assert.That(_session.Say("x"), Is.EqualTo(0));
        }
    }
}
