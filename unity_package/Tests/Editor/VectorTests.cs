using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>The golden vectors that every reader of the wire must pass: proto/vectors, tools/vectors.py.</summary>
    [TestFixture]
    public sealed class VectorTests
    {
        readonly MessageReader _reader = new MessageReader();
        readonly ServerMessage _message = new ServerMessage();

        [Test]
        public void WhatMustBeReadIsRead()
        {
            foreach (var entry in Shared.Vectors("server", "read"))
            {
                var name = (string)entry["name"];
                Assert.That(_reader.Read(Shared.Vector(name), _message), name);
                Same(Json.Object(Shared.Json("vectors/" + name + ".json")), name);
                if (entry.ContainsKey("pose")) SamePose(Json.Object(entry["pose"]), name);
            }
        }

        [Test]
        public void WhatMustBeRefusedIsRefused()
        {
            foreach (var entry in Shared.Vectors("server", "refuse"))
            {
                var name = (string)entry["name"];
                Assert.That(_reader.Read(Shared.Vector(name), _message), Is.False, name);
                Assert.That(_message.Body, Is.EqualTo(Body.None), name);
            }
        }

        [Test]
        public void AMessageCutAnywhereDoesNoHarm()
        {
            foreach (var entry in Shared.Vectors("server", "read"))
            {
                var data = Shared.Vector((string)entry["name"]);
                for (var length = 0; length < data.Length; length++)
                    _reader.Read(new System.ReadOnlySpan<byte>(data, 0, length), _message);
            }
        }

        [Test]
        public void NoiseDoesNoHarmAndLeavesFiniteUnitPoses()
        {
            var chance = new Chance(7);
            var frame = Shared.Vector("frame_0");
            var plain = Shared.Vector("plain_frame");
            for (var i = 0; i < 20000; i++)
            {
                var data = (byte[])(i % 2 == 0 ? frame : plain).Clone();
                for (var k = 0; k < 3; k++) data[chance.Below(data.Length)] = (byte)chance.Below(256);
                if (_reader.Read(data, _message) && _message.Body == Body.Frame) AssertSound(_message.Pose);
            }
        }

        [Test]
        public void RequestsAreWrittenAsProtobufWritesThem()
        {
            Written("join", MessageWriter.Join(1, "stage-1", noEvents: true));
            Written("join_default", MessageWriter.Join(0, ""));
            Written("say", MessageWriter.Say(2, "[happy] Grüße, 世界!", "de", 1.25f, 0.9f));
            Written("interrupt", MessageWriter.Interrupt(3, 2000000));
            Written("set_emotion", MessageWriter.SetEmotion(4, "sad", 0.5f));
            Written("look_at", MessageWriter.LookAt(5, 0.5f, 1.5f, -2));
            Written("look_free", MessageWriter.LookFree(6));
            Written("ping", MessageWriter.Ping(uint.MaxValue));
            Written("start_audio", MessageWriter.StartAudio(7, 48000, 2, true, true, true, 0));
            Written("start_audio_default", MessageWriter.StartAudio(0));
            Written("push_audio", MessageWriter.PushAudio(new byte[] { 0, 0x80, 0xff, 0x7f }, 0));
            Written("push_audio_next", MessageWriter.PushAudio(new byte[] { 1, 0 }));
            Written("end_audio", MessageWriter.EndAudio());
            Assert.That(Shared.Vectors("client", "read").Count, Is.EqualTo(13));
        }

        [Test]
        public void GroupsWithinGroupsAreSkippedToADepth()
        {
            Assert.That(_reader.Read(Nested(90), _message));
            Assert.That(_reader.Read(Nested(100000), _message), Is.False, "and the stack holds");
        }

        /// <summary>Field 15 as a group in a group in a group.</summary>
        static byte[] Nested(int depth)
        {
            return Enumerable.Repeat((byte)0x7b, depth).Concat(Enumerable.Repeat((byte)0x7c, depth)).ToArray();
        }

        [Test]
        public void TextThatIsNoUtf8IsRefused()
        {
            var data = Bytes.Phone(5, "ab");
            data[data.Length - 2] = 0xff;
            Assert.That(_reader.Read(data, _message), Is.False);
        }

        static void Written(string name, byte[] data)
        {
            Assert.That(data, Is.EqualTo(Shared.Vector(name)), name);
        }

        static void AssertSound(Pose pose)
        {
            Assert.That(pose.Curves.All(c => c >= -2 && c <= 2));
            Assert.That(pose.Root.All(r => r >= -4 && r <= 4));
            for (var i = 0; i < pose.Rotations.Length; i += 4)
                Assert.That(pose.Rotations.Skip(i).Take(4).Sum(v => v * v), Is.EqualTo(1).Within(1e-4));
        }

        /// <summary>Whether the message says what protobuf's JSON of the same message says.</summary>
        void Same(Dictionary<string, object> expected, string name)
        {
            if (expected.Count == 0)
            {
                Assert.That(_message.Body, Is.EqualTo(Body.None), name);
                return;
            }
            var body = Json.Object(expected.Values.Single());
            switch (expected.Keys.Single())
            {
                case "frame": SameTiming(body, name); break;
                case "plainFrame": SameTiming(body, name); SamePlain(body, name); break;
                case "audio": SameAudio(body, name); break;
                case "forget": Assert.That(_message.TimeUs, Is.EqualTo(Long(body, "timeUs")), name); break;
                case "event": SameEvent(body, name); break;
                case "welcome": SameWelcome(body, name); break;
                case "dropped": SameDropped(body, name); break;
                case "accepted": SameAccepted(body, name); break;
                case "pong": SamePong(body, name); break;
                case "error": SameError(body, name); break;
                default: Assert.Fail(name + " holds a body that no test looks at"); break;
            }
        }

        void SameTiming(Dictionary<string, object> body, string name)
        {
            Assert.That(_message.Body, Is.EqualTo(Body.Frame), name);
            Assert.That(_message.Pose.TimeUs, Is.EqualTo(Long(body, "timeUs")), name);
            Assert.That(_message.Pose.Sequence, Is.EqualTo(Long(body, "sequence")), name);
            AssertSound(_message.Pose);
        }

        void SamePlain(Dictionary<string, object> body, string name)
        {
            if (name == "nasty_not_finite") Assert.That(_message.Pose.Curves.Take(3), Is.EqualTo(new[] { 0f, 0f, -2f }));
            else SamePose(body, name);
        }

        void SamePose(Dictionary<string, object> pose, string name)
        {
            Close(_message.Pose.Curves, Floats(pose, "curves"), name);
            Close(_message.Pose.Rotations, Floats(pose, "rotations"), name);
            Close(_message.Pose.Root, Floats(pose, "root"), name);
        }

        void SameAudio(Dictionary<string, object> body, string name)
        {
            Assert.That(_message.Body, Is.EqualTo(Body.Audio), name);
            Assert.That(_message.TimeUs, Is.EqualTo(Long(body, "timeUs")), name);
            Assert.That(_message.Sequence, Is.EqualTo(Long(body, "sequence")), name);
            var pcm = body.ContainsKey("pcm") ? System.Convert.FromBase64String((string)body["pcm"]) : new byte[0];
            var samples = new short[pcm.Length / 2];
            System.Buffer.BlockCopy(pcm, 0, samples, 0, pcm.Length);
            Assert.That(_message.Samples.Take(_message.SampleCount), Is.EqualTo(samples), name);
        }

        void SameEvent(Dictionary<string, object> body, string name)
        {
            var item = _message.Event;
            Assert.That(item.TimeUs, Is.EqualTo(Long(body, "timeUs")), name);
            var kind = body.Keys.Single(key => key != "timeUs");
            Assert.That(item.Kind.ToString(), Is.EqualTo(kind).IgnoreCase, name);
            var said = Json.Object(body[kind]);
            var text = new[] { "text", "symbol", "emotion", "detail" }.Where(said.ContainsKey).Select(key => said[key]);
            Assert.That(item.Text, Is.EqualTo(text.SingleOrDefault() ?? ""), name);
            Assert.That(item.Utterance, Is.EqualTo(Long(said, "utterance")), name);
            Assert.That(item.DurationUs, Is.EqualTo(Long(said, "durationUs")), name);
            Assert.That(item.Intensity, Is.EqualTo(said.ContainsKey("intensity") ? (double)said["intensity"] : 0), name);
            var reason = said.ContainsKey("reason") ? ((string)said["reason"]).Substring("END_REASON_".Length) : "UNSPECIFIED";
            Assert.That(item.Reason.ToString(), Is.EqualTo(reason).IgnoreCase, name);
        }

        void SameWelcome(Dictionary<string, object> body, string name)
        {
            var welcome = _message.Welcome;
            Assert.That(welcome.Protocol, Is.EqualTo(body["protocol"]), name);
            Assert.That(welcome.NowUs, Is.EqualTo(Long(body, "nowUs")), name);
            Assert.That(welcome.LeadUs, Is.EqualTo(Long(body, "leadUs")), name);
            Assert.That(welcome.Emotions, Is.EqualTo(Json.List(body["emotions"])), name);
            Assert.That(welcome.Limits.TextCharacters, Is.EqualTo(Long(Json.Object(body["limits"]), "textCharacters")), name);
            var rig = Json.Object(body["rig"]);
            Assert.That(welcome.Rig.Curves, Is.EqualTo(Json.List(rig["curves"])), name);
            Assert.That(welcome.Rig.AudioRate, Is.EqualTo(Long(rig, "audioRate")), name);
            Assert.That(welcome.Rig.FrameRate, Is.EqualTo(Long(rig, "frameRate")), name);
            Assert.That(welcome.Rig.Objection(), Is.Null);
            SameJoints(welcome.Rig, Json.List(rig["joints"]).Select(Json.Object).ToList());
        }

        static void SameJoints(Rig rig, List<Dictionary<string, object>> joints)
        {
            Assert.That(rig.Joints.Select(j => j.Name), Is.EqualTo(joints.Select(j => j["name"])));
            Assert.That(rig.Joints.Select(j => (long)j.Parent), Is.EqualTo(joints.Select(j => Long(j, "parent"))));
            var y = joints.Select(j => j.ContainsKey("restOffset") ? Json.Object(j["restOffset"]) : j).Select(o => o.ContainsKey("y") ? (double)o["y"] : 0);
            Assert.That(rig.Joints.Select(j => (double)j.Y), Is.EqualTo(y).Within(1e-6));
        }

        void SameDropped(Dictionary<string, object> body, string name)
        {
            Assert.That(_message.DroppedFrames, Is.EqualTo(Long(body, "frames")), name);
            Assert.That(_message.DroppedAudioUs, Is.EqualTo(Long(body, "audioUs")), name);
        }

        void SameAccepted(Dictionary<string, object> body, string name)
        {
            Assert.That(_message.RequestId, Is.EqualTo(Long(body, "requestId")), name);
            Assert.That(_message.Utterance, Is.EqualTo(Long(body, "utterance")), name);
        }

        void SamePong(Dictionary<string, object> body, string name)
        {
            Assert.That(_message.RequestId, Is.EqualTo(Long(body, "requestId")), name);
            Assert.That(_message.TimeUs, Is.EqualTo(Long(body, "nowUs")), name);
        }

        void SameError(Dictionary<string, object> body, string name)
        {
            Assert.That(_message.Refusal.RequestId, Is.EqualTo(Long(body, "requestId")), name);
            Assert.That(_message.Refusal.Code, Is.EqualTo(ErrorCode.ResourceExhausted), name);
            Assert.That(_message.Refusal.Message, Is.EqualTo(body["message"]), name);
            Assert.That(_message.Refusal.Field, Is.EqualTo(body["field"]), name);
            Assert.That(_message.Refusal.Limit, Is.EqualTo(Long(body, "limit")), name);
        }

        /// <summary>A number, which JSON writes as a string where it has 64 bits; 0 where it is left out.</summary>
        static long Long(Dictionary<string, object> body, string name)
        {
            if (!body.ContainsKey(name)) return 0;
            return body[name] is string ? long.Parse((string)body[name]) : (long)(double)body[name];
        }

        static float[] Floats(Dictionary<string, object> body, string name)
        {
            return Json.List(body[name]).Select(v => (float)(double)v).ToArray();
        }

        static void Close(float[] actual, float[] expected, string name)
        {
            Assert.That(actual, Is.EqualTo(expected).Within(1e-4f), name);
        }
    }
}
