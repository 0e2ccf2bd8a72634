using System;

namespace Rigcast.Core
{
    /// <summary>
    /// One WebSocket, over and over. Each Open has a number; what happens to it is told with that number to the
    /// session's Opened, Receive and Closed, from any thread, one call at a time.
    /// </summary>
    public interface ITransport
    {
        /// <summary>Begin to connect, with subprotocol "rigcast.v1". Returns at once; ends in Opened or Closed.</summary>
        /// <param name="token">Empty where none is needed.</param>
        void Open(int attempt, Uri url, string token, ITransportEvents events);

        /// <summary>Queue one binary message of the newest Open. Returns at once.</summary>
        void Send(byte[] message);

        /// <summary>Give the newest Open up. Returns at once; its Closed may come or not.</summary>
        void Close();
    }

    /// <summary>What a transport tells.</summary>
    public interface ITransportEvents
    {
        void Opened(int attempt);

        /// <summary>One whole binary message; the span is the transport's own and holds only during the call.</summary>
        void Receive(int attempt, ReadOnlySpan<byte> message);

        /// <param name="reason">For people.</param>
        /// <param name="retry">Whether another attempt may go better.</param>
        void Closed(int attempt, string reason, bool retry);
    }
}
