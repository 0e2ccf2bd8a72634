using System.Collections.Generic;
using System.Numerics;

namespace Rigcast.Core
{
    /// <summary>A bone of a skeleton in its T-pose, Unity's axes.</summary>
    public struct BodyBone
    {
        /// <summary>The rig's joint that drives it, by its VRM 1.0 name.</summary>
        public string Joint;

        /// <summary>The rotation of its parent in the T-pose, in the character's space.</summary>
        public Quaternion ParentRest;

        /// <summary>Its own local rotation in the T-pose.</summary>
        public Quaternion LocalRest;
    }

    /// <summary>
    /// Carries poses over to a skeleton by their difference from rest, so its bones may have any axes. A joint that the
    /// skeleton has no bone for (an upper chest, say) hands its rotation on to the joints it carries.
    /// </summary>
    /// <remarks>
    /// The wire's rotation r of a joint is local, and its axes are the model's. Where P is the rest of the bone's parent
    /// in the character's space and L its own local rest, the bone's local rotation is P⁻¹ r P L.
    /// Not changed after it has been made; Rotation allocates nothing. Any thread.
    /// </remarks>
    public sealed class BodyMap
    {
        struct Entry
        {
            /// <summary>The bone's joint, and before it those that have no bone, from the root on.</summary>
            public int[] Chain;

            public Quaternion Before, After;
        }

        readonly Entry[] _entries;
        readonly float _hipsHeight;

        public BodyMap(Rig rig, IList<BodyBone> bones)
        {
            var driven = new HashSet<int>();
            foreach (var bone in bones) driven.Add(rig.JointIndex(bone.Joint));
            _entries = new Entry[bones.Count];
            for (var i = 0; i < bones.Count; i++) _entries[i] = Bind(rig, bones[i], driven);
            for (var i = 0; i < rig.Joints.Count; i++)
                if (!driven.Contains(i)) JointsWithoutBone.Add(rig.Joints[i].Name);
            var hips = rig.JointIndex("hips");
            _hipsHeight = hips < 0 ? 0 : rig.Joints[hips].Y;
        }

        /// <summary>Joints whose rotation is handed on, or lost where they carry none: for a report.</summary>
        public List<string> JointsWithoutBone { get; } = new List<string>();

        /// <summary>The local rotation of the i-th bone.</summary>
        public Quaternion Rotation(int i, Pose pose)
        {
            var entry = _entries[i];
            var turn = Quaternion.Identity;
            foreach (var joint in entry.Chain) turn *= Axes.Rotation(pose, joint);
            return Quaternion.Normalize(entry.Before * turn * entry.After);
        }

        /// <summary>How far the hips are from rest in the character's space, in proportion to their height at rest.</summary>
        public Vector3 HipsOffset(Pose pose, float hipsHeight)
        {
            var scale = _hipsHeight > 0.1f ? hipsHeight / _hipsHeight : 1;
            return scale * Axes.ToUnity(new Vector3(pose.Root[0], pose.Root[1], pose.Root[2]));
        }

        static Entry Bind(Rig rig, BodyBone bone, HashSet<int> driven)
        {
            var chain = new List<int>();
            var joint = rig.JointIndex(bone.Joint);
            if (joint >= 0) chain.Add(joint);
            for (var up = joint < 0 ? -1 : rig.Joints[joint].Parent; up >= 0 && !driven.Contains(up); up = rig.Joints[up].Parent)
                chain.Insert(0, up);
            return new Entry
            {
                Chain = chain.ToArray(),
                Before = Quaternion.Inverse(bone.ParentRest),
                After = bone.ParentRest * bone.LocalRest,
            };
        }
    }

    /// <summary>VRM 1.0's bone names and those of Unity's HumanBodyBones.</summary>
    public static class HumanoidNames
    {
        /// <summary>"leftUpperArm" is "LeftUpperArm"; VRM counts the thumb's bones from the palm, Unity from its first joint.</summary>
        public static string ToUnity(string joint)
        {
            if (joint.EndsWith("ThumbProximal")) joint = joint.Replace("ThumbProximal", "ThumbIntermediate");
            else if (joint.EndsWith("ThumbMetacarpal")) joint = joint.Replace("ThumbMetacarpal", "ThumbProximal");
            return joint.Length == 0 ? joint : char.ToUpperInvariant(joint[0]) + joint.Substring(1);
        }
    }
}
