#if UNITY_WEBGL && !UNITY_EDITOR
using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Rigcast
{
    using Core;

    /// <summary>The browser's WebSocket, for WebGL players. Main thread only; Poll tells what happened.</summary>
    public sealed class BrowserTransport : ITransport
    {
        const int Opened = 1;
        const int Message = 2;
        const int Closed = 3;

        ITransportEvents _events;
        byte[] _buffer = new byte[16384];
        int _attempt, _number;

        public void Open(int attempt, Uri url, string token, ITransportEvents events)
        {
            Close();
            _attempt = attempt;
            _events = events;
            // A browser cannot set headers, so the bridge takes the token from the address too.
            var mark = string.IsNullOrEmpty(url.Query) ? "?" : "&";
            _number = RigcastOpen(string.IsNullOrEmpty(token) ? url.ToString() : url + mark + "token=" + Uri.EscapeDataString(token));
        }

        public void Send(byte[] message)
        {
            RigcastSend(_number, message, message.Length);
        }

        public void Close()
        {
            if (_number != 0) RigcastClose(_number);
            _number = 0;
        }

        /// <summary>Call once an image.</summary>
        public void Poll()
        {
            while (_number != 0)
            {
                var kind = RigcastKind(_number);
                if (kind == 0) return;
                var length = RigcastLength(_number);
                if (_buffer.Length < length) _buffer = new byte[length];
                RigcastTake(_number, _buffer);
                Tell(kind, length);
            }
        }

        void Tell(int kind, int length)
        {
            if (kind == Opened) _events.Opened(_attempt);
            else if (kind == Message) _events.Receive(_attempt, new ReadOnlySpan<byte>(_buffer, 0, length));
            else if (kind == Closed) TellClosed(Encoding.UTF8.GetString(_buffer, 0, length));
        }

        void TellClosed(string reason)
        {
            var attempt = _attempt;
            Close();
            // Browsers do not tell pages why a connection could not be made.
            _events.Closed(attempt, reason != "" ? reason : "no connection: is the bridge running, the token right, and this page from the bridge's own machine?", true);
        }

        [DllImport("__Internal")]
        static extern int RigcastOpen(string url);

        [DllImport("__Internal")]
        static extern void RigcastSend(int number, byte[] data, int count);

        [DllImport("__Internal")]
        static extern void RigcastClose(int number);

        [DllImport("__Internal")]
        static extern int RigcastKind(int number);

        [DllImport("__Internal")]
        static extern int RigcastLength(int number);

        [DllImport("__Internal")]
        static extern void RigcastTake(int number, byte[] buffer);
    }
}
#endif
