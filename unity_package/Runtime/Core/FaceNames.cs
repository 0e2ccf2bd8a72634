using System.Collections.Generic;
using System.Globalization;

namespace Rigcast.Core
{
    /// <summary>What drives one blendshape: a weighted sum of curves.</summary>
    public struct Term
    {
        public string Curve;
        public float Weight;
    }

    /// <summary>
    /// The blendshape names of ARKit, MetaHuman, Character Creator, VRM 0 and 1, and Oculus visemes, and which curves of
    /// ARKit drive each. In the tables a star stands for both sides, and several curves of one line are summed.
    /// </summary>
    /// <remarks>Read only after it has been made: any thread.</remarks>
    static class FaceNames
    {
        /// <summary>One shape for one curve, or for the half or quarter of one.</summary>
        const string Parts = @"
            blink* eyeBlink*               | browdrop* browDown*               | browraiseinner* browInnerUp       | browraiseouter* browOuterUp*
            cheekpuff* cheekPuff           | cheekraise* cheekSquint*          | mouthfunnelup* mouthFunnel
            mouthfunneldown* mouthFunnel   | mouthpuckerup* mouthPucker        | mouthpuckerdown* mouthPucker
            mouthrollinupper* mouthRollUpper | mouthrollinlower* mouthRollLower | mouthupupper* mouthUpperUp*
            mouthdownlower* mouthLowerDown*
            eyellookleft eyeLookOutLeft    | eyerlookleft eyeLookInRight       | eyellookright eyeLookInLeft
            eyerlookright eyeLookOutRight  | eyellookup eyeLookUpLeft          | eyerlookup eyeLookUpRight
            eyellookdown eyeLookDownLeft   | eyerlookdown eyeLookDownRight
            mheyeblink* eyeBlink*          | mheyewiden* eyeWide*              | mheyesquintinner* eyeSquint*
            mheyelookup* eyeLookUp*        | mheyelookdown* eyeLookDown*       | mheyelookleftleft eyeLookOutLeft
            mheyelookrightleft eyeLookInLeft | mheyelookleftright eyeLookInRight | mheyelookrightright eyeLookOutRight
            mheyecheekraise* cheekSquint*  | mhbrowdown* browDown*             | mhbrowraisein* browInnerUp
            mhbrowraiseouter* browOuterUp* | mhjawopen jawOpen                 | mhjawleft jawLeft
            mhjawright jawRight            | mhjawfwd jawForward               | mhmouthleft mouthLeft
            mhmouthright mouthRight        | mhmouthcornerpull* mouthSmile*    | mhmouthcornerdepress* mouthFrown*
            mhmouthdimple* mouthDimple*    | mhmouthstretch* mouthStretch*     | mhmouthfunnelu* mouthFunnel
            mhmouthfunneld* mouthFunnel    | mhmouthlipspurseu* mouthPucker    | mhmouthlipspursed* mouthPucker
            mhmouthupperlipraise* mouthUpperUp* | mhmouthlowerlipdepress* mouthLowerDown*
            mhmouthupperliprollin* mouthRollUpper | mhmouthlowerliprollin* mouthRollLower
            mhmouthlipspress* mouthPress*  | mhnosewrinkle* noseSneer*         | mhmouthcheekblow* cheekPuff
            mhtongueout tongueOut          | mhjawchinraised* mouthShrugLower  | mhjawchinraiseu* mouthShrugUpper";

        /// <summary>
        /// Vowels and consonants as whole mouths, from the curves that bridge/face/shapes.py and mouth.py give them. What
        /// a curve stands for there is undone: "wide" is 2.5 times mouthStretch, a full seal 0.15 of mouthRollUpper.
        /// </summary>
        const string Mouths = @"
            aa 1.8 jawOpen -1.8 mouthClose -1 mouthPucker -1 mouthFunnel
            ih 4 mouthStretch* -1 jawOpen
            ou 1.8 mouthPucker -1.5 mouthFunnel
            ee 2 mouthStretch*
            oh 2.6 mouthFunnel -0.6 mouthPucker
            visemepp 6.6 mouthRollUpper         | visemeff 1.8 mouthRollLower -1 mouthRollUpper | visemeth 4 tongueOut
            visemeaa 1.8 jawOpen -1.8 mouthClose -1 mouthPucker -1 mouthFunnel
            visemee 2 mouthStretch*            | visemei 4 mouthStretch* -1 jawOpen
            visemeo 2.6 mouthFunnel -0.6 mouthPucker | visemeu 1.8 mouthPucker -1.5 mouthFunnel
            visemech 0.6 mouthFunnel           | visemess 1 mouthStretch*";

