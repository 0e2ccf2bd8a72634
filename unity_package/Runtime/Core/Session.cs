using System;
using System.Collections.Generic;

namespace Rigcast.Core
{
    /// <summary>How far a session has come.</summary>
    public enum SessionState
    {
        /// <summary>Not started, or stopped.</summary>
        Off,

        /// <summary>On the way to the server.</summary>
        Connecting,

        /// <summary>Connected; the server has not answered Join yet.</summary>
        Joining,

        /// <summary>The server's performance arrives.</summary>
        Live,

        /// <summary>The connection was lost or refused; another attempt follows by itself.</summary>
        Waiting,

        /// <summary>Another attempt would fail in the same way: see <see cref="Session.Problem"/>, then start anew.</summary>
        Failed,
    }

    /// <summary>An answer to a request.</summary>
    public struct Answer
    {
        public uint RequestId;

        /// <summary>The number that a text's events carry.</summary>
        public uint Utterance;

        /// <summary>Whether it was refused; then Refusal tells why.</summary>
        public bool IsRefused;

        public Refusal Refusal;
    }

    /// <summary>
    /// A seat in one of the server's sessions: joins, asks, plays, and comes back when the connection breaks. It owns no
    /// socket and no thread; a transport gives it bytes, its owner calls Update.
    /// </summary>
    /// <remarks>Any thread; one lock, held only briefly. Local times are those of <see cref="LocalClock"/>.</remarks>
    public sealed class Session : ITransportEvents
    {
        public const string Protocol = "rigcast.v1";

        const long JoinPatienceUs = 10000000;
        const long SilencePatienceUs = 5000000;
        const long PingUs = 1000000;

        /// <summary>After this time live a connection counts as good, and the next wait is short again.</summary>
        const long GoodUs = 5000000;

        const int MostAnswers = 256;

        readonly object _gate = new object();
        readonly ITransport _transport;
        readonly MessageReader _reader = new MessageReader();
        readonly ServerMessage _message = new ServerMessage();
        readonly Queue<Answer> _answers = new Queue<Answer>();
        readonly Backoff _backoff;
        readonly Func<long> _now;
        Uri _url;
        string _token, _name;
        int _attempt;
        uint _requests;
        uint _pingId;
        long _sinceUs, _heardUs, _pingUs, _retryUs;

        /// <param name="now">The local clock, microseconds; <see cref="LocalClock"/> if null.</param>
        public Session(ITransport transport, int seed = 0, Func<long> now = null)
        {
            _transport = transport;
            _backoff = new Backoff(seed);
            _now = now ?? ReadClock;
        }

        /// <summary>What has come, and where it is played.</summary>
        public Playout Playout { get; } = new Playout();

        public SessionState State { get; private set; }

        /// <summary>Why the state is Waiting or Failed, or what was wrong last; for people. Empty when all is well.</summary>
        public string Problem { get; private set; } = "";

        /// <summary>The server's answer to Join; null before the first.</summary>
        public Welcome Welcome { get; private set; }

        /// <summary>From a Ping to its Pong, microseconds; -1 before the first.</summary>
        public long RoundTripUs { get; private set; } = -1;

        /// <summary>How often it was connected again.</summary>
        public int Reconnects { get; private set; }

        /// <summary>Connect, and stay connected until Stop.</summary>
        /// <param name="url">"ws://127.0.0.1:7788/rigcast", or wss.</param>
        /// <param name="name">The server's session; empty means "main".</param>
        /// <param name="token">What the server demands; empty where it demands nothing.</param>
        public void Start(string url, string name = "", string token = "")
        {
            lock (_gate)
            {
                Stop();
                if (!TryParse(url))
                {
                    Fail("\"" + url + "\" is no address of a bridge: write ws://HOST:PORT/rigcast, such as ws://127.0.0.1:7788/rigcast");
                    return;
                }
                _name = name;
                _token = token;
                _backoff.Reset();
                Open();
            }
        }

        public void Stop()
        {
            lock (_gate)
            {
                Drop();
                State = SessionState.Off;
                Problem = "";
            }
        }

        /// <summary>Call about once an image: pings, notices silence, tries again. Moves the playout on too.</summary>
        public void Update()
        {
            var now = _now();
            lock (_gate)
            {
                if (State == SessionState.Waiting && now >= _retryUs) Open();
                else if (State == SessionState.Connecting || State == SessionState.Joining) ExpectAnswer(now);
                else if (State == SessionState.Live) StayLive(now);
            }
            Playout.Update(now);
        }

        // Requests. Each returns its number, which its answer carries, or 0 where nothing is connected.

        /// <summary>Speak after what is queued, or at once. Answered with the utterance's number, or a refusal.</summary>
        public uint Say(string text, string voice = "", float rate = 0, float pitch = 0, bool interrupt = false)
        {
            lock (_gate) return Request(MessageWriter.Say(_requests + 1, text, voice, rate, pitch, interrupt));
        }

        /// <summary>Stop speaking.</summary>
        public uint Interrupt()
        {
            lock (_gate) return Request(MessageWriter.Interrupt(_requests + 1));
        }

