using System;
using System.Collections.Generic;

namespace Rigcast.Core
{
    /// <summary>
    /// Which blendshapes of a mesh follow which curves. Names decide, in the spelling of ARKit, MetaHuman, Character
    /// Creator, VRM 0 and 1, VRoid, MikuMikuDance or Oculus; case, underscores and numbers in front do not matter. Whole
    /// mouths (vowels, visemes) are used only where the mesh has no jawOpen of its own, so that nothing moves twice.
    /// </summary>
    /// <remarks>Not changed after it has been made; Weight allocates nothing. Any thread.</remarks>
    public sealed class FaceMap
    {
        struct Entry
        {
            public int Shape;
            public int[] Curves;
            public float[] Weights;

            /// <summary>MetaHuman's lips together: the share of the jaw's opening that mouthClose takes back.</summary>
            public bool IsQuotient;

            /// <summary>A sum may leave [0, 1], a curve itself need not be held back.</summary>
            public bool IsSum;
        }

        /// <summary>Below this the jaw is shut, and so are the lips.</summary>
        const float Shut = 1e-3f;

        readonly List<Entry> _entries = new List<Entry>();
        readonly IList<string> _curves;
        readonly HashSet<int> _used = new HashSet<int>();

        /// <param name="curves">The rig's.</param>
        /// <param name="shapes">The mesh's blendshapes in its order.</param>
        public FaceMap(IList<string> curves, IList<string> shapes)
        {
            _curves = curves;
            var names = new List<string>();
            foreach (var shape in shapes) names.Add(FaceNames.Plain(shape));
            for (var i = 0; i < names.Count; i++) MatchCurve(i, names[i]);
            var jaw = curves.IndexOf("jawOpen");
            var speaks = _used.Contains(jaw);
            for (var i = 0; i < names.Count; i++) MatchSum(i, names[i], speaks);
            Report(shapes);
        }

        /// <summary>So many shapes follow.</summary>
        public int Count
        {
            get { return _entries.Count; }
        }

        /// <summary>Curves that move nothing here, and shapes that nothing moves: for a report.</summary>
        public List<string> CurvesWithoutShape { get; } = new List<string>();

        public List<string> ShapesWithoutCurve { get; } = new List<string>();

        /// <summary>The mesh's index of the i-th shape that follows.</summary>
        public int Shape(int i)
        {
            return _entries[i].Shape;
        }

        /// <summary>What the i-th shape follows, in words: "jawOpen".</summary>
        public string Source(int i)
        {
            var words = new List<string>();
            foreach (var curve in _entries[i].Curves) words.Add(_curves[curve]);
            return string.Join(_entries[i].IsQuotient ? " / " : " + ", words);
        }

        /// <summary>The i-th shape's weight in a pose: 0 is rest, 1 the full shape.</summary>
        public float Weight(int i, Pose pose)
        {
            var entry = _entries[i];
            if (entry.IsQuotient) return Together(pose.Curves[entry.Curves[0]], pose.Curves[entry.Curves[1]]);
            var sum = 0f;
            for (var k = 0; k < entry.Curves.Length; k++) sum += entry.Weights[k] * pose.Curves[entry.Curves[k]];
            return entry.IsSum ? Math.Max(0, Math.Min(1, sum)) : sum;
        }

        /// <summary>MetaHuman's rig has no mouthClose; its lips stay together by clamp(mouthClose / jawOpen, 0, 1).</summary>
        static float Together(float mouthClose, float jawOpen)
        {
            return jawOpen < Shut ? 0 : Math.Max(0, Math.Min(1, mouthClose / jawOpen));
        }

        /// <summary>What follows one curve, or MetaHuman's quotient of two.</summary>
        void MatchCurve(int shape, string name)
        {
            Term[] terms;
            for (var i = 0; i < _curves.Count; i++)
            {
                if (!string.Equals(_curves[i], name, StringComparison.OrdinalIgnoreCase)) continue;
                Add(shape, new[] { new Term { Curve = _curves[i], Weight = 1 } }, false);
                return;
            }
            if (FaceNames.Known.TryGetValue(name, out terms) && !terms.AreSum()) Add(shape, terms, false);
        }

        /// <summary>What follows a sum, where nothing else follows its curves already.</summary>
        void MatchSum(int shape, string name, bool speaks)
        {
            Term[] terms;
            if (!FaceNames.Known.TryGetValue(name, out terms) || !terms.AreSum()) return;
            if (!(speaks && terms.AreInMouth()) && !terms.AnyUsed(_curves, _used)) Add(shape, terms, true);
        }

        /// <summary>All of the terms' curves must be in the rig.</summary>
        void Add(int shape, Term[] terms, bool sum)
        {
            var parts = terms[0].Curve.Split('/');
            var quotient = parts.Length == 2;
            var names = quotient ? parts : Array.ConvertAll(terms, term => term.Curve);
            var entry = new Entry { Shape = shape, IsSum = sum, IsQuotient = quotient };
            entry.Curves = Array.ConvertAll(names, _curves.IndexOf);
            entry.Weights = Array.ConvertAll(terms, term => term.Weight);
            if (Array.IndexOf(entry.Curves, -1) >= 0) return;
            // Whole mouths share curves with one another; only curves matched one to one count as used for wholes.
            if (!sum && !quotient) _used.UnionWith(entry.Curves);
            _entries.Add(entry);
        }

        void Report(IList<string> shapes)
        {
            var followed = new HashSet<int>();
            var moving = new HashSet<int>();
            foreach (var entry in _entries)
            {
                followed.Add(entry.Shape);
                moving.UnionWith(entry.Curves);
            }
            for (var i = 0; i < shapes.Count; i++)
                if (!followed.Contains(i)) ShapesWithoutCurve.Add(shapes[i]);
            for (var i = 0; i < _curves.Count; i++)
                if (!moving.Contains(i)) CurvesWithoutShape.Add(_curves[i]);
        }
    }

    static class Terms
    {
        /// <summary>Whether it is more than one curve as it is: several, or one that is weighed.</summary>
        public static bool AreSum(this Term[] terms)
        {
            return terms.Length > 1 || terms[0].Weight != 1;
        }

        public static bool AreInMouth(this Term[] terms)
        {
            foreach (var term in terms)
                if (term.Curve.StartsWith("jaw") || term.Curve.StartsWith("mouth") || term.Curve.StartsWith("tongue")) return true;
            return false;
        }

        /// <summary>Whether a shape of the mesh follows one of these curves already.</summary>
        public static bool AnyUsed(this Term[] terms, IList<string> curves, HashSet<int> used)
        {
            foreach (var term in terms)
                if (used.Contains(curves.IndexOf(term.Curve))) return true;
            return false;
        }
    }
}
