using System;

namespace Rigcast.Core
{
    /// <summary>
    /// Reads the fields of one protobuf message from a span, without copying and without exceptions: after anything
    /// that is not protobuf, <see cref="Failed"/> is set and <see cref="Next"/> returns false.
    /// The encoding is that of protobuf.dev/programming-guides/encoding.
    /// </summary>
    /// <remarks>Any thread; it lives on the caller's stack.</remarks>
    public ref struct ProtoReader
    {
        public const int Varint = 0;
        public const int Fixed64 = 1;
        public const int Length = 2;
        public const int Group = 3;
        public const int EndGroup = 4;
        public const int Fixed32 = 5;

        /// <summary>Groups within groups; protobuf's own readers stop at the same depth.</summary>
        const int DeepestGroup = 100;

        readonly ReadOnlySpan<byte> _data;
        int _at;

        public ProtoReader(ReadOnlySpan<byte> data)
        {
            _data = data;
            _at = 0;
            Failed = false;
            Tag = 0;
        }

        /// <summary>The bytes read so far were no protobuf message.</summary>
        public bool Failed { get; private set; }

        /// <summary>Field number times 8 plus wire type, of the field that <see cref="Next"/> found.</summary>
        public int Tag { get; private set; }

        /// <summary>Go to the next field; false at the end and after a failure.</summary>
        public bool Next()
        {
            if (Failed || _at == _data.Length) return false;
            var tag = ReadVarint();
            if (tag > uint.MaxValue || tag >> 3 == 0 || (tag & 7) > Fixed32 || (tag & 7) == EndGroup)
                return Fail();
            Tag = unchecked((int)tag);
            return !Failed;
        }

        /// <summary>The value of a field of wire type <see cref="Varint"/>; 0 after a failure.</summary>
        public ulong ReadVarint()
        {
            ulong value = 0;
            for (var shift = 0; shift < 70; shift += 7)
            {
                if (_at == _data.Length) break;
                var part = _data[_at++];
                value |= (ulong)(part & 127) << shift;
                if (part < 128) return value;
            }
            Fail();
            return 0;
        }

        /// <summary>The value of a field of wire type <see cref="Fixed32"/> as a float; 0 after a failure.</summary>
        public float ReadFloat()
        {
            return BitConverter.Int32BitsToSingle(ReadInt32(Take(4)));
        }

        /// <summary>The bytes of a field of wire type <see cref="Length"/>; none after a failure.</summary>
        public ReadOnlySpan<byte> ReadBytes()
        {
            return Take(ReadVarint());
        }

        /// <summary>Leave out the value of the field that <see cref="Next"/> found.</summary>
        public void Skip()
        {
            Skip(Tag & 7, (uint)Tag >> 3, 0);
        }

        /// <summary>A message within this one was malformed, so this one is.</summary>
        public bool Fail()
        {
            Failed = true;
            return false;
        }

        void Skip(int type, uint field, int depth)
        {
            if (type == Varint) ReadVarint();
            else if (type == Fixed64) Take(8);
            else if (type == Length) ReadBytes();
            else if (type == Fixed32) Take(4);
            else if (type == Group && depth < DeepestGroup) SkipGroup(field, depth + 1);
            else Fail();
        }

        void SkipGroup(uint group, int depth)
        {
            while (!Failed)
            {
                var tag = ReadVarint();
                var field = (uint)(tag >> 3);
                if (tag > uint.MaxValue || field == 0) Fail();
                else if ((tag & 7) != EndGroup) Skip((int)(tag & 7), field, depth);
                else if (field == group) return;
                else Fail();
            }
        }

        ReadOnlySpan<byte> Take(ulong count)
        {
            if (Failed || count > (ulong)(_data.Length - _at))
            {
                Fail();
                return default(ReadOnlySpan<byte>);
            }
            _at += (int)count;
            return _data.Slice(_at - (int)count, (int)count);
        }

        static int ReadInt32(ReadOnlySpan<byte> four)
        {
            return four.Length < 4 ? 0 : four[0] | four[1] << 8 | four[2] << 16 | four[3] << 24;
        }
    }
}
