using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>Poses keep their meaning on skeletons with other axes and fewer bones, in Unity's space.</summary>
    [TestFixture]
    public sealed class BodyMapTests
    {
        const float Quarter = 1.5707963f;

        static Rig Spine()
        {
            var rig = new Rig { FrameRate = 60, AudioRate = 24000 };
            rig.Joints.Add(new Joint { Name = "hips", Parent = -1, Y = 1 });
            rig.Joints.Add(new Joint { Name = "chest", Parent = 0, Y = 0.5f });
            rig.Joints.Add(new Joint { Name = "upperChest", Parent = 1, Y = 0.5f });
            rig.Joints.Add(new Joint { Name = "head", Parent = 2, Y = 0.5f });
            return rig;
        }

        static void Turn(Pose pose, int joint, Vector3 axis, float angle)
        {
            var q = Quaternion.CreateFromAxisAngle(axis, angle);
            pose.Rotations[4 * joint] = q.X;
            pose.Rotations[4 * joint + 1] = q.Y;
            pose.Rotations[4 * joint + 2] = q.Z;
            pose.Rotations[4 * joint + 3] = q.W;
        }

        static BodyBone Bone(string joint, Quaternion parentRest, Quaternion localRest)
        {
            return new BodyBone { Joint = joint, ParentRest = parentRest, LocalRest = localRest };
        }

        static void Same(Quaternion a, Quaternion b, string why)
        {
            Assert.That(Math.Abs(Quaternion.Dot(a, b)), Is.EqualTo(1).Within(1e-5), why);
        }

        [Test]
        public void AxesMirrorWhatTurns()
        {
            var chance = new Chance(5);
            for (var i = 0; i < 100; i++)
            {
                var v = new Vector3((float)chance.Uniform() - 0.5f, (float)chance.Uniform() - 0.5f, (float)chance.Uniform() - 0.5f);
                var q = Quaternion.CreateFromYawPitchRoll((float)chance.Uniform() * 6, (float)chance.Uniform() * 6, (float)chance.Uniform() * 6);
                var turned = Axes.ToUnity(Vector3.Transform(v, q));
                Assert.That((turned - Vector3.Transform(Axes.ToUnity(v), Axes.ToUnity(q))).Length(), Is.LessThan(1e-5));
            }
            Assert.That(Axes.ToUnity(new Vector3(1, 0, 0)), Is.EqualTo(new Vector3(-1, 0, 0)), "the character's left is -X in Unity");
            Assert.That(Axes.ToUnity(new Vector3(0, 0, 1)), Is.EqualTo(new Vector3(0, 0, 1)), "it faces +Z in both");
        }

        [Test]
        public void BonesWithTheModelsAxesTurnAsTheWireSays()
        {
            var bones = new[] { "hips", "chest", "upperChest", "head" }.Select(n => Bone(n, Quaternion.Identity, Quaternion.Identity)).ToList();
            var map = new BodyMap(Spine(), bones);
            var pose = Spine().NewPose();
            Turn(pose, 3, Vector3.UnitY, 0.5f);
            Same(map.Rotation(3, pose), Quaternion.CreateFromAxisAngle(Vector3.UnitY, -0.5f), "left is the other way round in Unity");
            Same(map.Rotation(1, pose), Quaternion.Identity, "the others rest");
            Assert.That(map.JointsWithoutBone, Is.Empty);
        }

        [Test]
        public void BonesWithOtherAxesEndWhereTheWireSays()
        {
            // Bones whose rest is turned any way at all: the head's turn in the character's space must be the same.
            var hipsRest = Quaternion.CreateFromYawPitchRoll(0.3f, 1.1f, -0.7f);
            var headLocal = Quaternion.CreateFromYawPitchRoll(-1.2f, 0.4f, 2.1f);
            var map = new BodyMap(Spine(), new List<BodyBone> { Bone("hips", Quaternion.Identity, hipsRest), Bone("head", hipsRest, headLocal) });
            var pose = Spine().NewPose();
            Turn(pose, 0, Vector3.UnitX, 0.4f);
            Turn(pose, 3, Vector3.UnitZ, 0.6f);
            var hips = map.Rotation(0, pose);
            var head = hips * map.Rotation(1, pose);
            var restHead = hipsRest * headLocal;
            var turn = head * Quaternion.Inverse(restHead);
            Same(turn, Axes.Rotation(pose, 0) * Axes.Rotation(pose, 3), "turn in the character's space");
        }

        [Test]
        public void AJointWithoutABoneHandsItsRotationOn()
        {
            var bones = new[] { "hips", "chest", "head" }.Select(n => Bone(n, Quaternion.Identity, Quaternion.Identity)).ToList();
            var map = new BodyMap(Spine(), bones);
            var pose = Spine().NewPose();
            Turn(pose, 2, Vector3.UnitX, 0.3f);
            Turn(pose, 3, Vector3.UnitY, Quarter);
            Same(map.Rotation(2, pose), Axes.Rotation(pose, 2) * Axes.Rotation(pose, 3), "upper chest, then head");
            Same(map.Rotation(1, pose), Quaternion.Identity, "not the joint before");
            Assert.That(map.JointsWithoutBone, Is.EqualTo(new[] { "upperChest" }));
        }

        [Test]
        public void ABoneWithoutAJointRests()
        {
            var rest = Quaternion.CreateFromYawPitchRoll(1, 2, 3);
            var map = new BodyMap(Spine(), new List<BodyBone> { Bone("leftToes", Quaternion.Identity, rest) });
            Same(map.Rotation(0, Spine().NewPose()), rest, "rest");
        }

        [Test]
        public void TheHipsMoveInProportionToTheirHeight()
        {
            var map = new BodyMap(Spine(), new List<BodyBone>());
            var pose = Spine().NewPose();
            pose.Root[0] = 0.1f;
            pose.Root[1] = 0.2f;
            Assert.That((map.HipsOffset(pose, 0.5f) - new Vector3(-0.05f, 0.1f, 0)).Length(), Is.LessThan(1e-6));
        }

        [TestCase("leftUpperArm", "LeftUpperArm")]
        [TestCase("upperChest", "UpperChest")]
        [TestCase("leftEye", "LeftEye")]
        [TestCase("rightThumbMetacarpal", "RightThumbProximal")]
        [TestCase("rightThumbProximal", "RightThumbIntermediate")]
        [TestCase("rightThumbDistal", "RightThumbDistal")]
        [TestCase("leftLittleDistal", "LeftLittleDistal")]
        public void UnitysNamesAreFound(string joint, string bone)
        {
            Assert.That(HumanoidNames.ToUnity(joint), Is.EqualTo(bone));
        }
    }
}
