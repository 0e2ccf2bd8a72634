using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace Rigcast.Editors
{
    /// <summary>What a character lacks to speak, each in one sentence that says what to do.</summary>
    static class SetupCheck
    {
        public static List<string> Of(RigcastClient client)
        {
            var missing = new List<string>();
            if (!client.Url.StartsWith("ws://") && !client.Url.StartsWith("wss://"))
                missing.Add("Url: write ws://HOST:PORT/rigcast, such as ws://127.0.0.1:7788/rigcast.");
            Face(client, missing);
            Body(client, missing);
            Sound(client, missing);
            if (!Application.runInBackground)
                missing.Add("Run In Background is off (Project Settings, Player): the character stops when the window loses focus.");
            return missing;
        }

        static void Face(RigcastClient client, List<string> missing)
        {
            var shapes = 0;
            foreach (var mesh in client.GetComponentsInChildren<SkinnedMeshRenderer>(true))
                if (mesh.sharedMesh != null) shapes += mesh.sharedMesh.blendShapeCount;
            var face = client.GetComponentInChildren<RigcastFace>();
            if (shapes == 0)
                missing.Add("No mesh below this object has blendshapes: put the client on the character's root, and turn on Import BlendShapes in the model's import settings.");
            else if (face == null && client.GetComponent("RigcastVrm10Face") == null)
                missing.Add("The face stands still: add Rigcast Face, or Rigcast VRM 1.0 Face for a model of UniVRM.");
            else if (face != null && !face.EyeLook && !HasEyes(client.gameObject))
                missing.Add("The eyes stand still: the character has no bones for them, so turn on Eye Look in Rigcast Face.");
        }

        /// <summary>Whether the character's Humanoid has bones for the eyes.</summary>
        public static bool HasEyes(GameObject character)
        {
            var animator = character.GetComponentInChildren<Animator>();
            return animator != null && animator.isHuman && animator.GetBoneTransform(HumanBodyBones.LeftEye) != null;
        }

        static void Body(RigcastClient client, List<string> missing)
        {
            var animator = client.GetComponentInChildren<Animator>();
            if (animator == null) return;
            if (!animator.isHuman)
                missing.Add("The Animator's avatar is no Humanoid, so the body stands still: set Rig, Animation Type, Humanoid in the model's import settings.");
            else if (client.GetComponentInChildren<RigcastBody>() == null)
                missing.Add("The body stands still: add Rigcast Body.");
        }

        static void Sound(RigcastClient client, List<string> missing)
        {
            var audio = client.GetComponentInChildren<RigcastAudio>();
            if (audio == null)
            {
                missing.Add("Nothing is heard: add Rigcast Audio, best on the head.");
                return;
            }
            var source = audio.GetComponent<AudioSource>();
            if (source.mute || source.volume == 0) missing.Add("The Audio Source is mute.");
            if (Object.FindObjectsByType<AudioListener>(FindObjectsSortMode.None).Length == 0) missing.Add("The scene has no Audio Listener: add one to the camera.");
            if (EditorUtility.audioMasterMute) missing.Add("Mute Audio is on in the Game view.");
        }
    }
}
