using UnityEditor;
using UnityEngine;

namespace Rigcast.Editors
{
    /// <summary>GameObject, Rigcast, Make It Speak: all components on the selected character at once.</summary>
    static class MakeSpeak
    {
        const string Menu = "GameObject/Rigcast/Make It Speak";

        [MenuItem(Menu, false, 10)]
        static void Add()
        {
            var character = Selection.activeGameObject;
            Once<RigcastClient>(character);
            Once<RigcastFace>(character);
            character.GetComponent<RigcastFace>().EyeLook = !SetupCheck.HasEyes(character);
            Once<RigcastBody>(character);
            var animator = character.GetComponentInChildren<Animator>();
            var head = animator != null && animator.isHuman ? animator.GetBoneTransform(HumanBodyBones.Head) : null;
            if (character.GetComponentInChildren<RigcastAudio>() == null) Undo.AddComponent<RigcastAudio>(head == null ? character : head.gameObject);
        }

        [MenuItem(Menu, true, 10)]
        static bool CanAdd()
        {
            return Selection.activeGameObject != null;
        }

        static void Once<T>(GameObject character) where T : Component
        {
            if (character.GetComponent<T>() == null) Undo.AddComponent<T>(character);
        }
    }
}
