using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>The server's present, the play-head and the easing, each alone.</summary>
    [TestFixture]
    public sealed class ClockTests
    {
        [Test]
        public void BaseIsTheLeastAndFollowsWhatIsRecent()
        {
            var clock = new ServerClock();
            clock.Observe(1000000, 0);
            clock.Observe(1500000, 520000);
            clock.Observe(1600000, 590000);
            Assert.That(clock.BaseUs, Is.EqualTo(980000));
            for (var i = 2; i < 30; i++) clock.Observe(i * 1000000, i * 1000000 - 990000);
            Assert.That(clock.BaseUs, Is.EqualTo(990000), "what is older than 20 s no longer counts");
        }

        [Test]
        public void ASessionThatStoodStillIsNoticed()
        {
            var clock = new ServerClock();
            for (var i = 0; i < 10; i++) clock.Observe(i * 1000000, i * 1000000);
            for (var i = 10; i < 15; i++) clock.Observe(i * 1000000, i * 1000000 - 2000000);
            Assert.That(clock.BaseUs, Is.EqualTo(2000000));
        }

        [Test]
        public void ASessionThatJumpedAheadIsBelievedAtOnce()
        {
            var clock = new ServerClock();
            for (var i = 0; i < 10; i++) clock.Observe(i * 1000000, i * 1000000);
            clock.Observe(10000000, 15000000);
            Assert.That(clock.BaseUs, Is.EqualTo(-5000000));
        }

        [Test]
        public void DriftIsMeasured()
        {
            var clock = new ServerClock();
            Assert.That(clock.DriftPpm, Is.NaN);
            for (long i = 0; i < 100; i++) clock.Observe(i * 1000100, i * 1000000);
            Assert.That(clock.DriftPpm, Is.EqualTo(100).Within(2));
        }

        [Test]
        public void JitterIsNineOfTenPongs()
        {
            var clock = new ServerClock();
            for (var i = 0; i < 20; i++) clock.ObservePong(i * 1000000 + i * 1000, i * 1000000);
            Assert.That(clock.JitterUs, Is.EqualTo(18000));
        }

        [Test]
        public void ThePlayHeadWaitsWhereNothingIsAndCountsIt()
        {
            var head = new PlayHead();
            var audio = new AudioTimeline(24000);
            head.Begin();
            head.SetGoal(0);
            Assert.That(head.Advance(480, 24000, 0, audio).Playing, Is.EqualTo(0));
            Assert.That(head.WaitedUs, Is.EqualTo(0), "before the first frame nothing is late");
            head.SetHorizon(50000);
            for (var i = 1; i <= 5; i++) head.Advance(480, 24000, i * 20000, audio);
            Assert.That(head.TakenUs, Is.EqualTo(50000).Within(100));
            Assert.That(head.WaitedUs, Is.EqualTo(70000).Within(200));
            Assert.That(head.IsWaiting);
        }

        [Test]
        public void ThePlayHeadSlewsGentlyWhileThereIsSoundAndJumpsWhenFar()
        {
            var head = new PlayHead();
            var audio = new AudioTimeline(24000);
            audio.Write(0, new short[48000], 48000);
            head.Begin();
            head.SetHorizon(10000000);
            head.SetGoal(0);
            head.Advance(480, 24000, 0, audio);
            head.SetGoal(-50000);
            var block = head.Advance(480, 24000, 20000, audio);
            Assert.That(block.Step, Is.EqualTo(1.0005).Within(1e-6));
            head.SetGoal(-1000000);
            head.Advance(480, 24000, 40000, audio);
            Assert.That(head.Jumps, Is.EqualTo(1));
            Assert.That(head.TakenUs, Is.EqualTo(1060000).Within(1000));
        }

        [Test]
        public void WhatSoundsIsWhatWasTakenALatencyAgo()
        {
            var head = new PlayHead { LatencyUs = 40000 };
            var audio = new AudioTimeline(24000);
            head.Begin();
            head.SetHorizon(10000000);
            head.SetGoal(-500000);
            for (var i = 0; i < 10; i++) head.Advance(480, 24000, i * 20000, audio);
            double sessionUs;
            Assert.That(head.TrySounding(150000, out sessionUs));
            Assert.That(sessionUs, Is.EqualTo(500000 + 110000).Within(10));
            head.Begin();
            Assert.That(head.TrySounding(150000, out sessionUs), Is.False, "that session is over");
        }

        [Test]
        public void CallsOfTheDeviceThatComeLateOrTogetherDoNotMoveTheFace()
        {
            var head = new PlayHead();
            var audio = new AudioTimeline(24000);
            head.Begin();
            head.SetHorizon(100000000);
            var late = new[] { 0, 3000, 35000, 15000, 0, 1000, 20000, 0 };
            for (var i = 0; i < 200; i++)
            {
                head.Advance(480, 24000, i * 20000 + late[i % late.Length], audio);
                double sessionUs;
                Assert.That(head.TrySounding(i * 20000 + 5000, out sessionUs));
                if (i > 4) Assert.That(sessionUs, Is.EqualTo(i * 20000 + 5000).Within(1500));
            }
        }

        [Test]
        public void SoundThatBreaksOffComesBackOrJumpsDoesNotClick()
        {
            var declick = new Declick();
            var heard = new System.Collections.Generic.List<float>();
            Smooth(declick, heard, 0.9f, 480, false);
            Smooth(declick, heard, 0.9f, 300, false);
            Smooth(declick, heard, 0.9f, 0, false);
            Smooth(declick, heard, 0.9f, 480, false);
            Smooth(declick, heard, -0.9f, 480, true);
            Smooth(declick, heard, -0.9f, 0, false);
            for (var i = 1; i < heard.Count; i++) Assert.That(System.Math.Abs(heard[i] - heard[i - 1]), Is.LessThan(0.1), "sample " + i);
            Assert.That(heard[400], Is.EqualTo(0.9f).Within(1e-6), "it is not changed elsewhere");
            Assert.That(heard[900], Is.EqualTo(0).Within(1e-3), "silence is silent");
            Assert.That(heard[480 * 4 + 400], Is.EqualTo(-0.9f).Within(1e-3));
        }

        static void Smooth(Declick declick, System.Collections.Generic.List<float> heard, float level, int playing, bool jumped)
        {
            var block = new float[480];
            for (var i = 0; i < playing; i++) block[i] = level;
            declick.Smooth(block, playing, 480, jumped);
            heard.AddRange(block);
        }

        [Test]
        public void WithoutASoundDeviceTheLocalClockMovesThePlayHead()
        {
            var player = new Playout();
            var pose = Play(player, 1000000);
            Assert.That(pose.TimeUs, Is.EqualTo(1000000).Within(120000));
        }

        [Test]
        public void TheFaceEasesToRestWhenThePerformanceIsGone()
        {
            var player = new Playout();
            Play(player, 1000000);
            var follower = new Follower(player.Rig);
            long now = 1000000;
            for (var i = 0; i < 60; i++, now += 16667) Step(player, follower, now);
            Assert.That(follower.Presence, Is.EqualTo(1));
            Assert.That(follower.Pose.Curves[0], Is.EqualTo(1).Within(1e-3));
            for (var i = 0; i < 200; i++, now += 16667)
            {
                var before = follower.Pose.Curves[0];
                Step(player, follower, now);
                Assert.That(System.Math.Abs(follower.Pose.Curves[0] - before), Is.LessThan(0.06), "no jump");
            }
            Assert.That(follower.Pose.Curves[0], Is.EqualTo(0));
        }

        static void Step(Playout player, Follower follower, long now)
        {
            player.Update(now);
            follower.Follow(player, now, 1 / 60f);
        }

        /// <summary>Frames with the first curve at 1 for three seconds from 0 on, played up to a local time.</summary>
        static Pose Play(Playout player, long untilUs)
        {
            var reader = new MessageReader();
            var message = new ServerMessage();
            reader.Read(Bytes.Welcome(0, 200000), message);
            player.Begin(message.Welcome, 0);
            var pose = player.Rig.NewPose();
            for (long us = 0, sent = 0; us <= untilUs; us += 10000)
            {
                for (; sent * 16667 < us + 200000 && sent < 180; sent++) Send(player, reader, message, sent);
                player.Update(us);
                player.Sample(us, pose);
            }
            for (long sent = untilUs / 16667; sent < 180; sent++) Send(player, reader, message, sent);
            return pose;
        }

        static void Send(Playout player, MessageReader reader, ServerMessage message, long index)
        {
            var pose = player.Rig.NewPose();
            pose.TimeUs = index * 16667;
            pose.Curves[0] = 1;
            reader.Read(Bytes.Frame(pose), message);
            player.Take(message, System.Math.Max(0, pose.TimeUs - 200000));
        }
    }
}
