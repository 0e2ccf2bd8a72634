#if !UNITY_WEBGL || UNITY_EDITOR
using System;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading;
using System.Threading.Tasks;

namespace Rigcast.Core
{
    /// <summary>The platform's own WebSocket. All waiting happens on the thread pool.</summary>
    public sealed class ClientWebSocketTransport : ITransport
    {
        Connection _newest;

        public void Open(int attempt, Uri url, string token, ITransportEvents events)
        {
            Close();
            _newest = new Connection(attempt, events);
            _newest.Run(url, token);
        }

        public void Send(byte[] message)
        {
            if (_newest != null) _newest.Send(message);
        }

        public void Close()
        {
            if (_newest != null) _newest.Cancel();
            _newest = null;
        }

        /// <summary>One attempt, from connecting to its end.</summary>
        sealed class Connection
        {
            /// <summary>A message of the server is smaller than this; what is larger ends the connection.</summary>
            const int LargestMessage = 1 << 20;

            /// <summary>Requests that wait to be sent; beyond it the network does not take them.</summary>
            const int MostQueued = 256;

            readonly int _attempt;
            readonly ITransportEvents _events;
            readonly ClientWebSocket _socket = new ClientWebSocket();
            readonly CancellationTokenSource _cancel = new CancellationTokenSource();
            readonly ConcurrentQueue<byte[]> _outgoing = new ConcurrentQueue<byte[]>();
            readonly SemaphoreSlim _queued = new SemaphoreSlim(0);
            byte[] _buffer = new byte[16384];

            public Connection(int attempt, ITransportEvents events)
            {
                _attempt = attempt;
                _events = events;
            }

            public void Run(Uri url, string token)
            {
                _socket.Options.AddSubProtocol(Session.Protocol);
                _socket.Options.Proxy = null;
                if (!string.IsNullOrEmpty(token)) _socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
                Task.Run(() => Live(url));
            }

            public void Send(byte[] message)
            {
                if (_outgoing.Count >= MostQueued) return;
                _outgoing.Enqueue(message);
                _queued.Release();
            }

            public void Cancel()
            {
                _cancel.Cancel();
            }

            async Task Live(Uri url)
            {
                string reason;
                var retry = true;
                try
                {
                    await _socket.ConnectAsync(url, _cancel.Token).ConfigureAwait(false);
                    _events.Opened(_attempt);
                    reason = await Talk().ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    retry = !IsRefusal(error);
                    reason = Explain(url, error);
                }
                _socket.Dispose();
                _events.Closed(_attempt, reason, retry);
            }

            async Task<string> Talk()
            {
                var sending = SendAll();
                try
                {
                    return await ReceiveAll().ConfigureAwait(false);
                }
                finally
                {
                    _cancel.Cancel();
                    await sending.ConfigureAwait(false);
                }
            }

            async Task SendAll()
            {
                try
                {
                    while (true)
                    {
                        await _queued.WaitAsync(_cancel.Token).ConfigureAwait(false);
                        byte[] message;
                        if (_outgoing.TryDequeue(out message))
                            await _socket.SendAsync(new ArraySegment<byte>(message), WebSocketMessageType.Binary, true, _cancel.Token)
                                .ConfigureAwait(false);
                    }
                }
                catch (Exception)
                {
                    // The connection is over; ReceiveAll meets the same end and tells why.
                    _cancel.Cancel();
                }
            }

            async Task<string> ReceiveAll()
            {
                var count = 0;
                while (true)
                {
                    if (count == _buffer.Length) Array.Resize(ref _buffer, 2 * count);
                    var got = await _socket.ReceiveAsync(new Memory<byte>(_buffer, count, _buffer.Length - count), _cancel.Token)
                        .ConfigureAwait(false);
                    if (got.MessageType == WebSocketMessageType.Close) return Goodbye();
                    count += got.Count;
                    if (count >= LargestMessage) return "the server sent a message of more than 1 MiB";
                    if (!got.EndOfMessage) continue;
                    _events.Receive(_attempt, new ReadOnlySpan<byte>(_buffer, 0, count));
                    count = 0;
                }
            }

            string Goodbye()
            {
                var words = _socket.CloseStatusDescription;
                return string.IsNullOrEmpty(words) ? "the server closed the connection (" + _socket.CloseStatus + ")" : words;
            }

            /// <summary>HTTP 401 and 403: the next attempt would end in the same way. Not every platform tells.</summary>
            static bool IsRefusal(Exception error)
            {
                return error.Message.Contains("'401'") || error.Message.Contains("'403'");
            }

            static string Explain(Uri url, Exception error)
            {
                // Something answered, but not as a bridge that lets us in.
                if (error is WebSocketException && error.InnerException == null)
                    return "the server at " + url + " refused: is the token the one that the bridge was started with, and is it a Rigcast bridge?";
                return "no connection to " + url + " (" + error.GetBaseException().Message + "): is the bridge running there? Start it with: rigcast serve";
            }
        }
    }
}
#endif
