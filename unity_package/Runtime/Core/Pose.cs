using System;

namespace Rigcast.Core
{
    /// <summary>
    /// What the face and the body do at one instant of the session. Arrays are made once and reused; every number in
    /// them is finite, and every rotation has length 1.
    /// </summary>
    /// <remarks>Not thread-safe: a pose belongs to whoever holds it.</remarks>
    public sealed class Pose
    {
        /// <summary>Session time, microseconds.</summary>
        public long TimeUs;

        /// <summary>Counts the session's frames as they are emitted, from 0.</summary>
        public uint Sequence;

        /// <summary>One weight a curve in the rig's order: 0 is rest, 1 the full shape; within [-2, 2].</summary>
        public readonly float[] Curves;

        /// <summary>x, y, z, w a joint in the rig's order: parent-local, relative to the rest pose, glTF axes.</summary>
        public readonly float[] Rotations;

        /// <summary>The hips' offset from rest x, y, z: metres, glTF axes, within 4 m.</summary>
        public readonly float[] Root = new float[3];

        public Pose(int curves, int joints)
        {
            Curves = new float[curves];
            Rotations = new float[joints * 4];
            Rest();
        }

        /// <summary>Turn into the rest pose at time 0.</summary>
        public void Rest()
        {
            TimeUs = 0;
            Sequence = 0;
            Array.Clear(Curves, 0, Curves.Length);
            Array.Clear(Root, 0, Root.Length);
            RestRotations();
        }

        /// <summary>Turn all rotations into the identity.</summary>
        public void RestRotations()
        {
            Array.Clear(Rotations, 0, Rotations.Length);
            for (var i = 3; i < Rotations.Length; i += 4) Rotations[i] = 1;
        }

        /// <summary>Take over all of another pose of the same rig.</summary>
        public void Set(Pose other)
        {
            TimeUs = other.TimeUs;
            Sequence = other.Sequence;
            Array.Copy(other.Curves, Curves, Curves.Length);
            Array.Copy(other.Rotations, Rotations, Rotations.Length);
            Array.Copy(other.Root, Root, Root.Length);
        }

        /// <summary>
        /// Become the pose a part of the way from a to b, `share` in [0, 1]: curves and root linearly, rotations by
        /// normalised lerp along the shorter way, which is even enough between neighbouring frames.
        /// </summary>
        public void Blend(Pose a, Pose b, float share)
        {
            TimeUs = a.TimeUs + (long)((b.TimeUs - a.TimeUs) * (double)share);
            Sequence = a.Sequence;
            Lerp(a.Curves, b.Curves, share, Curves);
            Lerp(a.Root, b.Root, share, Root);
            for (var i = 0; i < Rotations.Length; i += 4) Nlerp(a.Rotations, b.Rotations, share, i);
        }

        static void Lerp(float[] a, float[] b, float share, float[] into)
        {
            for (var i = 0; i < into.Length; i++) into[i] = a[i] + (b[i] - a[i]) * share;
        }

        void Nlerp(float[] a, float[] b, float share, int at)
        {
            var dot = a[at] * b[at] + a[at + 1] * b[at + 1] + a[at + 2] * b[at + 2] + a[at + 3] * b[at + 3];
            var to = dot < 0 ? -share : share;
            for (var k = at; k < at + 4; k++) Rotations[k] = a[k] * (1 - share) + b[k] * to;
            Normalise(at);
        }

        /// <summary>Give all rotations length 1; what has no direction, or is not finite, becomes the identity.</summary>
        public void Normalise()
        {
            for (var i = 0; i < Rotations.Length; i += 4) Normalise(i);
        }

        void Normalise(int at)
        {
            var q = Rotations;
            var square = q[at] * q[at] + q[at + 1] * q[at + 1] + q[at + 2] * q[at + 2] + q[at + 3] * q[at + 3];
            var usable = square > 1e-12f && square < 1e12f;
            var scale = usable ? 1 / (float)Math.Sqrt(square) : 0;
            for (var k = at; k < at + 4; k++) q[k] = usable ? q[k] * scale : 0;
            if (!usable) q[at + 3] = 1;
        }
    }
}
