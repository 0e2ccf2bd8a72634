using UnityEditor;
using UnityEngine;

namespace Rigcast.Editors
{
    using Core;

    /// <summary>The client's settings, what is missing, how the connection lives, and a box to speak from.</summary>
    [CustomEditor(typeof(RigcastClient))]
    sealed class RigcastClientEditor : Editor
    {
        string _text = "[happy] Hello, I am here.";

        public override bool RequiresConstantRepaint()
        {
            return Application.isPlaying;
        }

        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var client = (RigcastClient)target;
            foreach (var sentence in SetupCheck.Of(client)) EditorGUILayout.HelpBox(sentence, MessageType.Warning);
            if (!Application.isPlaying)
            {
                EditorGUILayout.HelpBox("Start the bridge (rigcast serve), then press Play.", MessageType.Info);
                return;
            }
            EditorGUILayout.Space();
            State(client);
            Speak(client);
        }

        static void State(RigcastClient client)
        {
            EditorGUILayout.LabelField("State", client.State.ToString());
            if (client.Problem != "") EditorGUILayout.HelpBox(client.Problem, MessageType.Error);
            if (client.State != SessionState.Live) return;
            var connection = client.Connection;
            var counted = connection.Playout.Statistics;
            EditorGUILayout.LabelField("Bridge", connection.Welcome.Server + ", session " + connection.Welcome.Session);
            EditorGUILayout.LabelField("Round trip", Milliseconds(connection.RoundTripUs));
            EditorGUILayout.LabelField("Delay, jitter", Milliseconds(counted.DelayUs) + ", " + Milliseconds(counted.JitterUs));
            EditorGUILayout.LabelField("Waited, jumps", Milliseconds(counted.WaitedUs) + ", " + counted.Jumps);
            EditorGUILayout.LabelField("Frames, lost, late", counted.Frames + ", " + counted.LostFrames + ", " + counted.LateFrames);
        }

        static string Milliseconds(long us)
        {
            return us < 0 ? "unknown" : us / 1000 + " ms";
        }

        void Speak(RigcastClient client)
        {
            EditorGUILayout.Space();
            using (new EditorGUI.DisabledScope(client.State != SessionState.Live))
            using (new EditorGUILayout.HorizontalScope())
            {
                _text = EditorGUILayout.TextField(_text);
                if (GUILayout.Button("Speak", GUILayout.Width(60))) client.Say(_text);
                if (GUILayout.Button("Stop", GUILayout.Width(50))) client.Interrupt();
            }
        }
    }
}
