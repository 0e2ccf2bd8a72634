using System;
using System.Text;

namespace Rigcast.Core
{
    /// <summary>
    /// Writes the client's messages (proto/rigcast/v1/session.proto). Default values are left out, as protobuf has it,
    /// so the bytes equal those of protobuf's own writers.
    /// </summary>
    /// <remarks>Any thread; each call returns bytes of its own.</remarks>
    public static class MessageWriter
    {
        /// <summary>Enter a session; empty means "main". Frames come packed.</summary>
        public static byte[] Join(uint requestId, string session, bool noAudio = false, bool noEvents = false)
        {
            var body = new ProtoWriter();
            body.Text(1, session);
            body.Varint(4, noAudio ? 1u : 0);
            body.Varint(5, noEvents ? 1u : 0);
            return Message(requestId, 2, body);
        }

        /// <summary>Speak; an empty voice is the server's default, a rate or pitch of 0 the voice's own.</summary>
        public static byte[] Say(uint requestId, string text, string voice = "", float rate = 0, float pitch = 0, bool interrupt = false)
        {
            var body = new ProtoWriter();
            body.Text(1, text);
            body.Text(2, voice);
            body.Float(3, rate);
            body.Float(4, pitch);
            body.Varint(5, interrupt ? 1u : 0);
            return Message(requestId, 3, body);
        }

        /// <summary>Stop speaking at a session time in microseconds; 0 means now.</summary>
        public static byte[] Interrupt(uint requestId, ulong timeUs = 0)
        {
            var body = new ProtoWriter();
            body.Varint(1, timeUs);
            return Message(requestId, 4, body);
        }

        /// <summary>Turn the emotion; intensity from 0 to 1.</summary>
        public static byte[] SetEmotion(uint requestId, string emotion, float intensity)
        {
            var body = new ProtoWriter();
            body.Text(1, emotion);
            body.Float(2, intensity);
            return Message(requestId, 5, body);
        }

        /// <summary>Look at a point in the model's space: metres, glTF axes (+X is the character's left).</summary>
        public static byte[] LookAt(uint requestId, float x, float y, float z)
        {
            var target = new ProtoWriter();
            target.Float(1, x);
            target.Float(2, y);
            target.Float(3, z);
            var body = new ProtoWriter();
            body.Message(1, target);
            return Message(requestId, 6, body);
        }

        /// <summary>Free the gaze.</summary>
        public static byte[] LookFree(uint requestId)
        {
            return Message(requestId, 6, new ProtoWriter());
        }

        /// <summary>Ask for a Pong.</summary>
        public static byte[] Ping(uint requestId)
        {
            return Message(requestId, 7, new ProtoWriter());
        }

        /// <summary>
        /// Begin to speak with sound of our own: 8000 to 96000 samples a second of 1 or 2 channels, 16-bit integers, or
        /// 32-bit floats within -1 to 1. A microphone wants to interrupt; strength is how far the mouth goes, 0 to 2.
        /// </summary>
        public static byte[] StartAudio(
            uint requestId, uint sampleRate = 0, uint channels = 0, bool isFloat = false, bool interrupt = false,
            bool noEcho = false, float? strength = null)
        {
            var body = new ProtoWriter();
            body.Varint(1, sampleRate);
            body.Varint(2, channels);
            body.Varint(3, isFloat ? 2u : 0);
            body.Varint(4, interrupt ? 1u : 0);
            body.Varint(5, noEcho ? 1u : 0);
            if (strength.HasValue) body.Float(6, strength.Value, true);
            return Message(requestId, 8, body);
        }

        /// <summary>
        /// The next sound: whole little-endian samples. firstSample is how many samples of each channel were recorded
        /// before these since StartAudio, so that what is lost on the way is known; without it these follow the last.
        /// </summary>
        public static byte[] PushAudio(byte[] samples, ulong? firstSample = null)
        {
            var body = new ProtoWriter();
            if (samples.Length > 0) body.Bytes(1, samples);
            if (firstSample.HasValue) body.Varint(2, firstSample.Value, true);
            return Message(0, 9, body);
        }

        /// <summary>Our sound is complete.</summary>
        public static byte[] EndAudio(uint requestId = 0)
        {
            return Message(requestId, 10, new ProtoWriter());
        }

        static byte[] Message(uint requestId, int number, ProtoWriter body)
        {
            var message = new ProtoWriter();
            message.Varint(1, requestId);
            message.Message(number, body);
            return message.ToArray();
        }
    }

    /// <summary>
    /// Writes protobuf fields one after another. What is 0 or empty is left out, but not a message, nor an optional
    /// field that is given.
    /// </summary>
    sealed class ProtoWriter
    {
        byte[] _data = new byte[64];
        int _count;

        public byte[] ToArray()
        {
            var copy = new byte[_count];
            Array.Copy(_data, copy, _count);
            return copy;
        }

        public void Varint(int number, ulong value, bool given = false)
        {
            if (value == 0 && !given) return;
            Raw((ulong)number << 3);
            Raw(value);
        }

        public void Float(int number, float value, bool given = false)
        {
            var bits = BitConverter.SingleToInt32Bits(value);
            if (bits == 0 && !given) return;
            Raw((ulong)number << 3 | ProtoReader.Fixed32);
            for (var shift = 0; shift < 32; shift += 8) Byte((byte)(bits >> shift));
        }

        public void Text(int number, string value)
        {
            if (string.IsNullOrEmpty(value)) return;
            Bytes(number, Encoding.UTF8.GetBytes(value));
        }

        public void Message(int number, ProtoWriter message)
        {
            Bytes(number, message.ToArray());
        }

        public void Bytes(int number, byte[] value)
        {
            Raw((ulong)number << 3 | ProtoReader.Length);
            Raw((ulong)value.Length);
            foreach (var part in value) Byte(part);
        }

        void Raw(ulong value)
        {
            for (; value > 127; value >>= 7) Byte((byte)(value | 128));
            Byte((byte)value);
        }

        void Byte(byte value)
        {
            if (_count == _data.Length) Array.Resize(ref _data, 2 * _count);
            _data[_count++] = value;
        }
    }
}
