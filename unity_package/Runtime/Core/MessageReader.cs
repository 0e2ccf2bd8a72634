using System;
using System.Collections.Generic;

namespace Rigcast.Core
{
    /// <summary>
    /// Reads the server's messages (proto/rigcast/v1/session.proto). Unknown fields are skipped; of a field or body that
    /// comes twice the last one counts. After warm-up frames, sound and events whose words came before leave no garbage.
    /// </summary>
    /// <remarks>Not thread-safe: one reader a connection.</remarks>
    public sealed class MessageReader
    {
        // Field number times 8 plus wire type makes a tag.
        const int Field = 8;
        const int Int = ProtoReader.Varint;
        const int Bytes = ProtoReader.Length;
        const int Float = ProtoReader.Fixed32;

        const float CurveUnit = 1f / 16384;
        const float RotationUnit = 1f / 32767;
        const float RootUnit = 1f / 8192;

        readonly Texts _texts = new Texts();

        /// <summary>Read one message; false, and a message without a body, where the bytes are none.</summary>
        public bool Read(ReadOnlySpan<byte> data, ServerMessage into)
        {
            into.Reset(Body.None);
            var reader = new ProtoReader(data);
            while (reader.Next()) ReadBody(ref reader, into);
            if (reader.Failed) into.Reset(Body.None);
            return !reader.Failed;
        }

        void ReadBody(ref ProtoReader reader, ServerMessage into)
        {
            var number = reader.Tag / Field;
            if (reader.Tag % Field != Bytes || number > 10)
            {
                reader.Skip();
                return;
            }
            var inner = new ProtoReader(reader.ReadBytes());
            // A body of another kind replaces the one before; one of the same kind is merged into it, as protobuf has it.
            var body = BodyOf(number);
            if (body != into.Body || body == Body.Welcome) into.Reset(body);
            if (number == 2) ReadFrame(ref inner, into.Pose);
            else if (number == 3) ReadPlainFrame(ref inner, into.Pose);
            else ReadOther(ref inner, into);
            if (inner.Failed) reader.Fail();
        }

        static Body BodyOf(int number)
        {
            return number <= 1 ? Body.Welcome : number <= 3 ? Body.Frame : (Body)(number - 1);
        }

        void ReadOther(ref ProtoReader reader, ServerMessage into)
        {
            switch (into.Body)
            {
                case Body.Welcome: into.Welcome = new Welcome(); ReadWelcome(ref reader, into.Welcome); break;
                case Body.Audio: ReadAudio(ref reader, into); break;
                case Body.Event: ReadEvent(ref reader, ref into.Event); break;
                case Body.Error: ReadError(ref reader, ref into.Refusal); break;
                default: ReadNumbers(ref reader, into); break;
            }
        }

        // Frame and PlainFrame: stream.proto.

