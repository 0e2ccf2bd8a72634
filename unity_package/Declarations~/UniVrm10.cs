// Declarations only; see README.md.
using System.Collections.Generic;
using UnityEngine;

namespace UniVRM10
{
    public enum ExpressionPreset
    {
        custom, happy, angry, sad, relaxed, surprised, aa, ih, ou, ee, oh, blink, blinkLeft, blinkRight, lookUp, lookDown, lookLeft,
        lookRight, neutral,
    }

    public readonly struct ExpressionKey
    {
        public readonly ExpressionPreset Preset;
        public readonly string Name;
    }

    public class Vrm10Instance : MonoBehaviour
    {
        public Vrm10Runtime Runtime { get { throw null; } }
    }

    public class Vrm10Runtime
    {
        public Vrm10RuntimeExpression Expression { get { throw null; } }
    }

    public class Vrm10RuntimeExpression
    {
        public IReadOnlyList<ExpressionKey> ExpressionKeys { get { throw null; } }
        public void SetWeight(ExpressionKey expressionKey, float weight) { }
    }
}
