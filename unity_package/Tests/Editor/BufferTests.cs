using System.Linq;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>Frames, events and sound in order of time, whatever order they came in.</summary>
    [TestFixture]
    public sealed class BufferTests
    {
        static Rig OneCurve()
        {
            var rig = new Rig { FrameRate = 60, AudioRate = 8000 };
            rig.Curves.Add("jawOpen");
            rig.Joints.Add(new Joint { Name = "hips", Parent = -1 });
            return rig;
        }

        static Pose At(long timeUs, float jaw)
        {
            var pose = OneCurve().NewPose();
            pose.TimeUs = timeUs;
            pose.Curves[0] = jaw;
            return pose;
        }

        static float Jaw(FrameBuffer frames, long timeUs)
        {
            var pose = OneCurve().NewPose();
            Assert.That(frames.Sample(timeUs, pose));
            return pose.Curves[0];
        }

        [Test]
        public void FramesAreOrderedByTimeAndInterpolated()
        {
            var frames = new FrameBuffer(OneCurve());
            foreach (var i in new[] { 3, 0, 2, 1 }) frames.Insert(At(i * 100, i));
            Assert.That(Jaw(frames, 50), Is.EqualTo(0.5f).Within(1e-6));
            Assert.That(Jaw(frames, 225), Is.EqualTo(2.25f).Within(1e-6));
            Assert.That(Jaw(frames, -10), Is.EqualTo(0));
            Assert.That(Jaw(frames, 999), Is.EqualTo(3));
        }

        [Test]
        public void AFrameOfTheSameTimeReplaces()
        {
            var frames = new FrameBuffer(OneCurve());
            frames.Insert(At(100, 1));
            frames.Insert(At(100, 2));
            Assert.That(frames.Count, Is.EqualTo(1));
            Assert.That(Jaw(frames, 100), Is.EqualTo(2));
        }

        [Test]
        public void ForgetVoidsThatInstantAndAllLater()
        {
            var frames = new FrameBuffer(OneCurve());
            for (var i = 0; i < 10; i++) frames.Insert(At(i * 100, i));
            frames.Forget(500);
            Assert.That(frames.EndUs, Is.EqualTo(400));
            frames.Insert(At(500, 50));
            Assert.That(Jaw(frames, 500), Is.EqualTo(50));
        }

        [Test]
        public void TheOldestGiveWayAndTheBufferIsBounded()
        {
            var frames = new FrameBuffer(OneCurve());
            for (var i = 0; i < 2000; i++) frames.Insert(At(i * 100, i));
            Assert.That(frames.Count, Is.EqualTo(512));
            Assert.That(Jaw(frames, 0), Is.EqualTo(2000 - 512));
            frames.Insert(At(5, 5));
            Assert.That(frames.Count, Is.EqualTo(512));
            frames.Prune(199900);
            Assert.That(frames.Count, Is.EqualTo(1));
        }

        [Test]
        public void AnyOrderGivesTheSameBuffer()
        {
            var chance = new Chance(3);
            var frames = new FrameBuffer(OneCurve());
            foreach (var i in Enumerable.Range(0, 400).OrderBy(_ => chance.Uniform())) frames.Insert(At(i * 100, i));
            for (var i = 0; i < 400; i++) Assert.That(Jaw(frames, i * 100), Is.EqualTo(i));
        }

        [Test]
        public void RotationsTurnTheShorterWayAndKeepTheirLength()
        {
            var frames = new FrameBuffer(OneCurve());
            Pose a = At(0, 0), b = At(100, 0);
            a.Rotations[3] = 1;
            b.Rotations[1] = -0.70710678f;
            b.Rotations[3] = -0.70710678f;
            frames.Insert(a);
            frames.Insert(b);
            var pose = OneCurve().NewPose();
            frames.Sample(50, pose);
            Assert.That(pose.Rotations[1], Is.EqualTo(0.3826834f).Within(1e-5));
            Assert.That(pose.Rotations[3], Is.EqualTo(0.9238795f).Within(1e-5));
        }

        [Test]
        public void EventsComeInOrderAndAreForgotten()
        {
            var events = new EventBuffer();
            foreach (var i in new[] { 3, 1, 2, 4 }) events.Insert(new PerformanceEvent { TimeUs = i * 100, Utterance = (uint)i });
            events.Forget(400);
            PerformanceEvent item;
            Assert.That(events.TryTake(50, out item), Is.False);
            Assert.That(new[] { 1u, 2u, 3u }.All(n => events.TryTake(1000, out item) && item.Utterance == n));
            Assert.That(events.TryTake(1000, out item), Is.False);
            for (var i = 0; i < 5000; i++) events.Insert(new PerformanceEvent { TimeUs = i });
            Assert.That(events.Count, Is.EqualTo(1024));
        }

        static AudioTimeline Ramp(long first, int count)
        {
            var audio = new AudioTimeline(8000);
            audio.Write(first, Enumerable.Range(0, count).Select(i => (short)(i + 1)).ToArray(), count);
            return audio;
        }

        static float[] Read(AudioTimeline audio, double position, double step, int count)
        {
            var into = new float[count];
            audio.Read(position, step, into, count);
            return into.Select(v => v * 32768).ToArray();
        }

        [Test]
        public void SoundIsReadWhereItWasWrittenAndSilentElsewhere()
        {
            var audio = Ramp(1000, 4);
            Assert.That(Read(audio, 998, 1, 8), Is.EqualTo(new[] { 0f, 0, 1, 2, 3, 4, 0, 0 }));
        }

        [Test]
        public void SoundBetweenSamplesLiesOnTheCurve()
        {
            Assert.That(Read(Ramp(0, 100), 10.25, 0.5, 3), Is.EqualTo(new[] { 11.25f, 11.75f, 12.25f }).Within(1e-3));
        }

        [Test]
        public void ForgetVoidsAlsoInsideAChunk()
        {
            var audio = Ramp(0, 10);
            audio.Forget(5);
            Assert.That(Read(audio, 3, 1, 4), Is.EqualTo(new[] { 4f, 5, 0, 0 }));
            audio.Write(8, new short[] { 9 }, 1);
            Assert.That(Read(audio, 3, 1, 6), Is.EqualTo(new[] { 4f, 5, 0, 0, 0, 9 }));
        }

        [Test]
        public void WhatIsALapOldIsNotHeardAgain()
        {
            var audio = Ramp(0, 1000);
            audio.Write(65536 * 3, new short[] { 7 }, 1);
            Assert.That(Read(audio, 65536 * 3 - 100, 1, 200).Sum(), Is.EqualTo(7));
            Assert.That(Read(audio, 0, 1, 100).Sum(), Is.EqualTo(0));
        }

        [Test]
        public void SampleNumbersAreRightForAnyTime()
        {
            var audio = new AudioTimeline(24000);
            Assert.That(audio.SampleAt(41), Is.EqualTo(1));
            Assert.That(audio.SampleAt(16667), Is.EqualTo(400));
            Assert.That(audio.SampleAt(31536000000000L), Is.EqualTo(31536000L * 24000));
            Assert.That(audio.SampleAt(long.MaxValue), Is.GreaterThan(0));
        }
    }
}
