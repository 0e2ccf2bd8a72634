using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace Rigcast.Editors
{
    using Core;

    /// <summary>Which blendshape follows which curve, and what was not matched.</summary>
    [CustomEditor(typeof(RigcastFace))]
    sealed class RigcastFaceEditor : Editor
    {
        bool _open = true;

        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var face = (RigcastFace)target;
            EditorGUILayout.Space();
            if (face.Count == 0) EditorGUILayout.HelpBox(Nothing(face), Application.isPlaying ? MessageType.Warning : MessageType.Info);
            for (var i = 0; i < face.Count; i++) Table(face.RendererOf(i), face.MapOf(i));
        }

        static string Nothing(RigcastFace face)
        {
            if (!Application.isPlaying) return "The table of blendshapes is shown in Play mode, once the bridge has told its curves.";
            if (face.Client == null) return "There is no Rigcast Client on this object or above it.";
            return face.Client.Rig == null ? "Not connected yet." : "No blendshape of these meshes has a name that is known.";
        }

        void Table(SkinnedMeshRenderer mesh, FaceMap map)
        {
            _open = EditorGUILayout.Foldout(_open, mesh.name + ": " + map.Count + " blendshapes follow", true);
            if (!_open) return;
            for (var i = 0; i < map.Count; i++) EditorGUILayout.LabelField(mesh.sharedMesh.GetBlendShapeName(map.Shape(i)), map.Source(i));
            List("Curves that move nothing here", map.CurvesWithoutShape);
            List("Blendshapes that nothing moves", map.ShapesWithoutCurve);
        }

        static void List(string title, List<string> names)
        {
            if (names.Count > 0) EditorGUILayout.HelpBox(title + ": " + string.Join(", ", names), MessageType.None);
        }
    }
}