        /// <summary>Turn to one of Welcome.Emotions, from 0 (none) to 1 (full).</summary>
        public uint SetEmotion(string emotion, float intensity)
        {
            lock (_gate) return Request(MessageWriter.SetEmotion(_requests + 1, emotion, intensity));
        }

        /// <summary>Look at a point in the model's space: metres, glTF axes; see Axes.</summary>
        public uint LookAt(float x, float y, float z)
        {
            lock (_gate) return Request(MessageWriter.LookAt(_requests + 1, x, y, z));
        }

        /// <summary>Let the gaze go where it likes.</summary>
        public uint LookFree()
        {
            lock (_gate) return Request(MessageWriter.LookFree(_requests + 1));
        }

        /// <summary>The next answer to a request; false when there is none.</summary>
        public bool TryTakeAnswer(out Answer answer)
        {
            lock (_gate)
            {
                answer = _answers.Count > 0 ? _answers.Peek() : default(Answer);
                return _answers.Count > 0 && _answers.Dequeue().RequestId == answer.RequestId;
            }
        }

        // What the transport tells.

        public void Opened(int attempt)
        {
            lock (_gate)
            {
                if (attempt != _attempt || State != SessionState.Connecting) return;
                State = SessionState.Joining;
                _sinceUs = _now();
                _transport.Send(MessageWriter.Join(0, _name));
            }
        }

        public void Receive(int attempt, ReadOnlySpan<byte> message)
        {
            lock (_gate)
            {
                if (attempt != _attempt || !IsOpen) return;
                _heardUs = _now();
                if (!_reader.Read(message, _message)) Playout.CountBadMessage();
                else if (_message.Body == Body.Error) TakeRefusal(_message.Refusal);
                else if (State == SessionState.Joining) TakeWelcome();
                else TakeMessage();
            }
        }

        public void Closed(int attempt, string reason, bool retry)
        {
            lock (_gate)
            {
                if (attempt != _attempt || !IsOpen) return;
                if (retry) WaitToRetry(reason);
                else Fail(reason);
            }
        }

        bool IsOpen
        {
            get { return State == SessionState.Connecting || State == SessionState.Joining || State == SessionState.Live; }
        }

        void Open()
        {
            State = SessionState.Connecting;
            _sinceUs = _now();
            _transport.Open(++_attempt, _url, _token, this);
        }

        void ExpectAnswer(long now)
        {
            if (now - _sinceUs > JoinPatienceUs) Break("the server at " + _url + " did not answer within 10 s: is it a Rigcast bridge?");
        }

        void StayLive(long now)
        {
            if (now - _sinceUs > GoodUs) _backoff.Reset();
            if (now - _heardUs > SilencePatienceUs) Break("nothing came from the server for 5 s");
            else if (now - _pingUs >= PingUs) Ping(now);
        }

        void Ping(long now)
        {
            _pingUs = now;
            _pingId = ++_requests;
            _transport.Send(MessageWriter.Ping(_pingId));
        }

        void Break(string reason)
        {
            Drop();
            WaitToRetry(reason);
        }

        /// <summary>The number moves on first: what the transport tells of the end is of no interest any more.</summary>
        void Drop()
        {
            _attempt++;
            if (IsOpen) _transport.Close();
        }

        void WaitToRetry(string reason)
        {
            State = SessionState.Waiting;
            Problem = reason;
            _retryUs = _now() + _backoff.NextUs();
        }

        void Fail(string reason)
        {
            Drop();
            State = SessionState.Failed;
            Problem = reason;
        }

        void TakeWelcome()
        {
            if (_message.Body != Body.Welcome) return;
            var objection = _message.Welcome.Protocol == Protocol
                ? _message.Welcome.Rig.Objection()
                : "the server speaks \"" + _message.Welcome.Protocol + "\", this package " + Protocol + ": update the older one";
            if (objection != null)
            {
                Fail(objection);
                return;
            }
            if (Welcome != null) Reconnects++;
            Welcome = _message.Welcome;
            State = SessionState.Live;
            Problem = "";
            _sinceUs = _heardUs;
            Playout.Begin(Welcome, _heardUs);
        }

        void TakeMessage()
        {
            if (_message.Body == Body.Accepted) Put(new Answer { RequestId = _message.RequestId, Utterance = _message.Utterance });
            if (_message.Body == Body.Pong && _message.RequestId == _pingId) RoundTripUs = _heardUs - _pingUs;
            Playout.Take(_message, _heardUs);
        }

        void TakeRefusal(Refusal refusal)
        {
            Problem = refusal.Field == "" ? refusal.Message : refusal.Field + ": " + refusal.Message;
            Put(new Answer { RequestId = refusal.RequestId, IsRefused = true, Refusal = refusal });
            if (refusal.Code == ErrorCode.Unauthenticated) Fail(Problem);
        }

        void Put(Answer answer)
        {
            if (_answers.Count == MostAnswers) _answers.Dequeue();
            _answers.Enqueue(answer);
        }

        uint Request(byte[] message)
        {
            if (State != SessionState.Live) return 0;
            _transport.Send(message);
            return ++_requests;
        }

        bool TryParse(string url)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out _url) && (_url.Scheme == "ws" || _url.Scheme == "wss") && _url.Host != "";
        }

        static long ReadClock()
        {
            return LocalClock.NowUs;
        }
    }
}
