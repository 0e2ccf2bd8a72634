using System;
using System.Text;

namespace Rigcast.Core
{
    /// <summary>
    /// Strings from UTF-8. Short ones are remembered, so that phones and words that come again and again make no new
    /// string each time.
    /// </summary>
    /// <remarks>Not thread-safe.</remarks>
    sealed class Texts
    {
        const int Slots = 1024;
        const int Longest = 32;

        static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);
        readonly byte[][] _keys = new byte[Slots][];
        readonly string[] _values = new string[Slots];

        /// <summary>The text that the bytes hold; false, and an empty text, where they are no UTF-8.</summary>
        public bool TryGet(ReadOnlySpan<byte> bytes, out string text)
        {
            if (bytes.Length == 0 || bytes.Length > Longest) return TryDecode(bytes, out text);
            var slot = Slot(bytes);
            text = _values[slot];
            if (text != null && bytes.SequenceEqual(_keys[slot])) return true;
            if (!TryDecode(bytes, out text)) return false;
            _keys[slot] = bytes.ToArray();
            _values[slot] = text;
            return true;
        }

        /// <summary>FNV-1a: isthe.com/chongo/tech/comp/fnv.</summary>
        static int Slot(ReadOnlySpan<byte> bytes)
        {
            var hash = 2166136261u;
            for (var i = 0; i < bytes.Length; i++) hash = unchecked((hash ^ bytes[i]) * 16777619);
            return (int)(hash % Slots);
        }

        static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
        {
            text = "";
            try
            {
                if (bytes.Length > 0) text = Strict.GetString(bytes);
                return true;
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }
}
