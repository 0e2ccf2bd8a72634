using System;
using System.Collections.Generic;

namespace Rigcast.Core
{
    /// <summary>One joint of the humanoid in its rest pose: a T-pose facing +Z, Y up, metres, glTF axes.</summary>
    public struct Joint
    {
        /// <summary>VRM 1.0 humanoid bone name ("hips", "leftUpperArm").</summary>
        public string Name;

        /// <summary>Index of the parent, which stands before its children; -1 for the root.</summary>
        public int Parent;

        /// <summary>Rest position relative to the parent, metres.</summary>
        public float X, Y, Z;
    }

    /// <summary>What a stream of frames drives: the order of its curves and joints, the rates of its clock.</summary>
    /// <remarks>Not changed after it has been read, so any thread may look.</remarks>
    public sealed class Rig
    {
        /// <summary>More curves or joints than this are refused, so that no message can make us take endless memory.</summary>
        public const int Most = 1024;

        /// <summary>ARKit blendshape names ("jawOpen") in the order of <see cref="Pose.Curves"/>.</summary>
        public readonly List<string> Curves = new List<string>();

        /// <summary>Joints in the order of <see cref="Pose.Rotations"/>.</summary>
        public readonly List<Joint> Joints = new List<Joint>();

        /// <summary>Frames a second.</summary>
        public int FrameRate;

        /// <summary>Audio samples a second.</summary>
        public int AudioRate;

        public Pose NewPose()
        {
            return new Pose(Curves.Count, Joints.Count);
        }

        /// <summary>Where a joint stands, by its VRM 1.0 name; -1 where the rig has none.</summary>
        public int JointIndex(string name)
        {
            return Joints.FindIndex(joint => joint.Name == name);
        }

        /// <summary>What is wrong with this rig, in words; null when nothing is.</summary>
        public string Objection()
        {
            if (Curves.Count > Most || Joints.Count > Most) return "rig: more than " + Most + " curves or joints";
            if (FrameRate < 1 || FrameRate > 1000) return "rig.frame_rate: " + FrameRate + " is not within 1 to 1000";
            if (AudioRate < 8000 || AudioRate > 192000) return "rig.audio_rate: " + AudioRate + " is not within 8000 to 192000";
            for (var i = 0; i < Joints.Count; i++)
                if (Joints[i].Parent < -1 || Joints[i].Parent >= i)
                    return "rig.joints: the parent of " + Joints[i].Name + " does not stand before it";
            return null;
        }
    }
}
