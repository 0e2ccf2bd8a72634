using System.Collections.Generic;
using UnityEngine;

namespace Rigcast
{
    using Core;

    /// <summary>
    /// Moves the blendshapes of the character's meshes. Shapes are found by name (see <see cref="FaceMap"/>) once; each
    /// image writes only the weights that changed.
    /// </summary>
    [AddComponentMenu("Rigcast/Rigcast Face")]
    [DefaultExecutionOrder(100)]
    public sealed class RigcastFace : MonoBehaviour
    {
        /// <summary>Changes of a weight below this (of 100) are not seen.</summary>
        const float Seen = 0.05f;

        /// <summary>A mesh, and what was written to it last.</summary>
        sealed class Bound
        {
            public SkinnedMeshRenderer Renderer;
            public FaceMap Map;
            public float[] Written;
        }

        [Tooltip("Whose performance; empty takes the one on this object or above it.")]
        [SerializeField] RigcastClient _client;

        [Tooltip("The meshes to move; empty takes all with blendshapes on this object and below it.")]
        [SerializeField] List<SkinnedMeshRenderer> _meshes = new List<SkinnedMeshRenderer>();

        [Tooltip("Move the eyeLook shapes too. Leave it off where RigcastBody turns the eyes' bones and the shapes would turn them again.")]
        [SerializeField] bool _eyeLook;

        [Tooltip("How much of the performance is shown.")]
        [Range(0, 1)] [SerializeField] float _weight = 1;

        readonly List<Bound> _bound = new List<Bound>();
        Rig _rig;

        public RigcastClient Client
        {
            get { return _client; }
            set { _client = value; }
        }

        public bool EyeLook
        {
            get { return _eyeLook; }
            set { _eyeLook = value; _rig = null; }
        }

        public float Weight
        {
            get { return _weight; }
            set { _weight = value; }
        }

        /// <summary>The meshes that follow, in the order of MapOf; empty before the first connection.</summary>
        public int Count
        {
            get { return _bound.Count; }
        }

        public SkinnedMeshRenderer RendererOf(int i)
        {
            return _bound[i].Renderer;
        }

        /// <summary>What follows what on the i-th mesh.</summary>
        public FaceMap MapOf(int i)
        {
            return _bound[i].Map;
        }

        /// <summary>Find meshes and shapes anew, after the character changed.</summary>
        public void Rebind()
        {
            _rig = null;
        }

        void OnEnable()
        {
            if (_client == null) _client = GetComponentInParent<RigcastClient>();
            _rig = null;
        }

        void LateUpdate()
        {
            if (_client == null || _client.Pose == null) return;
            if (_client.Rig != _rig) Bind(_client.Rig);
            foreach (var mesh in _bound)
                if (mesh.Renderer != null) Write(mesh, _client.Pose);
        }

        void Bind(Rig rig)
        {
            _rig = rig;
            _bound.Clear();
            if (_meshes.Count == 0) Bind(GetComponentsInChildren<SkinnedMeshRenderer>(true));
            else Bind(_meshes);
        }

        void Bind(IEnumerable<SkinnedMeshRenderer> renderers)
        {
            foreach (var renderer in renderers)
            {
                var shared = renderer == null ? null : renderer.sharedMesh;
                if (shared == null || shared.blendShapeCount == 0) continue;
                var map = new FaceMap(Curves(), Shapes(shared));
                if (map.Count > 0) _bound.Add(new Bound { Renderer = renderer, Map = map, Written = Fresh(map.Count) });
            }
        }

        /// <summary>The rig's curves; those that are not wanted get a name that no shape has.</summary>
        List<string> Curves()
        {
            var curves = new List<string>(_rig.Curves);
            for (var i = 0; i < curves.Count; i++)
                if (!_eyeLook && curves[i].StartsWith("eyeLook")) curves[i] = "(" + curves[i] + ")";
            return curves;
        }

        static List<string> Shapes(Mesh mesh)
        {
            var names = new List<string>();
            for (var i = 0; i < mesh.blendShapeCount; i++) names.Add(mesh.GetBlendShapeName(i));
            return names;
        }

        /// <summary>Nothing was written yet, so everything differs.</summary>
        static float[] Fresh(int count)
        {
            var written = new float[count];
            for (var i = 0; i < count; i++) written[i] = float.NaN;
            return written;
        }

        void Write(Bound mesh, Pose pose)
        {
            for (var i = 0; i < mesh.Written.Length; i++)
            {
                var weight = 100 * _weight * mesh.Map.Weight(i, pose);
                if (Mathf.Abs(weight - mesh.Written[i]) < Seen) continue;
                mesh.Written[i] = weight;
                mesh.Renderer.SetBlendShapeWeight(mesh.Map.Shape(i), weight);
            }
        }
    }
}
