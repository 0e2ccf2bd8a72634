using System;
using UnityEngine;

namespace Rigcast
{
    using Core;

    /// <summary>
    /// Connects a character to a Rigcast bridge and keeps it connected. RigcastFace, RigcastBody and RigcastAudio on the
    /// same character show and play what comes. Main thread only, like all of Unity's components.
    /// </summary>
    [AddComponentMenu("Rigcast/Rigcast Client")]
    [DefaultExecutionOrder(-100)]
    [DisallowMultipleComponent]
    public sealed class RigcastClient : MonoBehaviour
    {
        [Tooltip("Where the bridge listens: ws://HOST:PORT/rigcast")]
        [SerializeField] string _url = "ws://127.0.0.1:7788/rigcast";

        [Tooltip("The session on the bridge; clients of one session see the same performance. Empty means main.")]
        [SerializeField] string _session = "";

        [Tooltip("What the bridge demands, if it demands anything. It is saved in the scene: for players set it by script.")]
        [SerializeField] string _token = "";

        [Tooltip("The voice that speaks; empty is the bridge's own. rigcast voices lists them.")]
        [SerializeField] string _voice = "";

        Session _connection;
        Follower _follower;

        /// <summary>An event of the performance, at the moment at which it is heard.</summary>
        public event Action<PerformanceEvent> Happened;

        /// <summary>An answer to a request, by the number that the request returned.</summary>
        public event Action<Answer> Answered;

        public string Url
        {
            get { return _url; }
            set { _url = value; }
        }

        public string SessionName
        {
            get { return _session; }
            set { _session = value; }
        }

        public string Token
        {
            set { _token = value; }
        }

        public string Voice
        {
            get { return _voice; }
            set { _voice = value; }
        }

        /// <summary>The connection; null while the component is disabled.</summary>
        public Session Connection
        {
            get { return _connection; }
        }

        public SessionState State
        {
            get { return _connection == null ? SessionState.Off : _connection.State; }
        }

        /// <summary>What is wrong, in words; empty when all is well.</summary>
        public string Problem
        {
            get { return _connection == null ? "" : _connection.Problem; }
        }

        /// <summary>What the poses' numbers mean; null before the first connection. Another object after each new one.</summary>
        public Rig Rig
        {
            get { return _connection == null ? null : _connection.Playout.Rig; }
        }

        /// <summary>What to show now; null before the first connection.</summary>
        public Pose Pose
        {
            get { return _follower == null ? null : _follower.Pose; }
        }

        /// <summary>From 0, no performance, to 1, all of it.</summary>
        public float Presence
        {
            get { return _follower == null ? 0 : _follower.Presence; }
        }

        /// <summary>Connect anew, after Url, SessionName or Token were changed.</summary>
        public void Connect()
        {
            if (_connection != null) _connection.Start(_url, _session, _token);
        }

        /// <summary>Speak, after what is queued or at once. Marks such as [happy] turn the emotion.</summary>
        /// <returns>The request's number, or 0 while nothing is connected.</returns>
        public uint Say(string text, bool interrupt = false)
        {
            return _connection == null ? 0 : _connection.Say(text, _voice, 0, 0, interrupt);
        }

        /// <summary>Stop speaking.</summary>
        public uint Interrupt()
        {
            return _connection == null ? 0 : _connection.Interrupt();
        }

        /// <summary>Turn the emotion, from 0 (none) to 1 (full); Connection.Welcome.Emotions lists them.</summary>
        public uint SetEmotion(string emotion, float intensity = 1)
        {
            return _connection == null ? 0 : _connection.SetEmotion(emotion, intensity);
        }

        /// <summary>Look at a point of the world. Say it again when the point or the character moves.</summary>
        public uint LookAt(Vector3 world)
        {
            if (_connection == null) return 0;
            var local = transform.InverseTransformPoint(world);
            var target = Axes.ToUnity(new System.Numerics.Vector3(local.x, local.y, local.z));
            return _connection.LookAt(target.X, target.Y, target.Z);
        }

        /// <summary>Let the gaze go where it likes.</summary>
        public uint LookFree()
        {
            return _connection == null ? 0 : _connection.LookFree();
        }

        void OnEnable()
        {
            _connection = new Session(NewTransport(), GetHashCode());
            Connect();
        }

        void OnDisable()
        {
            _connection.Stop();
            _connection = null;
            _follower = null;
        }

#if UNITY_WEBGL && !UNITY_EDITOR
        // A browser has no threads for us: what happened on the socket is taken once an image.
        readonly BrowserTransport _browser = new BrowserTransport();

        ITransport NewTransport()
        {
            return _browser;
        }

        void Update()
        {
            _browser.Poll();
            Follow();
        }
#else
        static ITransport NewTransport()
        {
            return new ClientWebSocketTransport();
        }

        void Update()
        {
            Follow();
        }
#endif

        void Follow()
        {
            _connection.Update();
            if (Rig == null) return;
            if (_follower == null || !_follower.Fits(Rig)) _follower = new Follower(Rig);
            _follower.Follow(_connection.Playout, LocalClock.NowUs, Time.unscaledDeltaTime);
            Tell();
        }

        void Tell()
        {
            PerformanceEvent item;
            while (_connection != null && _connection.Playout.TryTakeEvent(LocalClock.NowUs, out item))
                if (Happened != null) Happened(item);
            Answer answer;
            while (_connection != null && _connection.TryTakeAnswer(out answer))
                if (Answered != null) Answered(answer);
        }
    }
}
