using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Rigcast.Core
{
    /// <summary>What drives one blendshape: a weighted sum of curves.</summary>
    public struct Term
    {
        /// <summary>"a/b" is the share of b that a takes back.</summary>
        public string Curve;

        public float Weight;
    }

    /// <summary>The blendshape names of all conventions that the bridge knows, and which curves of ARKit drive each.</summary>
    /// <remarks>Read only after it has been made: any thread.</remarks>
    static class FaceNames
    {
        public static readonly Dictionary<string, Term[]> Known = Table(FaceTable.Rows);

        /// <summary>
        /// A shape's name without its convention's ornaments: "A14_Eye_Blink_Left" is "eyeblinkleft". As
        /// bridge/retarget.py's plain.
        /// </summary>
        public static string Plain(string shape)
        {
            var name = Regex.Replace(shape, @"^.*(?=CTRL_expressions_)|^[AT]\d\d_", "");
            name = Regex.Replace(name, @"^vrc\.v_|^v_(?=[A-Za-z]+$)", "viseme_");
            name = Regex.Replace(name, "[ ._]([LR])$", found => found.Groups[1].Value == "L" ? "Left" : "Right");
            name = name.Substring(name.LastIndexOfAny(new[] { '.', ':' }) + 1);
            return Regex.Replace(name, @"[\W_]", "").ToLowerInvariant();
        }

        static Dictionary<string, Term[]> Table(string[] rows)
        {
            var table = new Dictionary<string, Term[]>();
            foreach (var row in rows)
            {
                var words = row.Split(' ');
                table.Add(words[0], Terms(words));
            }
            return table;
        }

        static Term[] Terms(string[] words)
        {
            var terms = new Term[words.Length / 2];
            for (var i = 0; i < terms.Length; i++)
                terms[i] = new Term { Weight = float.Parse(words[2 * i + 1], CultureInfo.InvariantCulture), Curve = words[2 * i + 2] };
            return terms;
        }
    }
}
