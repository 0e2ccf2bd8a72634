// Declarations only; see README.md.
using System;
using UnityEngine;

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomEditor : Attribute
    {
        public CustomEditor(Type inspectedType) { }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string itemName, bool isValidateFunction, int priority) { }
    }

    public class Editor : UnityEngine.Object
    {
        public UnityEngine.Object target { get { throw null; } }
        public virtual void OnInspectorGUI() { }
        public virtual bool RequiresConstantRepaint() { throw null; }
        public bool DrawDefaultInspector() { throw null; }
    }

    // Not used; it has the name of an enum of our own core, and must not get in its way.
    public static class SessionState { }

    public enum MessageType { None, Info, Warning, Error }

    public static class EditorGUILayout
    {
        public static void HelpBox(string message, MessageType type) { }
        public static void LabelField(string label, string label2, params GUILayoutOption[] options) { }
        public static string TextField(string text, params GUILayoutOption[] options) { throw null; }
        public static bool Foldout(bool foldout, string content, bool toggleOnLabelClick) { throw null; }
        public static void Space() { }

        public class HorizontalScope : IDisposable
        {
            public HorizontalScope(params GUILayoutOption[] options) { }
            public void Dispose() { }
        }
    }

    public static class EditorGUI
    {
        public struct DisabledScope : IDisposable
        {
            public DisabledScope(bool disabled) { }
            public void Dispose() { }
        }
    }

    public static class EditorUtility
    {
        public static bool audioMasterMute { get { throw null; } set { } }
    }

    public static class Selection
    {
        public static GameObject activeGameObject { get { throw null; } set { } }
    }

    public static class Undo
    {
        public static T AddComponent<T>(GameObject gameObject) where T : Component { throw null; }
    }
}
