namespace Rigcast
{
    /// <summary>
    /// The pose to show, image after image, without a jump: where the performance is gone it holds a moment and eases to
    /// rest, and when it returns it eases back.
    /// </summary>
    /// <remarks>Not thread-safe: the renderer's. Allocates nothing after it has been made.</remarks>
    public sealed class Follower
    {
        /// <summary>Without anything new it holds so long, then takes as long to reach rest: seconds.</summary>
        const float Hold = 0.3f;
        const float Ease = 0.5f;

        readonly Pose _rest, _raw;
        float _presence, _still;
        long _lastUs = long.MinValue;

        public Follower(Rig rig)
        {
            _rest = rig.NewPose();
            _raw = rig.NewPose();
            Pose = rig.NewPose();
        }

        /// <summary>What to show.</summary>
        public Pose Pose { get; }

        /// <summary>From 0, all at rest, to 1, all the performance's.</summary>
        public float Presence
        {
            get { return _presence; }
        }

        /// <summary>Move on to a local time, `elapsed` seconds after the last.</summary>
        public void Follow(Playout playout, long localUs, float elapsed)
        {
            var there = playout.Sample(localUs, _raw) && _raw.TimeUs != _lastUs;
            _lastUs = there ? _raw.TimeUs : _lastUs;
            _still = there ? 0 : _still + elapsed;
            var toward = _still < Hold && (there || _presence > 0) ? elapsed / Ease : -elapsed / Ease;
            _presence = System.Math.Max(0, System.Math.Min(1, _presence + toward));
            Pose.Blend(_rest, _raw, _presence * _presence * (3 - 2 * _presence));
            Pose.TimeUs = _raw.TimeUs;
        }
    }
}
