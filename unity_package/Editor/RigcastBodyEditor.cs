using UnityEditor;
using UnityEngine;

namespace Rigcast.Editors
{
    /// <summary>Which joints found no bone.</summary>
    [CustomEditor(typeof(RigcastBody))]
    sealed class RigcastBodyEditor : Editor
    {
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var body = (RigcastBody)target;
            if (body.Map == null) return;
            EditorGUILayout.LabelField("Bones that follow", body.Count.ToString());
            if (body.Map.JointsWithoutBone.Count > 0)
                EditorGUILayout.HelpBox("Joints without a bone, whose turn the next bone takes over: " + string.Join(", ", body.Map.JointsWithoutBone), MessageType.None);
        }
    }
}