        /// <summary>Lids and gaze where there is one shape for both eyes, and whole expressions.</summary>
        const string Wholes = @"
            blink 1 eyeBlink*                  | lookup 1 eyeLookUp*            | lookdown 1 eyeLookDown*
            lookleft 0.5 eyeLookOutLeft 0.5 eyeLookInRight | lookright 0.5 eyeLookInLeft 0.5 eyeLookOutRight
            happy 0.8 mouthSmile* -0.8 mouthStretch* | sad 0.8 mouthFrown*       | angry 0.8 browDown*
            surprised 0.5 eyeWide* 0.5 browInnerUp";

        /// <summary>VRM 0's names for what VRM 1 calls otherwise.</summary>
        const string Vrm0 = "a aa | i ih | u ou | e ee | o oh | joy happy | sorrow sad";

        public static readonly Dictionary<string, Term[]> ByPart = Table(Parts);
        public static readonly Dictionary<string, Term[]> ByMouth = Table(Mouths);
        public static readonly Dictionary<string, Term[]> ByWhole = Table(Wholes);
        static readonly Dictionary<string, string> Older = Aliases();

        /// <summary>A shape's name without its convention's ornaments: "A14_Eye_Blink_Left" is "eyeblinkleft".</summary>
        public static string Plain(string shape)
        {
            var name = shape.Substring(shape.LastIndexOf('.') + 1);
            var human = name.IndexOf("CTRL_expressions_", System.StringComparison.OrdinalIgnoreCase);
            if (human >= 0) return "mh" + Sided(name.Substring(human + "CTRL_expressions_".Length));
            if (name.StartsWith("vrc.v_") || name.StartsWith("v_")) name = "viseme" + name.Substring(name.IndexOf("v_") + 2);
            if (name.Length > 4 && (name[0] == 'A' || name[0] == 'T') && char.IsDigit(name[1]) && char.IsDigit(name[2]) && name[3] == '_')
                name = name.Substring(4);
            if (name.EndsWith("_L") || name.EndsWith("_R")) name = Sided(name);
            name = name.Replace("_", "").Replace("-", "").Replace(" ", "").ToLowerInvariant();
            string newer;
            return Older.TryGetValue(name, out newer) ? newer : name;
        }

        /// <summary>The last letter as a word: "mouthDimpleL" is "mouthdimpleleft".</summary>
        static string Sided(string name)
        {
            if (name == "") return name;
            var end = name[name.Length - 1];
            var side = end == 'L' ? "left" : end == 'R' ? "right" : "";
            return ((side == "" ? name : name.Substring(0, name.Length - 1)) + side).ToLowerInvariant();
        }

        static Dictionary<string, string> Aliases()
        {
            var table = new Dictionary<string, string>();
            foreach (var line in Lines(Vrm0)) table.Add(line[0], line[1]);
            return table;
        }

        static Dictionary<string, Term[]> Table(string text)
        {
            var table = new Dictionary<string, Term[]>();
            foreach (var line in Lines(text))
            {
                if (!line[0].Contains("*")) table[line[0]] = Terms(line, "").ToArray();
                else
                    foreach (var side in new[] { "Left", "Right" })
                        table[line[0].Replace("*", side.ToLowerInvariant())] = Terms(line, side).ToArray();
            }
            return table;
        }

        static IEnumerable<string[]> Lines(string text)
        {
            foreach (var line in text.Split('|', '\n'))
            {
                var words = line.Split(new[] { ' ', '\r' }, System.StringSplitOptions.RemoveEmptyEntries);
                if (words.Length > 1) yield return words;
            }
        }

        static List<Term> Terms(string[] words, string side)
        {
            var terms = new List<Term>();
            var weight = 1f;
            for (var i = 1; i < words.Length; i++)
            {
                float number;
                if (float.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out number)) weight = number;
                else if (side != "" || !words[i].EndsWith("*")) terms.Add(new Term { Curve = words[i].Replace("*", side), Weight = weight });
                else
                    foreach (var each in new[] { "Left", "Right" })
                        terms.Add(new Term { Curve = words[i].Replace("*", each), Weight = weight / 2 });
            }
            return terms;
        }
    }
}
