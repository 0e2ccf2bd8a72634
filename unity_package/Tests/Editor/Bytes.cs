using System;

namespace Rigcast.Core.Tests
{
    /// <summary>The server's messages as bytes, for tests that play the server.</summary>
    static class Bytes
    {
        public static byte[] Frame(Pose pose)
        {
            var frame = new ProtoWriter();
            frame.Varint(1, (ulong)pose.TimeUs);
            frame.Varint(2, pose.Sequence);
            frame.Bytes(3, Packed(pose.Curves, 16384));
            frame.Bytes(4, Packed(pose.Rotations, 32767));
            frame.Bytes(5, Packed(pose.Root, 8192));
            return Message(2, frame);
        }

        public static byte[] Audio(long timeUs, uint sequence, short[] samples)
        {
            var audio = new ProtoWriter();
            audio.Varint(1, (ulong)timeUs);
            audio.Varint(2, sequence);
            var pcm = new byte[2 * samples.Length];
            Buffer.BlockCopy(samples, 0, pcm, 0, pcm.Length);
            audio.Bytes(3, pcm);
            return Message(4, audio);
        }

        public static byte[] Forget(long timeUs)
        {
            var forget = new ProtoWriter();
            forget.Varint(1, (ulong)timeUs);
            return Message(5, forget);
        }

        public static byte[] Phone(long timeUs, string symbol)
        {
            var phone = new ProtoWriter();
            phone.Text(1, symbol);
            var item = new ProtoWriter();
            item.Varint(1, (ulong)timeUs);
            item.Message(4, phone);
            return Message(6, item);
        }

        public static byte[] Accepted(uint requestId, uint utterance)
        {
            return Message(8, Numbers(requestId, utterance));
        }

        public static byte[] Pong(uint requestId, long nowUs)
        {
            return Message(9, Numbers(requestId, (ulong)nowUs));
        }

        public static byte[] Error(uint requestId, ErrorCode code, string message)
        {
            var error = Numbers(requestId, (ulong)code);
            error.Text(3, message);
            return Message(10, error);
        }

        /// <summary>A Welcome with a rig of so many curves and joints.</summary>
        public static byte[] Welcome(long nowUs, uint leadUs, int curves = 52, int joints = 22, string protocol = "rigcast.v1")
        {
            var rig = new ProtoWriter();
            for (var i = 0; i < curves; i++) rig.Text(1, "curve" + i);
            for (var i = 0; i < joints; i++) rig.Message(2, Joint(i));
            rig.Varint(3, 60);
            rig.Varint(4, 24000);
            var welcome = new ProtoWriter();
            welcome.Text(1, protocol);
            welcome.Message(4, rig);
            welcome.Varint(5, (ulong)nowUs);
            welcome.Varint(6, leadUs);
            return Message(1, welcome);
        }

        static ProtoWriter Joint(int index)
        {
            var joint = new ProtoWriter();
            joint.Text(1, "joint" + index);
            joint.Varint(2, index == 0 ? 1ul : 2 * (ulong)(index - 1));
            return joint;
        }

        static ProtoWriter Numbers(ulong first, ulong second)
        {
            var body = new ProtoWriter();
            body.Varint(1, first);
            body.Varint(2, second);
            return body;
        }

        static byte[] Message(int number, ProtoWriter body)
        {
            var message = new ProtoWriter();
            message.Message(number, body);
            return message.ToArray();
        }

        static byte[] Packed(float[] values, float unit)
        {
            var data = new byte[2 * values.Length];
            for (var i = 0; i < values.Length; i++)
            {
                var value = (short)Math.Max(-32768, Math.Min(32767, Math.Round(values[i] * unit)));
                data[2 * i] = (byte)value;
                data[2 * i + 1] = (byte)(value >> 8);
            }
            return data;
        }
    }
}
