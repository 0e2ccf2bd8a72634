using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>Blendshapes find their curves in every convention.</summary>
    [TestFixture]
    public sealed class FaceMapTests
    {
        static readonly string[] Curves =
        {
            "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft", "eyeWideLeft",
            "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight",
            "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
            "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
            "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
            "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
            "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
            "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
        };

        static FaceMap Map(params string[] shapes)
        {
            return new FaceMap(Curves, shapes);
        }

        /// <summary>The weight of each shape, 0 where it follows nothing, for curves "name=weight".</summary>
        static float[] Weights(string[] shapes, params string[] curves)
        {
            var pose = new Pose(Curves.Length, 0);
            foreach (var curve in curves)
            {
                var index = System.Array.IndexOf(Curves, curve.Split('=')[0]);
                Assert.That(index, Is.GreaterThanOrEqualTo(0), curve);
                pose.Curves[index] = float.Parse(curve.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);
            }
            var map = Map(shapes);
            var weights = new float[shapes.Length];
            for (var i = 0; i < map.Count; i++) weights[map.Shape(i)] = map.Weight(i, pose);
            return weights;
        }

        [Test]
        public void AllOfArkitIsFoundInAnySpelling()
        {
            var spellings = new List<System.Func<string, string>>
            {
                name => name,
                name => char.ToUpperInvariant(name[0]) + name.Substring(1),
                name => "Face." + name,
                name => name.EndsWith("Left") ? name.Substring(0, name.Length - 4) + "_L" : name.EndsWith("Right") ? name.Substring(0, name.Length - 5) + "_R" : name,
            };
            foreach (var spelling in spellings)
            {
                var map = Map(Curves.Select(spelling).ToArray());
                Assert.That(map.CurvesWithoutShape, Is.Empty);
                Assert.That(map.ShapesWithoutCurve, Is.Empty);
                for (var i = 0; i < map.Count; i++) Assert.That(map.Source(i), Is.EqualTo(Curves[map.Shape(i)]));
            }
        }

        [TestCase("A14_Eye_Blink_Left", "eyeBlinkLeft")]
        [TestCase("A25_Jaw_Open", "jawOpen")]
        [TestCase("Jaw_Open", "jawOpen")]
        [TestCase("Brow_Drop_R", "browDownRight")]
        [TestCase("Mouth_Funnel_Down_L", "mouthFunnel")]
        [TestCase("Mouth_Up_Upper_R", "mouthUpperUpRight")]
        [TestCase("Mouth_Roll_In_Lower_R", "mouthRollLower")]
        [TestCase("Cheek_Raise_L", "cheekSquintLeft")]
        [TestCase("Eye_L_Look_L", "eyeLookOutLeft")]
        [TestCase("Eye_R_Look_L", "eyeLookInRight")]
        [TestCase("Eye_R_Look_Up", "eyeLookUpRight")]
        [TestCase("Tongue_Out", "tongueOut")]
        [TestCase("CTRL_expressions_jawOpen", "jawOpen")]
        [TestCase("head_lod0_mesh__CTRL_expressions_mouthCornerPullL", "mouthSmileLeft")]
        [TestCase("CTRL_expressions_eyeLookLeftR", "eyeLookInRight")]
        [TestCase("CTRL_expressions_mouthFunnelUR", "mouthFunnel")]
        [TestCase("CTRL_expressions_mouthLowerLipRollInL", "mouthRollLower")]
        [TestCase("CTRL_expressions_mouthLipsTogetherDL", "mouthClose / jawOpen")]
        [TestCase("CTRL_expressions_mouthLeft", "mouthLeft")]
        [TestCase("Blink_L", "eyeBlinkLeft")]
        [TestCase("blinkRight", "eyeBlinkRight")]
        [TestCase("Blink", "eyeBlinkLeft + eyeBlinkRight")]
        [TestCase("viseme_PP", "mouthRollUpper")]
        [TestCase("vrc.v_th", "tongueOut")]
        [TestCase("A", "jawOpen + mouthClose + mouthPucker + mouthFunnel")]
        [TestCase("aa", "jawOpen + mouthClose + mouthPucker + mouthFunnel")]
        public void AShapeFindsItsCurve(string shape, string source)
        {
            var map = Map(shape);
            Assert.That(map.Count, Is.EqualTo(1));
            Assert.That(map.Source(0), Is.EqualTo(source));
        }

        [TestCase("Fat")]
        [TestCase("")]
        [TestCase("_")]
        [TestCase("vrc.v_")]
        [TestCase("CTRL_expressions_")]
        [TestCase("A12_")]
        public void OtherShapesAreLeftAloneAndNamed(string shape)
        {
            var map = Map(shape);
            Assert.That(map.Count, Is.EqualTo(0));
            Assert.That(map.ShapesWithoutCurve, Is.EqualTo(new[] { shape }));
            Assert.That(map.CurvesWithoutShape.Count, Is.EqualTo(52));
        }

        [Test]
        public void VisemesRestWhereTheMeshHasAJawOfItsOwn()
        {
            var map = Map("jawOpen", "viseme_aa", "A", "mouthSmileLeft", "Joy", "eyeBlinkLeft", "Blink");
            Assert.That(map.ShapesWithoutCurve, Is.EqualTo(new[] { "viseme_aa", "A", "Joy", "Blink" }));
        }

        [Test]
        public void VowelsFollowTheMouthsThatTheBridgeMakes()
        {
            var vowels = new[] { "A", "I", "U", "E", "O" };
            Assert.That(Largest(Weights(vowels, "jawOpen=0.54", "mouthStretchLeft=0.06", "mouthStretchRight=0.06")), Is.EqualTo(0), "a");
            Assert.That(Largest(Weights(vowels, "jawOpen=0.07", "mouthStretchLeft=0.22", "mouthStretchRight=0.22")), Is.EqualTo(1), "i");
            Assert.That(Largest(Weights(vowels, "jawOpen=0.07", "mouthPucker=0.66", "mouthFunnel=0.16")), Is.EqualTo(2), "u");
            Assert.That(Largest(Weights(vowels, "jawOpen=0.38", "mouthPucker=0.28", "mouthFunnel=0.38")), Is.EqualTo(4), "o");
            Assert.That(Weights(vowels, "jawOpen=0.2", "mouthClose=0.2").Max(), Is.EqualTo(0), "m closes the lips");
            Assert.That(Weights(vowels).Max(), Is.EqualTo(0), "rest");
        }

        static int Largest(float[] weights)
        {
            Assert.That(weights.Max(), Is.InRange(0.5, 1));
            return System.Array.IndexOf(weights, weights.Max());
        }

        [Test]
        public void BothEyesTogetherAreTheirMean()
        {
            Assert.That(Weights(new[] { "Blink" }, "eyeBlinkLeft=1", "eyeBlinkRight=0.5").Single(), Is.EqualTo(0.75f));
            Assert.That(Weights(new[] { "Blink", "Blink_L", "Blink_R" }, "eyeBlinkLeft=1"), Is.EqualTo(new[] { 0f, 1, 0 }));
        }

        [Test]
        public void MetaHumansLipsStayTogetherByTheShareOfTheJaw()
        {
            var shape = new[] { "CTRL_expressions_mouthLipsTogetherUL" };
            Assert.That(Weights(shape, "mouthClose=0.1", "jawOpen=0.4").Single(), Is.EqualTo(0.25f).Within(1e-6));
            Assert.That(Weights(shape, "mouthClose=0.5", "jawOpen=0.4").Single(), Is.EqualTo(1));
            Assert.That(Weights(shape, "mouthClose=0.5").Single(), Is.EqualTo(0));
        }

        [Test]
        public void AllTermsOfTheTableAreCurves()
        {
            Assert.That(FaceNames.Known.Count, Is.GreaterThan(200));
            foreach (var entry in FaceNames.Known)
            foreach (var term in entry.Value)
            foreach (var curve in term.Curve.Split('/')) Assert.That(Curves, Contains.Item(curve), entry.Key);
        }

        /// <summary>The cases of the bridge and the page, but those with names that only they guess at.</summary>
        [Test]
        public void ShapesFollowAsTheyDoInTheBridge()
        {
            foreach (var item in Json.List(Shared.Json("../tests/retarget_cases.json")))
            {
                var entry = Json.Object(item);
                if (Json.Object(entry["matches"]).ContainsValue("guess")) continue;
                var shapes = Json.List(entry["shapes"]).Cast<string>().ToArray();
                var invariant = System.Globalization.CultureInfo.InvariantCulture;
                var curves = Json.Object(entry["curves"]).Select(curve => curve.Key + "=" + ((double)curve.Value).ToString(invariant));
                var expected = Json.Object(entry["weights"]);
                var weights = Weights(shapes, curves.ToArray());
                for (var i = 0; i < shapes.Length; i++)
                    Assert.That(weights[i], Is.EqualTo(expected.ContainsKey(shapes[i]) ? (double)expected[shapes[i]] : 0).Within(1e-6), shapes[i]);
                Assert.That(Map(shapes).ShapesWithoutCurve, Is.EqualTo(Json.List(entry["unmatched"])), (string)entry["name"]);
            }
        }
    }
}
