namespace Rigcast.Core
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

        /// <summary>At rest the arms hang so far below the horizontal, radians: a T-pose is for riggers.</summary>
        const double Relaxed = 1.22;

        readonly Pose _rest, _raw;
        float _presence, _still;
        long _lastUs = long.MinValue;

        public Follower(Rig rig)
        {
            _rest = rig.NewPose();
            Lower(rig.JointIndex("leftUpperArm"), -Relaxed);
            Lower(rig.JointIndex("rightUpperArm"), Relaxed);
            _raw = rig.NewPose();
            Pose = rig.NewPose();
            Pose.Set(_rest);
        }

        /// <summary>What to show.</summary>
        public Pose Pose { get; }

        /// <summary>From 0, all at rest, to 1, all the performance's.</summary>
        public float Presence
        {
            get { return _presence; }
        }

        /// <summary>Whether poses of this rig are what it shows.</summary>
        public bool Fits(Rig rig)
        {
            return Pose.Curves.Length == rig.Curves.Count && Pose.Rotations.Length == 4 * rig.Joints.Count;
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

        /// <summary>Turn about Z: in a T-pose the left arm points along +X.</summary>
        void Lower(int joint, double angle)
        {
            if (joint < 0) return;
            _rest.Rotations[4 * joint + 2] = (float)System.Math.Sin(angle / 2);
            _rest.Rotations[4 * joint + 3] = (float)System.Math.Cos(angle / 2);
        }
    }
}
