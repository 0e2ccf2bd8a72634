using System;
using System.Threading;
using UnityEngine;

namespace Rigcast
{
    using Core;

    /// <summary>
    /// Plays the performance's sound through the AudioSource beside it, in its place in the scene. What the device takes
    /// moves the play-head, which face and body follow.
    /// </summary>
    [AddComponentMenu("Rigcast/Rigcast Audio")]
    [RequireComponent(typeof(AudioSource))]
    [DisallowMultipleComponent]
    public sealed class RigcastAudio : MonoBehaviour
    {
        /// <summary>Samples taken at once; longer blocks are taken in parts.</summary>
        const int Block = 1024;

        [Tooltip("Whose performance; empty takes the one on this object or above it.")]
        [SerializeField] RigcastClient _client;

        [Tooltip("What the device adds to Unity's own latency, milliseconds: about 150 for Bluetooth. If lips are early, more.")]
        [Range(0, 500)] [SerializeField] float _deviceLatency;

        readonly float[] _mono = new float[Block];
        AudioSource _source;
        AudioClip _carrier;
        Playout _playout;
        int _rate = 48000;

        public RigcastClient Client
        {
            get { return _client; }
            set { _client = value; }
        }

        /// <summary>Milliseconds that the device adds to Unity's own latency.</summary>
        public float DeviceLatency
        {
            get { return _deviceLatency; }
            set { _deviceLatency = value; }
        }

        void OnEnable()
        {
            if (_client == null) _client = GetComponentInParent<RigcastClient>();
            _source = GetComponent<AudioSource>();
            AudioSettings.OnAudioConfigurationChanged += Restart;
            Restart(false);
        }

        void OnDisable()
        {
            AudioSettings.OnAudioConfigurationChanged -= Restart;
            Volatile.Write(ref _playout, null);
            _source.Stop();
            _source.clip = null;
            Destroy(_carrier);
        }

        void Update()
        {
            var connection = _client == null ? null : _client.Connection;
            Volatile.Write(ref _playout, connection == null ? null : connection.Playout);
            if (connection != null) connection.Playout.Head.LatencyUs = LatencyUs();
        }

        /// <summary>The source plays a clip of ones; what it does to them (place, volume) it so does to the voice.</summary>
        void Restart(bool deviceChanged)
        {
            Volatile.Write(ref _rate, AudioSettings.outputSampleRate);
            if (_carrier != null) Destroy(_carrier);
            var ones = new float[_rate];
            for (var i = 0; i < ones.Length; i++) ones[i] = 1;
            _carrier = AudioClip.Create("Rigcast", ones.Length, 1, _rate, false);
            _carrier.SetData(ones, 0);
            _source.clip = _carrier;
            _source.loop = true;
            _source.Play();
        }

        long LatencyUs()
        {
            int length, count;
            AudioSettings.GetDSPBufferSize(out length, out count);
            return (long)(length * count * 1e6 / _rate + _deviceLatency * 1000);
        }

        /// <summary>Audio thread: about every 20 ms, interleaved. No lock, no allocation.</summary>
        void OnAudioFilterRead(float[] data, int channels)
        {
            var playout = Volatile.Read(ref _playout);
            var frames = data.Length / channels;
            var now = LocalClock.NowUs;
            if (playout == null)
            {
                Array.Clear(data, 0, data.Length);
                return;
            }
            for (var done = 0; done < frames; done += Block)
            {
                var count = Math.Min(Block, frames - done);
                playout.Read(_mono, count, _rate, now + done * 1000000L / _rate);
                Multiply(data, done * channels, count, channels);
            }
        }

        void Multiply(float[] data, int at, int count, int channels)
        {
            for (var i = 0; i < count; i++)
                for (var channel = 0; channel < channels; channel++) data[at++] *= _mono[i];
        }
    }
}