        void ReadFrame(ref ProtoReader reader, Pose pose)
        {
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Int: pose.TimeUs = Time(ref reader); break;
                    case 2 * Field + Int: pose.Sequence = (uint)reader.ReadVarint(); break;
                    case 3 * Field + Bytes: Unpack(reader.ReadBytes(), CurveUnit, pose.Curves); break;
                    case 4 * Field + Bytes: Unpack(reader.ReadBytes(), RotationUnit, pose.Rotations); break;
                    case 5 * Field + Bytes: Unpack(reader.ReadBytes(), RootUnit, pose.Root); break;
                    default: reader.Skip(); break;
                }
            }
            pose.Normalise();
        }

        static void Unpack(ReadOnlySpan<byte> data, float unit, float[] into)
        {
            var count = Math.Min(data.Length / 2, into.Length);
            for (var i = 0; i < count; i++) into[i] = (short)(data[2 * i] | data[2 * i + 1] << 8) * unit;
        }

        void ReadPlainFrame(ref ProtoReader reader, Pose pose)
        {
            int curves = 0, rotations = 0, root = 0;
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Int: pose.TimeUs = Time(ref reader); break;
                    case 2 * Field + Int: pose.Sequence = (uint)reader.ReadVarint(); break;
                    case 3 * Field + Bytes: Floats(reader.ReadBytes(), ref reader, pose.Curves, ref curves, 2); break;
                    case 3 * Field + Float: Put(reader.ReadFloat(), pose.Curves, ref curves, 2); break;
                    case 4 * Field + Bytes: Floats(reader.ReadBytes(), ref reader, pose.Rotations, ref rotations, 2); break;
                    case 4 * Field + Float: Put(reader.ReadFloat(), pose.Rotations, ref rotations, 2); break;
                    case 5 * Field + Bytes: Floats(reader.ReadBytes(), ref reader, pose.Root, ref root, 4); break;
                    case 5 * Field + Float: Put(reader.ReadFloat(), pose.Root, ref root, 4); break;
                    default: reader.Skip(); break;
                }
            }
            pose.Normalise();
        }

        static void Floats(ReadOnlySpan<byte> data, ref ProtoReader reader, float[] into, ref int count, float most)
        {
            if (data.Length % 4 != 0) reader.Fail();
            for (var i = 0; i + 3 < data.Length; i += 4)
                Put(BitConverter.Int32BitsToSingle(data[i] | data[i + 1] << 8 | data[i + 2] << 16 | data[i + 3] << 24), into, ref count, most);
        }

        /// <summary>The next of repeated floats: what is not finite is 0, what is beyond `most` is cut.</summary>
        static void Put(float value, float[] into, ref int count, float most)
        {
            if (count == into.Length) return;
            var finite = !float.IsNaN(value) && !float.IsInfinity(value);
            into[count++] = finite ? Math.Min(most, Math.Max(-most, value)) : 0;
        }

        // Sound, events and the short messages.

        static void ReadAudio(ref ProtoReader reader, ServerMessage into)
        {
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Int: into.TimeUs = Time(ref reader); break;
                    case 2 * Field + Int: into.Sequence = (uint)reader.ReadVarint(); break;
                    case 3 * Field + Bytes: Samples(reader.ReadBytes(), ref reader, into); break;
                    default: reader.Skip(); break;
                }
            }
        }

        static void Samples(ReadOnlySpan<byte> data, ref ProtoReader reader, ServerMessage into)
        {
            var count = data.Length / 2;
            if (data.Length % 2 != 0 || count > ServerMessage.MostSamples)
            {
                reader.Fail();
                return;
            }
            if (into.Samples.Length < count) into.Samples = new short[count];
            for (var i = 0; i < count; i++) into.Samples[i] = (short)(data[2 * i] | data[2 * i + 1] << 8);
            into.SampleCount = count;
        }

        void ReadEvent(ref ProtoReader reader, ref PerformanceEvent into)
        {
            while (reader.Next())
            {
                var number = reader.Tag / Field;
                if (reader.Tag == 1 * Field + Int) into.TimeUs = Time(ref reader);
                else if (number < 2 || number > 6 || reader.Tag % Field != Bytes) reader.Skip();
                else ReadKind(ref reader, (EventKind)(number - 1), ref into);
            }
        }

        void ReadKind(ref ProtoReader reader, EventKind kind, ref PerformanceEvent into)
        {
            var inner = new ProtoReader(reader.ReadBytes());
            if (kind != into.Kind) into = new PerformanceEvent { TimeUs = into.TimeUs, Kind = kind, Text = "" };
            while (inner.Next())
            {
                if (kind == EventKind.UtteranceStarted) ReadStarted(ref inner, ref into);
                else if (kind == EventKind.UtteranceEnded) ReadEnded(ref inner, ref into);
                else ReadNamed(ref inner, ref into);
            }
            if (inner.Failed) reader.Fail();
        }

        void ReadStarted(ref ProtoReader reader, ref PerformanceEvent into)
        {
            if (reader.Tag == 1 * Field + Int) into.Utterance = (uint)reader.ReadVarint();
            else if (reader.Tag == 2 * Field + Bytes) into.Text = Text(ref reader);
            else reader.Skip();
        }

        void ReadEnded(ref ProtoReader reader, ref PerformanceEvent into)
        {
            if (reader.Tag == 1 * Field + Int) into.Utterance = (uint)reader.ReadVarint();
            else if (reader.Tag == 2 * Field + Int) into.Reason = (EndReason)reader.ReadVarint();
            else if (reader.Tag == 3 * Field + Bytes) into.Text = Text(ref reader);
            else reader.Skip();
        }

        /// <summary>Phone, Word and EmotionChanged begin with what they name and go on with one number.</summary>
        void ReadNamed(ref ProtoReader reader, ref PerformanceEvent into)
        {
            if (reader.Tag == 1 * Field + Bytes) into.Text = Text(ref reader);
            else if (reader.Tag == 2 * Field + Float && into.Kind == EventKind.EmotionChanged) into.Intensity = Intensity(reader.ReadFloat());
            else if (reader.Tag == 2 * Field + Int && into.Kind == EventKind.Phone) into.DurationUs = (uint)reader.ReadVarint();
            else if (reader.Tag == 2 * Field + Int && into.Kind == EventKind.Word) into.Utterance = (uint)reader.ReadVarint();
            else reader.Skip();
        }

        static float Intensity(float value)
        {
            return value > 0 ? Math.Min(value, 1) : 0;
        }

        /// <summary>Forget, Dropped, Accepted and Pong: one or two numbers each.</summary>
        static void ReadNumbers(ref ProtoReader reader, ServerMessage into)
        {
            while (reader.Next())
            {
                if (reader.Tag == 1 * Field + Int) First(ref reader, into);
                else if (reader.Tag == 2 * Field + Int) Second(ref reader, into);
                else reader.Skip();
            }
        }

        static void First(ref ProtoReader reader, ServerMessage into)
        {
            if (into.Body == Body.Forget) into.TimeUs = Time(ref reader);
            else if (into.Body == Body.Dropped) into.DroppedFrames = (uint)reader.ReadVarint();
            else into.RequestId = (uint)reader.ReadVarint();
        }

        static void Second(ref ProtoReader reader, ServerMessage into)
        {
            if (into.Body == Body.Dropped) into.DroppedAudioUs = Time(ref reader);
            else if (into.Body == Body.Pong) into.TimeUs = Time(ref reader);
            else if (into.Body == Body.Accepted) into.Utterance = (uint)reader.ReadVarint();
            else reader.Skip();
        }

        void ReadError(ref ProtoReader reader, ref Refusal into)
        {
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Int: into.RequestId = (uint)reader.ReadVarint(); break;
                    case 2 * Field + Int: into.Code = (ErrorCode)reader.ReadVarint(); break;
                    case 3 * Field + Bytes: into.Message = Text(ref reader); break;
                    case 4 * Field + Bytes: into.Field = Text(ref reader); break;
                    case 5 * Field + Int: into.Limit = reader.ReadVarint(); break;
                    default: reader.Skip(); break;
                }
            }
        }

        // Welcome and the rig.

        void ReadWelcome(ref ProtoReader reader, Welcome into)
        {
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Bytes: into.Protocol = Text(ref reader); break;
                    case 2 * Field + Bytes: into.Server = Text(ref reader); break;
                    case 3 * Field + Bytes: into.Session = Text(ref reader); break;
                    case 4 * Field + Bytes: ReadRig(ref reader, into.Rig); break;
                    case 5 * Field + Int: into.NowUs = Time(ref reader); break;
                    case 6 * Field + Int: into.LeadUs = (uint)reader.ReadVarint(); break;
                    case 7 * Field + Bytes: Add(into.Emotions, Text(ref reader)); break;
                    case 8 * Field + Bytes: ReadLimits(ref reader, ref into.Limits); break;
                    default: reader.Skip(); break;
                }
            }
        }

        void ReadRig(ref ProtoReader outer, Rig into)
        {
            var reader = new ProtoReader(outer.ReadBytes());
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Bytes: Add(into.Curves, Text(ref reader)); break;
                    case 2 * Field + Bytes: Add(into.Joints, ReadJoint(ref reader)); break;
                    case 3 * Field + Int: into.FrameRate = Count(ref reader); break;
                    case 4 * Field + Int: into.AudioRate = Count(ref reader); break;
                    default: reader.Skip(); break;
                }
            }
            if (reader.Failed) outer.Fail();
        }

        /// <summary>One more than the most is kept, so that Rig.Objection can tell.</summary>
        static void Add<T>(List<T> list, T item)
        {
            if (list.Count <= Rig.Most) list.Add(item);
        }

        Joint ReadJoint(ref ProtoReader outer)
        {
            var joint = new Joint { Name = "" };
            var reader = new ProtoReader(outer.ReadBytes());
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Bytes: joint.Name = Text(ref reader); break;
                    case 2 * Field + Int: joint.Parent = ZigZag(reader.ReadVarint()); break;
                    case 3 * Field + Bytes: ReadVector(ref reader, ref joint); break;
                    default: reader.Skip(); break;
                }
            }
            if (reader.Failed) outer.Fail();
            return joint;
        }

        static void ReadVector(ref ProtoReader outer, ref Joint into)
        {
            var reader = new ProtoReader(outer.ReadBytes());
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Float: into.X = reader.ReadFloat(); break;
                    case 2 * Field + Float: into.Y = reader.ReadFloat(); break;
                    case 3 * Field + Float: into.Z = reader.ReadFloat(); break;
                    default: reader.Skip(); break;
                }
            }
            if (reader.Failed) outer.Fail();
        }

        static void ReadLimits(ref ProtoReader outer, ref Limits into)
        {
            var reader = new ProtoReader(outer.ReadBytes());
            while (reader.Next())
            {
                switch (reader.Tag)
                {
                    case 1 * Field + Int: into.TextCharacters = (uint)reader.ReadVarint(); break;
                    case 2 * Field + Int: into.MessageBytes = (uint)reader.ReadVarint(); break;
                    case 3 * Field + Int: into.Sessions = (uint)reader.ReadVarint(); break;
                    case 4 * Field + Int: into.Subscribers = (uint)reader.ReadVarint(); break;
                    case 5 * Field + Int: into.QueuedTexts = (uint)reader.ReadVarint(); break;
                    default: reader.Skip(); break;
                }
            }
            if (reader.Failed) outer.Fail();
        }

        // Scalars.

        /// <summary>Microseconds; what a signed 64-bit number cannot hold is no time.</summary>
        static long Time(ref ProtoReader reader)
        {
            var value = reader.ReadVarint();
            if (value > long.MaxValue) reader.Fail();
            return (long)(value & long.MaxValue);
        }

        static int Count(ref ProtoReader reader)
        {
            return (int)Math.Min(reader.ReadVarint(), int.MaxValue);
        }

        static int ZigZag(ulong value)
        {
            return (int)(uint)(value >> 1) ^ -(int)(value & 1);
        }

        string Text(ref ProtoReader reader)
        {
            string text;
            if (!_texts.TryGet(reader.ReadBytes(), out text)) reader.Fail();
            return text;
        }
    }
}
