using System.Collections.Generic;
using UnityEngine;
using UniVRM10;

namespace Rigcast
{
    using Core;

    /// <summary>
    /// Moves the expressions of a VRM that UniVRM has loaded (VRM 1.0, or VRM 0 brought to it). A model with the 52
    /// expressions of ARKit ("Perfect Sync") follows them, any other its vowels and blinks. Use it instead of RigcastFace.
    /// </summary>
    /// <remarks>It writes before Vrm10Instance applies expressions, which it does at the end of LateUpdate.</remarks>
    [AddComponentMenu("Rigcast/Rigcast VRM 1.0 Face")]
    [DefaultExecutionOrder(100)]
    public sealed class RigcastVrm10Face : MonoBehaviour
    {
        [Tooltip("Whose performance; empty takes the one on this object or above it.")]
        [SerializeField] RigcastClient _client;

        [Tooltip("The model; empty takes the first on this object or below it.")]
        [SerializeField] Vrm10Instance _model;

        readonly List<ExpressionKey> _keys = new List<ExpressionKey>();
        FaceMap _map;
        Rig _rig;

        public RigcastClient Client
        {
            get { return _client; }
            set { _client = value; }
        }

        /// <summary>What follows what; null before the first connection.</summary>
        public FaceMap Map
        {
            get { return _map; }
        }

        void OnEnable()
        {
            if (_client == null) _client = GetComponentInParent<RigcastClient>();
            if (_model == null) _model = GetComponentInChildren<Vrm10Instance>();
            _rig = null;
        }

        void LateUpdate()
        {
            if (_client == null || _model == null || _client.Pose == null) return;
            if (_client.Rig != _rig) Bind(_client.Rig);
            var expression = _model.Runtime.Expression;
            for (var i = 0; i < _map.Count; i++) expression.SetWeight(_keys[_map.Shape(i)], _map.Weight(i, _client.Pose));
        }

        void Bind(Rig rig)
        {
            _rig = rig;
            _keys.Clear();
            _keys.AddRange(_model.Runtime.Expression.ExpressionKeys);
            var names = new List<string>();
            foreach (var key in _keys) names.Add(IsGaze(key) ? "" : key.Preset == ExpressionPreset.custom ? key.Name : key.Preset.ToString());
            _map = new FaceMap(rig.Curves, names);
        }

        /// <summary>Eyes are turned by RigcastBody; UniVRM's own gaze works through these.</summary>
        static bool IsGaze(ExpressionKey key)
        {
            return key.Preset.ToString().StartsWith("look");
        }
    }
}
