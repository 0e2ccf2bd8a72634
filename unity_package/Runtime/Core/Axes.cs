using System.Numerics;

namespace Rigcast.Core
{
    /// <summary>
    /// From the wire's space (glTF, VRM 1.0: right-handed, Y up, +X the character's left) to Unity's (left-handed, Y up,
    /// +X its right). In both the character faces +Z, so X is mirrored. A product of rotations converts to the product
    /// of the converted.
    /// </summary>
    /// <remarks>Any thread.</remarks>
    public static class Axes
    {
        /// <summary>A position or direction; the same function leads back.</summary>
        public static Vector3 ToUnity(Vector3 v)
        {
            return new Vector3(-v.X, v.Y, v.Z);
        }

        /// <summary>A rotation; the same function leads back.</summary>
        public static Quaternion ToUnity(Quaternion q)
        {
            return new Quaternion(q.X, -q.Y, -q.Z, q.W);
        }

        /// <summary>A joint's rotation in Unity's axes.</summary>
        public static Quaternion Rotation(Pose pose, int joint)
        {
            var r = pose.Rotations;
            return ToUnity(new Quaternion(r[4 * joint], r[4 * joint + 1], r[4 * joint + 2], r[4 * joint + 3]));
        }
    }
}
